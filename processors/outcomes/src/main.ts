import { openHub } from '@throughline/consent'
import { readPlace } from '@throughline/service'
import { runAlone, systemClock, systemRandom } from '@throughline/stream'
import { outcomes } from './topology.ts'

await runAlone(outcomes, () =>
  openHub({
    ...readPlace(),
    makeKeys: false,
    clock: systemClock(),
    random: systemRandom(),
  }),
)
