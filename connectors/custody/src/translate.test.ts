import type { CanonicalEvent } from '@throughline/domain'
import type { Translation } from '@throughline/intake'
import type { JsonValue } from '@throughline/service'
import { describe, expect, it } from 'vitest'
import { families } from './event-types.ts'
import { ids } from './testing/desk.ts'
import { changed, example, exampleNames, outcomes } from './testing/examples.ts'
import { recordsOf, type TranslateOptions, translate } from './translate.ts'
import { translatePolice } from './translate-police.ts'

const options: TranslateOptions = { partnership: 'testshire', testEvents: 'ignore' }
const policeOptions = {
  partnership: 'testshire',
  allowTestNhsNumbers: true,
  nhsNumbersTraced: true,
  now: Date.UTC(2026, 3, 1),
}

const one = (payload: JsonValue, more: Partial<TranslateOptions> = {}): Translation => {
  const [translation, ...others] = translate(recordsOf(payload), ids, { ...options, ...more })
  expect(others).toEqual([])
  return translation as Translation
}

const eventsIn = (translation: Translation): readonly CanonicalEvent[] =>
  translation.outcome === 'published' ? translation.events.map(({ event }) => event) : []

const firstEvent = (payload: JsonValue) =>
  eventsIn(one(payload))[0] as unknown as Record<string, unknown>

const said = (translation: Translation) => {
  switch (translation.outcome) {
    case 'published':
      return { outcome: 'published', events: translation.events.map(({ event }) => event.type) }
    case 'ignored':
      return { outcome: 'ignored', reason: translation.reason }
    case 'quarantined':
      return { outcome: 'quarantined', reason: translation.reason, at: translation.at }
    case 'rejected':
      return {
        outcome: 'rejected',
        errors: translation.errors.map(({ path, rule }) => `${path} ${rule}`),
      }
  }
}

describe('each example', () => {
  it('has an outcome, and each outcome an example', () => {
    expect(Object.keys(outcomes).toSorted()).toEqual(exampleNames)
  })

  it.each(exampleNames)('becomes what its table says: %s', (name) => {
    const translations = name.startsWith('police-')
      ? translatePolice([example(name)], ids, policeOptions)
      : translate(recordsOf(example(name)), ids, options)
    expect(translations.map(said)).toEqual([outcomes[name]])
  })
})

