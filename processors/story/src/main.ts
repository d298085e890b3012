import { openHub } from '@throughline/consent'
import { readPlace } from '@throughline/service'
import { runAlone, systemClock, systemRandom } from '@throughline/stream'
import { story } from './topology.ts'

await runAlone(story, () =>
  openHub({
    ...readPlace(),
    makeKeys: false,
    clock: systemClock(),
    random: systemRandom(),
  }),
)
