import type { Identifier, Ids } from '@throughline/domain'
import {
  completed,
  contentOf,
  eventTypeOf,
  ignored,
  quarantined,
  type Read,
  readDelivery,
  type TranslatedEvent,
  type TranslatedRetelling,
  type Translation,
  typeAttribute,
  unread,
} from '@throughline/intake'
import type { JsonValue } from '@throughline/service'
import {
  type CourtMessage,
  type Hearing,
  type JudicialResult,
  type PoliceResult,
  readCourtMessage,
} from './court-payload.ts'
import { type Defendant, numbersOf, requirementsOf, type Sitting } from './ordered.ts'
import { yearOf } from './person.ts'
import type { TranslateOptions } from './translate.ts'

export interface HearingOptions
  extends Pick<TranslateOptions, 'partnership' | 'testEvents' | 'requirements'> {
  /** The register's clock, Unix ms: when we learned of a deletion, which carries no time. */
  readonly now: number
}

/** Court messages in the hub's words, one translation for each. Pure, and total: it never throws on input. */
export const translateHearings = (
  records: readonly JsonValue[],
  ids: Ids,
  options: HearingOptions,
): readonly Translation[] => records.map((message) => translateOne(message, ids, options))

const format = 'court-hearing'
/** One system for a hearing, its results and its deletion, so that the hearing's id reaches all of them. */
const system = 'common-platform'

function translateOne(message: JsonValue, ids: Ids, options: HearingOptions): Translation {
  const { attribute, content } = readDelivery(message)
  const whole = unread({ format, system }, JSON.stringify(message), ids)
  if (content.kind === 'subscription') return ignored(whole, 'subscription')
  if (content.kind === 'pointer') return quarantined(whole, 'fetch-later', [])
  if (content.kind === 'unreadable') return quarantined(whole, content.reason, content.at)
  const route = routeOf(attribute, options)
  if (route === 'test-event') return ignored(whole, route)
  if (route === undefined) return quarantined(whole, 'event-type-unknown', [typeAttribute])
  const court = readCourtMessage(content.object)
  if (court === undefined) return quarantined(whole, 'shape-unknown', [])
  if (court.kind === 'attributes') return quarantined(whole, 'attributes-without-message', [])
  if (!route.kinds.has(court.kind)) {
    return quarantined(whole, 'event-types-differ', [typeAttribute, 'Message'])
  }
  return interpret({ read: whole, court, resulted: route.resulted, ids, options })
}

interface Route {
  /** Shapes that the attributes allow. */
  readonly kinds: ReadonlySet<CourtMessage['kind']>
  /** Whether the hearing was sent because of its results; undefined where no attribute says. */
  readonly resulted: boolean | undefined
}

/** What the attributes beside the message say that it is (section 9.1). */
function routeOf(
  attribute: (name: string) => string | undefined,
  { testEvents }: HearingOptions,
): Route | 'test-event' | undefined {
  const hearingEvent = attribute('hearingEventType')
  const written = attribute('eventType') ?? typeByMessage.get(attribute('messageType') ?? '')
  const resulted = hearingEvent === undefined ? undefined : hearingEvent === 'Resulted'
  if (written === undefined) {
    return { kinds: hearingEvent === 'Deleted' ? deletions : anyKind, resulted }
  }
  const type = eventTypeOf({ attribute: written, body: undefined, places: [], testEvents })
  if (!type.ok) return 'test-event'
  const kinds = kindsByType.get(type.eventType)
  if (kinds === undefined) return undefined
  return { kinds: hearingEvent === 'Deleted' ? deletions : kinds, resulted }
}

const typeByMessage: ReadonlyMap<string, string> = new Map([
  ['COMMON_PLATFORM_HEARING', 'commonplatform.case.received'],
  ['COMMON_PLATFORM_HEARING_DELETED', 'commonplatform.case.deleted'],
  ['LIBRA_COURT_CASE', 'libra.case.received'],
])
const hearings: Route['kinds'] = new Set(['hearing', 'police-result', 'result'] as const)
const deletions: Route['kinds'] = new Set(['deletion'] as const)
const kindsByType: ReadonlyMap<string, Route['kinds']> = new Map([
  ['commonplatform.case.received', hearings],
  ['commonplatform.large.case.received', hearings],
  ['commonplatform.case.deleted', deletions],
  ['libra.case.received', new Set(['libra'] as const)],
])
const anyKind: Route['kinds'] = new Set([...hearings, 'deletion', 'libra', 'leds'] as const)

