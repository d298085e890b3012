import type { CanonicalEvent, Emission, Processor, Stepped } from '@throughline/domain'

interface Timer {
  readonly name: string
  readonly at: number
}

interface Told {
  readonly noticeId: string
  readonly rule: string
  readonly version: number
  readonly recipient: string
  readonly at: number
}

/** What is remembered of one person: what has been seen, what they were told of, what is waited for. */
export interface WatchState {
  readonly seen: readonly string[]
  readonly notices: readonly Told[]
  readonly timers: readonly Timer[]
}

const dayMs = 24 * 3_600_000
const daysAfterRelease = [1, 3, 7, 14, 21]
const seenMax = 64
const noticesMax = 32
const nothing: WatchState = { seen: [], notices: [], timers: [] }

/**
 * What the peer's `Watch` does, on the hub's own runtime: each event once, by its id; up to five timers; a
 * notice of two events in four.
 */
export const watch: Processor<WatchState> = {
  name: 'watch',
  inputs: ['person.events.v1'],
  outputs: ['practitioner.notices.v1'],
  upstream: ['forward'],
  stateVersion: 1,
  upgrade: unpack,
  stored: { pack, unpack },
  initial: nothing,
  personal: true,
  keyOf: (input) => (input.kind === 'person-event' ? input.personId : null),
  lookups: (input) =>
    input.kind === 'person-event' ? [{ kind: 'person', personId: input.personId }] : [],
  step(state, known, input) {
    if (input.kind === 'timer') return { state: without(state, input.name) }
    if (input.kind !== 'person-event') return { state }
    const { event, personId } = input
    const lead = known.person(personId)?.assignments[0]?.practitionerId
    if (lead === undefined) return { state }
    if (state.seen.includes(event.eventId)) return { state, counts: ['repeat'] }
    return seen(state, event, personId, lead)
  },
}

/** Without the names of the fields, as the peer's Avro has it. */
function pack({ seen, notices, timers }: WatchState): Packed {
  return [
    seen,
    notices.map(({ noticeId, rule, version, recipient, at }) => [
      noticeId,
      rule,
      version,
      recipient,
      at,
    ]),
    timers.map(({ name, at }) => [name, at]),
  ]
}

function unpack(stored: unknown): WatchState {
  const [seen, notices, timers] = stored as Packed
  return {
    seen,
    notices: notices.map(([noticeId, rule, version, recipient, at]) => ({
      noticeId,
      rule,
      version,
      recipient,
      at,
    })),
    timers: timers.map(([name, at]) => ({ name, at })),
  }
}

type Packed = readonly [
  seen: readonly string[],
  notices: readonly (readonly [string, string, number, string, number])[],
  timers: readonly (readonly [string, number])[],
]

const without = (state: WatchState, name: string): WatchState => ({
  ...state,
  timers: state.timers.filter((timer) => timer.name !== name),
})

function seen(
  state: WatchState,
  event: CanonicalEvent,
  personId: string,
  lead: string,
): Stepped<WatchState> {
  const { eventId, receivedAt } = event
  const timers = timersAfter(state.timers, event)
  const rule = ruleOf(event)
  const noticeId = `${eventId}-${rule}`
  const told =
    rule === null ? [] : [{ noticeId, rule, version: 1, recipient: lead, at: receivedAt }]
  return {
    state: {
      seen: last([...state.seen, eventId], seenMax),
      notices: last([...state.notices, ...told], noticesMax),
      timers,
    },
    timers: changesOf(state.timers, timers),
    emit: told.map((one) => noticeOf(one, event, personId)),
  }
}

const last = <T>(all: readonly T[], most: number): readonly T[] =>
  all.length > most ? all.slice(-most) : all

function timersAfter(before: readonly Timer[], { type, occurredAt }: CanonicalEvent) {
  switch (type) {
    case 'LeftForCourt': {
      const name = 'court-no-return'
      return [...before.filter((one) => one.name !== name), { name, at: occurredAt + dayMs }]
    }
    case 'ReleasedFromPrison':
      return daysAfterRelease.map((days) => ({
        name: `release day ${days}`,
        at: occurredAt + days * dayMs,
      }))
    case 'ReceivedIntoPrison':
    case 'ReturnedToPrison':
      return []
    default:
      return before
  }
}

function changesOf(before: readonly Timer[], after: readonly Timer[]) {
  if (before === after) return []
  const gone = before.filter(({ name }) => !after.some((one) => one.name === name))
  return [...gone.map(({ name }) => ({ name, at: null })), ...after]
}

function ruleOf({ type }: CanonicalEvent): string | null {
  if (type === 'ReceivedIntoPrison') return 'into-prison'
  return type === 'ReleasedFromPrison' ? 'release' : null
}

/** Word for word the peer's. */
function noticeOf(
  { noticeId, rule, recipient }: Told,
  { eventId, occurredAt, receivedAt }: CanonicalEvent,
  personId: string,
): Emission {
  const value = {
    noticeId,
    version: 1,
    personId,
    thread: eventId,
    episode: `${eventId}/${rule}`,
    rule,
    ruleVersion: 1,
    class: 'action',
    urgency: 'prompt',
    state: 'open',
    recipient: {
      practitionerId: recipient,
      organisation: 'testshire-recovery',
      role: 'lead-practitioner',
    },
    headline: 'Custody told us something that you should act on',
    lines: ['It happened this morning at the prison.', 'Please ring them today.'],
    occurredAt,
    learnedAt: receivedAt,
    dueAt: receivedAt + dayMs,
    sources: ['custody'],
    categories: ['whereabouts', 'justice'],
    corrects: null,
    closedBecause: null,
    incomplete: false,
    because: { eventIds: [eventId], timer: null },
    push: true,
  }
  return {
    topic: 'practitioner.notices.v1',
    key: personId,
    id: noticeId,
    schema: 'PractitionerNotice',
    value,
    receivedAt,
  }
}
