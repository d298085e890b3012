import type { Random } from '../simulation/random.ts'

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

/**
 * The instants at which the county is heard from. Few enough that the hub's clock is moved some two
 * thousand times in four months; irregular enough that no rule's hour is among them.
 */
export function slotsOf(random: Random, start: number, days: number): readonly number[] {
  const perDay = 14
  const firstMinute = 6 * 60 + 20
  return Array.from({ length: days * perDay }, (_, i) => {
    const inDay = firstMinute + (i % perDay) * 70 + random.below(55)
    return start + Math.floor(i / perDay) * day + inDay * minute + 1 + random.below(minute - 2)
  })
}

/** One person's use of the slots: never two things about one person at one instant, so order is never in doubt. */
export interface Diary {
  /** The first free slot at or after `at`, now taken; null when the period is over. */
  take(at: number): number | null
}

export function diaryOver(slots: readonly number[]): Diary {
  const taken = new Set<number>()
  return {
    take(at) {
      let i = firstAtOrAfter(slots, at)
      while (i < slots.length && taken.has(i)) i++
      taken.add(i)
      return slots[i] ?? null
    },
  }
}

function firstAtOrAfter(slots: readonly number[], at: number): number {
  let low = 0
  let high = slots.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((slots[middle] as number) < at) low = middle + 1
    else high = middle
  }
  return low
}