interface Reading {
  readonly read: Read
  readonly court: CourtMessage
  readonly resulted: boolean | undefined
  readonly ids: Ids
  readonly options: HearingOptions
}

function interpret(reading: Reading): Translation {
  const { read, court } = reading
  switch (court.kind) {
    case 'hearing':
      return wholeHearing({ ...reading, read: counted(read, court.unknownMembers) }, court.hearing)
    case 'police-result':
      return oneDefendant(reading, court.told)
    case 'result':
      return oneResult(reading, court.result)
    case 'deletion':
      return deleted(reading, court.hearingId)
    // A list has no results, and a disposal record comes after the hearing that made it.
    case 'libra':
    case 'leds':
    case 'attributes':
      return ignored(read, 'not-needed')
  }
}

const counted = (read: Read, unknownMembers: number): Read => ({ ...read, unknownMembers })

function wholeHearing(reading: Reading, hearing: Hearing): Translation {
  const { read, ids, resulted } = reading
  const hearingId = referenceOf(hearing.id)
  if (hearingId === undefined) return quarantined(read, 'reference-missing', ['hearing.id'])
  const told = hearing.prosecutionCases
    .flatMap(({ defendants }) => defendants)
    .map(
      (one, place): Defendant => ({
        key: referenceOf(one.masterDefendantId ?? one.id) ?? `defendant ${place}`,
        pnc: one.pncId,
        cro: one.croNumber,
        results: one.offences.flatMap(({ judicialResults }) => judicialResults),
      }),
    )
  // A listing or a change of it carries no results, and takes none away.
  const hasResults = told.some(({ results }) => results.length > 0)
  if (!(resulted ?? hasResults)) return ignored(read, 'not-needed')
  const sitting: Sitting = {
    hearingId,
    days: hearing.hearingDays.map(({ sittingDay }) => sittingDay),
    court: courtOf(hearing.courtCentre?.code),
    daysAt: 'hearing.hearingDays',
    defendants: joined(told),
  }
  const withdrawals = () => [hearingWithdrawn(reading, hearingId, 'result-gone')]
  const naturalKey = ids.hmac('natural-key', system, 'hearing', hearingId)
  return retold(reading, sitting, naturalKey, withdrawals)
}

/** A person with two cases in one hearing is one defendant. */
function joined(defendants: readonly Defendant[]): readonly Defendant[] {
  const cases = Map.groupBy(defendants, ({ key }) => key)
  return [...cases].map(([key, told]) => ({
    key,
    pnc: told.find(({ pnc }) => pnc !== undefined)?.pnc,
    cro: told.find(({ cro }) => cro !== undefined)?.cro,
    results: told.flatMap(({ results }) => results),
  }))
}

/** HMCTS's own shape: all results of one defendant in one hearing. */
function oneDefendant(reading: Reading, told: PoliceResult): Translation {
  const { read, ids } = reading
  const { defendant } = told
  const results = defendant.offences.flatMap(({ judicialResults }) => judicialResults)
  const named = results.find(({ orderedHearingId }) => orderedHearingId !== undefined)
  const hearingId = referenceOf(named?.orderedHearingId ?? told.id)
  const key = referenceOf(defendant.masterDefendantId ?? defendant.defendantId ?? defendant.id)
  if (hearingId === undefined) return quarantined(read, 'reference-missing', ['id'])
  if (key === undefined) return quarantined(read, 'reference-missing', ['defendant.defendantId'])
  const one = { key, pnc: defendant.pncId, cro: defendant.croNumber, results }
  const sitting: Sitting = {
    hearingId,
    days: told.sessionDays.map(({ sittingDay }) => sittingDay),
    court: courtOf(told.courtCentreWithLJA?.courtCentre?.code),
    daysAt: 'sessionDays',
    defendants: [one],
  }
  const parts = ['defendant', hearingId, key, referenceOf(told.caseId) ?? '']
  const naturalKey = ids.hmac('natural-key', system, ...parts)
  return retold(reading, sitting, naturalKey, (missing) => {
    const numbers = numbersOf(one, yearOf(reading.options.now))
    const identifiers = numbers.ok ? numbers.identifiers : []
    return missing.map((eventId) => eventWithdrawn(reading, eventId, identifiers))
  })
}

