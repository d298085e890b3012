import type { CanonicalEvent } from '@throughline/domain'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Engine, framed, heardIn, openEngine } from '../edge/engine.ts'
import { balanced, startTestHub, type TestHub } from './hub.ts'
import { brief, newlyPublishedBy, sampleBytes } from './published.ts'

const corwin = [
  { type: 'NHS', value: '9990000115' },
  { type: 'MRN', issuer: 'RZZ', value: 'T0417733' },
]
const merrin = [
  { type: 'NHS', value: '9990079307' },
  { type: 'MRN', issuer: 'RZZ', value: 'T0990412' },
]
const quill = [{ type: 'NHS', value: '9990237689' }]

const bytes = (name: string): Buffer => sampleBytes('hospital', name)

interface Sample {
  readonly name: string
  /** MSA-1 and MSA-2 of the answer. */
  readonly hears: string
  /** What the ledger counts one more of. */
  readonly counted: string
  readonly events: readonly string[]
}

const published = (name: string, id: string, ...events: string[]): Sample => ({
  name,
  hears: `AA ${id}`,
  counted: 'published',
  events,
})

/** The stay of 14 November, up to the discharge; then it is coded, or taken back. */
const stay = [
  published(
    'a04-ed-attendance.hl7',
    'RZZ00000417',
    'EmergencyAttendanceStarted 2026-11-14T02:31:00Z MINUTE',
  ),
  published('a01-emergency-admission.hl7', 'RZZ00000431', 'Admitted 2026-11-14T04:05:00Z MINUTE'),
  published(
    'a03-discharge-to-police-or-prison.hl7',
    'RZZ00000502',
    'AlcoholScoreRecorded 2026-11-15T10:10:00Z MINUTE',
    'ReferralMade 2026-11-16T11:30:00Z MINUTE',
    'Discharged 2026-11-17T15:30:00Z MINUTE',
  ),
]
const coded = published(
  'a08-coding-complete.hl7',
  'RZZ00001902',
  'EncounterReclassified 2026-12-03T11:04:00Z MINUTE',
)
const takenBack = published(
  'a13-cancel-discharge.hl7',
  'RZZ00000509',
  'EventWithdrawn 2026-11-17T16:05:00Z MINUTE',
)
const others: readonly Sample[] = [
  published(
    'a01-ambiguous-hour.hl7',
    'RZZ00000150',
    'Admitted 2026-10-25T00:30:00Z AMBIGUOUS_HOUR',
  ),
  published(
    'a04-unusual-delimiters.hl7',
    'RZZODD1',
    'EmergencyAttendanceStarted 2026-11-14T02:31:00Z MINUTE',
  ),
  {
    ...published('a01-epic-cerner-style-latin1.hl7', '', 'Admitted 2026-11-14T04:05:00Z'),
    hears: 'CA 9044172',
  },
  published(
    'a11-cancel-admission.hl7',
    'RZZ00000440',
    'EventWithdrawn 2026-11-14T04:50:00Z MINUTE',
  ),
  published(
    'a40-merge-local-numbers.hl7',
    'RZZ00000688',
    'IdentifiersMerged 2026-11-19T10:20:00Z MINUTE',
  ),
  {
    name: 'a31-location-hidden-dissent.hl7',
    hears: 'AA RZZ00000701',
    counted: 'ignored/masking',
    events: [],
  },
  {
    name: 'a01-unknown-person-no-nhs-number.hl7',
    hears: 'AA RZZ00000733',
    counted: 'dropped-unclaimed',
    events: [],
  },
]

interface Ward extends AsyncDisposable {
  readonly hub: TestHub
  readonly engine: Engine
  readonly people: Readonly<Record<'corwin' | 'merrin' | 'quill', string>>
  /** What has been published since last asked. */
  readonly told: () => Promise<readonly CanonicalEvent[]>
  /** Plays a sample over MLLP, half a minute after it was sent; expects all that is said of it. */
  play(sample: Sample): Promise<readonly CanonicalEvent[]>
}

