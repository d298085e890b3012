import { openHubFiles } from '@throughline/consent'
import { readDataDirectory } from '@throughline/service'
import { runAlone, systemClock, systemRandom } from '@throughline/stream'
import { notify } from './topology.ts'

await runAlone(notify, () =>
  openHubFiles({
    ...readDataDirectory(),
    makeKeys: false,
    clock: systemClock(),
    random: systemRandom(),
  }),
)