describe('a movement', () => {
  it('of somebody on remand is a reception, not a recall, at the time it happened', () => {
    const event = firstEvent(example('sns-notification-prisoner-received.json'))
    expect(event).toMatchObject({
      type: 'ReceivedIntoPrison',
      legalBasis: 'UNCONVICTED_REMAND',
      reasonCode: 'N',
      prison: 'QXI',
      confirmed: true,
      occurredAt: Date.parse('2025-07-02T13:31:07Z'),
      recordedAt: Date.parse('2025-07-02T14:16:08.204Z'),
      identifiers: [{ type: 'NOMS', value: 'Z9134QX', issuer: null, verified: true }],
    })
  })

  it('is one event whether it comes bare or in its notification', () => {
    const bare = one(example('prisoner-received-admission.json'))
    const wrapped = one(example('sns-notification-prisoner-received.json'))
    expect(wrapped.naturalKey).toBe(bare.naturalKey)
    expect(wrapped.contentHash).toBe(bare.contentHash)
    expect(eventsIn(wrapped)).toEqual(eventsIn(bare))
  })

  it('told by three families has one group, one place and rising knowledge', () => {
    const twins = [
      'nomis-raw-movement-reception.json',
      'search-prisoner-received-readmission.json',
      'prisoner-received-admission.json',
    ].map((name) => {
      const translation = one(example(name))
      return translation.outcome === 'published' ? translation.events[0] : undefined
    })
    expect(new Set(twins.map((told) => told?.twin?.group)).size).toBe(1)
    expect(twins.map((told) => told?.twin?.place)).toEqual([null, 'QXI', 'QXI'])
    expect(twins.map((told) => told?.event.version)).toEqual([1, 2, 3])
    expect(
      twins.map((told) => (told?.event as { confirmed?: boolean } | undefined)?.confirmed),
    ).toEqual([false, false, true])
  })

  it('home on conditional release is confirmed by its code', () => {
    expect(firstEvent(example('prisoner-released-home.json'))).toMatchObject({
      kind: 'TO_COMMUNITY',
      reasonCode: 'CR',
      confirmed: true,
    })
  })

  it('keeps a code that nobody has explained', () => {
    expect(firstEvent(example('prisoner-released-temporary-absence.json'))).toMatchObject({
      kind: 'TEMPORARY',
      reasonCode: 'R24',
    })
  })

  it('of a restricted patient is a custodial hospital stay, and stands above what the search family said', () => {
    expect(firstEvent(example('restricted-patient-added.json'))).toMatchObject({
      kind: 'TO_HOSPITAL',
      confirmed: true,
      prison: null,
      version: 4,
    })
  })

  it('in a raw event is read on the London clock, with all its digits kept', () => {
    expect(firstEvent(example('nomis-raw-movement-reception.json'))).toMatchObject({
      occurredAt: Date.parse('2025-07-02T13:31:07.526Z'),
      occurredAtText: '2025-07-02T14:31:07.526762',
    })
    const withZ = { eventDatetime: '2025-07-02T14:31:07.5267620Z' }
    expect(firstEvent(changed('nomis-raw-movement-reception.json', withZ))).toMatchObject({
      occurredAt: Date.parse('2025-07-02T13:31:07.526Z'),
    })
  })

  const coded = (file: string, reason: string, code: string | undefined) =>
    firstEvent(
      changed(file, {
        'additionalInformation.reason': reason,
        'additionalInformation.nomisMovementReasonCode': code,
      }),
    )

  it.each([
    ['ADMISSION', 'N', { type: 'ReceivedIntoPrison', legalBasis: 'UNCONVICTED_REMAND' }],
    ['ADMISSION', 'L', { type: 'ReceivedIntoPrison', legalBasis: 'RECALL' }],
    ['ADMISSION', 'B', { type: 'ReceivedIntoPrison', legalBasis: 'RECALL' }],
    ['ADMISSION', 'Y', { type: 'ReceivedIntoPrison', legalBasis: 'RECALL' }],
    ['ADMISSION', '24', { type: 'ReceivedIntoPrison', legalBasis: 'UNKNOWN', reasonCode: '24' }],
    [
      'ADMISSION',
      undefined,
      { type: 'ReceivedIntoPrison', legalBasis: 'UNKNOWN', reasonCode: null },
    ],
    ['ADMISSION', 'INT', { type: 'TransferredBetweenPrisons', direction: 'IN' }],
    ['TRANSFERRED', 'TRNCRT', { type: 'TransferredBetweenPrisons', direction: 'IN' }],
    ['RETURN_FROM_COURT', 'CRT', { type: 'ReturnedToPrison', from: 'COURT' }],
    ['TEMPORARY_ABSENCE_RETURN', 'R1', { type: 'ReturnedToPrison', from: 'TEMPORARY_ABSENCE' }],
    ['RECALL', undefined, { type: 'ReceivedIntoPrison', legalBasis: 'RECALL' }],
    ['REMAND', undefined, { type: 'ReceivedIntoPrison', legalBasis: 'UNCONVICTED_REMAND' }],
    ['CONVICTED', undefined, { type: 'ReceivedIntoPrison', legalBasis: 'OTHER' }],
    ['IMMIGRATION_DETAINEE', undefined, { type: 'ReceivedIntoPrison', legalBasis: 'OTHER' }],
    ['UNKNOWN', undefined, { type: 'ReceivedIntoPrison', legalBasis: 'UNKNOWN' }],
    ['constructor', 'constructor', { type: 'ReceivedIntoPrison', legalBasis: 'UNKNOWN' }],
  ])('received with %s and code %s', (reason, code, expected) => {
    expect(coded('prisoner-received-admission.json', reason, code)).toMatchObject(expected)
  })

  it.each(['NEW_ADMISSION', 'READMISSION', 'READMISSION_SWITCH_BOOKING', 'POST_MERGE_ADMISSION'])(
    'received with %s in the search family is a reception without a basis',
    (reason) => {
      const changes = { 'additionalInformation.reason': reason }
      expect(
        firstEvent(changed('search-prisoner-received-readmission.json', changes)),
      ).toMatchObject({
        type: 'ReceivedIntoPrison',
        legalBasis: 'UNKNOWN',
        confirmed: false,
      })
    },
  )

  it.each([
    ['RELEASED', 'CR', { type: 'ReleasedFromPrison', kind: 'TO_COMMUNITY' }],
    ['RELEASED', 'NCS', { type: 'ReleasedFromPrison', kind: 'TO_COMMUNITY', reasonCode: 'NCS' }],
    ['RELEASED', 'UAL', { type: 'ReleasedFromPrison', kind: 'ABSCONDED' }],
    ['RELEASED', 'MRG', { type: 'ReleasedFromPrison', kind: 'ADMINISTRATIVE' }],
    ['RELEASED', 'HO', { type: 'ReleasedFromPrison', kind: 'TO_HOSPITAL' }],
    ['RELEASED_TO_HOSPITAL', 'HP', { type: 'ReleasedFromPrison', kind: 'TO_HOSPITAL' }],
    ['TEMPORARY_ABSENCE_RELEASE', 'R1', { type: 'ReleasedFromPrison', kind: 'TEMPORARY' }],
    ['SENT_TO_COURT', 'CRT', { type: 'LeftForCourt' }],
    ['TRANSFERRED', 'TRN', { type: 'TransferredBetweenPrisons', direction: 'OUT' }],
    ['UNKNOWN', 'X', { type: 'ReleasedFromPrison', kind: 'UNKNOWN' }],
    ['SOMETHING_NEW', 'CR', { type: 'ReleasedFromPrison', kind: 'UNKNOWN' }],
  ])('released with %s and code %s', (reason, code, expected) => {
    expect(coded('prisoner-released-home.json', reason, code)).toMatchObject(expected)
  })

  it('that was a death is one event, so that a corrected code takes all of it back', () => {
    const died = { 'additionalInformation.nomisMovementReasonCode': 'DEC' }
    const events = eventsIn(one(changed('prisoner-released-home.json', died)))
    expect(events).toMatchObject([{ type: 'ReleasedFromPrison', kind: 'DIED', confirmed: true }])
  })

  it('home in the search family waits to be confirmed', () => {
    const home = { 'additionalInformation.reason': 'RELEASED' }
    expect(firstEvent(changed('search-prisoner-released-to-court.json', home))).toMatchObject({
      kind: 'TO_COMMUNITY',
      confirmed: false,
      version: 2,
    })
  })

  it.each(['OUT', 'TRN', 'qxi', '', null, 12])('names no prison where %j stands', (prisonId) => {
    const changes = { 'additionalInformation.prisonId': prisonId }
    expect(firstEvent(changed('prisoner-released-home.json', changes))).toMatchObject({
      prison: null,
    })
  })

  it('a raw discharge does not say where to', () => {
    const raw = { eventType: 'OFFENDER_MOVEMENT-DISCHARGE' }
    expect(firstEvent(changed('nomis-raw-movement-reception.json', raw))).toMatchObject({
      type: 'ReleasedFromPrison',
      kind: 'UNKNOWN',
      confirmed: false,
    })
  })
})

