import { hospital, hospitalDefaults } from '@throughline/hospital'
import { housing, housingDefaults } from '@throughline/housing'
import { type DeskDeps, openDesk } from '@throughline/intake/testing'
import { probation, probationDefaults } from '@throughline/probation'
import { treatment, treatmentDefaults } from '@throughline/treatment'
import { describe, expect, it } from 'vitest'
import type { Happening, Read } from '../demo/happening.ts'
import { reading } from '../demo/truth-events.ts'
import { type HearingReport, hearingMessage } from './court.ts'
import { type AdtReport, adtMessage } from './hospital.ts'
import {
  type HomelessnessFile,
  type HousingReport,
  homelessnessCsv,
  housingPath,
  housingRecord,
} from './housing.ts'
import { inNotification } from './prison.ts'
import { type ProbationReport, probationEvent } from './probation.ts'
import {
  type ContactReport,
  contactRecord,
  type NdtmsFile,
  type NdtmsRow,
  ndtmsCsv,
  type SecureFile,
  secureCsv,
} from './treatment.ts'

/**
 * Whatever the simulated agencies write, the real edges understand as the truth does: the same events, facts,
 * times, versions and numbers. The wire formats and the truth's reading share no code with the connectors.
 */

const now = Date.parse('2026-05-12T09:00:07Z')
const madeUp = { allowTestNhsNumbers: true, nhsNumbersTraced: true }

const edges = {
  probation: (deps: DeskDeps) => probation.routes(deps, probationDefaults()),
  hospital: (deps: DeskDeps) =>
    hospital.routes(deps, hospitalDefaults({ ...madeUp, unclaimed: 'hold' })),
  housing: (deps: DeskDeps) => housing.routes(deps, housingDefaults(madeUp)),
  treatment: (deps: DeskDeps) => treatment.routes(deps, treatmentDefaults(madeUp)),
} as const

const deskOf = (agency: keyof typeof edges) => openDesk({ agency, routes: edges[agency], now })
type Desk = Awaited<ReturnType<typeof deskOf>>

/** What the hub would send on, and what the truth says of the same, in the truth's words. */
async function bothSay(desk: Desk, reads: readonly (Read | null)[]) {
  const truth = reads.flatMap((read) => read?.happenings ?? [])
  const sent = (await desk.sent()).filter(({ topic }) => topic !== 'quarantine.v1')
  const names = (ids: readonly string[]) => ids.map((id) => ids.indexOf(id))
  const sentIds = sent.map(({ value }) => value['eventId'] as string)
  const keys = truth.map(({ key }) => key)
  return {
    hub: sent.map(({ schema, value }) => ofEvent(schema, value, (id) => sentIds.indexOf(id))),
    truth: truth.map((one) => ofHappening(one, (key) => keys.indexOf(key))),
    sameHub: names(sentIds),
    sameTruth: names(keys),
  }
}

function ofEvent(type: string, value: Record<string, unknown>, placeOf: (id: string) => number) {
  const { eventId, source, version, occurredAt, occurredAtPrecision, identifiers, ...rest } = value
  const { occurredAtText, recordedAt, receivedAt, objectRef, handling, ...facts } = rest
  const numbers = identifiers as readonly {
    readonly type: string
    readonly value: string
    readonly issuer: string | null
    readonly verified: boolean
  }[]
  const named = numbers
    .filter(({ verified }) => verified)
    .map((one) => [one.type, one.issuer, one.value].filter((part) => part !== null).join(':'))
  return {
    version: comparableVersion(version as number),
    occurredAt: Number(occurredAt),
    precision: occurredAtPrecision,
    identifiers: named.toSorted(),
    hasObject: objectRef !== null,
    restricted: (handling as { readonly restricted: boolean }).restricted,
    facts: plain({ type, ...facts }, placeOf),
  }
}

