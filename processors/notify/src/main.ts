import { openHubFiles } from '@throughline/consent'
import { readDataDirectory } from '@throughline/service'
import { runAlone, systemClock, systemRandom } from '@throughline/stream'
import { readNotifyOptions } from './config.ts'
import { notifyWith } from './topology.ts'

await runAlone(notifyWith(readNotifyOptions()), () =>
  openHubFiles({
    ...readDataDirectory(),
    makeKeys: false,
    clock: systemClock(),
    random: systemRandom(),
  }),
)