describe('a change of identity', () => {
  it('keeps the survivor, whatever the description says', () => {
    expect(firstEvent(example('prisoner-merged.json'))).toMatchObject({
      surviving: { value: 'Z9134QX' },
      removed: { value: 'Z9135QY' },
      identifiers: [{ value: 'Z9134QX' }, { value: 'Z9135QY' }],
    })
    expect(firstEvent(example('nomis-raw-booking-number-changed.json'))).toMatchObject({
      surviving: { value: 'Z9134QX' },
      removed: { value: 'Z9135QY' },
      occurredAt: Date.parse('2025-11-02T00:39:05.070Z'),
    })
  })

  it('moves a booking from its old owner to the new one, from its start on the London clock', () => {
    expect(firstEvent(example('booking-moved.json'))).toMatchObject({
      kept: { value: 'Z9134QX' },
      separated: { value: 'Z9135QY' },
      partRef: '9912001',
      partFrom: Date.parse('2025-06-30T11:34:56Z'),
    })
  })

  it('is none where a booking moves from a number to itself', () => {
    const same = { 'additionalInformation.movedFromNomsNumber': 'Z9135QY' }
    expect(said(one(changed('booking-moved.json', same)))).toEqual({
      outcome: 'ignored',
      reason: 'no-change',
    })
  })

  it('says nothing where an older raw merge names only the booking', () => {
    const older = { offenderIdDisplay: undefined, previousOffenderIdDisplay: undefined }
    const raw = changed('nomis-raw-booking-number-changed.json', older)
    expect(said(one(raw))).toEqual({ outcome: 'ignored', reason: 'signal' })
  })

  it('leaves out a start that cannot be read, and keeps the move', () => {
    const odd = { 'additionalInformation.bookingStartDateTime': 'last Monday' }
    expect(firstEvent(changed('booking-moved.json', odd))).toMatchObject({ partFrom: null })
  })

  it('erases on the word of the prison system', () => {
    const raw = { eventType: 'DATA_COMPLIANCE_DELETE-OFFENDER' }
    expect(firstEvent(changed('nomis-raw-movement-reception.json', raw))).toMatchObject({
      type: 'PersonErased',
      basis: 'DATA_COMPLIANCE_DELETE',
    })
  })
})

