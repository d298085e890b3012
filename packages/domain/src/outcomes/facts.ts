import { flows, inForce, isMeantFor, sourceOf } from '../consent.ts'
import { type CanonicalEvent, eventCategories } from '../events.generated.ts'
import { type Ids, personEventIdOf } from '../ids.ts'
import type { Input, Known, Lookup, Stepped } from '../processor.ts'
import type { Agreement, PersonRegister } from '../register.ts'
import { objectOf } from '../rules/fact.ts'
import { londonDate } from '../times.ts'
import { type JourneyFact, journeyFactOf } from './journey-facts.ts'

export const outcomeFactsView = 'outcome-facts'

/** One thing that happened to the person, as far as a measure may need it, and what decides whether it counts. */
export interface OutcomeFact {
  readonly id: string
  readonly version: number
  readonly type: CanonicalEvent['type']
  readonly source: string
  /** The source's object, with its source; a withdrawal may name only this. */
  readonly object: string | null
  readonly receivedAt: number
  /** Counted from now on: when it was received, or its hold ended. */
  readonly learnedAt: number
  /** From when on the agreement must have held; null until it was first allowed. */
  readonly coveredFrom: number | null
  /** The London day on which it happened. */
  readonly day: string
  readonly about: JourneyFact
}

/** What the view's row of one person holds, sealed. */
export interface OutcomeFacts {
  readonly facts: readonly OutcomeFact[]
}

export interface OutcomesState {
  readonly version: number
  /** The highest version taken in of each event, for ever: what was given up does not come back. */
  readonly used: Readonly<Record<string, number>>
  readonly withdrawn: Readonly<Record<string, number>>
  readonly facts: Readonly<Record<string, OutcomeFact>>
  /** What the last row said, as a digest. */
  readonly print: string
}

export const nothingCounted: OutcomesState = {
  version: 0,
  used: {},
  withdrawn: {},
  facts: {},
  print: '',
}

export const outcomesLookups = (_input: Input, key: string | null): readonly Lookup[] =>
  key === null ? [] : [{ kind: 'person', personId: key }, { kind: 'agreements' }]

/**
 * Keeps one person's journey facts while they agree to the purpose `outcomes`, and writes them into the
 * view that releases read. The facts outlive their events; higher versions and withdrawals correct them.
 */
export function outcomesStep(
  state: OutcomesState,
  known: Known,
  input: Input,
  key: string | null,
  ids: Ids,
): Stepped<OutcomesState> {
  const person = key === null ? undefined : known.person(key)
  if (key === null || person === undefined) return { state }
  if (person.status === 'erased') return { state: nothingCounted }
  const { used, withdrawn, facts: taken } = absorbed(state, input, key, ids)
  const facts: Record<string, OutcomeFact> = {}
  for (const fact of Object.values(taken)) {
    if (isWithdrawn(withdrawn, fact) || !counts(fact, person, known.agreements, known.now)) continue
    facts[fact.id] = { ...fact, coveredFrom: fact.coveredFrom ?? coveredFrom(fact, person, known) }
  }
  const content: OutcomeFacts = { facts: Object.values(facts).toSorted(byId) }
  const print = ids.hash('outcome-facts', JSON.stringify(content.facts))
  const changed = print !== state.print && (state.version > 0 || mayBeCounted(person, known.now))
  const version = changed ? state.version + 1 : state.version
  const next = { version, used, withdrawn, facts, print: changed ? print : state.print }
  if (!changed) return { state: next }
  const row = { view: outcomeFactsView, id: key, version, personId: key, reader: null }
  return { state: next, views: [{ ...row, state: 'current', sort: 0, facts: {}, content }] }
}

/** Whether a grant of the purpose `outcomes` is in force: the person is one of those "who agreed". */
export const agreesToOutcomes = (person: PersonRegister, now: number): boolean =>
  inForce(person, now)?.grants.some(
    ({ purpose, from, until }) => purpose === 'outcomes' && from <= now && now < until,
  ) ?? false

/** The same from some day on: nobody says so when that day comes, and a release counts whoever has a row. */
const mayBeCounted = (person: PersonRegister, now: number): boolean =>
  inForce(person, now)?.grants.some(
    ({ purpose, until }) => purpose === 'outcomes' && now < until,
  ) ?? false

/** Whether the person still agrees that this fact is counted, without a gap since it was received. */
export const counts = (
  { source, type, receivedAt, coveredFrom: since }: OutcomeFact,
  person: PersonRegister,
  agreements: readonly Agreement[],
  now: number,
): boolean =>
  flows(person, agreements, {
    source,
    categories: eventCategories[type],
    purpose: 'outcomes',
    receivedAt: since ?? receivedAt,
    now,
  }).ok

/** A renewal must not lose what an earlier look-back took up. */
const coveredFrom = ({ receivedAt }: OutcomeFact, person: PersonRegister, known: Known): number =>
  Math.max(receivedAt, inForce(person, known.now)?.acceptedAt ?? 0)

function absorbed(state: OutcomesState, input: Input, personId: string, ids: Ids) {
  if (input.kind !== 'person-event') return state
  const { personEventId: id, event } = input
  const object = event.objectRef === null ? null : objectOf(event.source, event.objectRef)
  if (event.type === 'EventWithdrawn') {
    const names = [
      ...(event.withdrawnEventId === null
        ? []
        : [`event ${personEventIdOf(ids, event.withdrawnEventId, personId)}`]),
      ...(object === null ? [] : [`object ${object}`]),
    ]
    const withdrawn = { ...state.withdrawn }
    for (const name of names) withdrawn[name] = Math.max(withdrawn[name] ?? -1, event.version)
    return { ...state, withdrawn }
  }
  // What came for care alone is not used: a later agreement with a look-back may still bring it.
  if (!isMeantFor('outcomes', input)) return state
  if ((state.used[id] ?? -1) >= event.version) return state
  const about = journeyFactOf(event)
  const { [id]: before, ...others } = state.facts
  if (about === undefined && before === undefined) return state
  const used = { ...state.used, [id]: event.version }
  if (about === undefined) return { ...state, used, facts: others }
  const fact: OutcomeFact = {
    id,
    version: event.version,
    type: event.type,
    source: sourceOf(event.source),
    object,
    receivedAt: event.receivedAt,
    learnedAt: Math.max(event.receivedAt, event.handling.holdUntil ?? 0),
    coveredFrom: null,
    day: londonDate(event.occurredAt),
    about,
  }
  return { ...state, used, facts: { ...others, [id]: fact } }
}

const isWithdrawn = (
  withdrawn: OutcomesState['withdrawn'],
  { id, object, version }: OutcomeFact,
): boolean =>
  (withdrawn[`event ${id}`] ?? -1) >= version ||
  (object !== null && (withdrawn[`object ${object}`] ?? -1) >= version)

const byId = (a: OutcomeFact, b: OutcomeFact): number => (a.id < b.id ? -1 : 1)
