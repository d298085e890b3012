import { openHubFiles } from '@throughline/consent'
import { readDataDirectory } from '@throughline/service'
import { runAlone, systemClock, systemRandom } from '@throughline/stream'
import { link } from './topology.ts'

await runAlone(link, () =>
  openHubFiles({
    ...readDataDirectory(),
    makeKeys: false,
    clock: systemClock(),
    random: systemRandom(),
  }),
)
