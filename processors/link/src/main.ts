import { openHub } from '@throughline/consent'
import { readPlace } from '@throughline/service'
import { runAlone, systemClock, systemRandom } from '@throughline/stream'
import { link } from './topology.ts'

await runAlone(link, () =>
  openHub({
    ...readPlace(),
    makeKeys: false,
    clock: systemClock(),
    random: systemRandom(),
  }),
)