const ofHappening = (happening: Happening, placeOf: (key: string) => number) => ({
  version: comparableVersion(happening.version),
  occurredAt: happening.occurredAt,
  precision: happening.precision,
  identifiers: happening.identifiers.toSorted(),
  hasObject: happening.objectRef !== null,
  restricted: happening.restricted,
  facts: plain(happening.facts, placeOf),
})

/** Versions by a source's clock count from whenever they like; only their order matters. */
const comparableVersion = (version: number) => (version > 100_000_000 ? 'by the clock' : version)

/** The product's own names are not compared: of its tables, its ids, and of what its source gives no number. */
function plain(facts: object, placeOf: (id: string) => number): unknown {
  return JSON.parse(
    JSON.stringify(facts, (name, value: unknown) => {
      if (name === 'table' || (name === 'referralRef' && 'toService' in facts)) return undefined
      if (name === 'withdrawnEventId') return value === null ? null : placeOf(value as string)
      if (name === 'reason' && 'withdrawnEventId' in facts) return undefined
      if (name === 'episodeRef' && 'prisonExit' in facts && facts.prisonExit !== null)
        return undefined
      return value
    }),
  )
}

async function expectAgreement(desk: Desk, reads: readonly (Read | null)[]) {
  const { hub, truth, sameHub, sameTruth } = await bothSay(desk, reads)
  expect(hub).toEqual(truth)
  expect(sameHub).toEqual(sameTruth)
}

const outcomesIn = (text: string): readonly string[] => {
  const { results } = JSON.parse(text) as {
    readonly results: readonly { readonly outcome: string; readonly reason?: string }[]
  }
  return results.map(({ outcome, reason }) =>
    reason === undefined ? outcome : `${outcome}/${reason}`,
  )
}

describe('the simulated probation service', () => {
  const crn = 'Q904417'
  const noms = 'Z9134QX'
  const at = now - 3_600_000
  const requirement = { requirementId: '2599000001', requirement: 'DRR' } as const
  const reports: readonly ProbationReport[] = [
    { what: 'supervision-started', crn, at },
    { what: 'manager-allocated', crn, at, allocationId: 'a-1' },
    { what: 'requirement-made', crn, at, ...requirement },
    { what: 'requirement-ended', crn, at: at + 1, ...requirement },
    { what: 'requirement-restored', crn, at: at + 1000, ...requirement },
    { what: 'requirement-deleted', crn, at: at + 2000, ...requirement },
    { what: 'requirement-made', crn, at, requirementId: '2599000002', requirement: null },
    { what: 'breach-raised', crn, at, enforcementId: '77', outcome: 'BRE01' },
    {
      what: 'recall-raised',
      crn,
      at,
      enforcementId: '78',
      outcome: 'REC01',
      releasedToLead: false,
    },
    { what: 'recall-raised', crn, at, enforcementId: '78', outcome: 'REC01', releasedToLead: true },
    { what: 'registration-added', crn, at, registrationId: '5', register: 'RHRH' },
    { what: 'registration-updated', crn, at: at + 5, registrationId: '5', register: 'RHRH' },
    { what: 'registration-ended', crn, at: at + 6, registrationId: '6', register: 'RHRH' },
    { what: 'registration-deleted', crn, at: at + 7, registrationId: '5', register: 'RHRH' },
    { what: 'registration-added', crn, at, registrationId: '9', register: 'WHAT' },
    { what: 'licence-activated', crn, at, licenceId: '99111', noms },
    { what: 'prison-number-added', crn, at, noms },
    { what: 'merged', crn, at, from: 'Q904418' },
    { what: 'engagement-created', crn, at },
    { what: 'tier-calculated', crn, at },
    { what: 'supervision-started', crn, at },
  ]

  it('is understood as it is meant, and a repeat is one', async () => {
    await using desk = await deskOf('probation')
    const truth = reading()
    const reads = reports.map((report) => truth.probation(report, now))
    const heard: string[] = []
    for (const [i, report] of reports.entries()) {
      const event = probationEvent(report)
      const body = i % 2 === 0 ? event : inNotification(event, `m-${i}`, now)
      const { text } = await desk.post('/intake/probation/domain-events', body)
      heard.push(...outcomesIn(text))
    }
    expect(heard).toEqual(reads.map((read) => read?.outcome ?? 'duplicate'))
    await expectAgreement(desk, reads)
  })
})

