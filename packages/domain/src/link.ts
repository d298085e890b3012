import { eventFlows, inForce, type Refusal } from './consent.ts'
import type { CanonicalEvent } from './events.generated.ts'
import { type Ids, personEventIdOf, recordIdOf } from './ids.ts'
import type { Emission, IndexEntry, Input, Known, LogPlace, Lookup, Stepped } from './processor.ts'
import type { PersonRegister, Purpose } from './register.ts'

export const personEventsTopic = 'person.events.v1'

/** Where inbound records stand, by identifier: what a look-back finds. No content. */
export const lookBackIndex = 'look-back'
/** Which people a source's object was forwarded to, by its keyed reference. */
export const objectIndex = 'object'
/** Withdrawals that came before what they withdraw, by the object's keyed reference. */
export const waitingIndex = 'waiting-withdrawal'
/** Records that reached nobody and that people have to look at, by reason. */
export const reviewIndex = 'review'

type EventInput = Extract<Input, { kind: 'event' }>

/**
 * What link wants to know before it looks at a record: who claims each identifier (with those
 * people's rows), the agreements, and what it noted about the object.
 */
export function linkLookups(input: Input, _key: string | null, ids: Ids): readonly Lookup[] {
  if (input.kind === 'consent-changed') {
    const { personId } = input
    return [{ kind: 'person', personId }, { kind: 'agreements' }, { kind: 'past', personId }]
  }
  if (input.kind !== 'event') return []
  const key = objectKeyOf(ids, input.event)
  // Each looks for what the other writes, so that of two at once one finds the other.
  const name = namesObjectAlone(input) ? objectIndex : waitingIndex
  return [
    ...input.identifierHashes.map((identifier) => ({ kind: 'claims' as const, identifier })),
    { kind: 'agreements' },
    ...(key === null ? [] : [{ kind: 'index' as const, name, key }]),
  ]
}

/**
 * Joins an agency's event to the one person it is about, where that person has agreed (design,
 * section 6). Exact and claimed identifiers only; an event that two people claim reaches neither.
 */
export function linkStep(
  state: null,
  known: Known,
  input: Input,
  _key: string | null,
  ids: Ids,
): Stepped<null> {
  if (input.kind === 'event') return { state, ...arrived(known, input, ids) }
  if (input.kind === 'consent-changed') return { state, ...lookedBack(known, input.personId, ids) }
  return { state }
}

interface Outcome {
  readonly emit: readonly Emission[]
  readonly index: readonly IndexEntry[]
  readonly counts: readonly string[]
}

function arrived(known: Known, input: EventInput, ids: Ids): Outcome {
  const { event, identifierHashes, at } = input
  const places = identifierHashes.map(
    (hash): IndexEntry => ({
      name: lookBackIndex,
      key: hash,
      value: placeText(at),
      expiresAt: event.receivedAt + inboundRetentionMs,
    }),
  )
  const { emit, index, counts } =
    event.type === 'EventWithdrawn' && namesObjectAlone(input)
      ? withdrawn(known, event, ids)
      : joined(known, input, ids)
  return { emit, index: [...places, ...index], counts }
}

const namesObjectAlone = ({ event, identifierHashes }: EventInput): boolean =>
  event.type === 'EventWithdrawn' && identifierHashes.length === 0

function joined(known: Known, input: EventInput, ids: Ids): Outcome {
  const { event, identifierHashes, at } = input
  const people = claimantsOf(known, identifierHashes)
  const [personId] = people
  if (people.size > 1) {
    const review = { name: reviewIndex, key: 'conflict', value: placeText(at) }
    return {
      emit: [],
      index: [{ ...review, expiresAt: event.receivedAt + inboundRetentionMs }],
      counts: ['suppressed/conflict'],
    }
  }
  if (personId === undefined) return { emit: [], index: [], counts: ['unclaimed'] }
  if (joinsNumbers(event) && isAllClaimed(known, identifierHashes)) {
    return { emit: [], index: [], counts: ['no-rule'] }
  }
  return forwarded(known, event, personId, ids)
}

const joinsNumbers = ({ type }: CanonicalEvent): boolean =>
  type === 'IdentifiersLinked' || type === 'IdentifiersMerged'

/** The person has given every one of these numbers: there is nothing left to ask them. */
const isAllClaimed = (known: Known, hashes: readonly string[]): boolean =>
  hashes.every((hash) => known.claim(hash) !== undefined)

/** Sends one event on to one person, with what was waiting for it; or counts why not. */
function forwarded(known: Known, event: CanonicalEvent, personId: string, ids: Ids): Outcome {
  const { purposes, notForCare } = purposesOf(known, known.person(personId), event)
  const expiresAt = event.receivedAt + explainedForMs
  const suppressed = { name: 'suppressed', key: personEventIdOf(ids, event.eventId, personId) }
  const why = notForCare === null ? [] : [{ ...suppressed, value: notForCare, expiresAt }]
  if (purposes.length === 0) return { emit: [], index: why, counts: [`suppressed/${notForCare}`] }
  const key = objectKeyOf(ids, event)
  const waiting = key === null ? [] : known.index(waitingIndex, key)
  const late =
    event.type === 'EventWithdrawn'
      ? []
      : waiting
          .map((text) => revived(text, event))
          .filter(({ receivedAt }) => event.receivedAt < receivedAt + inboundRetentionMs)
  return {
    // In front: nobody is told of what had been taken back before it came.
    emit: [
      ...late.map((one) => emissionOf(ids, one, personId, everyPurpose)),
      emissionOf(ids, event, personId, purposes),
    ],
    index: [
      ...(key === null ? [] : [{ name: objectIndex, key, value: personId, expiresAt }]),
      ...why,
    ],
    counts: ['forwarded', ...late.map(() => 'forwarded')],
  }
}

