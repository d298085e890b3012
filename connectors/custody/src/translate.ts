import { eventIdOf, type Identifier, type Ids, identifier } from '@throughline/domain'
import {
  completed,
  contentOf,
  type Draft,
  deliveriesIn,
  instantOrNull,
  isVersionOne,
  quarantined,
  type Read,
  type Resolved,
  readDomainEvent,
  type TranslatedEvent,
  type Translation,
  type TypedEvent,
  type When,
  whenAt,
} from '@throughline/intake'
import type { JsonValue } from '@throughline/service'
import { families, type Meaning } from './event-types.ts'
import { type DomainEvent, domainEvent, knownMembers } from './payload.ts'
import { type MovementMeaning, received, released } from './reasons.ts'

export interface TranslateOptions {
  readonly partnership: string
  /** What `test.` and `dummy.` before an event type mean here: nothing at all, or the type without it. */
  readonly testEvents: 'ignore' | 'strip'
  /** Numbers that bookings are known to lead to, by the booking's HMAC: for records that waited. */
  readonly bookings?: ReadonlyMap<string, string>
}

/** The records of one request; a pointer to a large message is a list too, of two. */
export const recordsOf = deliveriesIn

/** Prison events in the hub's words, one translation for each record. Pure, and total: it never throws on input. */
export const translate = (
  records: readonly JsonValue[],
  ids: Ids,
  options: TranslateOptions,
): readonly Translation[] => records.map((message) => translateOne(message, ids, options))

const twinWithinMs = 60 * 60_000

function translateOne(message: JsonValue, ids: Ids, options: TranslateOptions): Translation {
  const { testEvents } = options
  const read = readDomainEvent(message, ids, { families, known: knownMembers, testEvents })
  if (!read.ok) return read.translation
  return interpret({ ...read.typed, event: domainEvent.parse(read.typed.object), ids, options })
}

/** Everything a reading needs, in one place. */
interface Reading extends TypedEvent<Meaning> {
  readonly event: DomainEvent
  readonly ids: Ids
  readonly options: TranslateOptions
}

function interpret(reading: Reading): Translation {
  const { read, event, meaning, ids } = reading
  const person = personOf(event, reading)
  const bookingId = event.additionalInformation?.bookingId ?? event.bookingId
  // Raw events about a booking alone wait for any event that says whose booking it is.
  const booking = bookingId === undefined ? undefined : ids.hmac('booking', bookingId)
  const resolves: readonly Resolved[] =
    booking !== undefined && person.ok ? [{ reference: booking, value: person.value }] : []
  const known = { ...read, resolves }

  if (meaning.is === 'ignored')
    return { ...known, outcome: 'ignored', reason: ignoredBecause(meaning, event) }
  if (!isVersionOne(event.version)) return quarantined(known, 'version-unknown', ['version'])
  if (meaning.is === 'needs-booking') {
    if (person.ok) return { ...known, outcome: 'ignored', reason: 'signal' }
    return waiting(reading, known, person, booking)
  }
  if (meaning.is === 'merged' && isNoMergeOfNumbers(reading)) {
    return { ...known, outcome: 'ignored', reason: 'signal' }
  }
  if (!person.ok) return waiting(reading, known, person, booking)
  const when = occurred(event, reading.system)
  if (!when.ok) return quarantined(known, when.reason, [when.at])
  return published({ ...reading, read: known, noms: person.value, when })
}

/** A raw event about a booking alone is kept until another event says whose booking it is. */
function waiting(
  { ids, system, eventType, event }: Reading,
  read: Read,
  person: Extract<Person, { ok: false }>,
  booking: string | undefined,
): Translation {
  const canWait = person.reason === 'identifier-missing' && system === 'nomis'
  if (!canWait || booking === undefined) return quarantined(read, person.reason, person.at)
  const key = [event.bookingId ?? '', event.movementSeq ?? '', event.eventDatetime ?? '']
  // The key it will have once the person is known: then it is the same record, tried again.
  const naturalKey = ids.hmac('natural-key', system, eventType, ...key)
  const contentHash = rawContent(ids, event)
  return {
    ...quarantined({ ...read, naturalKey, contentHash }, 'waits-for-booking', ['bookingId']),
    waitsFor: booking,
  }
}