describe('a recall', () => {
  it('is known by its own number and taken back by it', () => {
    const raised = firstEvent(example('recall-inserted.json'))
    const withdrawn = firstEvent(changed('recall-inserted.json', { eventType: 'recall.deleted' }))
    expect(raised).toMatchObject({
      type: 'RecallRaised',
      releasedToLead: false,
      occurredAt: Date.parse('2025-09-02T07:30:00.123Z'),
      occurredAtText: '2025-09-02T08:30:00.123456789+01:00',
    })
    expect(withdrawn).toMatchObject({ type: 'EventWithdrawn', objectRef: raised['objectRef'] })
    expect(withdrawn['withdrawnEventId']).toBe(raised['eventId'])
  })

  it('that was only changed says nothing until it is fetched', () => {
    const updated = changed('recall-inserted.json', { eventType: 'recall.updated' })
    expect(said(one(updated))).toEqual({ outcome: 'ignored', reason: 'signal' })
  })
})

describe('every event type of the custody families', () => {
  const types = families.flatMap(({ types: known }) => Object.entries(known))

  it.each(types.filter(([, { is }]) => is === 'ignored'))(
    '%s is read without fault and tells nothing',
    (eventType, meaning) => {
      const message = changed('prisoner-received-admission.json', { eventType, version: 2 })
      const because = meaning.is === 'ignored' ? meaning.because : ''
      expect(said(one(message))).toEqual({ outcome: 'ignored', reason: because })
    },
  )

  it.each([
    ['ALERT-UPDATED', 'not-needed'],
    ['prison-offender-events.prisoner.person-restriction.upserted', 'not-needed'],
    ['sentence.period-length.inserted', 'not-needed'],
    ['risk-assessment.scores.rsr.determined', 'not-needed'],
  ])('%s belongs to one of them', (eventType, reason) => {
    expect(said(one(changed('prisoner-merged.json', { eventType })))).toEqual({
      outcome: 'ignored',
      reason,
    })
  })

  it('a status counts only for the current sentence', () => {
    const raw = { eventType: 'IMPRISONMENT_STATUS-CHANGED', imprisonmentStatusSeq: 2 }
    expect(said(one(changed('nomis-raw-movement-reception.json', raw)))).toEqual({
      outcome: 'ignored',
      reason: 'not-needed',
    })
  })
})