async function openWard(): Promise<Ward> {
  const hub = await startTestHub({ from: '2026-10-24T09:00:00Z' })
  const until = '2027-10-05T00:00:00Z'
  const agree = async (identifiers: typeof corwin, lead: string) =>
    (await hub.consent({ identifiers, lead, until })).personId
  const people = {
    corwin: await agree(corwin, 'lp-1'),
    merrin: await agree(merrin, 'lp-2'),
    quill: await agree(quill as typeof corwin, 'lp-3'),
  }
  const engine = await openEngine(hub.mllpPort)
  const told = newlyPublishedBy(hub, 'hospital')
  return {
    hub,
    engine,
    people,
    told,
    async play({ name, hears, counted, events }) {
      const [, y, m, d, hour, minute] =
        /(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)/.exec(bytes(name).toString('latin1')) ?? []
      const sent = `${y}-${m}-${d}T${hour}:${minute}:30Z`
      if (sent > hub.now()) await hub.passTo(sent)
      const before = balanced(await hub.ledger())
      expect(await engine.hears(bytes(name))).toBe(hears)
      const fresh = await told()
      expect(fresh.map(brief)).toEqual(events)
      const after = balanced(await hub.ledger())
      expect(after).toEqual({
        ...before,
        received: (before['received'] ?? 0) + 1,
        [counted]: (before[counted] ?? 0) + 1,
      })
      return fresh
    },
    async [Symbol.asyncDispose]() {
      engine[Symbol.dispose]()
      await hub[Symbol.asyncDispose]()
    },
  }
}

const lines = async ({ hub, people }: Ward, lead: string, who: keyof Ward['people']) =>
  (await hub.story(lead, people[who]))?.lines.map(({ text, occurredAt }) => `${occurredAt} ${text}`)
const notices = async ({ hub }: Ward, lead: string) =>
  (await hub.inboxOf(lead, 'any')).map(({ rule, state }) => `${rule} ${state}`).toSorted()

describe('the samples of a stay, over MLLP, when it is coded at last', () => {
  let ward: Ward
  let discharged: readonly CanonicalEvent[]
  beforeAll(async () => {
    ward = await openWard()
  })
  afterAll(() => ward?.[Symbol.asyncDispose]())

  it('the attendance of 02:31 is drunkenness by a working code, for few to know', async () => {
    const [attendance] = await ward.play(stay[0] as Sample)
    expect(attendance).toMatchObject({
      objectRef: 'RZZ/attendance/E260098812',
      handling: { restricted: true },
      classifications: [{ tier: 'ALCOHOL_SPECIFIC', code: 'F10.0', primary: true }],
    })
  })

  it('the admission of 04:05 came from custody and through A&E, with heroin and alcohol', async () => {
    const [admission] = await ward.play(stay[1] as Sample)
    expect(admission).toMatchObject({
      objectRef: 'RZZ/spell/S260055107',
      method: '21',
      from: '39',
      attendanceRef: 'E260098812',
      classifications: [
        { tier: 'DRUG_POISONING', code: 'T40.1', primary: true },
        { tier: 'ALCOHOL_SPECIFIC', code: 'F10.2' },
      ],
    })
  })

  it('the discharge is to police or prison and no death; score and referral come with it', async () => {
    discharged = await ward.play(stay[2] as Sample)
    expect(discharged).toMatchObject([
      { instrument: 'AUDIT_C', score: 11 },
      { condition: 'alcohol', agreed: false },
      { destination: '38', classifications: [] },
    ])
    expect(await notices(ward, 'lp-1')).toEqual(['hospital open'])
  })

  it('the coding of December adds opioids and withdrawal, and discharges nobody again', async () => {
    const [reclassified] = await ward.play(coded)
    expect(reclassified).toMatchObject({
      objectRef: 'RZZ/spell/S260055107',
      classifications: [
        { tier: 'DRUG_POISONING', code: 'T40.1', primary: true },
        { tier: 'DRUG_DISORDER', code: 'F11.2' },
        { tier: 'ALCOHOL_SPECIFIC', code: 'F10.3' },
      ],
    })
  })

  it('the same messages again, through either door, are AA and nothing more', async () => {
    const before = balanced(await ward.hub.ledger())
    const all = [...stay, coded]
    ward.engine.send(...all.map(({ name }) => bytes(name)))
    expect((await ward.engine.answers(all.length)).map(heardIn)).toEqual(
      all.map(({ hears }) => hears),
    )
    const posted = await ward.hub.ask(
      'hospital',
      'POST',
      '/intake/hospital/hl7v2',
      all.map(({ name }) => bytes(name).toString('utf8')).join(''),
      { 'content-type': 'application/hl7-v2+er7' },
    )
    expect(posted.status).toBe(200)
    expect(posted.text.split(/(?=^MSH)/m).map(heardIn)).toEqual(all.map(({ hears }) => hears))
    expect(await ward.told()).toEqual([])
    expect(balanced(await ward.hub.ledger())).toEqual({
      ...before,
      received: (before['received'] ?? 0) + 8,
      duplicate: 8,
    })
  })
})