describe('the simulated court', () => {
  const hearing = {
    what: 'resulted',
    hearingId: '00000000-0000-4000-8000-000000000001',
    sittingAt: Date.parse('2026-05-11T09:00:00Z'),
    court: 'B99ZZ',
    pnc: '1931/9999412X',
    offences: 2,
  } as const
  const drr = { requirement: 'DRR', months: 6 } as const
  const atr = { requirement: 'ATR', months: 9 } as const
  const reports: readonly HearingReport[] = [
    { ...hearing, ordered: [drr] },
    { ...hearing, ordered: [drr] },
    { ...hearing, ordered: [atr] },
    { what: 'deleted', hearingId: hearing.hearingId },
    { ...hearing, hearingId: `${hearing.hearingId}b`, ordered: [] },
    {
      ...hearing,
      hearingId: `${hearing.hearingId}c`,
      ordered: [{ requirement: 'MHTR', months: 12 }],
    },
  ]

  it('tells a hearing whole each time, and takes back what is gone', async () => {
    await using desk = await deskOf('probation')
    const truth = reading()
    const reads = reports.map((report) => truth.court(report, now))
    const heard: string[] = []
    for (const [i, report] of reports.entries()) {
      const { text } = await desk.post(
        '/intake/probation/hearings',
        hearingMessage(report, `m-${i}`),
      )
      heard.push(...outcomesIn(text))
    }
    expect(heard).toEqual(reads.map((read) => read?.outcome ?? 'duplicate'))
    await expectAgreement(desk, reads)
  })
})

describe('the simulated hospital', () => {
  const base: AdtReport = {
    trigger: 'A04',
    controlId: 'RZZ1',
    sentAt: now,
    at: now - 600_000,
    trust: 'RZZ',
    nhs: { value: '9990000115', traced: true },
    mrn: { value: 'T0417733', trust: 'RZZ' },
    visit: {
      kind: 'attendance',
      ref: 'E26001',
      startedAt: now - 600_000,
      endedAt: null,
      method: null,
      from: null,
      attendanceRef: null,
      arrivalMode: 'A',
      leftFor: null,
      noFixedAbode: false,
    },
    coded: { codes: ['F10.0', 'R07.4'], final: false },
    score: null,
    referral: null,
    died: null,
    merges: null,
  }
  const visit = base.visit as NonNullable<AdtReport['visit']>
  const spell = {
    ...visit,
    kind: 'spell',
    ref: 'S26001',
    method: '21',
    from: '19',
    attendanceRef: 'E26001',
    arrivalMode: null,
  } as const
  const left = { ...spell, endedAt: now - 60_000, leftFor: '19', noFixedAbode: true } as const
  const gone = { ...visit, endedAt: now - 120_000, leftFor: '12' } as const
  const reports: readonly AdtReport[] = [
    base,
    { ...base, trigger: 'A03', visit: gone, at: now - 120_000 },
    { ...base, trigger: 'A01', visit: spell, coded: null },
    {
      ...base,
      trigger: 'A03',
      visit: left,
      at: now - 60_000,
      score: { auditC: 9, takenAt: now - 300_000 },
      referral: { to: 'alcohol-treatment', at: now - 240_000 },
    },
    { ...base, trigger: 'A13', visit: spell, coded: null },
    { ...base, trigger: 'A08', visit: left, coded: { codes: ['T40.1', 'F11.2'], final: true } },
    { ...base, trigger: 'A08', visit: left, coded: { codes: ['J18.9'], final: true } },
    { ...base, trigger: 'A11', visit: spell, coded: null },
    { ...base, trigger: 'A02', visit: spell, coded: null },
    { ...base, trigger: 'A31', visit: null, coded: null, died: true },
    { ...base, trigger: 'A31', visit: null, coded: null, died: false },
    { ...base, trigger: 'A40', visit: null, coded: null, merges: 'T0417734' },
    { ...base, nhs: { value: '9990000115', traced: false }, mrn: null },
    { ...base, nhs: null, mrn: { value: 'X55', trust: 'RYY' } },
    { ...base, nhs: null, mrn: null },
  ].map(
    (report, i): AdtReport =>
      ({ ...report, controlId: `RZZ${i}`, sentAt: now + i * 1000 }) as AdtReport,
  )

  it('is understood as it is meant, and always acknowledged', async () => {
    await using desk = await deskOf('hospital')
    const truth = reading()
    const all = [...reports, reports[0] as AdtReport]
    const reads = all.map((report) => truth.hospital(report, now))
    for (const report of all) {
      const contentType = 'application/hl7-v2+er7'
      const { text } = await desk.post('/intake/hospital/hl7v2', adtMessage(report), {
        contentType,
      })
      expect(text).toMatch(/\rMSA\|AA\|/)
    }
    const counted = (await desk.register.ledger())
      .filter(({ outcome }) => outcome !== 'received')
      .flatMap(({ outcome, reason, count }) =>
        Array<string>(count).fill(reason === '' ? outcome : `${outcome}/${reason}`),
      )
    expect(counted.toSorted()).toEqual(reads.map((read) => read?.outcome ?? 'duplicate').toSorted())
    await expectAgreement(desk, reads)
  })
})