describe('where a prison number hides', () => {
  const nowhere = { personReference: undefined, 'additionalInformation.nomsNumber': undefined }

  it.each([
    ['personReference', { personReference: { identifiers: [{ type: 'NOMS', value: 'Z9135QY' }] } }],
    [
      'a person reference of the older name',
      { personReference: { identifiers: [{ type: 'nomsNumber', value: 'Z9135QY' }] } },
    ],
    ['nomsNumber', { 'additionalInformation.nomsNumber': 'Z9135QY' }],
    ['prisonerId', { 'additionalInformation.prisonerId': 'Z9135QY' }],
    ['prisonerNumber', { 'additionalInformation.prisonerNumber': 'Z9135QY' }],
    ['prisonerId at the top', { prisonerId: 'Z9135QY' }],
    ['lower case', { prisonerId: ' z9135qy ' }],
    [
      'behind a null',
      { personReference: { identifiers: [{ type: 'NOMS', value: null }] }, prisonerId: 'Z9135QY' },
    ],
    [
      'behind another kind of person',
      { personReference: { identifiers: [{ type: 'PERSON', value: '1' }] }, prisonerId: 'Z9135QY' },
    ],
    ['behind a reference that is a text', { personReference: 'Z9134QX', prisonerId: 'Z9135QY' }],
  ])('%s', (_where, place) => {
    const event = firstEvent(changed('prisoner-released-home.json', { ...nowhere, ...place }))
    expect(event['identifiers']).toMatchObject([{ value: 'Z9135QY' }])
  })

  it('is quarantined by place where it is not a prison number', () => {
    const odd = { 'personReference.identifiers': [{ type: 'NOMS', value: 'A123ZZZ' }] }
    expect(said(one(changed('prisoner-released-home.json', odd)))).toEqual({
      outcome: 'quarantined',
      reason: 'identifier-invalid',
      at: ['personReference.identifiers.0.value'],
    })
  })

  it('is quarantined where one movement names two people', () => {
    const two = { 'additionalInformation.nomsNumber': 'Z9135QY' }
    expect(said(one(changed('prisoner-released-home.json', two)))).toEqual({
      outcome: 'quarantined',
      reason: 'identifiers-differ',
      at: ['personReference.identifiers.0.value', 'additionalInformation.nomsNumber'],
    })
  })

  it('is quarantined where there is none', () => {
    expect(said(one(changed('prisoner-released-home.json', nowhere)))).toEqual({
      outcome: 'quarantined',
      reason: 'identifier-missing',
      at: ['personReference'],
    })
  })
})