/** A raw record is the same before and after its person is known, so its content is what was written. */
const rawContent = (ids: Ids, event: DomainEvent): string =>
  ids.hmac('content', JSON.stringify(event))

/** A change of status matters only for the current sentence: sequence 0 (section 8.1). */
const ignoredBecause = (
  meaning: Extract<Meaning, { is: 'ignored' }>,
  event: DomainEvent,
): string =>
  event.imprisonmentStatusSeq !== undefined && event.imprisonmentStatusSeq !== '0'
    ? 'not-needed'
    : meaning.because

/** Raw changes of a booking number are merges only where they say so; older ones do not say of whom. */
const isNoMergeOfNumbers = ({ system, event }: Reading): boolean =>
  system === 'nomis' &&
  (event.type !== 'MERGE' ||
    event.offenderIdDisplay === undefined ||
    event.previousOffenderIdDisplay === undefined)

type Person =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly reason: string; readonly at: readonly string[] }

/** Where a prison number may hide, in the order a public consumer tries (section 1.2). */
function personOf(event: DomainEvent, { ids, options, meaning }: Reading): Person {
  const facts = event.additionalInformation
  const places: (readonly [string, string | undefined])[] = [
    ...(event.personReference?.identifiers ?? []).flatMap(({ type, value }, at) =>
      nomsTypes.has(type ?? '')
        ? [[`personReference.identifiers.${at}.value`, value] as const]
        : [],
    ),
    ['additionalInformation.nomsNumber', facts?.nomsNumber],
    ['additionalInformation.prisonerId', facts?.prisonerId],
    ['additionalInformation.prisonerNumber', facts?.prisonerNumber],
    ['prisonerId', event.prisonerId],
    ['offenderNo', event.offenderNo],
    ['offenderIdDisplay', event.offenderIdDisplay],
  ]
  if (meaning.is === 'booking-moved') {
    places.push(['additionalInformation.movedToNomsNumber', facts?.movedToNomsNumber])
  }
  const found = places.filter(([, value]) => value !== undefined)
  const [first] = found
  if (first === undefined) return bookingsPerson(event, ids, options)
  const number = noms(first[1] ?? '')
  if (number === undefined) return { ok: false, reason: 'identifier-invalid', at: [first[0]] }
  // Two numbers for one movement would tell one person's lead what happened to another.
  const other = found.find(([, value]) => (noms(value ?? '') ?? number) !== number)
  if (other !== undefined)
    return { ok: false, reason: 'identifiers-differ', at: [first[0], other[0]] }
  return { ok: true, value: number }
}

const nomsTypes: ReadonlySet<string> = new Set(['NOMS', 'nomsNumber', 'prisonNumber'])

function bookingsPerson(event: DomainEvent, ids: Ids, { bookings }: TranslateOptions): Person {
  const bookingId = event.additionalInformation?.bookingId ?? event.bookingId
  const value = bookingId === undefined ? undefined : bookings?.get(ids.hmac('booking', bookingId))
  if (value !== undefined) return { ok: true, value }
  const place = event.eventDatetime === undefined ? 'personReference' : 'offenderIdDisplay'
  return { ok: false, reason: 'identifier-missing', at: [place] }
}

/** A prison number in canonical form, or undefined. */
function noms(value: string): string | undefined {
  const checked = identifier({ type: 'NOMS', value }, { allowTestNhsNumbers: false })
  return checked.ok ? checked.identifier.value : undefined
}

/** When it happened. NOMIS writes London's wall clock, and puts a Z behind it in some (section 8.1). */
function occurred(event: DomainEvent, system: string): When {
  if (system !== 'nomis') return whenAt('occurredAt', event.occurredAt)
  const when = whenAt('eventDatetime', event.eventDatetime?.replace(/Z$/, ''))
  return when.ok ? { ...when, text: event.eventDatetime ?? when.text } : when
}

interface Ready extends Reading {
  readonly noms: string
  readonly when: Extract<When, { ok: true }>
}