describe('simulated housing', () => {
  const numbers = [{ type: 'NHS', value: '9990000115' }] as const
  const referral = {
    what: 'duty-to-refer',
    referralId: 'DTR-000001',
    recordVersion: 1,
    authority: 'E99000001',
    submittedOn: '2026-05-01',
    decidedOn: null,
    reason: 'leaving_custody',
    agreed: true,
    numbers,
  } as const
  const tenancy = {
    what: 'tenancy',
    landlord: 'SYN-HOMES',
    tenancyId: 'TN-000001',
    tenantId: 'P-000001',
    startedOn: '2025-01-06',
    writtenAt: now,
    recordVersion: 1,
    numbers,
  } as const
  const contact = {
    what: 'rough-sleeping',
    service: 'OUTREACH-1',
    contactId: 'C-1',
    clientId: 'OC-1',
    metAt: now - 3_600_000,
    beddedDown: true,
    numbers,
  } as const
  const reports: readonly HousingReport[] = [
    { ...referral, status: 'SUBMITTED' },
    { ...referral, status: 'ACCEPTED', decidedOn: '2026-05-08' },
    { ...referral, status: 'NOT_ACCEPTED', decidedOn: '2026-05-09', recordVersion: 2 },
    { ...referral, status: 'WITHDRAWN', decidedOn: '2026-05-10' },
    { ...referral, status: 'SUBMITTED', referralId: 'DTR-000002', agreed: false },
    { ...tenancy, news: { is: 'started', at: now - 3_600_000 } },
    { ...tenancy, news: { is: 'arrears', at: now - 600_000, weeks: 9, asAt: '2026-05-12' } },
    { ...tenancy, news: { is: 'arrears', at: now - 600_000, weeks: 4, asAt: '2026-05-12' } },
    {
      ...tenancy,
      news: {
        is: 'notice',
        noticeId: 'NT-000001',
        at: now - 1000,
        servedOn: '2026-05-12',
        expiresOn: '2026-06-09',
        section: 'section_8',
      },
    },
    { ...tenancy, news: { is: 'ended', on: '2026-05-11', reason: 'abandoned' } },
    { ...tenancy, news: { is: 'asb', openedOn: '2026-05-01' } },
    contact,
    { ...contact, contactId: 'C-2', beddedDown: false },
    contact,
  ]

  it('is understood as it is meant, and a repeat is one', async () => {
    await using desk = await deskOf('housing')
    const truth = reading()
    const reads = reports.map((report) => truth.housing(report, now))
    const heard: string[] = []
    for (const report of reports) {
      const { text } = await desk.post(housingPath(report), housingRecord(report))
      heard.push(...outcomesIn(text))
    }
    expect(heard).toEqual(reads.map((read) => read?.outcome ?? 'duplicate'))
    await expectAgreement(desk, reads)
  })

  const row = {
    caseId: 'SYN-H-0001',
    personId: 'P-1',
    assessedOn: '2026-05-05',
    duty: 'relief',
    needs: ['drug_dependency', 'offending_history'],
    ended: null,
  } as const
  const file: HomelessnessFile = {
    what: 'homelessness',
    authority: 'E99000001',
    rows: [row, { ...row, caseId: 'SYN-H-0002', personId: 'P-2', isBad: true }],
  }
  const housed = { on: '2026-05-10', reason: 'accommodation_secured_6m' }

  it('tells its extract again: what differs, what is taken back, and all of it to whoever agrees later', async () => {
    await using desk = await deskOf('housing')
    const truth = reading()
    let claims = 0
    const reads: Read[] = []
    const upload = async (rows: HomelessnessFile['rows']) => {
      const told = truth.file({ ...file, rows }, now, (number) =>
        number.endsWith(':P-1') ? claims : 0,
      )
      reads.push(...told)
      const csv = homelessnessCsv({ ...file, rows })
      const { text } = await desk.post('/intake/housing/homelessness', csv, {
        contentType: 'text/csv',
      })
      expect(countsIn(text)).toEqual(countsOf(told))
    }
    await upload(file.rows)
    await upload([{ ...row, ended: housed }, ...file.rows.slice(1)])
    await upload([{ ...row, ended: housed }])
    await upload([row])
    await desk.claim({ type: 'HOUSING_APPLICATION', issuer: 'E99000001', value: 'P-1' })
    claims = 1
    await upload([row])
    await upload([row])
    await expectAgreement(desk, reads)
  })
})