type Withdrawal = Extract<CanonicalEvent, { type: 'EventWithdrawn' }>

/** A withdrawal that names only the object goes where the object went; or waits until it has come. */
function withdrawn(known: Known, event: Withdrawal, ids: Ids): Outcome {
  const key = objectKeyOf(ids, event)
  if (key === null) return { emit: [], index: [], counts: ['unclaimed'] }
  const people = known.index(objectIndex, key)
  // It waits even when somebody has had the object: another of its events may still be on its way.
  const waits: IndexEntry = {
    name: waitingIndex,
    key,
    value: kept(event),
    // What it takes back is accepted within a retention, and read, behind a backlog, within another.
    expiresAt: known.now + 2 * inboundRetentionMs,
  }
  return {
    // No question of consent: it takes something back, and says nothing.
    emit: people.map((personId) => emissionOf(ids, event, personId, everyPurpose)),
    index: [waits],
    counts: people.length === 0 ? ['waiting-withdrawal'] : people.map(() => 'forwarded'),
  }
}

/** What is kept of a withdrawal while it waits: ids and times. The event it waits for has the rest. */
const kept = ({
  eventId,
  version,
  occurredAt,
  recordedAt,
  receivedAt,
  withdrawnEventId,
}: Withdrawal) =>
  JSON.stringify([eventId, version, occurredAt, recordedAt, receivedAt, withdrawnEventId])

function revived(text: string, { source, objectRef, handling }: CanonicalEvent): Withdrawal {
  const [eventId, version, occurredAt, recordedAt, receivedAt, withdrawnEventId] = JSON.parse(
    text,
  ) as [string, number, number, number | null, number, string | null]
  return {
    type: 'EventWithdrawn',
    eventId,
    version,
    source,
    occurredAt,
    occurredAtPrecision: 'INSTANT',
    occurredAtText: null,
    recordedAt,
    receivedAt,
    identifiers: [],
    objectRef,
    handling: { ...handling, holdUntil: null },
    withdrawnEventId,
    reason: null,
  }
}

/** A consent with a look-back takes up what is still retained; ids make a second time harmless. */
function lookedBack(known: Known, personId: string, ids: Ids): Outcome {
  const person = known.person(personId)
  const current = person === undefined ? undefined : inForce(person, known.now)
  if (!current?.grants.some(({ lookBackDays }) => lookBackDays > 0)) {
    return { emit: [], index: [], counts: [] }
  }
  const outcomes = known
    .past(personId)
    // What came later was judged when it came.
    .filter(({ event }) => event.receivedAt < current.acceptedAt)
    .filter(({ identifierHashes }) => isTheirs(known, identifierHashes, personId))
    .filter(({ event }) => purposesOf(known, person, event).purposes.length > 0)
    .map(({ event }) => forwarded(known, event, personId, ids))
  return {
    emit: outcomes.flatMap(({ emit }) => emit),
    index: outcomes.flatMap(({ index }) => index),
    counts: outcomes.flatMap(({ counts }) => counts),
  }
}

function isTheirs(known: Known, hashes: readonly string[], personId: string): boolean {
  const people = claimantsOf(known, hashes)
  return people.size === 1 && people.has(personId)
}

function claimantsOf(known: Known, hashes: readonly string[]): ReadonlySet<string> {
  const people = new Set<string>()
  for (const hash of hashes) {
    const claim = known.claim(hash)
    if (claim !== undefined) people.add(claim.personId)
  }
  return people
}

/**
 * What the event may be used for, of the care that is coordinated and of being counted; and why not for care. It
 * goes on with the event: who reads people's events takes only what came for its own purpose.
 */
function purposesOf(
  known: Known,
  person: PersonRegister | undefined,
  event: CanonicalEvent,
): { readonly purposes: readonly Purpose[]; readonly notForCare: Refusal | null } {
  const flow = (purpose: Purpose) => eventFlows(person, known, event, purpose)
  const care = flow('care-coordination')
  const counted = flow('outcomes')
  if (event.type === 'EventWithdrawn' && (care.ok || counted.ok)) {
    return { purposes: everyPurpose, notForCare: null }
  }
  const [forCare, toBeCounted] = everyPurpose
  return {
    purposes: [...(care.ok ? [forCare] : []), ...(counted.ok ? [toBeCounted] : [])],
    notForCare: care.ok ? null : care.reason,
  }
}

/** What takes something back is for everybody who may have it. */
const everyPurpose = ['care-coordination', 'outcomes'] as const

function emissionOf(
  ids: Ids,
  event: CanonicalEvent,
  personId: string,
  purposes: readonly Purpose[],
): Emission {
  return {
    topic: personEventsTopic,
    key: personId,
    id: recordIdOf(ids, personEventIdOf(ids, event.eventId, personId), event.version),
    schema: event.type,
    value: event,
    receivedAt: event.receivedAt,
    purposes,
  }
}

/** An object's reference is the source's own number of a visit or a booking: never in clear outside a payload. */
const objectKeyOf = (ids: Ids, { objectRef, source }: CanonicalEvent): string | null =>
  objectRef === null ? null : ids.hmac('object', source.agency, source.system, objectRef)

const placeText = ({ topic, partition, offset }: LogPlace): string =>
  `${topic}/${partition}/${offset}`

const inboundRetentionMs = 7 * 24 * 3_600_000
const explainedForMs = 400 * 24 * 3_600_000