/** The facts of one event, before acceptance gives it its final identity. */
function published(ready: Ready): Translation {
  const made = eventsOf(ready)
  if (made === undefined) return { ...ready.read, outcome: 'ignored', reason: 'no-change' }
  if ('reason' in made) return quarantined(ready.read, made.reason, made.at)
  const events = made.events.map((draft) => complete(ready, made.key, draft))
  return {
    ...ready.read,
    outcome: 'published',
    naturalKey: ready.ids.hmac('natural-key', ready.system, ready.eventType, ...made.key),
    contentHash:
      ready.system === 'nomis' ? rawContent(ready.ids, ready.event) : contentOf(ready.ids, events),
    events,
  }
}

/** An event and, where it has them, what makes it one with others. */
type Told = Draft & { readonly twin?: TranslatedEvent['twin']; readonly id?: string }

type Made = {
  /** With the event type, the natural key: publishers give messages no id of their own. */
  readonly key: readonly string[]
  readonly events: readonly Told[]
}

function eventsOf(ready: Ready): Made | undefined | { reason: string; at: readonly string[] } {
  switch (ready.meaning.is) {
    case 'received':
    case 'released':
    case 'restricted-patient':
      return movement(ready, ready.meaning.knows)
    case 'merged':
      return merge(ready)
    case 'booking-moved':
      return bookingMoved(ready)
    case 'recall-raised':
    case 'recall-withdrawn':
      return recall(ready)
    case 'erased': {
      const event = { type: 'PersonErased', basis: 'DATA_COMPLIANCE_DELETE' } as const
      return { key: keyOf(ready), events: [{ ...event, ...about(ready.noms) }] }
    }
    case 'ignored':
    case 'needs-booking':
      return undefined
  }
}

function movement(ready: Ready, knows: 1 | 2 | 3 | 4): Made {
  const { event, meaning, when, noms, ids } = ready
  const facts = event.additionalInformation
  const code = facts?.nomisMovementReasonCode
  const direction = meaning.is === 'received' ? 'IN' : 'OUT'
  const prison = facts?.prisonId !== undefined && isPrison(facts.prisonId) ? facts.prisonId : null
  const twin = {
    group: ids.hmac('movement', noms, direction),
    place: prison,
    at: when.at,
    withinMs: twinWithinMs,
  }
  const said = meant(ready)
  const shared = { ...about(noms), prison, reasonCode: code ?? null, confirmed: knows >= 3, twin }
  const moved = said.type === 'ReleasedFromPrison' ? { ...said, homeArea: null } : said
  return { key: keyOf(ready), events: [{ ...moved, ...shared } as Draft] }
}

function meant({ event, meaning, system }: Ready): MovementMeaning {
  // A stay in a secure hospital is custodial, whatever movement came with it (section 3.4).
  if (meaning.is === 'restricted-patient')
    return { type: 'ReleasedFromPrison', kind: 'TO_HOSPITAL' }
  const facts = event.additionalInformation
  const [reason, code] = [facts?.reason, facts?.nomisMovementReasonCode]
  if (meaning.is === 'received') return received(reason, code, facts?.probableCause)
  // A raw discharge does not say what kind: court, hospital and home look alike.
  return system === 'nomis'
    ? { type: 'ReleasedFromPrison', kind: 'UNKNOWN' }
    : released(reason, code)
}

/** Three capitals; OUT and TRN stand where there is no prison (section 11). */
const isPrison = (code: string): boolean =>
  /^[A-Z]{3}$/.test(code) && code !== 'OUT' && code !== 'TRN'

/** The survivor is the number that stays. The description says it the wrong way round; nobody reads that. */
function merge(ready: Ready): Made | { reason: string; at: readonly string[] } {
  const { event, noms: survivor } = ready
  const isRaw = ready.system === 'nomis'
  const written = isRaw
    ? event.previousOffenderIdDisplay
    : event.additionalInformation?.removedNomsNumber
  const at = isRaw ? 'previousOffenderIdDisplay' : 'additionalInformation.removedNomsNumber'
  if (written === undefined) return { reason: 'identifier-missing', at: [at] }
  const removed = noms(written)
  if (removed === undefined) return { reason: 'identifier-invalid', at: [at] }
  if (removed === survivor) return { reason: 'identifiers-same', at: [at] }
  const merged = { surviving: nomsIdentifier(survivor), removed: nomsIdentifier(removed) }
  const twin = sameChange(ready, 'merged', survivor, removed)
  const event_ = {
    type: 'IdentifiersMerged',
    ...merged,
    ...about(survivor, removed),
    twin,
  } as const
  return { key: [...keyOf(ready), removed], events: [event_] }
}

