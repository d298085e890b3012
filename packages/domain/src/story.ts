import { flows, inForce, isMeantFor, sourceOf } from './consent.ts'
import { type CanonicalEvent, eventCategories } from './events.generated.ts'
import { type Ids, personEventIdOf, recordIdOf } from './ids.ts'
import type { Input, Known, Lookup, Stepped } from './processor.ts'
import type { PersonRegister } from './register.ts'
import { objectOf } from './rules/fact.ts'
import { agencyOf, type Story, type StoryFact } from './story-fact.ts'
import { remembered, tellings } from './story-lines.ts'
import { inOrder, render } from './story-render.ts'

export { type StorySection, storySections } from './story-account.ts'
export type { Story, StoryFact, StoryLine } from './story-fact.ts'
export { storyEvents } from './story-lines.ts'

export const storiesTopic = 'person.stories.v1'

interface Waiting {
  readonly fact: StoryFact | null
  readonly withdraws: readonly string[]
  readonly version: number
}

export interface StoryState {
  readonly version: number
  /** The highest version known of each event, for ever. */
  readonly used: Readonly<Record<string, number>>
  readonly withdrawn: Readonly<Record<string, number>>
  /** In the order in which they happened. */
  readonly facts: readonly StoryFact[]
  /** What happened before this has been left behind; it must not come back as news. */
  readonly since: number
  readonly held: Readonly<Record<string, Waiting & { readonly until: number }>>
  /** What the last version said, as a digest. */
  readonly print: string
}

export const nothingTold: StoryState = {
  version: 0,
  used: {},
  withdrawn: {},
  facts: [],
  since: 0,
  held: {},
  print: '',
}

/**
 * A state of an earlier version. Version 1 kept words and not what they rest on: its lines go, and are
 * told again when the log is read again; what was used and taken back stays known.
 */
export function upgradeStory(state: unknown): StoryState {
  const { version, used, withdrawn } = state as StoryState
  return { ...nothingTold, version, used, withdrawn }
}

/** How many facts are kept beside those of the situation now: so many withdrawals can be undone. */
const passedMax = 60

export const storyLookups = (_input: Input, key: string | null): readonly Lookup[] =>
  key === null ? [] : [{ kind: 'person', personId: key }, { kind: 'agreements' }]

/**
 * Folds a person's events into their story (`processors/story/README.md` has every line). A higher
 * version amends its event. What the person no longer agrees to goes at once, and does not come back
 * when they agree again.
 */
export function storyStep(
  state: StoryState,
  known: Known,
  input: Input,
  key: string | null,
  ids: Ids,
): Stepped<StoryState> {
  if (key === null) return { state }
  if (known.person(key)?.status === 'erased') {
    return { state: nothingTold, timers: holdsOf(state).map((name) => ({ name, at: null })) }
  }
  const taken = absorb(state, input, key, ids)
  const facts = standing(taken, known, key)
  const timers = timerChanges(state, taken)
  if (facts === state.facts) return { state: taken, timers }
  const { lines, current, alive } = render(facts)
  const kept = shortened({ ...taken, facts }, alive)
  const print = ids.hash('story', JSON.stringify([lines, current]))
  // What may not be told leaves no trace, not even that something has changed.
  if (print === state.print || (state.version === 0 && lines.length === 0)) {
    return { state: kept, timers }
  }
  const version = state.version + 1
  const story: Story = { personId: key, version, updatedAt: timeOf(input), lines, current }
  const id = recordIdOf(ids, ids.hash('story', key), version)
  const emission = { topic: storiesTopic, key, id, schema: 'PersonStory', value: story }
  return {
    state: { ...kept, print, version },
    timers,
    emit: [{ ...emission, receivedAt: story.updatedAt }],
  }
}

function absorb(state: StoryState, input: Input, personId: string, ids: Ids): StoryState {
  if (input.kind === 'timer') {
    const name = input.name.slice('hold:'.length)
    const { [name]: waiting, ...held } = state.held
    return waiting === undefined ? state : learned({ ...state, held }, name, waiting)
  }
  // What came for another purpose alone is not used: a look-back of care may still bring it.
  if (input.kind !== 'person-event' || !isMeantFor('care-coordination', input)) return state
  const { personEventId: id, event } = input
  if ((state.used[id] ?? -1) >= event.version) return state
  const until = Math.max(event.receivedAt, event.handling.holdUntil ?? 0)
  const waiting: Waiting = {
    fact: factOf(id, event, until),
    withdraws: withdrawnBy(event, personId, ids),
    version: event.version,
  }
  const used = { ...state.used, [id]: event.version }
  if (until > event.receivedAt) {
    return { ...state, used, held: { ...state.held, [id]: { ...waiting, until } } }
  }
  const { [id]: _, ...held } = state.held
  return learned({ ...state, used, held }, id, waiting)
}