describe('simulated treatment', () => {
  const report = {
    provider: 'N9901',
    recordReference: 'R-1',
    recordVersion: 1,
    episode: '50001',
    at: now - 3_600_000,
    numbers: [
      { type: 'NDTMS', value: 'T-1001' },
      { type: 'NHS', value: '9990000115' },
    ],
    restricted: false,
  } as const
  const reports: readonly ContactReport[] = [
    { ...report, news: { is: 'contact', attended: true } },
    { ...report, recordVersion: 2, news: { is: 'contact', attended: false } },
    { ...report, recordReference: 'R-2', news: { is: 'doses-missed', days: 3, pharmacy: true } },
    {
      ...report,
      recordReference: 'R-3',
      news: { is: 'naloxone', form: 'NASAL' },
      restricted: true,
    },
    { ...report, news: { is: 'contact', attended: true } },
  ]

  it('reports contacts and doses as they are meant, and a repeat is one', async () => {
    await using desk = await deskOf('treatment')
    const truth = reading()
    const reads = reports.map((one) => truth.treatment(one, now))
    const heard: string[] = []
    for (const one of reports) {
      const { text } = await desk.post('/intake/treatment/contacts', contactRecord(one))
      heard.push(...outcomesIn(text))
    }
    expect(heard).toEqual(reads.map((read) => read?.outcome ?? 'duplicate'))
    await expectAgreement(desk, reads)
  })

  const episode: Extract<NdtmsRow, { is: 'episode' }> = {
    is: 'episode',
    client: 'T-1001',
    episode: '50001',
    person: { initials: 'JK', born: '1984-03-12', sex: 'M' },
    referredOn: '2026-03-04',
    triagedOn: '2026-03-09',
    area: 'X91B',
    substances: ['1011', '3201'],
    referralSource: '13',
    ended: null,
    intervention: { ref: '90001', kind: '94', startedOn: '2026-03-12', endedOn: null },
    review: { ref: '80001', on: '2026-03-09', stage: 'S', housingProblem: true, daysInWork: 0 },
  }
  const later: NdtmsRow = {
    ...episode,
    intervention: null,
    review: { ref: '80002', on: '2026-04-20', stage: 'R', housingProblem: false, daysInWork: 4 },
  }
  const monthly = (...rows: readonly NdtmsRow[]): NdtmsFile => ({
    what: 'ndtms',
    provider: 'N9901',
    from: '2026-03-01',
    to: '2026-05-11',
    dataSet: 'P',
    rows,
  })
  const months: readonly NdtmsFile[] = [
    monthly(
      episode,
      { is: 'refusal', client: 'T-1003' },
      { ...episode, client: 'T-1009', episode: '50009', mistake: 'triage-before-referral' },
      { ...episode, client: 'T-1010', episode: '50010', mistake: 'no-substance' },
      { ...episode, client: 'T-1011', episode: '50011', mistake: 'date-not-readable' },
    ),
    monthly(episode, later, { is: 'refusal', client: 'T-1003' }),
    monthly({ ...episode, ended: { on: '2026-05-02', reason: '81' } }, later),
    monthly(episode, later),
    monthly(episode, later),
  ]

  it('tells its months again: only what differs is new', async () => {
    await using desk = await deskOf('treatment')
    const truth = reading()
    const reads: Read[] = []
    for (const file of months) {
      const told = truth.file(file, now, () => 0)
      reads.push(...told)
      const { name, csv } = ndtmsCsv(file)
      const path = `/intake/treatment/ndtms?file=${name}`
      const { text } = await desk.post(path, csv, { contentType: 'text/csv' })
      expect(countsIn(text)).toEqual(countsOf(told))
      expect((JSON.parse(text) as { readonly warnings: number }).warnings).toBe(0)
    }
    await expectAgreement(desk, reads)
  })

  it('says in its extract how treatment in prison ended', async () => {
    await using desk = await deskOf('treatment')
    const stay = {
      noms: 'Z9134QX',
      receivedOn: '2026-01-12',
      drugs: ['1011', '7000'],
      reason: 'not-in-custody',
      left: { on: '2026-05-01', how: 'Released', area: 'X91B' },
    } as const
    const file: SecureFile = {
      what: 'secure-setting',
      prison: 'QXI',
      rows: [
        stay,
        { ...stay, noms: 'Z9135QX', isBad: true },
        { ...stay, noms: 'Z9136QX', reason: 'dropped-out' },
      ],
    }
    const told = reading().file(file, now, () => 0)
    const path = '/intake/treatment/secure-setting?agency=QXI'
    const { text } = await desk.post(path, secureCsv(file), { contentType: 'text/csv' })
    expect(countsIn(text)).toEqual(countsOf(told))
    await expectAgreement(desk, told)
  })
})

const countsIn = (text: string) => {
  const { rows, accepted, unchanged, countedOnly, rejectedRows } = JSON.parse(text) as Record<
    string,
    number
  >
  return { rows, accepted, unchanged, countedOnly, rejected: rejectedRows }
}

const countsOf = (reads: readonly Read[]) => {
  const of = (...outcomes: readonly string[]) =>
    reads.filter(({ outcome }) => outcomes.includes(outcome)).length
  return {
    rows: reads.length,
    accepted: of('published', 'ignored/not-needed'),
    unchanged: of('unchanged'),
    countedOnly: of('counted-only'),
    rejected: of('rejected'),
  }
}