/** A booking changes owner. That both numbers are one person it does not say. */
function bookingMoved(ready: Ready): Made | undefined | { reason: string; at: readonly string[] } {
  const { event, noms: owner } = ready
  const facts = event.additionalInformation
  const isRaw = ready.system === 'nomis'
  const written = isRaw ? event.previousOffenderIdDisplay : facts?.movedFromNomsNumber
  const at = isRaw ? 'previousOffenderIdDisplay' : 'additionalInformation.movedFromNomsNumber'
  if (written === undefined) return { reason: 'identifier-missing', at: [at] }
  const before = noms(written)
  if (before === undefined) return { reason: 'identifier-invalid', at: [at] }
  if (before === owner) return undefined
  const bookingId = facts?.bookingId ?? event.bookingId ?? null
  const startText = facts?.bookingStartDateTime ?? event.bookingStartDateTime
  const split = {
    type: 'IdentifiersSplit',
    ...about(owner, before),
    objectRef: bookingId,
    kept: nomsIdentifier(before),
    separated: nomsIdentifier(owner),
    partRef: bookingId,
    // A start that cannot be read is left out; the move itself still counts.
    partFrom: instantOrNull(startText),
    twin: sameChange(ready, 'booking-moved', owner, before),
  } as const
  return { key: [...keyOf(ready), before, bookingId ?? ''], events: [split] }
}

/** The raw and the coded telling of one change of records are one event, as movements are. */
const sameChange = ({ ids, when }: Ready, what: string, one: string, other: string) => ({
  group: ids.hmac(what, one, other),
  place: null,
  at: when.at,
  withinMs: twinWithinMs,
})

/** A recall has its own number, so it is known by that and can be taken back by it (section 6.3). */
function recall(ready: Ready): Made | { reason: string; at: readonly string[] } {
  const recallRef = ready.event.additionalInformation?.recallId
  if (recallRef === undefined)
    return { reason: 'reference-missing', at: ['additionalInformation.recallId'] }
  const shared = { ...about(ready.noms), objectRef: recallRef }
  const raisedId = recallKey(recallRef)
  if (ready.meaning.is === 'recall-raised') {
    const facts = { recallRef, outcomeCode: null, releasedToLead: false }
    return {
      key: [recallRef],
      events: [{ type: 'RecallRaised', ...facts, ...shared, id: raisedId }],
    }
  }
  const withdrawnEventId = eventIdOf(ready.ids, ready.system, raisedId)
  const event = {
    type: 'EventWithdrawn',
    withdrawnEventId,
    reason: 'recall-deleted',
    ...shared,
  } as const
  return { key: [recallRef], events: [event] }
}

const recallKey = (recallRef: string): string => JSON.stringify(['recall', recallRef])

/**
 * Raw events are known by booking and movement, because the person may be learned later; all others
 * by person and the text of the time, which has more digits than an instant keeps.
 */
function keyOf({ event, noms, when, system }: Ready): readonly string[] {
  const person = system === 'nomis' ? (event.bookingId ?? noms) : noms
  return [person, event.movementSeq ?? '', when.text]
}

const nomsIdentifier = (value: string): Identifier => ({
  type: 'NOMS',
  value,
  issuer: null,
  verified: true,
})

const about = (...numbers: readonly string[]) => ({
  identifiers: numbers.map(nomsIdentifier),
  objectRef: null,
})

function complete(ready: Ready, key: readonly string[], told: Told): TranslatedEvent {
  const { ids, system, options, when, meaning } = ready
  const { twin, id, ...facts } = told
  return completed(facts as Draft, {
    ids,
    source: { partnership: options.partnership, agency: 'custody', system },
    when,
    recordedAt: instantOrNull(ready.event.publishedAt),
    naturalKey: id ?? JSON.stringify([ready.eventType, facts.type, ...key]),
    version: twin !== undefined && 'knows' in meaning ? meaning.knows : 1,
    twin,
  })
}