describe('an envelope out of the ordinary', () => {
  const wrapped = (changes: Record<string, unknown>) =>
    changed('sns-notification-prisoner-received.json', changes)
  const received = { outcome: 'published', events: ['ReceivedIntoPrison'] }

  it.each([
    ['no attributes', { MessageAttributes: undefined }],
    ['empty attributes', { MessageAttributes: {} }],
    ['attributes that are a text', { MessageAttributes: 'eventType' }],
    [
      'an attribute that is a text',
      { MessageAttributes: { eventType: 'prison-offender-events.prisoner.received' } },
    ],
    [
      'attributes as the SDK writes them',
      {
        MessageAttributes: {
          eventType: {
            DataType: 'String',
            StringValue: 'prison-offender-events.prisoner.received',
          },
        },
      },
    ],
    ['an attribute without a value', { MessageAttributes: { eventType: { Type: 'String' } } }],
    ['no type', { Type: undefined }],
    ['blank signing', { Signature: '', SigningCertURL: null, SubscribeURL: null, Token: null }],
    ['another message id', { MessageId: 'not-a-uuid' }],
  ])('SQS-5: %s', (_what, changes) => {
    expect(said(one(wrapped(changes)))).toEqual(received)
  })

  it('takes the type from the attribute where the body has none', () => {
    const message = JSON.parse(
      JSON.stringify(changed('prisoner-received-admission.json', { eventType: undefined })),
    ) as object
    expect(said(one(wrapped({ Message: JSON.stringify(message) })))).toEqual(received)
  })

  it.each([
    ['plain text', 'foo'],
    ['nothing', undefined],
    ['a number', 7],
    ['a list', '[]'],
    ['a trailing comma', '{"eventType":"x",}'],
    ['a comment', '{} // yes'],
    ['NaN', '{"version":NaN}'],
    ['a byte order mark', '\uFEFF{}'],
    ['base64 of something', 'H4sIAAAAAAAAA6tWKkktLlGyUlAqS8wpTtVRAgBbVxgQFAAAAA=='],
    ['a member twice', '{"eventType":"x","eventType":"y"}'],
  ])('SQS-14, SQS-15: a message that is %s is kept for people to look at', (_what, Message) => {
    const translation = one(wrapped({ Message }))
    expect(translation).toMatchObject({ outcome: 'quarantined', at: ['Message'] })
  })

  it('SQS-10: a message that lies elsewhere is fetched later, bare or wrapped', () => {
    const place = [
      'software.amazon.payloadoffloading.PayloadS3Pointer',
      { s3BucketName: 'synthetic-large-cases', s3Key: 'k' },
    ]
    const later = { outcome: 'quarantined', reason: 'fetch-later', at: [] }
    expect(said(one(place))).toEqual(later)
    expect(said(one(wrapped({ Message: JSON.stringify(place) })))).toEqual(later)
    expect(translate([place, place], ids, options).map(said)).toEqual([later, later])
  })

  it('SQS-4: never confirms a subscription by itself', () => {
    const confirm = { Type: 'SubscriptionConfirmation', SubscribeURL: 'https://attacker.example/' }
    expect(said(one(wrapped(confirm)))).toEqual({ outcome: 'ignored', reason: 'subscription' })
  })

  it('SQS-11: routes on the attribute, reads by the body, and keeps both for the log', () => {
    const body = {
      ...(JSON.parse('{}') as object),
      eventType: 'risk-assessment.scores.rsr.determined',
      occurredAt: '2025-07-02T14:31:07Z',
    }
    const translation = one({
      Type: 'Notification',
      Message: JSON.stringify(body),
      MessageAttributes: {
        eventType: { Type: 'String', Value: 'risk-assessment.scores.determined' },
      },
    })
    expect(said(translation)).toEqual({ outcome: 'ignored', reason: 'not-needed' })
    expect(translation.typesDiffer).toEqual({
      attribute: 'risk-assessment.scores.determined',
      body: 'risk-assessment.scores.rsr.determined',
    })
  })

  it('SQS-11: quarantines two names that do not belong together', () => {
    const Value = 'prison-offender-events.prisoner.released'
    const odd = { MessageAttributes: { eventType: { Type: 'String', Value } } }
    expect(said(one(wrapped(odd)))).toEqual({
      outcome: 'quarantined',
      reason: 'event-types-differ',
      at: ['MessageAttributes.eventType', 'eventType'],
    })
  })

  it.each([1, '1', '1.0', null, undefined])('takes version %j', (version) => {
    expect(said(one(changed('prisoner-released-home.json', { version })))).toMatchObject({
      outcome: 'published',
    })
  })

  it.each([2, 99, '2.0', 'one', true, {}, []])(
    'HTTP-17: keeps version %j until it is known',
    (version) => {
      expect(said(one(changed('prisoner-released-home.json', { version })))).toEqual({
        outcome: 'quarantined',
        reason: 'version-unknown',
        at: ['version'],
      })
    },
  )

  it.each([
    'prison-offender-events.prisoner.levitated',
    'probation-case.engagement.created',
    '__proto__',
    'constructor',
  ])('HTTP-17: keeps the unknown type %s until it is known', (eventType) => {
    expect(said(one(changed('prisoner-released-home.json', { eventType })))).toEqual({
      outcome: 'quarantined',
      reason: 'event-type-unknown',
      at: ['eventType'],
    })
  })

  it.each([undefined, null, '', 7, {}])('keeps a message whose type is %j', (eventType) => {
    expect(said(one(changed('prisoner-released-home.json', { eventType })))).toMatchObject({
      outcome: 'quarantined',
      reason: 'event-type-missing',
    })
  })

  it.each(['test', 'dummy'])('takes nothing of a rehearsal (%s.), unless this is one', (prefix) => {
    const eventType = `${prefix}.prison-offender-events.prisoner.released`
    const rehearsal = changed('prisoner-released-home.json', { eventType })
    expect(said(one(rehearsal))).toEqual({ outcome: 'ignored', reason: 'test-event' })
    expect(said(one(rehearsal, { testEvents: 'strip' }))).toMatchObject({ outcome: 'published' })
  })

  it('counts the members that nobody knows', () => {
    const odd = { favouriteColour: 'blue', 'additionalInformation.shoeSize': 9 }
    const translation = one(changed('prisoner-released-home.json', odd))
    expect(translation).toMatchObject({ outcome: 'published', unknownMembers: 2 })
    for (const name of exampleNames.filter((file) => !file.startsWith('police-'))) {
      expect([name, one(example(name)).unknownMembers]).toEqual([name, 0])
    }
  })
})

