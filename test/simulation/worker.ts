import type { Violation } from './history.ts'
import { judge } from './judge.ts'

/** What a worker tells its parent of one seed. */
export interface SeedResult {
  readonly seed: number
  readonly trace: number
  readonly lasted: number
  readonly violations: readonly Violation[]
  readonly fired: readonly (readonly [string, number])[]
}

/** Runs the seeds it is sent, one at a time; the parent sees which one never comes back. */
process.on('message', ({ seed, steps }: { seed: number; steps: number }) => {
  void (async () => {
    const { violations, trace, lasted, fired } = await judge(seed, steps)
    const result: SeedResult = {
      seed,
      trace,
      lasted,
      fired: [...fired],
      violations,
    }
    process.send?.(result)
  })()
})
