import type { Random } from '../simulation/random.ts'

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

const perDay = 12

/**
 * The instants at which the county is heard from. Few enough that the hub's clock is moved some two
 * thousand times in four months; irregular enough that no rule's hour is among them.
 */
export function slotsOf(random: Random, start: number, days: number): readonly number[] {
  const firstMinute = 6 * 60 + 20
  return Array.from({ length: days * perDay }, (_, i) => {
    const inDay = firstMinute + (i % perDay) * 80 + random.below(65)
    return start + Math.floor(i / perDay) * day + inDay * minute + 1 + random.below(minute - 2)
  })
}

/** One person's use of the slots: never two things about one person at one instant, so order is never in doubt. */
export interface Diary {
  /** The first free slot at or after `at`, now taken; null when the period is over. */
  take(at: number): number | null
  /** The same among the moments at which practitioners mostly look at what they have: three a day. */
  takeInOffice(at: number): number | null
}

export function diaryOver(slots: readonly number[]): Diary {
  const taken = new Set<number>()
  const takeOne = (at: number, suits: (i: number) => boolean) => {
    let i = firstAtOrAfter(slots, at)
    while (i < slots.length && (taken.has(i) || !suits(i))) i++
    taken.add(i)
    return slots[i] ?? null
  }
  return {
    take: (at) => takeOne(at, () => true),
    takeInOffice: (at) => takeOne(at, (i) => inOffice.includes(i % perDay)),
  }
}

const inOffice = [2, 5, 8]

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