describe('when it happened', () => {
  it.each([
    ['2025-11-18T09:12:44Z', '2025-11-18T09:12:44.000Z', 'INSTANT'],
    ['2025-11-18T09:12:44.123456789Z', '2025-11-18T09:12:44.123Z', 'INSTANT'],
    ['2025-07-18T09:12:44.5+01:00', '2025-07-18T08:12:44.500Z', 'INSTANT'],
    ['2025-11-18T09:12:44+01:00', '2025-11-18T08:12:44.000Z', 'INSTANT'],
    ['2025-07-18T09:12', '2025-07-18T08:12:00.000Z', 'MINUTE'],
    ['2025-07-18T09:12:44', '2025-07-18T08:12:44.000Z', 'INSTANT'],
    ['2025-07-18T09:12:44+01:00[Europe/London]', '2025-07-18T08:12:44.000Z', 'INSTANT'],
    ['2025-07-18T09:12:44+0100', '2025-07-18T08:12:44.000Z', 'INSTANT'],
    ['Fri Jun 14 09:06:52 BST 2024', '2024-06-14T08:06:52.000Z', 'INSTANT'],
    ['2026-10-25T01:30:00', '2026-10-25T00:30:00.000Z', 'AMBIGUOUS_HOUR'],
    ['2025-12-1T14:25:40.117Z', '2025-12-01T14:25:40.117Z', 'INSTANT'],
  ])('%s is %s', (occurredAt, instant, precision) => {
    expect(firstEvent(changed('prisoner-released-home.json', { occurredAt }))).toMatchObject({
      occurredAt: Date.parse(instant),
      occurredAtPrecision: precision,
    })
  })

  it.each(['{createdDate}', '2025-11-18T09:12:44Z+01:00', '2025-02-30T09:00:00Z', 'yesterday'])(
    'names the member where %s stands',
    (occurredAt) => {
      expect(said(one(changed('prisoner-released-home.json', { occurredAt })))).toEqual({
        outcome: 'quarantined',
        reason: 'timestamp-invalid',
        at: ['occurredAt'],
      })
    },
  )

  it.each([undefined, null, '', 1_763_457_164])(
    'names the member where %j stands',
    (occurredAt) => {
      expect(said(one(changed('prisoner-released-home.json', { occurredAt })))).toEqual({
        outcome: 'quarantined',
        reason: 'timestamp-missing',
        at: ['occurredAt'],
      })
    },
  )

  it('an unreadable time of publishing takes nothing from the event', () => {
    const odd = { publishedAt: 'soon' }
    expect(firstEvent(changed('prisoner-released-home.json', odd))).toMatchObject({
      recordedAt: null,
    })
  })
})

describe('the same record again', () => {
  it('SQS-6: is the same by its own words, whatever its transport and its publishing say', () => {
    const first = one(example('sns-notification-prisoner-received.json'))
    const again = one(
      changed('sns-notification-prisoner-received.json', {
        MessageId: '00000000-0000-4000-8000-000000000000',
        Timestamp: '2025-07-03T00:00:00.000Z',
        Message: JSON.stringify(
          changed('prisoner-received-admission.json', {
            publishedAt: '2025-07-03T00:00:00Z',
            description: 'again',
            'additionalInformation.details': 'other',
          }),
        ),
      }),
    )
    expect([again.naturalKey, again.contentHash]).toEqual([first.naturalKey, first.contentHash])
  })

  it('HTTP-24: with other facts has the same key and another content', () => {
    const first = one(example('prisoner-released-home.json'))
    const other = one(
      changed('prisoner-released-home.json', { 'additionalInformation.prisonId': 'QXJ' }),
    )
    expect(other.naturalKey).toBe(first.naturalKey)
    expect(other.contentHash).not.toBe(first.contentHash)
  })

  it('is told apart by digits that an instant does not keep', () => {
    const at = (occurredAt: string) =>
      one(changed('prisoner-released-home.json', { occurredAt })).naturalKey
    expect(at('2025-11-18T09:12:44.1230001Z')).not.toBe(at('2025-11-18T09:12:44.1230002Z'))
  })
})

describe('a raw event without a person', () => {
  const { occurredAt: _none, ...withoutPerson } = { occurredAt: 0, offenderIdDisplay: undefined }

  it('waits for its booking, and is the same record once its person is known', () => {
    const parked = one(changed('nomis-raw-movement-reception.json', withoutPerson))
    expect(parked).toMatchObject({ outcome: 'quarantined', reason: 'waits-for-booking' })
    const booking = parked.outcome === 'quarantined' ? (parked.waitsFor ?? '') : ''
    const told = one(example('imprisonment-status-changed.json'))
    expect(told.resolves).toEqual([{ reference: booking, value: 'Z9134QX' }])

    const bookings = new Map([[booking, 'Z9134QX']])
    const tried = one(changed('nomis-raw-movement-reception.json', withoutPerson), { bookings })
    expect(tried.naturalKey).toBe(parked.naturalKey)
    expect(eventsIn(tried)).toEqual(eventsIn(one(example('nomis-raw-movement-reception.json'))))
  })
})
