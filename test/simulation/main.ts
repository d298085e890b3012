import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { judge } from './judge.ts'
import { byKind, runSeeds, seedsFrom } from './seeds.ts'
import { tell } from './story.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    steps: { type: 'string', default: '1000' },
    workers: { type: 'string', default: String(availableParallelism()) },
    /** Ends at the first seed that fails. */
    first: { type: 'boolean', default: false },
    tell: { type: 'boolean', default: false },
  },
})
const steps = Number(values.steps)

if (values.seed === undefined) await runMany()
else await runOne(Number(values.seed))

async function runOne(seed: number): Promise<void> {
  const { history, violations, steps: taken, trace } = await judge(seed, steps)
  if (values.tell) for (const line of tell(history)) console.log(line)
  for (const { invariant, what } of violations) console.log(`  ${invariant}: ${what}`)
  console.log(`seed ${seed}: ${taken} steps, ${violations.length} violations, trace ${trace >>> 0}`)
  process.exitCode = violations.length === 0 ? 0 : 1
}

async function runMany(): Promise<void> {
  const began = process.hrtime.bigint()
  const { passed, failed, traces, lasted, fired } = await runSeeds({
    seeds: seedsFrom(Number(values.from), Number(values.seeds)),
    steps,
    workers: Number(values.workers),
    first: values.first,
    onFailure({ seed, lines }) {
      console.log(
        `seed ${seed} failed; again with: npm run sim -- --seed ${seed} --steps ${steps} --tell`,
      )
      for (const line of lines.slice(0, 5)) console.log(`  ${line}`)
    },
  })
  const seconds = Number(process.hrtime.bigint() - began) / 1e9
  let digest = 0
  for (const [seed, trace] of traces) digest = (digest + Math.imul(seed, trace)) | 0
  console.log(
    `${passed + failed.length} seeds of ${steps} steps in ${seconds.toFixed(1)} s, ${Math.round(lasted / 86_400_000)} hub-days, traces ${digest >>> 0}`,
  )
  const kinds = [...byKind(fired)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  console.log(`faults: ${kinds.map(([kind, times]) => `${times} × ${kind}`).join(', ')}`)
  console.log(`simulation: ${passed} passed, ${failed.length} failed`)
  process.exitCode = failed.length === 0 ? 0 : 1
}
