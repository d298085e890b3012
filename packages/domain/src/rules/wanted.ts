import { dayInWords } from '../date-words.ts'
import { type EventType, eventCategories } from '../events.generated.ts'
import type { Notice, NoticeRecipient } from '../notice.ts'
import type { Category, PersonRegister } from '../register.ts'
import { byLearning, type Fact, isAfter, isAttended, isStart, sinceOf } from './fact.ts'
import type { Attended, Stay } from './stays.ts'
import { type AskName, askOf, dueAt, isLate, urgencyAt } from './table.ts'

/** Who gets a copy. The lead's follows the lead; everybody else keeps theirs. */
export interface Audience {
  /** `otherwise`: only where nobody else may be told. */
  readonly lead: boolean | 'otherwise'
  /** Duty roles, in the lead's organisation where `organisation` is null. Only where granted. */
  readonly roles: readonly { readonly role: string; readonly organisation: string | null }[]
  /** The deputies and the team, or the members of the team who have this role. */
  readonly team: boolean | string
  readonly named: NoticeRecipient | null
}

/** One case that a rule sees in the facts: what should stand in notices, as of now. */
export interface Wanted {
  readonly ask: AskName
  readonly rule: Notice['rule']
  readonly episode: string
  readonly thread: string
  /** The facts that it stands on, its own first; none for what rests on the register alone. */
  readonly facts: readonly Fact[]
  /** What else it was seen by: without these it would be another case, or none. */
  readonly besides: readonly Fact[]
  readonly occurredAt: number
  readonly learnedAt: number
  readonly urgency: Notice['urgency']
  readonly dueAt: number | null
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

/** What practitioners did, as `<kind> <what>`, and when; kept whether or not the notice is known yet. */
export type Acts = ReadonlyMap<string, number>

/** An acknowledgement is of a notice, everything else of a thread, an arrangement of one item of it. */
export const deed = (kind: string, what: string, item?: string): string =>
  item === undefined ? `${kind} ${what}` : `${kind} ${what} ${item}`

/** Everything the rules look at. */
export interface Scene {
  /** Facts that hold, in the order in which they happened: what closes a case is one of these. */
  readonly facts: readonly Fact[]
  /** Those that a case may rest on: permission for them was never lost, and no source restricts them. */
  grounds(...types: readonly EventType[]): readonly Fact[]
  /** Whether there are any of this type. */
  readonly has: (type: EventType) => boolean
  readonly stays: readonly Stay[]
  readonly attended: readonly Attended[]
  readonly acts: Acts
  readonly person: PersonRegister | undefined
  readonly now: number
  /** The authorities of the partnership; none: nobody has said which. */
  readonly homeAreas: readonly string[]
  /** Whether the lead may hear of this fact: only then may another notice say more because of it. */
  readonly mayTell: (fact: Fact) => boolean
}

export const onlyLead: Audience = { lead: true, roles: [], team: false, named: null }

/** A case that stands on its own fact, and `on` others beside it. Rules add what is theirs. */
export function wantedOf(
  ask: AskName,
  fact: Fact,
  own: Pick<Wanted, 'headline' | 'lines'> &
    Partial<
      Pick<
        Wanted,
        | 'episode'
        | 'thread'
        | 'besides'
        | 'occurredAt'
        | 'learnedAt'
        | 'urgency'
        | 'timer'
        | 'incomplete'
        | 'to'
        | 'closed'
        | 'aboutDeath'
        | 'timed'
      >
    > & { readonly on?: readonly Fact[] },
): Wanted {
  const { rule, urgency, due } = askOf(ask)
  const { on = [], episode = `${rule}:${fact.id}` } = own
  const facts = on.length === 0 ? [fact] : [fact, ...on]
  const since = on.length === 0 ? sinceOf(fact) : Math.max(...facts.map(sinceOf))
  const learnedAt = own.learnedAt ?? since
  const occurredAt = own.occurredAt ?? fact.occurredAt
  // A timer that asks again on a later day learned nothing new.
  const asksAgain = own.timed === true && learnedAt > sinceOf(fact)
  const late = !asksAgain && isLate(occurredAt, learnedAt)
  // Field by field: objects that are put together from others are of many shapes, and slow.
  return {
    ask,
    rule,
    episode,
    thread: own.thread ?? `${rule}:${fact.id}`,
    facts,
    besides: own.besides ?? noFacts,
    occurredAt,
    learnedAt,
    urgency: own.urgency ?? urgencyAt(urgency, occurredAt, learnedAt),
    dueAt: dueAt(due, learnedAt),
    headline: late
      ? `${own.headline}: happened ${dayInWords(occurredAt)}, learned today`
      : own.headline,
    lines: own.lines,
    sources: on.length === 0 ? [fact.agency] : [...new Set(facts.map(({ agency }) => agency))],
    categories:
      on.length === 0
        ? eventCategories[fact.type]
        : [...new Set(facts.flatMap(({ type }) => eventCategories[type]))],
    eventIds: facts.map(({ eventId }) => eventId),
    timer: own.timer ?? null,
    incomplete: own.incomplete ?? false,
    to: own.to ?? onlyLead,
    closed: own.closed ?? null,
    aboutDeath: own.aboutDeath ?? false,
    timed: own.timed ?? false,
    corrects: null,
  }
}

const noFacts: readonly Fact[] = []

export const closedBy = (because: string, by: Fact | undefined): Closing | null =>
  by === undefined ? null : { because, by }

/** By what a practitioner did about the thread. */
export const closedByDeed = (scene: Scene, kind: string, thread: string): Closing | null =>
  scene.acts.has(deed(kind, thread)) ? { because: kind, by: null } : null

/** By the first fact after the case's own, if there is one. */
export const closedAfter = (
  scene: Scene,
  own: Fact,
  because: string,
  closes: (fact: Fact) => boolean,
): Closing | null =>
  closedBy(
    because,
    scene.facts.find((fact) => closes(fact) && isAfter(fact, own)),
  )

/** Treatment started, or they came to an appointment, after it. */
export const inTreatmentSince = (scene: Scene, own: Fact): Closing | null =>
  closedAfter(scene, own, 'treatment-started', isStart) ??
  closedAfter(scene, own, 'contact-attended', isAttended)

/**
 * Cases that are the same matter: the one learned first stands, the others give way to it. In the
 * order in which they were learned, each with the fact that it gives way to.
 */
export function once(
  facts: readonly Fact[],
  isSame: (one: Fact, other: Fact) => boolean,
): readonly (readonly [Fact, Closing | null])[] {
  const standing: Fact[] = []
  return facts.toSorted(byLearning).map((fact) => {
    const first = standing.find((one) => isSame(one, fact))
    if (first === undefined) standing.push(fact)
    return [fact, closedBy('superseded', first)]
  })
}

/** Whether two things happened within so many times 24 hours of each other. */
export const within =
  (days: number) =>
  (one: Fact, other: Fact): boolean =>
    Math.abs(one.occurredAt - other.occurredAt) <= days * dayMs

export const dayMs = 24 * 3_600_000
