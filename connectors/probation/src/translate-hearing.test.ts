import type { CanonicalEvent } from '@throughline/domain'
import type { Translation } from '@throughline/intake'
import type { JsonValue } from '@throughline/service'
import { describe, expect, it } from 'vitest'
import { probationDefaults } from './config.ts'
import { ids } from './testing/desk.ts'
import { changed, example, notified } from './testing/examples.ts'
import { translateHearings } from './translate-hearing.ts'

const now = Date.UTC(2026, 2, 3, 9)

const one = (
  payload: JsonValue,
  given: Parameters<typeof probationDefaults>[0] = {},
): Translation => {
  const options = { ...probationDefaults(given), partnership: 'testshire', now }
  return translateHearings([payload], ids, options)[0] as Translation
}

const told = (translation: Translation) => {
  if (translation.outcome !== 'published') throw new Error(JSON.stringify(said(translation)))
  return translation
}
const eventsOf = (payload: JsonValue) =>
  told(one(payload)).events.map(({ event }) => event as CanonicalEvent & Record<string, unknown>)
const eventOf = (payload: JsonValue) => eventsOf(payload)[0]

const said = (translation: Translation) => ({
  outcome: translation.outcome,
  ...('reason' in translation && { reason: translation.reason }),
  ...('at' in translation && { at: translation.at }),
})

const name = 'court-hearing-alcohol-treatment.json'
const defendant = 'hearing.prosecutionCases.0.defendants.0'
const result = `${defendant}.offences.0.judicialResults.0`
const hearingId = '00000000-0000-4000-8000-000000000001'

