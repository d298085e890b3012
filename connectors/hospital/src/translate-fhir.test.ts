import type { JsonValue } from '@throughline/service'
import { describe, expect, it } from 'vitest'
import { senderOptions } from './profiles.ts'
import {
  eventIn,
  eventsIn,
  fhirExample,
  fhirNames,
  saidOf,
  textOf,
  translated,
  translatedFhir,
} from './testing/examples.ts'
import { openHospital } from './testing/trust.ts'

const discharge = fhirExample('fhir-bundle-message-discharge.json')
const attendance = fhirExample('fhir-encounter-ed-in-progress.json')
const patient = fhirExample('fhir-patient-traced.json')

const header = 0
const person = 1
const visit = 2
const diagnosis = 3
const score = 4
const referral = 5

type Open = { [name: string]: unknown }

/** An example with some members written otherwise; `undefined` takes one out. */
function changed(body: JsonValue, changes: Readonly<Record<string, unknown>>): JsonValue {
  const copy = structuredClone(body) as Open
  for (const [path, value] of Object.entries(changes)) {
    const parts = path.split('.')
    const last = parts.pop() as string
    let target = copy
    for (const part of parts) target = (target[part] ??= {}) as Open
    if (value === undefined) delete target[last]
    else target[last] = value
  }
  return copy as JsonValue
}
const inEntry = (at: number, changes: Readonly<Record<string, unknown>>): JsonValue =>
  changed(
    discharge,
    Object.fromEntries(
      Object.entries(changes).map(([path, value]) => [`entry.${at}.resource.${path}`, value]),
    ),
  )
const said = (body: JsonValue, given = {}) => saidOf(translatedFhir(body, given))

describe('each example', () => {
  const outcomes: Readonly<Record<string, string>> = {
    'fhir-bundle-message-discharge.json': 'Discharged AlcoholScoreRecorded ReferralMade',
    'fhir-encounter-ed-in-progress.json': 'EmergencyAttendanceStarted',
    'fhir-patient-traced.json': 'ignored not-needed',
  }
  it.each(fhirNames)('becomes what its table says: %s', (name) => {
    expect(said(fhirExample(name))).toBe(outcomes[name])
  })
})

