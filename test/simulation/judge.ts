import { settled } from './calm.ts'
import { check, checkSettled } from './checker.ts'
import type { Violation } from './history.ts'
import { type Run, run } from './world.ts'

export interface Judged extends Run {
  readonly violations: readonly Violation[]
}

/** One seed, lived and judged. Every eighth also tells a calm story in three ways. */
export async function judge(seed: number, steps: number): Promise<Judged> {
  const lived = await run({ seed, steps })
  const calm = seed % 8 === 0 ? checkSettled(await settled(seed)) : []
  return { ...lived, violations: [...check(lived.history), ...calm] }
}
