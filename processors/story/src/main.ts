import { openHubFiles } from '@throughline/consent'
import { readDataDirectory } from '@throughline/service'
import { runAlone, systemClock, systemRandom } from '@throughline/stream'
import { story } from './topology.ts'

await runAlone(story, () =>
  openHubFiles({
    ...readDataDirectory(),
    makeKeys: false,
    clock: systemClock(),
    random: systemRandom(),
  }),
)