describe('a hearing', () => {
  it('in which alcohol treatment was ordered tells of it, at ten in London', () => {
    expect(eventsOf(example(name))).toMatchObject([
      {
        type: 'TreatmentRequirementMade',
        requirement: 'ATR',
        lengthMonths: 6,
        court: 'B99ZZ',
        objectRef: hearingId,
        occurredAt: Date.parse('2025-06-20T10:00:00+01:00'),
        occurredAtPrecision: 'INSTANT',
        occurredAtText: '2025-06-20T09:00:00',
        source: { agency: 'probation', system: 'common-platform' },
        identifiers: [{ type: 'PNC', value: '1931/9999412X', issuer: null, verified: true }],
      },
    ])
  })

  it.each([
    ['its kind of result', { label: 'x', resultText: 'x' }, 'ATR'],
    ['the code that heads its text', { label: 'x', judicialResultTypeId: 'x' }, 'ATR'],
    ['its label', { judicialResultTypeId: 'x', resultText: 'x' }, 'ATR'],
    [
      'the national code',
      { judicialResultTypeId: 'x', resultText: 'x', label: 'x', cjsCode: 3109 },
      'DRR',
    ],
    [
      'a label nobody has a code for',
      {
        judicialResultTypeId: null,
        resultText: '',
        label: 'Drug rehabilitation requirement non-residential',
      },
      'DRR',
    ],
  ])('knows a requirement by %s', (_, changes, requirement) => {
    const at = Object.entries(changes).map(([key, value]) => [`${result}.${key}`, value])
    expect(eventOf(changed(name, Object.fromEntries(at)))?.['requirement']).toBe(requirement)
  })

  it('in which one was taken away tells of none', () => {
    const message = changed(name, {
      [`${result}.judicialResultTypeId`]: 'x',
      [`${result}.resultText`]: 'x',
      [`${result}.label`]: 'Alcohol treatment requirement revoked',
    })
    expect(eventsOf(message)).toEqual([])
    expect(eventsOf(changed(name, { [`${result}.isDeleted`]: true }))).toEqual([])
  })

  it('tells a requirement once, though a court repeats it with every offence and case', () => {
    const message = changed(name, {}) as { hearing: { prosecutionCases: JsonValue[] } }
    const [first] = message.hearing.prosecutionCases
    const other = JSON.parse(JSON.stringify(first).replaceAll('6 Months', '9 Months')) as JsonValue
    message.hearing.prosecutionCases.push(other)
    expect(eventsOf(message as unknown as JsonValue)).toMatchObject([{ lengthMonths: 9 }])
  })

  it('tells of each of two people, by their own numbers', () => {
    const message = changed(name, {}) as { hearing: { prosecutionCases: JsonValue[] } }
    const [first] = message.hearing.prosecutionCases
    const other = JSON.stringify(first)
      .replaceAll('000000000007', '000000000077')
      .replace('"1931/9999412X"', 'null')
      .replace('"croNumber":null', '"croNumber":"999412/31U"')
    message.hearing.prosecutionCases.push(JSON.parse(other) as JsonValue)
    const [one, two] = eventsOf(message as unknown as JsonValue)
    expect([one?.identifiers, two?.identifiers]).toMatchObject([
      [{ type: 'PNC' }],
      [{ type: 'CRO' }],
    ])
    expect(one?.eventId).not.toBe(two?.eventId)
  })

  it.each([
    ['slashless', '319999412X', [{ type: 'PNC', value: '1931/9999412X', verified: true }]],
    ['wrong', '1931/9999412A', [{ type: 'PNC', value: '1931/9999412A', verified: false }]],
    ['no number at all', 'PNC-UNKNOWN', [{ type: 'PNC', value: 'PNC-UNKNOWN', verified: false }]],
    ['null', null, []],
    ['empty', '', []],
    ['missing', undefined, []],
  ])('is told though the police number is %s', (_, pncId, identifiers) => {
    const translation = told(one(changed(name, { [`${defendant}.pncId`]: pncId })))
    expect(translation.events[0]?.event.identifiers).toMatchObject(identifiers)
    const hashes = identifiers.filter(({ verified }) => verified)
    expect(translation.events[0]?.identifierHashes).toHaveLength(hashes.length)
  })

  it.each([
    [
      'over two days is told on the day of the order',
      [{ sittingDay: '2025-06-19T09:00:00Z' }, { sittingDay: '2025-06-20T13:30:00Z' }],
      '2025-06-20T13:30:00Z',
      'INSTANT',
    ],
    [
      'without that day is told by the day alone',
      [{ sittingDay: '2025-06-18T09:00:00Z' }],
      '2025-06-19T23:00:00Z',
      'DAY',
    ],
    [
      'without readable days too',
      [{ sittingDay: null }, 'x', { sittingDay: 'noon' }],
      '2025-06-19T23:00:00Z',
      'DAY',
    ],
  ])('%s', (_, hearingDays, at, occurredAtPrecision) => {
    expect(eventOf(changed(name, { 'hearing.hearingDays': hearingDays }))).toMatchObject({
      occurredAt: Date.parse(at),
      occurredAtPrecision,
    })
  })

  it('without any time at all waits for people', () => {
    const message = changed(name, { 'hearing.hearingDays': [], [`${result}.orderedDate`]: null })
    expect(said(one(message))).toEqual({
      outcome: 'quarantined',
      reason: 'timestamp-missing',
      at: ['hearing.hearingDays'],
    })
  })

  it('is the same hearing though its id comes in the other case', () => {
    const upper = changed(name, { 'hearing.id': 'ABCDEF00-0000-4000-8000-000000000001' })
    const lower = changed(name, { 'hearing.id': 'abcdef00-0000-4000-8000-000000000001' })
    expect(one(upper).naturalKey).toBe(one(lower).naturalKey)
    expect(one(upper).naturalKey).not.toBe(one(example(name)).naturalKey)
  })

  it('that is only listed carries no results, and takes none away', () => {
    const attributes = { eventType: 'commonplatform.case.received' }
    const listed = notified(example(name), {
      ...attributes,
      hearingEventType: 'ConfirmedOrUpdated',
    })
    expect(said(one(listed))).toEqual({ outcome: 'ignored', reason: 'not-needed' })
    const bare = changed(name, { [`${defendant}.offences.0.judicialResults`]: [] })
    expect(said(one(bare))).toEqual({ outcome: 'ignored', reason: 'not-needed' })
  })

  it('that was resulted without any result takes away what there was', () => {
    const attributes = example('court-attributes-resulted.json') as JsonValue
    const bare = changed(name, { [`${defendant}.offences`]: [] })
    const message = { ...notified(bare), MessageAttributes: attributes }
    const translation = told(one(message))
    expect(translation.events).toEqual([])
    expect(translation.retells?.ends).toBe(false)
    expect(translation.retells?.withdrawals(['x'])).toMatchObject([
      { event: { type: 'EventWithdrawn', objectRef: hearingId, identifiers: [] } },
    ])
    expect(translation.naturalKey).toBe(one(example(name)).naturalKey)
  })

  it('with attributes beside it is the hearing without them', () => {
    const attributes = example('court-attributes-resulted.json') as JsonValue
    const message = { ...notified(example(name)), MessageAttributes: attributes }
    expect(eventsOf(message)).toEqual(eventsOf(example(name)))
    expect(one(message).contentHash).toBe(one(example(name)).contentHash)
  })

  it('of an application alone is read without fault', () => {
    const message = changed(name, {
      'hearing.prosecutionCases': undefined,
      'hearing.courtApplications': [{ id: 'x' }],
    })
    expect(said(one(message))).toEqual({ outcome: 'ignored', reason: 'not-needed' })
  })

  it('without an id cannot be used', () => {
    expect(said(one(changed(name, { 'hearing.id': '' })))).toMatchObject({
      reason: 'reference-missing',
      at: ['hearing.id'],
    })
  })

  it('carries on no name, address, offence or wording', () => {
    const text = JSON.stringify(told(one(example(name))))
    expect(text).not.toMatch(/Specimen|Test Street|shop|stole|TH68010|1931-04-05/)
  })
})

