import type { Case, Urgency } from './truth-case.ts'

/** One notice that must exist, and what everybody must be able to read of it. Times are milliseconds. */
export interface TrueNotice {
  readonly rule: string
  /** The truth's own name for what it is about; the hub's ids are digests. */
  readonly episode: string
  readonly thread: string
  readonly person: string
  /** A practitioner, or a duty role such as `duty:testshire-recovery`. */
  readonly recipient: string
  readonly role: string
  /** The lead's own copy: it goes to whoever is the lead. */
  readonly followsLead: boolean
  /** Told because somebody else did not take it up. */
  readonly escalated: boolean
  readonly toldAt: number
  /** What its events, or its reader, ask the person to have agreed to beyond what the case asks. */
  readonly alsoNeeds: readonly string[]
  /** A reported death pauses everything but what is about it. */
  readonly aboutDeath: boolean
  urgency: Urgency
  learnedAt: number
  /** Null: it asks for nothing. */
  dueAt: number | null
  /** Every agency whose word it is; none where it rests on the agreement alone. */
  sources: readonly string[]
  categories: readonly string[]
  closesWhenAcknowledged: boolean
  /** Its first words; null where they are not compared. */
  headline: string | null
  occurredAt: number
  confirmed: boolean
  /** The happenings that it tells of, by `key`. */
  standsOn: readonly string[]
  acknowledged: boolean
  /** Why its case is over, as far as is known now. */
  closed: string | null
  /** Over for good, whatever becomes known of the case. */
  ended: Ended | null
}

export interface Ended {
  readonly state: 'closed' | 'retracted'
  readonly because: string
}

export type State = 'open' | 'acknowledged' | 'closed' | 'paused' | 'retracted'

/** Everything one episode has told people, and whether anybody has taken it up. */
export interface Episode {
  readonly rule: string
  readonly name: string
  readonly copies: TrueNotice[]
  /** The case as it is known now; null for questions about the agreement, and for corrections. */
  about: Case | null
  taken: boolean
}

export function endOf(notice: TrueNotice): Ended | null {
  const { ended, closed, acknowledged, closesWhenAcknowledged } = notice
  if (ended !== null) return ended
  const because = closed ?? (acknowledged && closesWhenAcknowledged ? 'acknowledged' : null)
  return because === null ? null : { state: 'closed', because }
}

export function stateOf({ dead }: { readonly dead: boolean }, notice: TrueNotice): State {
  const ended = endOf(notice)
  if (ended !== null) return ended.state
  if (dead && !notice.aboutDeath) return 'paused'
  return notice.acknowledged ? 'acknowledged' : 'open'
}

/** Whatever becomes known of the case: that stays so. */
export function end(notice: TrueNotice, state: Ended['state'], because: string) {
  notice.ended ??= endOf(notice) ?? { state, because }
}

/** What said of this copy that it was wrong, to whoever holds it. */
export const correctionsOf = (
  { episodes }: { readonly episodes: ReadonlyMap<string, Episode> },
  { episode: about, recipient }: TrueNotice,
): readonly TrueNotice[] =>
  [...episodes.values()]
    .filter(({ name }) => name.startsWith(`correction:${recipient}:`) && name.endsWith(`:${about}`))
    .flatMap(({ copies }) => copies)

/** Taken back from whoever holds it, even where it was closed: it was wrong. */
export function takeBack(notice: TrueNotice, because: string) {
  notice.ended = { state: 'retracted', because }
}
