import { openHubFiles } from '@throughline/consent'
import { readDataDirectory } from '@throughline/service'
import { runAlone, systemClock, systemRandom } from '@throughline/stream'
import { outcomes } from './topology.ts'

await runAlone(outcomes, () =>
  openHubFiles({
    ...readDataDirectory(),
    makeKeys: false,
    clock: systemClock(),
    random: systemRandom(),
  }),
)
