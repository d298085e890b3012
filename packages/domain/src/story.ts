import { flows, inForce } from './consent.ts'
import { eventCategories } from './events.generated.ts'
import { type Ids, personEventIdOf, recordIdOf } from './ids.ts'
import type { Input, Known, Lookup, Stepped } from './processor.ts'
import type { Category } from './register.ts'
import { objectOf } from './rules/fact.ts'
import { type StorySection, storySections, telling } from './story-lines.ts'

export { type StorySection, storySections } from './story-lines.ts'

export const storiesTopic = 'person.stories.v1'

/** One thing known about the person. Shown only to who may see all its sources and categories. */
export interface StoryLine {
  /** Stays when the line is amended. */
  readonly id: string
  readonly section: StorySection
  readonly text: string
  readonly sources: readonly string[]
  readonly categories: readonly Category[]
  readonly occurredAt: number
  readonly learnedAt: number
  readonly eventId: string
}

/** The account a person need not give again: what happened, and how things stand now. */
export interface Story {
  readonly personId: string
  readonly version: number
  readonly updatedAt: number
  /** Oldest first. */
  readonly lines: readonly StoryLine[]
  /** Ids of the lines that describe the situation now, in the order to show them. */
  readonly current: readonly string[]
}

/** A line with what decides whether it stands. */
interface Told extends StoryLine {
  readonly version: number
  readonly receivedAt: number
  /** From when on consent must have held; null until the line was first allowed. */
  readonly coveredFrom: number | null
  readonly of: string | null
  readonly object: string | null
}

interface Waiting {
  readonly line: Told | null
  readonly withdraws: readonly string[]
  readonly version: number
}

export interface StoryState {
  readonly version: number
  /** The highest version known of each event, for ever. */
  readonly used: Readonly<Record<string, number>>
  readonly withdrawn: Readonly<Record<string, number>>
  readonly lines: Readonly<Record<string, Told>>
  readonly held: Readonly<Record<string, Waiting & { readonly until: number }>>
  /** What the last version said, as a digest. */
  readonly print: string
}

export const nothingTold: StoryState = {
  version: 0,
  used: {},
  withdrawn: {},
  lines: {},
  held: {},
  print: '',
}

export const storyLookups = (_input: Input, key: string | null): readonly Lookup[] =>
  key === null ? [] : [{ kind: 'person', personId: key }, { kind: 'agreements' }]

/**
 * Folds a person's events into their story. A higher version amends its line. What the person no
 * longer agrees to goes at once, and does not come back when they agree again.
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
  const lines = standing(taken, known, key)
  const print = ids.hash('story', JSON.stringify(Object.values(lines).toSorted(byTime)))
  const changed = print !== state.print && !(state.version === 0 && Object.keys(lines).length === 0)
  const next: StoryState = {
    ...taken,
    lines,
    print: changed ? print : state.print,
    version: changed ? state.version + 1 : state.version,
  }
  const timers = timerChanges(state, next)
  if (!changed) return { state: next, timers }
  const story = storyOf(next, key, timeOf(input))
  const id = recordIdOf(ids, ids.hash('story', key), story.version)
  const emission = { topic: storiesTopic, key, id, schema: 'PersonStory', value: story }
  return { state: next, timers, emit: [{ ...emission, receivedAt: story.updatedAt }] }
}

function absorb(state: StoryState, input: Input, personId: string, ids: Ids): StoryState {
  if (input.kind === 'timer') {
    const name = input.name.slice('hold:'.length)
    const { [name]: waiting, ...held } = state.held
    return waiting === undefined ? state : learned({ ...state, held }, name, waiting)
  }
  if (input.kind !== 'person-event') return state
  const { personEventId: id, event } = input
  if ((state.used[id] ?? -1) >= event.version) return state
  const object = event.objectRef === null ? null : objectOf(event.source, event.objectRef)
  const withdraws: string[] = []
  if (event.type === 'EventWithdrawn') {
    if (event.withdrawnEventId !== null) {
      withdraws.push(`event ${personEventIdOf(ids, event.withdrawnEventId, personId)}`)
    }
    if (object !== null) withdraws.push(`object ${object}`)
  }
  const told = event.handling.restricted ? undefined : telling(event)
  const until = Math.max(event.receivedAt, event.handling.holdUntil ?? 0)
  const line: Told | null =
    told === undefined
      ? null
      : {
          id,
          section: told.section,
          text: told.text,
          sources: [event.source.agency],
          categories: eventCategories[event.type],
          occurredAt: event.occurredAt,
          learnedAt: until,
          eventId: event.eventId,
          version: event.version,
          receivedAt: event.receivedAt,
          coveredFrom: null,
          of: told.of,
          object,
        }
  const used = { ...state.used, [id]: event.version }
  const waiting = { line, withdraws, version: event.version }
  if (until > event.receivedAt) {
    return { ...state, used, held: { ...state.held, [id]: { ...waiting, until } } }
  }
  const { [id]: _, ...held } = state.held
  return learned({ ...state, used, held }, id, waiting)
}

function learned(state: StoryState, id: string, { line, withdraws, version }: Waiting): StoryState {
  const withdrawn = { ...state.withdrawn }
  for (const what of withdraws) withdrawn[what] = Math.max(withdrawn[what] ?? -1, version)
  const { [id]: _, ...others } = state.lines
  return { ...state, withdrawn, lines: line === null ? others : { ...others, [id]: line } }
}

/** The lines that hold and may still be known here: agreed to without a gap since they were received. */
function standing(state: StoryState, known: Known, personId: string): StoryState['lines'] {
  const person = known.person(personId)
  if (person === undefined) return {}
  // A renewal must not lose what an earlier look-back took up.
  const agreedAt = inForce(person, known.now)?.acceptedAt ?? 0
  const lines: Record<string, Told> = {}
  for (const [name, line] of Object.entries(state.lines)) {
    const { id, version, object, categories, coveredFrom, sources } = line
    if ((state.withdrawn[`event ${id}`] ?? -1) >= version) continue
    if (object !== null && (state.withdrawn[`object ${object}`] ?? -1) >= version) continue
    const receivedAt = coveredFrom ?? line.receivedAt
    const flowing = sources.every(
      (source) =>
        flows(person, known.agreements, {
          source,
          categories,
          purpose: 'care-coordination',
          receivedAt,
          now: known.now,
        }).ok,
    )
    if (!flowing) continue
    lines[name] =
      coveredFrom === null ? { ...line, coveredFrom: Math.max(receivedAt, agreedAt) } : line
  }
  return lines
}

function storyOf(state: StoryState, personId: string, updatedAt: number): Story {
  const lines = Object.values(state.lines).toSorted(byTime)
  const latest = new Map<string, Told>()
  for (const line of lines) if (line.of !== null) latest.set(line.of, line)
  const current = storySections.flatMap((section) =>
    [...latest.values()].filter((line) => line.section === section).map(({ id }) => id),
  )
  return {
    personId,
    version: state.version,
    updatedAt,
    lines: lines.map(
      ({ id, section, text, sources, categories, occurredAt, learnedAt, eventId }) => ({
        id,
        section,
        text,
        sources,
        categories,
        occurredAt,
        learnedAt,
        eventId,
      }),
    ),
    current,
  }
}

const byTime = (a: Told, b: Told): number => a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1)

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