describe('a hearing that was deleted', () => {
  const bare = 'court-hearing-deleted.json'

  it.each([
    ['bare', example(bare)],
    [
      'as Common Platform says it',
      notified(example(bare), {
        messageType: 'COMMON_PLATFORM_HEARING_DELETED',
        hearingEventType: 'Deleted',
        eventType: 'commonplatform.case.deleted',
      }),
    ],
    [
      'by its message type alone',
      notified(example(bare), { messageType: 'COMMON_PLATFORM_HEARING_DELETED' }),
    ],
  ])('takes back everything told of it, %s', (_, message) => {
    const translation = told(one(message))
    expect(translation.events).toEqual([])
    expect(translation.retells?.ends).toBe(true)
    expect(translation.retells?.withdrawals([])).toMatchObject([
      {
        event: {
          type: 'EventWithdrawn',
          objectRef: hearingId,
          withdrawnEventId: null,
          reason: 'hearing-deleted',
          occurredAt: now,
          occurredAtPrecision: 'UNKNOWN',
          occurredAtText: null,
        },
        identifierHashes: [],
      },
    ])
    expect(translation.naturalKey).toBe(one(example(name)).naturalKey)
  })

  it('is not guessed from a message that says more', () => {
    expect(said(one({ hearingId, novel: 1 }))).toMatchObject({ reason: 'shape-unknown' })
    expect(said(one({ hearingId: null }))).toMatchObject({ reason: 'reference-missing' })
  })

  it('is not believed where the attributes say that it goes on', () => {
    const attributes = { eventType: 'commonplatform.case.received' }
    expect(said(one(notified(example(bare), attributes)))).toEqual({
      outcome: 'quarantined',
      reason: 'event-types-differ',
      at: ['MessageAttributes.eventType', 'Message'],
    })
    const deleted = { eventType: 'commonplatform.case.deleted' }
    expect(said(one(notified(example(name), deleted)))).toMatchObject({
      reason: 'event-types-differ',
    })
  })
})