describe('the samples of a stay, over MLLP, when its discharge is taken back', () => {
  let ward: Ward
  beforeAll(async () => {
    ward = await openWard()
    for (const sample of stay) await ward.play(sample)
  })
  afterAll(() => ward?.[Symbol.asyncDispose]())

  it('the lead, who was told of the discharge, is told that it was wrong', async () => {
    expect(await notices(ward, 'lp-1')).toEqual(['hospital open'])
    const [withdrawal] = await ward.play(takenBack)
    expect(withdrawal).toMatchObject({ withdrawnEventId: expect.any(String) })
    expect(await notices(ward, 'lp-1')).toEqual(['correction open', 'hospital retracted'])
  })

  it('the stay goes on: only the score and the referral are in the story', async () => {
    expect(await lines(ward, 'lp-1', 'corwin')).toEqual([
      '2026-11-15T10:10:00Z Alcohol screening: 11 of 12 (AUDIT-C).',
      '2026-11-16T11:30:00Z Referred to a service.',
    ])
  })
})

describe('the other samples, over MLLP, in the order of their times', () => {
  let ward: Ward
  beforeAll(async () => {
    ward = await openWard()
  })
  afterAll(() => ward?.[Symbol.asyncDispose]())

  it.each(others)('$name has the outcome of its table', async (sample) => {
    const fresh = await ward.play(sample)
    for (const event of fresh) expect(event.source.system).toBe('hospital-rzz')
  })

  it('the Latin-1 sample is alcohol by its alternate coding, through the words of its sender', async () => {
    expect(await lines(ward, 'lp-1', 'corwin')).toEqual([
      '2026-11-14T04:05:00Z Admitted to hospital. It was put down to alcohol.',
    ])
  })

  it('the sample with odd delimiters found its person by the number in it', async () => {
    expect(await lines(ward, 'lp-3', 'quill')).toEqual([
      '2026-11-14T02:31:00Z Came to an emergency department.',
    ])
  })

  it('the merge is a number for the lead to confirm, and claims nothing by itself', async () => {
    expect(await notices(ward, 'lp-2')).toContain('consent open')
  })

  it('dissent holds from then on: the next admission is told to nobody, and names no place', async () => {
    const before = await notices(ward, 'lp-2')
    const next = bytes('a01-ambiguous-hour.hl7')
      .toString('utf8')
      .replace('RZZ00000150', 'NEXT')
      .replaceAll('20261025013', '20261120093')
      .replace('S260049001', 'S260060001')
    await ward.hub.passTo('2026-11-20T09:36:00Z')
    expect(await ward.engine.hears(next)).toBe('AA NEXT')
    const [admission] = await ward.told()
    expect(admission).toMatchObject({
      type: 'Admitted',
      handling: { restricted: true },
      from: null,
      classifications: [],
    })
    expect(await notices(ward, 'lp-2')).toEqual(before)
  })
})

describe('order', () => {
  const early = '202611140430'
  const late = '202611140510'
  /** The admission that the cancelling sample cancels, sent at a time of the test's choosing. */
  const admission = (id: string, sent: string) =>
    bytes('a11-cancel-admission.hl7')
      .toString('utf8')
      .replace('202611140455', sent)
      .replace('ADT^A11^ADT_A09|RZZ00000440', `ADT^A01^ADT_A01|${id}`)
      .replace('EVN||202611140454', `EVN||${sent}`)

  it('an admission that comes after its cancellation is not opened again; a fresh one under the same number is', async () => {
    await using ward = await openWard()
    await ward.play(others.find(({ name }) => name.startsWith('a11')) as Sample)
    expect(await ward.engine.hears(admission('LATE', early))).toBe('AA LATE')
    await ward.hub.idle()
    expect(await lines(ward, 'lp-2', 'merrin')).toEqual([])
    expect(await notices(ward, 'lp-2')).toEqual([])
    await ward.hub.passTo('2026-11-14T05:12:00Z')
    expect(await ward.engine.hears(admission('FRESH', late))).toBe('AA FRESH')
    await ward.hub.idle()
    expect(await lines(ward, 'lp-2', 'merrin')).toEqual([
      '2026-11-14T04:20:00Z Admitted to hospital.',
    ])
  })

  it('the discharge that comes after it was taken back tells nobody', async () => {
    await using ward = await openWard()
    await ward.play(takenBack)
    expect(await ward.engine.hears(bytes('a03-discharge-to-police-or-prison.hl7'))).toBe(
      'AA RZZ00000502',
    )
    await ward.hub.idle()
    expect(await notices(ward, 'lp-1')).toEqual([])
    expect(await lines(ward, 'lp-1', 'corwin')).not.toContainEqual(
      expect.stringContaining('Left hospital'),
    )
  })
})