describe('a message', () => {
  it('tells of a discharge to prison after a heroin poisoning, with a score and a referral', () => {
    const translation = translatedFhir(discharge)
    expect(eventIn(translation, 'Discharged')).toMatchObject({
      occurredAt: Date.UTC(2026, 10, 17, 15, 30),
      occurredAtPrecision: 'INSTANT',
      provider: 'RZZ',
      visitRef: 'S260055107',
      destination: '38',
      classifications: [{ tier: 'DRUG_POISONING', code: 'T40.1', primary: true }],
    })
    expect(eventIn(translation, 'AlcoholScoreRecorded')).toMatchObject({
      occurredAt: Date.UTC(2026, 10, 15, 10, 10),
      score: 11,
      instrument: 'AUDIT_C',
    })
    expect(eventIn(translation, 'ReferralMade')).toMatchObject({
      condition: 'alcohol',
      agreed: false,
    })
  })

  it('tells the same events as the trust’s ADT feed: same ids, same visit, same source', () => {
    const ids = (events: ReturnType<typeof eventsIn>) =>
      events.map(({ eventId, objectRef, source }) => ({ eventId, objectRef, source }))
    expect(ids(eventsIn(translatedFhir(discharge)))).toEqual(
      ids(eventsIn(translated(textOf('a03-discharge-to-police-or-prison.hl7')))),
    )
    expect(ids(eventsIn(translatedFhir(attendance)))).toEqual(
      ids(eventsIn(translated(textOf('a04-ed-attendance.hl7')))),
    )
  })

  it('follows its v2 event', () => {
    const as = (code: string) => said(inEntry(header, { 'eventCoding.code': code }))
    expect(as('A01')).toBe('Admitted AlcoholScoreRecorded ReferralMade')
    expect(as('A08')).toBe('EncounterReclassified AlcoholScoreRecorded ReferralMade')
    expect(as('A11')).toBe('EventWithdrawn')
    expect(as('A13')).toBe('EventWithdrawn')
    expect(as('A02')).toBe('ignored not-needed')
    // Any other kind of message is read by how its encounter stands.
    expect(as('servicerequest-request')).toContain('Discharged')
  })

  it('takes no code, score or referral that belongs to another patient or another visit', () => {
    const elsewhere = { reference: 'urn:uuid:99999999-aaaa-4aaa-8aaa-000000000009' }
    for (const link of ['subject', 'encounter']) {
      expect(said(inEntry(score, { [link]: elsewhere }))).toBe('Discharged ReferralMade')
      expect(said(inEntry(referral, { [link]: elsewhere }))).toBe('Discharged AlcoholScoreRecorded')
      const other = translatedFhir(inEntry(diagnosis, { [link]: elsewhere }))
      expect(eventIn(other, 'Discharged')['classifications']).toEqual([])
    }
  })

  it('restricts what a confidential diagnosis tells', () => {
    const body = inEntry(diagnosis, { 'meta.security': [{ code: 'R' }] })
    expect(eventIn(translatedFhir(body), 'Discharged')['handling']).toMatchObject({
      restricted: true,
    })
  })

  it('hides where a sensitive patient went', () => {
    const body = inEntry(person, { 'meta.security': [{ code: 'V' }] })
    const translation = translatedFhir(body)
    expect(eventIn(translation, 'Discharged')['destination']).toBeNull()
    expect(translation.masks?.changes).toEqual([{ mask: 'sensitive', on: true }])
  })

  it('is withdrawn with what it said when it was a mistake', () => {
    expect(said(inEntry(score, { status: 'entered-in-error' }))).toBe(
      'Discharged EventWithdrawn ReferralMade',
    )
    expect(said(inEntry(referral, { status: 'revoked' }))).toContain('EventWithdrawn')
    expect(said(inEntry(referral, { intent: 'proposal' }))).toBe('Discharged AlcoholScoreRecorded')
    expect(said(inEntry(score, { valueInteger: 13 }))).toBe('Discharged ReferralMade')
  })

  it('reports a death that the patient’s record states, or a discharge method that has one meaning here', () => {
    const time = inEntry(person, { deceasedDateTime: '2026-11-17T15:00:00Z' })
    expect(eventIn(translatedFhir(time), 'DeathReported')['occurredAt']).toBe(
      Date.UTC(2026, 10, 17, 15),
    )
    expect(said(inEntry(person, { deceasedBoolean: true }))).toContain('DeathReported')
    const method = 'extension.0.valueCodeableConcept.coding.0.code'
    expect(said(inEntry(visit, { [method]: '4' }))).toContain('DeathReported')
    expect(said(discharge)).not.toContain('DeathReported')
  })

  it('proposes a merge that the patient’s record states', () => {
    const other = {
      identifier: {
        system: 'https://fhir.rzz.example/Id/local-patient-identifier',
        value: 'T0990777',
      },
    }
    const merged = eventIn(
      translatedFhir(inEntry(person, { link: [{ other, type: 'replaces' }] })),
      'IdentifiersMerged',
    )
    expect(merged).toMatchObject({
      surviving: { value: 'T0417733' },
      removed: { value: 'T0990777' },
    })
  })
})

describe('an encounter alone', () => {
  it('of somebody drunk in A&E is possible and no more', () => {
    const event = eventIn(translatedFhir(attendance), 'EmergencyAttendanceStarted')
    expect(event).toMatchObject({
      occurredAt: Date.UTC(2026, 10, 14, 2, 31),
      classifications: [{ tier: 'POSSIBLE', code: '25702006' }],
    })
  })

  it.each([
    ['planned', 'ignored not-needed'],
    ['triaged', 'EmergencyAttendanceStarted'],
    ['finished', 'EmergencyAttendanceEnded'],
    ['cancelled', 'EventWithdrawn'],
    ['entered-in-error', 'EventWithdrawn'],
    ['unknown', 'ignored not-needed'],
  ])('%s: %s', (status, outcome) => {
    const period = { start: '2026-11-14T02:31:00+00:00', end: '2026-11-14T06:00:00+00:00' }
    expect(said(changed(attendance, { status, period }))).toBe(outcome)
  })

  it('outside hospital beds and A&E is not needed', () => {
    expect(said(changed(attendance, { 'class.code': 'AMB' }))).toBe('ignored not-needed')
  })

  it('counts for nobody when its number is not traced', () => {
    expect(said(attendance, { nhsNumbersTraced: false })).toBe(
      'quarantined identifier-invalid Patient.identifier',
    )
    const senders = [senderOptions.parse({ facility: 'RZZ01', nhsNumbersTraced: true })]
    expect(said(attendance, { nhsNumbersTraced: false, senders })).toBe(
      'EmergencyAttendanceStarted',
    )
  })
})

