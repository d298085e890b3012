import { openHub } from '@throughline/consent'
import { readPlace } from '@throughline/service'
import { runAlone, systemClock, systemRandom } from '@throughline/stream'
import { readNotifyOptions } from './config.ts'
import { notifyWith } from './topology.ts'

await runAlone(notifyWith(readNotifyOptions()), () =>
  openHub({
    ...readPlace(),
    makeKeys: false,
    clock: systemClock(),
    random: systemRandom(),
  }),
)