describe('HMCTS’s own shapes', () => {
  it('tell one result of a hearing: a year of mental health treatment, of nobody', () => {
    const [event] = eventsOf(example('court-hmcts-result-mental-health-treatment.json'))
    expect(event).toMatchObject({
      requirement: 'MHTR',
      lengthMonths: 12,
      requirementRef: '00000000-0000-4000-8000-000000000030',
      objectRef: hearingId,
      identifiers: [],
      occurredAt: Date.parse('2025-06-20T00:00:00+01:00'),
      occurredAtPrecision: 'DAY',
    })
  })

  it('take a result back that is flagged as deleted', () => {
    const single = 'court-hmcts-result-mental-health-treatment.json'
    const [event] = eventsOf(example(single))
    const gone = told(one(changed(single, { isDeleted: true })))
    expect(gone.events).toEqual([])
    expect(gone.naturalKey).toBe(one(example(single)).naturalKey)
    expect(gone.retells?.withdrawals([event?.eventId ?? ''])).toMatchObject([
      { event: { type: 'EventWithdrawn', withdrawnEventId: event?.eventId, objectRef: null } },
    ])
  })

  it('tell all results of one defendant, and take theirs back alone', () => {
    const police = 'court-police-result.json'
    const translation = told(one(example(police)))
    expect(translation.events[0]?.event).toMatchObject({
      requirement: 'DRR',
      lengthMonths: 9,
      court: 'B99ZZ',
      objectRef: hearingId,
      occurredAt: Date.parse('2025-06-20T09:00:00Z'),
      identifiers: [{ type: 'PNC', verified: true }],
    })
    expect(translation.retells?.withdrawals(['event 1'])).toMatchObject([
      {
        event: { withdrawnEventId: 'event 1', objectRef: null, identifiers: [{ type: 'PNC' }] },
        identifierHashes: translation.events[0]?.identifierHashes,
      },
    ])
    expect(said(one(changed(police, { 'defendant.defendantId': null })))).toMatchObject({
      reason: 'reference-missing',
      at: ['defendant.defendantId'],
    })
  })
})

describe('other court messages', () => {
  it.each([
    ['a court list', 'court-libra-court-case.json', { eventType: 'libra.case.received' }],
    ['a court list without attributes', 'court-libra-court-case.json', {}],
    ['a police disposal record', 'court-leds-asn-query-disposals.json', {}],
  ])('are read and not needed: %s', (_, file, attributes) => {
    const message = notified(example(file), attributes as Record<string, string>)
    expect(said(one(message))).toEqual({ outcome: 'ignored', reason: 'not-needed' })
  })

  it('too large for the queue are fetched by people, never by us', () => {
    const pointer = example('court-large-hearing-s3-pointer.json')
    const attributes = { eventType: 'commonplatform.large.case.received' }
    for (const message of [pointer, notified(pointer, attributes)]) {
      expect(said(one(message))).toEqual({ outcome: 'quarantined', reason: 'fetch-later', at: [] })
    }
  })

  it.each([
    [
      'attributes that lost their message',
      example('court-attributes-resulted.json'),
      'attributes-without-message',
    ],
    [
      'a type nobody knows',
      notified(example(name), { eventType: 'commonplatform.case.dreamt' }),
      'event-type-unknown',
    ],
    ['a shape nobody knows', { case: {} }, 'shape-unknown'],
    ['a text', 'hearing', 'not-an-object'],
    ['a notification around nothing', { Type: 'Notification', Message: 'foo' }, 'message-not-json'],
  ])('that cannot be read wait for people: %s', (_, message, reason) => {
    expect(one(message)).toMatchObject({ outcome: 'quarantined', reason })
  })

  it('that are rehearsals are ignored, or count where that is agreed', () => {
    const message = notified(example(name), { eventType: 'test.commonplatform.case.received' })
    expect(said(one(message))).toEqual({ outcome: 'ignored', reason: 'test-event' })
    expect(one(message, { testEvents: 'strip' }).outcome).toBe('published')
  })

  it('never confirm a subscription', () => {
    const confirm = { Type: 'SubscriptionConfirmation', SubscribeURL: 'https://x.example' }
    expect(said(one(confirm))).toEqual({ outcome: 'ignored', reason: 'subscription' })
  })
})
