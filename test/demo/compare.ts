import type { Ledger } from '@throughline/hub'
import type { SeenNotice } from '../agencies/practitioner.ts'
import type { ReadableNotice } from './truth-practice.ts'

/** Something that is not as it must be. Ids, rules and made-up people only: no secrets. */
export interface Difference {
  readonly at: number
  readonly about: About
  readonly what: string
}

/** Notices with the ledger that counts them; what people's stories say; released figures. */
export type About = 'notices' | 'story lines' | 'measures'

/**
 * Compares one inbox with the truth. Notices are matched by what they say, for the hub's ids are
 * digests: rule, person, recipient and the time of learning; two alike are two, so nothing said twice
 * can hide.
 */
export function inboxDifferences(
  practitioner: string,
  expected: readonly ReadableNotice[],
  seen: readonly SeenNotice[],
  refOf: (personId: string) => string | undefined,
): readonly string[] {
  const wanted = grouped(expected.map((notice) => [matchOf(notice), notice] as const))
  const differences: string[] = []
  for (const notice of seen) {
    const ref = refOf(notice.personId) ?? 'nobody'
    const match = `${notice.rule} ${ref} ${notice.recipient.practitionerId} learned ${notice.learnedAt}`
    const due = takeClosest(wanted.get(match) ?? [], notice)
    if (due === undefined)
      differences.push(
        `${practitioner}: not expected: ${match} (${notice.state}, ${notice.noticeId})`,
      )
    else
      differences.push(
        ...fieldDifferences(due, notice).map(
          (field) => `${practitioner}: ${match} (${notice.noticeId}): ${field}`,
        ),
      )
  }
  for (const [match, left] of wanted)
    for (const { optional, state } of left)
      if (!optional) differences.push(`${practitioner}: missing: ${match} (${state})`)
  return [...differences, ...threadDifferences(seen)]
}

const matchOf = ({ rule, person, recipient, learnedAt, tier }: ReadableNotice): string =>
  `${tier === 'involvement' ? 'involvement' : rule} ${person} ${recipient} learned ${iso(learnedAt)}`

function fieldDifferences(expected: ReadableNotice, seen: SeenNotice): readonly string[] {
  // What a withdrawal ended may be shown or not, but never as something to act on.
  if (expected.optional && expected.state === seen.state) return []
  const fields: readonly (readonly [string, unknown, unknown])[] = [
    ['state', expected.state, seen.state],
    ['urgency', expected.urgency, seen.urgency],
    ['due', expected.dueAt === null ? null : iso(expected.dueAt), seen.dueAt],
    ['occurred', iso(expected.occurredAt), seen.occurredAt],
    ['sources', expected.sources.length, seen.sources.length],
    ...wordsOf(expected, seen),
  ]
  return fields
    .filter(([, must, is]) => must !== is)
    .map(([name, must, is]) => `${name} must be ${String(must)}, is ${String(is)}`)
}

/** What the words give away, and what they must say. */
function wordsOf(
  { rule, tier, state, confirmed, urgency, occurredAt, learnedAt }: ReadableNotice,
  { headline, lines }: SeenNotice,
): readonly (readonly [string, unknown, unknown])[] {
  if (tier === 'involvement')
    return [['a headline that tells why', false, /releas|prison|arrest|court/i.test(headline)]]
  // What was taken back says nothing any more.
  if (state === 'retracted') return [['lines of what was taken back', 0, lines.length]]
  const late = urgency === 'prompt' && learnedAt - occurredAt > 72 * 3_600_000
  const isDone = state === 'closed'
  return [
    ['lines', isDone ? lines.length > 0 : tier === 'detail', lines.length > 0],
    ...(rule === 'release'
      ? [['says not confirmed', !confirmed, headline.includes('not yet confirmed')] as const]
      : []),
    ...(rule === 'release' && late
      ? [['says learned today', true, headline.includes('learned today')] as const]
      : []),
  ]
}

/** Two of one rule can be learned at one instant: what agrees in all is taken first. */
function takeClosest(candidates: ReadableNotice[], seen: SeenNotice): ReadableNotice | undefined {
  const exact = candidates.findIndex((one) => fieldDifferences(one, seen).length === 0)
  return candidates.splice(Math.max(0, exact), 1)[0]
}

/** A release and its later days are one thread, and no two notices share an id. */
function threadDifferences(seen: readonly SeenNotice[]): readonly string[] {
  const ids = new Set(seen.map(({ noticeId }) => noticeId))
  return ids.size === seen.length ? [] : [`${seen.length - ids.size} notices share an id`]
}

function grouped<T>(pairs: readonly (readonly [string, T])[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const [key, value] of pairs) {
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return groups
}

const iso = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z')

/**
 * Nothing that came in has gone missing, and each event was counted for each person once. A hub that
 * was killed may have sent a record to the log twice: whoever reads by person knows it for a repeat,
 * but link, which keeps nothing of a person, refuses it anew. So those two are not compared then.
 * Of repeats there may always be more: the log gives at least once, and what is taken back by its
 * object alone travels by another way than what is said of it instead, so either may be first.
 */
export function ledgerDifferences(
  { agencies, people }: Ledger,
  expected: ReadonlyMap<string, number>,
  wasKilled: boolean,
): readonly string[] {
  const comparable = wasKilled
    ? /^(published|dropped-unclaimed|noticed|no-rule)/
    : /^(published|dropped-unclaimed|noticed|no-rule|repeat|suppressed)/
  const inbound = new Map<string, number>()
  const leaks: string[] = []
  for (const { agency, hour, received, outcomes } of agencies) {
    const known = Object.entries(outcomes).filter(([outcome]) => outcome !== 'received')
    for (const [outcome, count] of known) inbound.set(outcome, (inbound.get(outcome) ?? 0) + count)
    const sum = known.reduce((total, [, count]) => total + count, 0)
    if (sum !== received) leaks.push(`${agency} ${hour}: received ${received}, outcomes ${sum}`)
  }
  const differences: string[] =
    leaks.length === 0 ? [] : [`ledger: ${leaks.length} hours do not add up, such as ${leaks[0]}`]
  const counted = new Map([...inbound, ...Object.entries(people)])
  const names = new Set([...expected.keys(), ...Object.keys(people)])
  for (const name of names) {
    if (!comparable.test(name)) continue
    const [must, is] = [expected.get(name) ?? 0, counted.get(name) ?? 0]
    const isAsMust = name === 'repeat' ? is >= must : is === must
    if (!isAsMust)
      differences.push(
        `ledger: ${name} must be ${name === 'repeat' ? 'at least ' : ''}${must}, is ${is}`,
      )
  }
  return differences
}
