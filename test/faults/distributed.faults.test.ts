import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whyNoKafka } from '../backends/kafka.ts'
import { whyNoPostgres } from '../backends/postgres.ts'
import { seededRandom } from '../simulation/random.ts'
import { Cycles } from './distributed/cycles.ts'
import { faults } from './distributed/faults.ts'
import { type Rig, startRig } from './distributed/rig.ts'

// FAULT_MESSAGES=100000 for a long run; FAULT_SEED and FAULT_ONLY (names, with semicolons between) to see one again.
const missing = whyNoKafka() ?? whyNoPostgres()
const messages = Number(process.env['FAULT_MESSAGES'] ?? 20_000)
const seed = Number(process.env['FAULT_SEED'] ?? Date.now() % 1_000_000)
const only = process.env['FAULT_ONLY']?.split(';')

describe.skipIf(missing !== null)(
  `a hub in trouble${missing === null ? '' : `: ${missing}`}`,
  () => {
    let rig: Rig
    beforeAll(async () => {
      rig = await startRig(messages)
    }, 600_000)
    afterAll(() => rig?.[Symbol.asyncDispose](), 60_000)

    it('loses nothing, tells nobody twice, and is back within a session and three seconds', async () => {
      console.log(`FAULT_SEED=${seed} FAULT_MESSAGES=${messages}`)
      const cycles = new Cycles(rig, seededRandom(seed, 'faults'))
      const chosen = faults.filter(({ name }) => only?.includes(name) ?? true)
      const report = await cycles.run(chosen, messages)
      console.log(report.lines.join('\n'))
      expect(report.differences).toEqual([])
      expect(report.tooSlow).toEqual([])
    })
  },
)
