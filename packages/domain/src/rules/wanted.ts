import { eventCategories } from '../events.generated.ts'
import type { Notice, NoticeRecipient } from '../notice.ts'
import type { Category, PersonRegister } from '../register.ts'
import type { Fact } from './fact.ts'
import { type AskName, askOf, dueAt, isLate, urgencyAt } from './table.ts'
import { dayInWords } from './words.ts'

/** Who gets a copy. `lead` follows the lead; everybody else keeps theirs. */
export interface Audience {
  readonly lead: boolean
  /** Duty roles, in the lead's organisation where `organisation` is null. Only where granted. */
  readonly roles: readonly { readonly role: string; readonly organisation: string | null }[]
  readonly team: boolean
  readonly named: NoticeRecipient | null
}

/** One case that a rule sees in the facts: what should stand in notices, as of now. */
export interface Wanted {
  readonly ask: AskName
  readonly rule: Notice['rule']
  readonly episode: string
  readonly thread: string
  /** The fact that it stands on; null for what rests on the register alone. */
  readonly fact: Fact | null
  readonly occurredAt: number
  readonly learnedAt: number
  readonly urgency: Notice['urgency']
  readonly dueAt: number
  readonly headline: string
  readonly lines: readonly string[]
  readonly sources: readonly string[]
  readonly categories: readonly Category[]
  readonly eventIds: readonly string[]
  readonly timer: string | null
  readonly incomplete: boolean
  readonly to: Audience
  readonly closed: Closing | null
  /** A death pauses everything but what is about the death. */
  readonly aboutDeath: boolean
  /** Made by a timer, so it is not opened while a death is reported. */
  readonly timed: boolean
  readonly corrects: string | null
}

export interface Closing {
  readonly because: string
  /** The event that closed it, where one did: who may not hear of it is told less. */
  readonly by: Fact | null
}

/** What practitioners did, by thread and by notice; kept whether or not the notice is known yet. */
export interface Acts {
  readonly acknowledged: Readonly<Record<string, number>>
  readonly contacted: Readonly<Record<string, number>>
  readonly prescriptionConfirmed: Readonly<Record<string, number>>
}

/** Everything the rules look at. Facts are those that hold, in the order in which they happened. */
export interface Scene {
  readonly facts: readonly Fact[]
  readonly acts: Acts
  readonly person: PersonRegister | undefined
  readonly now: number
  /** Whether the lead may hear of this fact: only then may another notice say more because of it. */
  readonly mayTell: (fact: Fact) => boolean
}

export const onlyLead: Audience = { lead: true, roles: [], team: false, named: null }

/** A case that stands on one event. Rules add what is theirs. */
export function wantedOf(
  ask: AskName,
  fact: Fact,
  own: Partial<Wanted> & { readonly headline: string; readonly lines: readonly string[] },
): Wanted {
  const { rule, urgency, due } = askOf(ask)
  const learnedAt = own.learnedAt ?? fact.since
  // A timer that asks again on a later day learned nothing new.
  const late = learnedAt <= fact.since && isLate(fact.occurredAt, learnedAt)
  return {
    ask,
    rule,
    episode: `${rule}:${fact.id}`,
    thread: `${rule}:${fact.id}`,
    fact,
    occurredAt: fact.occurredAt,
    learnedAt,
    urgency: urgencyAt(urgency, fact.occurredAt, learnedAt),
    dueAt: dueAt(due, learnedAt),
    sources: [fact.agency],
    categories: eventCategories[fact.type],
    eventIds: [fact.eventId],
    timer: null,
    incomplete: false,
    to: onlyLead,
    closed: null,
    aboutDeath: false,
    timed: false,
    corrects: null,
    ...own,
    headline: late
      ? `${own.headline}: happened ${dayInWords(fact.occurredAt)}, learned today`
      : own.headline,
  }
}

export const closedBy = (because: string, by: Fact | undefined): Closing | null =>
  by === undefined ? null : { because, by }
