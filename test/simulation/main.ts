import { parseArgs } from 'node:util'
import { check } from './checker.ts'
import { run } from './world.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    seed: { type: 'string' },
    steps: { type: 'string', default: '1000' },
  },
})
const steps = Number(values.steps)
const first = Number(values.seed ?? 1)
const count = values.seed === undefined ? Number(values.seeds) : 1
let failed = 0
let lasted = 0
const fired = new Map<string, number>()
const began = process.hrtime.bigint()
for (let seed = first; seed < first + count; seed++) {
  const result = await run({ seed, steps })
  lasted += result.lasted
  for (const [name, times] of result.fired) fired.set(name, (fired.get(name) ?? 0) + times)
  const violations = check(result.history)
  if (violations.length > 0) {
    failed += 1
    console.log(
      `seed ${seed}: ${violations.length} violations; run again with npm run sim -- --seed ${seed} --steps ${steps}`,
    )
    for (const { invariant, what } of violations.slice(0, values.seed === undefined ? 5 : 40))
      console.log(`  ${invariant}: ${what}`)
  }
  if (values.seed !== undefined) {
    console.log(`seed ${seed}: ${result.steps} steps, trace ${result.trace >>> 0}`)
    console.log(
      `  ${result.history.posts.length} posts, ${result.history.inbound.length} in the log, ${result.history.forwarded.length} forwarded, ${result.history.notices.length} notices, ${result.history.reads.length} reads`,
    )
  }
}
const seconds = Number(process.hrtime.bigint() - began) / 1e9
console.log(
  `${count} seeds in ${seconds.toFixed(1)} s (${(count / seconds).toFixed(1)} a second), ${Math.round(lasted / 86_400_000)} hub-days`,
)
if (values.seed === undefined)
  for (const [name, times] of [...fired].toSorted()) console.log(`  ${name}: ${times}`)
process.exitCode = failed === 0 ? 0 : 1
