import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { judge } from './judge.ts'
import { tell } from './story.ts'
import type { SeedResult } from './worker.ts'

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

/** A seed takes a tenth of a second; one that takes this long never ends. */
const seedMsMax = 60_000

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
  const from = Number(values.from)
  const end = from + Number(values.seeds)
  const began = process.hrtime.bigint()
  const fired = new Map<string, number>()
  let next = from
  let passed = 0
  let failed = 0
  let lasted = 0
  let traces = 0

  const take = (): number | undefined =>
    next < end && !(values.first && failed > 0) ? next++ : undefined

  function count(result: SeedResult): void {
    lasted += result.lasted
    traces = (Math.imul(traces, 31) + Math.imul(result.seed, result.trace)) | 0
    for (const [name, times] of result.fired) fired.set(name, (fired.get(name) ?? 0) + times)
    if (result.violations.length === 0) passed += 1
    else
      fail(
        result.seed,
        result.violations.map(({ invariant, what }) => `${invariant}: ${what}`),
      )
  }

  function fail(seed: number, lines: readonly string[]): void {
    failed += 1
    console.log(
      `seed ${seed} failed; again with: npm run sim -- --seed ${seed} --steps ${steps} --tell`,
    )
    for (const line of lines.slice(0, 5)) console.log(`  ${line}`)
  }

  /** One process after another on one core, until no seed is left. */
  async function work(): Promise<void> {
    for (let seed = take(); seed !== undefined; ) {
      const child = fork(new URL('worker.ts', import.meta.url))
      seed = await new Promise<number | undefined>((resolve) => {
        let current: number | undefined = seed
        let watch: NodeJS.Timeout
        const give = () => {
          if (current === undefined) {
            child.kill()
            resolve(undefined)
            return
          }
          child.send({ seed: current, steps })
          watch = setTimeout(() => child.kill('SIGKILL'), seedMsMax)
        }
        child.on('message', (result: SeedResult) => {
          clearTimeout(watch)
          count(result)
          current = take()
          give()
        })
        child.on('exit', () => {
          clearTimeout(watch)
          if (current === undefined) return
          fail(current, ['R7: the run itself never ended, or died'])
          resolve(take())
        })
        give()
      })
    }
  }

  await Promise.all(Array.from({ length: Number(values.workers) }, work))
  const seconds = Number(process.hrtime.bigint() - began) / 1e9
  const kinds = new Map<string, number>()
  for (const [name, times] of fired) {
    const kind = name.split(' ')[0] ?? name
    kinds.set(kind, (kinds.get(kind) ?? 0) + times)
  }
  console.log(
    `${passed + failed} seeds of ${steps} steps in ${seconds.toFixed(1)} s, ${Math.round(lasted / 86_400_000)} hub-days, traces ${traces >>> 0}`,
  )
  console.log(
    `faults: ${[...kinds]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, times]) => `${times} × ${kind}`)
      .join(', ')}`,
  )
  console.log(`simulation: ${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}