it('posts all of them in one request over HTTP, and hears of each what MLLP would say', async () => {
  await using ward = await openWard()
  await ward.hub.passTo('2026-12-03T11:06:00Z')
  const all = [...stay, coded, ...others]
  const body = Buffer.concat(all.map(({ name }) => framed(bytes(name))))
  const answer = await fetch(`${ward.hub.url}/intake/hospital/hl7v2`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${ward.hub.token('hospital')}`,
      'content-type': 'application/hl7-v2+er7',
    },
    body: new Uint8Array(body),
  })
  expect(answer.status).toBe(200)
  const heard = (await answer.text()).split(/(?=^MSH)/m)
  expect(heard.map(heardIn)).toEqual(all.map(({ hears }) => hears))
  expect((await ward.told()).map(brief).toSorted()).toEqual(
    all.flatMap(({ events }) => events).toSorted(),
  )
  expect(balanced(await ward.hub.ledger())).toEqual({
    received: 11,
    published: 9,
    'ignored/masking': 1,
    'dropped-unclaimed': 1,
  })
})

describe('the FHIR samples', () => {
  it('retell the attendance and the discharge, and a patient alone says nothing', async () => {
    await using ward = await openWard()
    await ward.hub.passTo('2026-11-17T15:35:00Z')
    const post = async (name: string) =>
      (
        await ward.hub.ask(
          'hospital',
          'POST',
          '/intake/hospital/fhir',
          bytes(name).toString('utf8'),
          { 'content-type': 'application/fhir+json' },
        )
      ).body
    expect(await post('fhir-encounter-ed-in-progress.json')).toMatchObject({
      results: [{ outcome: 'published', events: ['EmergencyAttendanceStarted'] }],
    })
    expect(await ward.told()).toMatchObject([
      { occurredAt: Date.parse('2026-11-14T02:31:00Z'), classifications: [{ tier: 'POSSIBLE' }] },
    ])
    expect(await post('fhir-bundle-message-discharge.json')).toMatchObject({
      results: [
        { outcome: 'published', events: ['Discharged', 'AlcoholScoreRecorded', 'ReferralMade'] },
      ],
    })
    expect(await ward.told()).toMatchObject([
      { type: 'AlcoholScoreRecorded', score: 11, instrument: 'AUDIT_C' },
      { type: 'ReferralMade', condition: 'alcohol' },
      {
        type: 'Discharged',
        destination: '38',
        classifications: [{ tier: 'DRUG_POISONING', code: 'T40.1' }],
      },
    ])
    expect(await post('fhir-patient-traced.json')).toMatchObject({
      results: [{ outcome: 'ignored', reason: 'not-needed' }],
    })
    expect(await notices(ward, 'lp-1')).toEqual(['hospital open', 'overdose open'])
    expect(balanced(await ward.hub.ledger())).toEqual({
      received: 3,
      published: 2,
      'ignored/not-needed': 1,
    })
  })

  it('and HL7 v2 are one discharge and one referral, whichever comes first', async () => {
    await using ward = await openWard()
    await ward.hub.passTo('2026-11-17T15:35:00Z')
    expect(await ward.engine.hears(bytes('a03-discharge-to-police-or-prison.hl7'))).toMatch(/^AA/)
    const first = await ward.told()
    const body = bytes('fhir-bundle-message-discharge.json').toString('utf8')
    const answer = await ward.hub.ask('hospital', 'POST', '/intake/hospital/fhir', body)
    const [result] = (answer.body as { results: readonly { eventIds: readonly string[] }[] })
      .results
    expect(result?.eventIds.toSorted()).toEqual(first.map(({ eventId }) => eventId).toSorted())
  })
})
