import type { Person } from '../people/people.ts'
import type { Random } from '../simulation/random.ts'
import type { Life } from './life.ts'
import { dateIn } from './london.ts'
import type { Deed, Entry } from './plan.ts'
import { type Diary, day, hour } from './slots.ts'

/** One person's life as it is being made up, agency by agency. Times are milliseconds. */
export interface Living {
  readonly random: Random
  readonly person: Person
  readonly diary: Diary
  readonly period: { readonly start: number; readonly end: number }
  readonly entries: Entry[]
  /** When something that somebody should act on was first reported. */
  readonly moments: { readonly what: string; readonly at: number }[]
  /** When the person was not in prison. */
  readonly outside: readonly Span[]
  readonly custody: Life
}

export interface Span {
  readonly from: number
  readonly until: number
}

/** What an agency reports of something that happened at `at`. */
export type DeedAt = (at: number) => Deed

const lateChance = 0.04
const copyChance = 0.05
const repeatChance = 0.04

/**
 * Something happens at the next free moment from `from`, a little before an agency reports it; now and then it is
 * reported late, twice at once, or again days later. The moment, or null when the period is over.
 */
export function happen(
  { random, person, diary, entries, period }: Living,
  from: number,
  deed: DeedAt,
  mayBeLate = true,
): number | null {
  const slot = diary.take(Math.max(from, period.start))
  if (slot === null || slot >= period.end) return null
  const at = slot - 20_000 - random.below(500_000)
  const isLate = random.chance(lateChance) && mayBeLate
  const sent = isLate ? diary.take(slot + 2 * hour + random.below(2 * day)) : slot
  if (sent === null) return slot
  const told = deed(at)
  const copies = 'copies' in told && random.chance(copyChance) ? { copies: 2 } : {}
  entries.push({ ...told, ...copies, at: sent, person: person.ref } as Entry)
  const again = random.chance(repeatChance) ? diary.take(sent + hour + random.below(2 * day)) : null
  if (again !== null) entries.push({ ...told, at: again, person: person.ref } as Entry)
  return slot
}

/** The same, noted as something that somebody should act on. */
export function matter(living: Living, what: string, from: number, deed: DeedAt): number | null {
  const at = happen(living, from, deed)
  if (at !== null) living.moments.push({ what, at })
  return at
}

/** As a report of which the hub makes something, once. */
export const isPublished = { expects: 'published', copies: 1 } as const
export const isExpected = (expects: string) => ({ expects, copies: 1 })

/** A moment of a span, at least `after` past its beginning; null where it is too short. */
export function momentIn(random: Random, { from, until }: Span, after = 0): number | null {
  const length = until - from - after
  return length <= hour ? null : from + after + random.below(length)
}

export const isOutside = ({ outside }: Living, at: number): boolean =>
  outside.some(({ from, until }) => from <= at && at < until)

/** The London day some days after an instant. */
export const dayAfter = (at: number, days = 0): string => dateIn(at + days * day)

/** From prison movements: out after a release, in after an admission; death ends it. */
export function outsideOf(custody: Life, { start, end }: Living['period']): readonly Span[] {
  const moves = custody.entries
    .flatMap((entry) => (entry.kind === 'movement' ? [entry.report] : []))
    .toSorted((a, b) => a.movedAt - b.movedAt)
  const spans: Span[] = []
  const first = moves[0]
  let from: number | null = first === undefined || first.movement === 'admission' ? start : null
  for (const { movement, movedAt, code } of moves) {
    if (movement === 'admission') {
      if (from !== null) spans.push({ from, until: movedAt })
      from = null
    } else if (movement === 'released' && from === null && ['CR', 'UAL'].includes(code))
      from = movedAt + hour
  }
  if (from !== null) spans.push({ from, until: end })
  // Who was first said to be released may have died: nothing happens to them after that.
  const died = moves.find(({ code }) => code === 'DEC')?.movedAt ?? end
  return spans
    .map((span) => ({ from: span.from, until: Math.min(span.until, died) }))
    .filter((span) => span.until > span.from)
}