/** Null for what has no place in a story, and for what a source restricts: masked stays masked. */
function factOf(id: string, event: CanonicalEvent, learnedAt: number): StoryFact | null {
  const about = event.handling.restricted ? undefined : remembered(event)
  if (about === undefined) return null
  const object = objectRefOf(event)
  const lines = tellings(event.type, about, { occurredAt: event.occurredAt, object })
  const needs = [...new Set(lines.flatMap((line) => line.needs))]
  return {
    id,
    eventId: event.eventId,
    version: event.version,
    type: event.type,
    source: sourceOf(event.source),
    ...(object !== null && { object }),
    occurredAt: event.occurredAt,
    ...(event.occurredAtPrecision !== 'INSTANT' && { precision: event.occurredAtPrecision }),
    learnedAt,
    coveredFrom: event.receivedAt,
    isNew: true,
    about,
    ...(needs.length > 0 && { needs }),
  }
}

const objectRefOf = ({ source, objectRef }: CanonicalEvent): string | null =>
  objectRef === null ? null : objectOf(source, objectRef)

function withdrawnBy(event: CanonicalEvent, personId: string, ids: Ids): readonly string[] {
  if (event.type !== 'EventWithdrawn') return []
  const { withdrawnEventId } = event
  const object = objectRefOf(event)
  return [
    ...(withdrawnEventId === null
      ? []
      : [`event ${personEventIdOf(ids, withdrawnEventId, personId)}`]),
    ...(object === null ? [] : [`object ${object}`]),
  ]
}

function learned(state: StoryState, id: string, { fact, withdraws, version }: Waiting): StoryState {
  const withdrawn = { ...state.withdrawn }
  for (const what of withdraws) withdrawn[what] = Math.max(withdrawn[what] ?? -1, version)
  const isKnown = state.facts.some((one) => one.id === id)
  const isNews = fact !== null && fact.occurredAt >= state.since
  if (!isKnown && !isNews) return { ...state, withdrawn }
  const facts = state.facts.filter((one) => one.id !== id)
  return { ...state, withdrawn, facts: isNews ? [...facts, fact].toSorted(inOrder) : facts }
}

/**
 * The facts that hold and may still be known here: not taken back, and agreed to without a gap since
 * they were received. The same array when nothing changed.
 */
function standing(state: StoryState, known: Known, personId: string): readonly StoryFact[] {
  const person = known.person(personId)
  if (person === undefined) return state.facts.length === 0 ? state.facts : []
  const covers = coverOf(person, known)
  // A renewal must not lose what an earlier look-back took up.
  const agreedAt = inForce(person, known.now)?.acceptedAt ?? 0
  const facts = state.facts.flatMap((fact) => {
    if (isTakenBack(state, fact) || !covers(fact)) return []
    const { isNew, ...old } = fact
    return isNew ? [{ ...old, coveredFrom: Math.max(fact.coveredFrom, agreedAt) }] : [fact]
  })
  const isSame =
    facts.length === state.facts.length && facts.every((fact, n) => fact === state.facts[n])
  return isSame ? state.facts : facts
}

/** Whether a fact may be known here. What holds since some instant holds since every later one. */
function coverOf(person: PersonRegister, { agreements, now }: Known) {
  const coveredSince = new Map<string, number>()
  return (fact: StoryFact): boolean => {
    const { type, needs = [], coveredFrom: receivedAt } = fact
    const source = agencyOf(fact)
    const kind = JSON.stringify([source, type, needs])
    if ((coveredSince.get(kind) ?? Number.POSITIVE_INFINITY) <= receivedAt) return true
    const { ok } = flows(person, agreements, {
      source,
      categories: [...eventCategories[type], ...needs],
      purpose: 'care-coordination',
      receivedAt,
      now,
    })
    if (ok) coveredSince.set(kind, receivedAt)
    return ok
  }
}

const isTakenBack = ({ withdrawn }: StoryState, { id, object, version }: StoryFact): boolean =>
  (withdrawn[`event ${id}`] ?? -1) >= version ||
  (object !== undefined && (withdrawn[`object ${object}`] ?? -1) >= version)

/** Leaves the oldest facts behind that nothing of the situation now rests on. */
function shortened(state: StoryState, alive: ReadonlySet<string>): StoryState {
  if (state.facts.length <= passedMax) return state
  const passed = state.facts.filter(({ id }) => !alive.has(id))
  const gone = new Set(passed.slice(0, -passedMax))
  const oldest = passed[gone.size]
  if (gone.size === 0 || oldest === undefined) return state
  return {
    ...state,
    facts: state.facts.filter((fact) => !gone.has(fact)),
    since: Math.max(state.since, oldest.occurredAt),
  }
}

const holdsOf = ({ held }: StoryState): readonly string[] =>
  Object.keys(held).map((id) => `hold:${id}`)

function timerChanges(before: StoryState, after: StoryState) {
  const set = Object.entries(after.held)
    .filter(([id, { until }]) => before.held[id]?.until !== until)
    .map(([id, { until }]) => ({ name: `hold:${id}`, at: until }))
  const gone = holdsOf(before).filter(
    (name) => after.held[name.slice('hold:'.length)] === undefined,
  )
  return [...set, ...gone.map((name) => ({ name, at: null }))]
}

function timeOf(input: Input): number {
  if (input.kind === 'person-event') return input.event.receivedAt
  if (input.kind === 'timer') return input.dueAt
  return input.kind === 'consent-changed' ? input.changedAt : 0
}