describe('an NHS number', () => {
  const status = 'identifier.0.extension.0.valueCodeableConcept.coding.0.code'
  const verified = (code: string | undefined, given = {}) => {
    const translation = translatedFhir(inEntry(person, { [status]: code }), given)
    const [event] = eventsIn(translation)
    return event?.identifiers.find(({ type }) => type === 'NHS')?.verified
  }
  it('is verified by either code system, and by its sender where it says nothing', () => {
    expect(verified('01')).toBe(true)
    expect(verified('number-present-and-verified')).toBe(true)
    expect(verified('02')).toBe(false)
    expect(verified('number-present-but-not-traced')).toBe(false)
    expect(verified('NI')).toBe(true)
    expect(verified('NI', { nhsNumbersTraced: false })).toBe(false)
  })
})

describe('what is not R4', () => {
  it.each<[string, JsonValue, string]>([
    ['an R5 class', changed(attendance, { class: [{ coding: [] }] }), 'class fhir-r4-only'],
    ['an R5 admission', changed(attendance, { admission: {} }), 'admission fhir-r4-only'],
    ['an R5 period', changed(attendance, { actualPeriod: {} }), 'actualPeriod fhir-r4-only'],
    ['a wrong status', changed(attendance, { status: 'discharged' }), 'status not-in-list'],
    ['no class', changed(attendance, { class: undefined }), 'class required'],
    ['a wrong type', changed(attendance, { reasonCode: 'x' }), 'reasonCode type'],
    [
      'a time without a zone',
      changed(attendance, { period: { start: '2026-11-14T02:31:00' } }),
      'period.start timestamp-needs-offset',
    ],
    ['no time', changed(attendance, { period: undefined }), 'period.start required'],
    [
      'no such time',
      changed(attendance, { period: { start: '2026-13-14' } }),
      'period.start timestamp-impossible',
    ],
    ['no visit number', changed(attendance, { identifier: [] }), 'identifier required'],
    [
      'nobody who says it',
      changed(attendance, { serviceProvider: undefined }),
      'serviceProvider sender-unknown',
    ],
    ['an unknown class', changed(attendance, { 'class.code': 'XYZ' }), 'class.code class-unknown'],
    ['another kind of Bundle', changed(discharge, { type: 'transaction' }), 'type not-in-list'],
    [
      'a message without its header first',
      changed(discharge, { 'entry.0.resource.resourceType': 'Basic' }),
      'entry.0.resource.resourceType message-header-first',
    ],
    [
      'a fault deep in a message',
      inEntry(visit, { status: 5 }),
      'entry.2.resource.status not-in-list',
    ],
    ['no resource', {}, 'resourceType required'],
    ['a list', [], ' not-an-object'],
    ['nothing', null, ' not-an-object'],
  ])('%s is refused by its place', (_, body, fault) => {
    expect(said(body)).toBe(`rejected ${fault}`)
  })

  it('is left alone where nothing here reads it', () => {
    expect(said({ resourceType: 'Flag' })).toBe('ignored not-needed')
    expect(
      said(
        (discharge as never as { entry: { resource: JsonValue }[] }).entry[diagnosis]?.resource ??
          null,
      ),
    ).toBe('ignored signal')
    expect(said(changed(patient, { deceasedBoolean: true }))).toBe('ignored not-needed')
  })
})

describe('at the door', () => {
  it('a message is taken once, and a refusal is an OperationOutcome without a value', async () => {
    await using hospital = await openHospital()
    await hospital.desk.claim({ type: 'NHS', issuer: null, value: '9990000115' })
    const post = (body: unknown, contentType = 'application/fhir+json') =>
      hospital.desk.post('/intake/hospital/fhir', body, { contentType })
    expect(await post(discharge)).toMatchObject({
      status: 202,
      results: [
        { outcome: 'published', events: ['Discharged', 'AlcoholScoreRecorded', 'ReferralMade'] },
      ],
    })
    expect(await post(discharge, 'application/json')).toMatchObject({
      results: [{ outcome: 'duplicate' }],
    })
    const canary = { status: 'Corwin-Canary', period: { start: '07700 900777' } }
    const refused = await post(changed(attendance, canary))
    expect(refused.status).toBe(422)
    expect(refused.headers.get('content-type')).toBe('application/fhir+json')
    expect(JSON.parse(refused.text)).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [
        { severity: 'error', code: 'value', expression: ['Encounter.status'] },
        {
          details: { coding: [{ code: 'timestamp-not-readable' }] },
          expression: ['Encounter.period.start'],
        },
      ],
    })
    expect(refused.text).not.toMatch(/Canary|07700/)
    const deep = await post(inEntry(visit, { status: 5 }))
    expect(deep.text).toContain('Bundle.entry[2].resource.status')
    expect(await post('{ "resourceType": ')).toMatchObject({ status: 400 })
    expect(await post(discharge, 'text/plain')).toMatchObject({ status: 415 })
  })
})
