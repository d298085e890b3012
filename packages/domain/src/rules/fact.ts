import { sourceOf } from '../consent.ts'
import type { CanonicalEvent, EventType } from '../events.generated.ts'
import { addDays, londonDate, londonTimeOn } from '../times.ts'
import { type About, aboutOf, gistOf } from './about.ts'

/** A moment of a watch: a day of the three weeks, or 0 for the evening after court. */
export interface Fired {
  readonly day: number
  readonly at: number
  readonly incomplete?: true
}

/**
 * What the rules remember of one event: the highest version known, and nothing they do not need. It
 * is kept for each person, so what is as usual is left out.
 */
export interface Fact {
  /** What link forwarded to this person: one id for all its versions. */
  readonly id: string
  /** The event itself, as every reader of the log knows it. */
  readonly eventId: string
  readonly version: number
  readonly type: EventType
  readonly agency: string
  readonly occurredAt: number
  /** The last instant at which it may have happened, where that is later: only the day is known. */
  readonly latestAt?: number
  readonly receivedAt: number
  /** When its hold ended, where it was held back. */
  readonly heldUntil?: number
  /** When the first of the versions was learned that ask the same, where it was not this one. */
  readonly sameSince?: number
  /** The source's object, with its source; a withdrawal may name only this. */
  readonly object?: string
  readonly about: About
  /** The source restricts it to whom it names, and names nobody yet. */
  readonly restricted?: true
  /**
   * From when on consent must have held without a gap, in ms after it was received: more than 0 where
   * the consent was given later whose look-back took it up. Missing until it was first allowed.
   */
  readonly covered?: number
  /** Why nothing may rest on it any more; it stays so until a higher version comes. */
  readonly ended?: string
  readonly fired?: readonly Fired[]
  /** The last moment of its watch that has been dealt with. */
  readonly passed?: number
}

export function factOf(id: string, event: CanonicalEvent): Fact {
  const { eventId, version, type, source, occurredAt, receivedAt, objectRef, handling } = event
  const latest = latestOf(event)
  const { holdUntil, restricted } = handling
  return {
    id,
    eventId,
    version,
    type,
    agency: source.agency,
    occurredAt,
    ...(latest > occurredAt && { latestAt: latest }),
    receivedAt,
    ...(holdUntil !== null && holdUntil > receivedAt && { heldUntil: holdUntil }),
    ...(objectRef !== null && { object: objectOf(source, objectRef) }),
    about: aboutOf(event),
    ...(restricted && { restricted: true as const }),
  }
}

/** One source's objects only: two sources may use the same number. */
export const objectOf = (
  source: { readonly agency: string; readonly system: string },
  objectRef: string,
): string => `${sourceOf(source)} ${objectRef}`

const latestOf = (event: CanonicalEvent): number =>
  event.occurredAtPrecision === 'DAY'
    ? londonTimeOn(addDays(londonDate(event.occurredAt), 1), 0, 0) - 1
    : event.occurredAt

/** The last instant at which it may have happened. */
export const latestAt = (fact: Fact): number => fact.latestAt ?? fact.occurredAt

/** When it may first be acted on: when it was received, or its hold ended. */
export const learnedAt = (fact: Fact): number => fact.heldUntil ?? fact.receivedAt

/** When what it asks was first learned. */
export const sinceOf = (fact: Fact): number => fact.sameSince ?? learnedAt(fact)

/** Whether it may have happened no earlier than the other. */
export const isAfter = (fact: Fact, other: Fact): boolean =>
  latestAt(fact) >= other.occurredAt && fact.id !== other.id

/** Whether it happened later than the other, as far as its time is known. */
export const isLater = (fact: Fact, other: Fact): boolean => fact.occurredAt > other.occurredAt

/** Whether a version only says more about what the one before asked for already. */
export const asksTheSame = (before: Fact, after: Fact): boolean =>
  before.type === after.type && gistOf(before) === gistOf(after)

/** The order in which things happened, the same wherever it is asked. */
export const byOccurrence = (a: Fact, b: Fact): number =>
  a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1)

/** The order in which what they ask was learned. */
export const byLearning = (a: Fact, b: Fact): number =>
  sinceOf(a) - sinceOf(b) || (a.id < b.id ? -1 : 1)

export const isRelease = ({ type, about }: Fact): boolean =>
  type === 'ReleasedFromPrison' && about.kind === 'TO_COMMUNITY'

export const isDeath = ({ type, about }: Fact): boolean =>
  type === 'DeathReported' || (type === 'ReleasedFromPrison' && about.kind === 'DIED')

export const isProposal = ({ type }: Fact): boolean =>
  type === 'IdentifiersLinked' || type === 'IdentifiersMerged' || type === 'IdentifiersSplit'

/** Inside a prison after it: a reception, or a return from court, hospital or leave. */
export const isReturn = ({ type }: Fact): boolean =>
  type === 'ReceivedIntoPrison' || type === 'ReturnedToPrison'

/** Treatment inside prison is no continuity outside it. */
export const isStart = ({ type, about }: Fact): boolean =>
  type === 'TreatmentStarted' && about.setting !== 'PRISON'

export const isAttended = ({ type, about }: Fact): boolean =>
  type === 'TreatmentContact' && about.attendance === 'ATTENDED'