/** One result by itself: it names its hearing, and nobody. */
function oneResult(reading: Reading, result: JudicialResult): Translation {
  const { read, ids } = reading
  const resultId = referenceOf(result.judicialResultId)
  if (resultId === undefined) return quarantined(read, 'reference-missing', ['judicialResultId'])
  const sitting: Sitting = {
    hearingId: referenceOf(result.orderedHearingId) ?? null,
    days: [],
    court: null,
    daysAt: 'orderedDate',
    defendants: [{ key: `result ${resultId}`, pnc: undefined, cro: undefined, results: [result] }],
  }
  const naturalKey = ids.hmac('natural-key', system, 'result', resultId)
  return retold(reading, sitting, naturalKey, (missing) =>
    missing.map((eventId) => eventWithdrawn(reading, eventId, [])),
  )
}

/** Takes back everything that was told of the hearing, in any shape. */
function deleted(reading: Reading, written: string | undefined): Translation {
  const { read, ids } = reading
  const hearingId = referenceOf(written)
  if (hearingId === undefined) return quarantined(read, 'reference-missing', ['hearingId'])
  const withdrawals = () => [hearingWithdrawn(reading, hearingId, 'hearing-deleted')]
  return {
    ...read,
    outcome: 'published',
    naturalKey: ids.hmac('natural-key', system, 'hearing', hearingId),
    contentHash: ids.hmac('content', 'deleted'),
    events: [],
    retells: { ends: true, withdrawals },
  }
}

function retold(
  reading: Reading,
  sitting: Sitting,
  naturalKey: string,
  withdrawals: TranslatedRetelling['withdrawals'],
): Translation {
  const { read, ids, options } = reading
  const ordering = { ids, source: sourceOf(options), rules: options.requirements }
  const made = sitting.defendants.map((one) => requirementsOf(ordering, sitting, one))
  const fault = made.find((one) => 'reason' in one)
  if (fault !== undefined) return quarantined(read, fault.reason, fault.at)
  const events = made.flatMap((one) => ('events' in one ? one.events : []))
  return {
    ...read,
    outcome: 'published',
    naturalKey,
    contentHash: contentOf(ids, events),
    events,
    retells: { ends: false, withdrawals },
  }
}

/** Names the hearing alone, so it goes wherever the hearing went. */
function hearingWithdrawn(
  { ids, options }: Reading,
  hearingId: string,
  reason: string,
): TranslatedEvent {
  const facts = { type: 'EventWithdrawn', withdrawnEventId: null, reason } as const
  const naturalKey = JSON.stringify(['hearing-withdrawn', hearingId])
  const about = { ...learned(ids, options), naturalKey }
  return completed({ ...facts, identifiers: [], objectRef: hearingId }, about)
}

function eventWithdrawn(
  { ids, options }: Reading,
  withdrawnEventId: string,
  identifiers: readonly Identifier[],
): TranslatedEvent {
  const facts = { type: 'EventWithdrawn', withdrawnEventId, reason: 'result-gone' } as const
  const naturalKey = JSON.stringify(['result-withdrawn', withdrawnEventId])
  const about = { ...learned(ids, options), naturalKey }
  return completed({ ...facts, identifiers: [...identifiers], objectRef: null }, about)
}

/** A deletion carries no time: what is known is when we heard of it. */
const learned = (ids: Ids, options: HearingOptions) => ({
  ids,
  source: sourceOf(options),
  when: { ok: true, at: options.now, text: 'Z', precision: 'UNKNOWN' } as const,
  recordedAt: null,
  version: 1,
})

const sourceOf = ({ partnership }: HearingOptions) => ({ partnership, agency: 'probation', system })

/** Ids come in either case, and fixtures hold words for them. */
function referenceOf(written: string | undefined): string | undefined {
  const reference = written?.trim().toLowerCase()
  return reference === undefined || reference.length > referenceMax ? undefined : reference
}
const referenceMax = 100

/** The first five characters of seven identify the court (section 11). */
const courtOf = (code: string | undefined): string | null => code?.trim().slice(0, 5) ?? null
