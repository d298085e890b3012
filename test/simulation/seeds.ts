import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import type { SeedResult } from './worker.ts'

export interface SeedsOptions {
  readonly seeds: readonly number[]
  readonly steps?: number
  readonly workers?: number
  /** Ends at the first seed that fails. */
  readonly first?: boolean
  /** V8's stack, in KiB; what a run does may not depend on it. */
  readonly stackSize?: number
  /** Told at once of each seed that failed. */
  readonly onFailure?: (failure: Failure) => void
}

export interface Failure {
  readonly seed: number
  readonly lines: readonly string[]
}

export interface SeedsDone {
  readonly passed: number
  readonly failed: readonly Failure[]
  /** A digest of each run, by seed. */
  readonly traces: ReadonlyMap<number, number>
  /** Simulated ms, all together. */
  readonly lasted: number
  /** How often each fault struck, by kind, point and processor. */
  readonly fired: ReadonlyMap<string, number>
}

/** A seed takes a tenth of a second; one that takes this long never ends. */
const seedMsMax = 60_000
/** A child that has run this many is replaced, so that none grows old. */
const seedsPerChild = 400

export const seedsFrom = (from: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => from + i)

/** Runs the seeds in processes of their own, one child a core; a child that never answers is ended. */
export async function runSeeds(options: SeedsOptions): Promise<SeedsDone> {
  const { seeds, workers = availableParallelism(), first = false } = options
  const left = [...seeds].reverse()
  const failed: Failure[] = []
  const traces = new Map<number, number>()
  const fired = new Map<string, number>()
  let passed = 0
  let lasted = 0

  const take = () => (first && failed.length > 0 ? undefined : left.pop())

  function fail(seed: number, lines: readonly string[]): void {
    const failure = { seed, lines }
    failed.push(failure)
    options.onFailure?.(failure)
  }

  function count(result: SeedResult): void {
    lasted += result.lasted
    traces.set(result.seed, result.trace)
    for (const [name, times] of result.fired) fired.set(name, (fired.get(name) ?? 0) + times)
    const lines = result.violations.map(({ invariant, what }) => `${invariant}: ${what}`)
    if (lines.length === 0) passed += 1
    else fail(result.seed, lines)
  }

  async function work(): Promise<void> {
    let child: ChildProcess | undefined
    for (let seed = take(), i = 1; seed !== undefined; seed = take(), i++) {
      child ??= startChild(options)
      const result = await resultOf(child, seed, options.steps ?? 1000)
      if (result === undefined) fail(seed, ['R7: the run itself never ended, or died'])
      else count(result)
      if (result === undefined || i % seedsPerChild === 0) {
        child.kill('SIGKILL')
        child = undefined
      }
    }
    child?.kill()
  }

  await Promise.all(Array.from({ length: Math.min(workers, seeds.length) }, work))
  return { passed, failed, traces, lasted, fired }
}

const startChild = ({ stackSize }: SeedsOptions): ChildProcess =>
  fork(new URL('worker.ts', import.meta.url), {
    execArgv: stackSize === undefined ? [] : [`--stack-size=${stackSize}`],
  })

/** Undefined when the child died, or did not answer in time. */
function resultOf(
  child: ChildProcess,
  seed: number,
  steps: number,
): Promise<SeedResult | undefined> {
  return new Promise((resolve) => {
    const watch = setTimeout(() => done(undefined), seedMsMax)
    const died = () => done(undefined)
    function done(result: SeedResult | undefined): void {
      clearTimeout(watch)
      child.off('message', done)
      child.off('exit', died)
      resolve(result)
    }
    child.on('message', done)
    child.on('exit', died)
    child.send({ seed, steps })
  })
}

/** Faults that struck, by kind. */
export function byKind(fired: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const kinds = new Map<string, number>()
  for (const [name, times] of fired) {
    const [kind = name] = name.split(' ')
    kinds.set(kind, (kinds.get(kind) ?? 0) + times)
  }
  return kinds
}

/** Faults of one kind that struck inside one processor. */
export function inside(
  fired: ReadonlyMap<string, number>,
  kind: string,
  processor: string,
): number {
  let sum = 0
  for (const [name, times] of fired) {
    const [its, , where] = name.split(' ')
    if (its === kind && where === processor) sum += times
  }
  return sum
}
