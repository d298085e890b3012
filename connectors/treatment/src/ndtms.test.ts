import { HubError } from '@throughline/domain'
import { afterEach, describe, expect, it } from 'vitest'
import {
  example,
  extract,
  type TreatmentDesk,
  told,
  treatmentDesk,
  withCells,
} from './testing/desk.ts'

const open: TreatmentDesk[] = []
const desk = async (...given: Parameters<typeof treatmentDesk>): Promise<TreatmentDesk> => {
  const opened = await treatmentDesk(...given)
  open.push(opened)
  return opened
}
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

const ann = { type: 'NDTMS', value: 'T-1001', issuer: 'N9901' } as const
const quiet = { duplicate: 0, warnings: 0, rejectedRows: 0, rejected: [], warned: [] }

describe('a monthly file', () => {
  it('becomes the starts, ends, interventions and reviews of the people who agreed to be reported', async () => {
    const treatment = await desk()
    const { status, answer } = await treatment.upload('ndtms', extract)
    expect(status).toBe(200)
    expect(answer).toEqual({ ...quiet, rows: 10, accepted: 9, unchanged: 0, countedOnly: 1 })
    expect((await told(treatment)).toSorted()).toEqual([
      ...['90003', '90005', '91002', '91003', '91004'].map((ref) => `InterventionEnded ${ref} v1`),
      ...['90001', '90002', '90003', '90005', '90007', '91001', '91002', '91003', '91004'].map(
        (ref) => `InterventionStarted ${ref} v1`,
      ),
      ...['50002', '50004', '61002', '61003', '61004'].map((ref) => `TreatmentEnded ${ref} v1`),
      ...['50001', '50001', '50002', '50007', '61001'].map((ref) => `TreatmentReviewed ${ref} v1`),
      ...['50001', '50002', '50004', '50007', '61001', '61002', '61003', '61004'].map(
        (ref) => `TreatmentStarted ${ref} v1`,
      ),
    ])
  })

  it('says of each episode what the national codes mean', async () => {
    const treatment = await desk()
    await treatment.upload('ndtms', extract)
    const sent = await treatment.sent()
    const of = (schema: string, episode: string) =>
      sent
        .filter((one) => one.schema === schema && one.value['episodeRef'] === episode)
        .map(({ value }) => value)
    expect(of('TreatmentStarted', '50001')).toMatchObject([
      {
        occurredAt: Date.UTC(2026, 4, 13, 23),
        occurredAtPrecision: 'DAY',
        provider: 'N9901',
        identifiers: [{ type: 'NDTMS', value: 'T-1001', issuer: 'N9901', verified: true }],
        objectRef: 'N9901/50001',
        setting: 'COMMUNITY',
        substances: ['1011', '3201'],
        referralSource: '13',
        area: 'X91B',
      },
    ])
    const ends = ['50002', '50004', '61002', '61003', '61004'].map(
      (one) => of('TreatmentEnded', one)[0]?.['reason'],
    )
    expect(ends).toEqual([
      'COMPLETED',
      'TRANSFERRED_IN_CUSTODY',
      'DROPPED_OUT',
      'DIED',
      'COMPLETED',
    ])
    expect(of('TreatmentReviewed', '50001')).toMatchObject([
      { stage: 'START', housingProblem: true, daysInWork: 0 },
      { stage: 'REVIEW', housingProblem: false, daysInWork: 0 },
    ])
    // NA in every item but one.
    expect(of('TreatmentReviewed', '50007')).toMatchObject([
      { housingProblem: true, daysInWork: null },
    ])
    expect(of('InterventionEnded', '50002')).toMatchObject([
      { intervention: '95', exitReason: 'A' },
    ])
  })

  it('keeps two people apart who share initials, birth date and sex', async () => {
    const treatment = await desk()
    await treatment.upload('ndtms', extract)
    const sent = await treatment.sent()
    const numbers = ['50001', '61004'].map(
      (episode) => sent.find(({ value }) => value['episodeRef'] === episode)?.value['identifiers'],
    )
    expect(numbers).toEqual([
      [{ type: 'NDTMS', value: 'T-1001', issuer: 'N9901', verified: true }],
      [{ type: 'NDTMS', value: 'Q-90', issuer: 'N9902', verified: true }],
    ])
  })

  it('names each faulty row by line, column and rule, and takes the others', async () => {
    const treatment = await desk()
    const { status, answer, rejected, warned } = await treatment.upload(
      'ndtms',
      example('ndtms-invalid-rows.csv'),
    )
    expect(status).toBe(200)
    expect(answer).toMatchObject({ rows: 8, accepted: 2, rejectedRows: 6, warnings: 2 })
    expect(rejected).toEqual([
      '2 TRIAGED triage-before-referral',
      '3 DOB birth-year',
      '4 DRUG1 required',
      '5 CONSENT required',
      '6 CONSENT filled-although-refused',
      '8 LA local-authority-outside-england',
    ])
    expect(warned).toEqual(['7 DISRSN reason-without-date', '9 OPIUSE out-of-range'])
    expect(await told(treatment)).toEqual([
      'TreatmentStarted 59006 v1',
      'TreatmentStarted 50001 v1',
      'TreatmentReviewed 50001 v1',
    ])
  })

  it('is 422 where no row can be taken', async () => {
    const treatment = await desk()
    const [header, first] = example('ndtms-invalid-rows.csv').split('\n')
    const { status, answer } = await treatment.upload('ndtms', `${header}\n${first}\n`)
    expect([status, answer.rejectedRows]).toEqual([422, 1])
  })
})

describe('the next month', () => {
  it('tells nothing when the same file comes again', async () => {
    const treatment = await desk()
    await treatment.upload('ndtms', extract)
    const before = (await told(treatment)).length
    const { answer } = await treatment.upload('ndtms', extract)
    expect(answer).toEqual({ ...quiet, rows: 10, accepted: 0, unchanged: 9, countedOnly: 1 })
    expect(await told(treatment, before)).toEqual([])
  })

  it('tells nothing when rows or columns stand in another order', async () => {
    const treatment = await desk()
    await treatment.upload('ndtms', extract)
    const lines = extract
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(1, -1).split('","'))
    const [header, ...rows] = lines.map((cells) => `"${cells.toReversed().join('","')}"`)
    const { answer } = await treatment.upload(
      'ndtms',
      [header, ...rows.toReversed(), ''].join('\r\n'),
    )
    expect(answer).toMatchObject({ accepted: 0, unchanged: 9, countedOnly: 1 })
  })

  it('tells only what a changed row says otherwise', async () => {
    const treatment = await desk()
    await treatment.upload('ndtms', extract)
    const before = (await told(treatment)).length
    const changed = withCells(extract, { EPISODID: '50002' }, { DISD: '2026-07-31', DISRSN: '80' })
    expect((await treatment.upload('ndtms', changed)).answer).toMatchObject({
      accepted: 1,
      unchanged: 8,
    })
    expect(await told(treatment, before)).toEqual(['TreatmentEnded 50002 v2'])
  })

  it('takes an end back when an episode is opened again, and tells the next end above it', async () => {
    const treatment = await desk()
    await treatment.upload('ndtms', extract)
    const before = (await told(treatment)).length
    const reopened = withCells(extract, { EPISODID: '61002' }, { DISD: '', DISRSN: '' })
    await treatment.upload('ndtms', reopened)
    await treatment.upload('ndtms', reopened)
    await treatment.upload('ndtms', withCells(extract, { EPISODID: '61002' }, { DISRSN: '80' }))
    expect(await told(treatment, before)).toEqual(['EventWithdrawn  v1', 'TreatmentEnded 61002 v2'])
    const sent = await treatment.sent()
    const [withdrawn] = sent.filter(({ schema }) => schema === 'EventWithdrawn')
    const ended = sent.find(
      ({ schema, value }) => schema === 'TreatmentEnded' && value['episodeRef'] === '61002',
    )
    expect(withdrawn?.value).toMatchObject({
      withdrawnEventId: ended?.value['eventId'],
      identifiers: [{ value: 'Q-80' }],
      objectRef: null,
      reason: 'no-longer-stated',
    })
  })

  it('believes the row that says an episode has ended, where its rows differ', async () => {
    const treatment = await desk()
    await treatment.upload('ndtms', extract)
    const before = (await told(treatment)).length
    const ended = { DISD: '2026-11-09', DISRSN: '80' }
    const file = withCells(extract, { EPISODID: '50001', MODID: '90001' }, ended)
    await treatment.upload('ndtms', file)
    await treatment.upload('ndtms', file)
    expect(await told(treatment, before)).toEqual(['TreatmentEnded 50001 v1'])
  })

  it('leaves alone what a later file does not mention', async () => {
    const treatment = await desk()
    await treatment.upload('ndtms', extract)
    const before = (await told(treatment)).length
    const [header, first] = extract.split('\n')
    await treatment.upload('ndtms', `${header}\n${first}\n`)
    expect(await told(treatment, before)).toEqual([])
    expect((await treatment.upload('ndtms', extract)).answer).toMatchObject({
      accepted: 0,
      unchanged: 9,
    })
  })

  it('keeps blank and NA apart, though neither says anything', async () => {
    const treatment = await desk()
    await treatment.upload('ndtms', extract)
    const before = (await told(treatment)).length
    const { answer } = await treatment.upload(
      'ndtms',
      withCells(extract, { EPISODID: '50007' }, { OPIUSE: '' }),
    )
    expect(answer).toMatchObject({ accepted: 1, unchanged: 8 })
    expect(await told(treatment, before)).toEqual([])
  })

  it('goes on after a failure in the middle: what was done is unchanged', async () => {
    let left = 2
    const beforeAccept = () => {
      left -= 1
      if (left === 0) throw new HubError('HUB_STORE_UNAVAILABLE', 'lost')
    }
    const treatment = await desk({ chunkRows: 3 }, { beforeAccept })
    expect((await treatment.upload('ndtms', extract)).status).toBe(503)
    const { status, answer } = await treatment.upload('ndtms', extract)
    expect([status, answer.accepted + answer.unchanged, answer.unchanged > 0]).toEqual([
      200,
      9,
      true,
    ])
    expect(new Set(await told(treatment)).size).toBe((await told(treatment)).length - 1)
  })

  it('tells again what was told before somebody agreed', async () => {
    const treatment = await desk()
    await treatment.upload('ndtms', extract)
    const before = (await told(treatment)).length
    await treatment.claim(ann)
    const { answer } = await treatment.upload('ndtms', extract)
    expect(answer.accepted + answer.unchanged).toBe(9)
    expect([...new Set(await told(treatment, before))]).toEqual([
      'TreatmentStarted 50001 v2',
      'InterventionStarted 90001 v2',
      'InterventionStarted 90002 v2',
      'TreatmentReviewed 50001 v2',
    ])
  })
})

describe('what each rule says', () => {
  const cases: readonly (readonly [string, Record<string, string>, string])[] = [
    ['birth after referral', { DOB: '2026-05-06' }, 'DOB birth-after-referral'],
    ['under 18 at triage', { DOB: '2008-05-15' }, 'DOB under-18'],
    ['a year of two digits', { DOB: '12/03/84' }, 'DOB date-not-readable'],
    ['a serial number of a spreadsheet', { REFLD: '46146' }, 'REFLD date-not-readable'],
    ['a day that does not exist', { TRIAGED: '2026-02-30' }, 'TRIAGED date-not-readable'],
    ['a start tomorrow', { TRIAGED: '2026-11-17' }, 'TRIAGED in-future'],
    [
      'a client reference that a spreadsheet shortened',
      { CLIENT: '9.43477E+09' },
      'CLIENT shortened-number',
    ],
    [
      'an episode number that a spreadsheet shortened',
      { EPISODID: '5E+04' },
      'EPISODID shortened-number',
    ],
    ['a start after today', { TRIAGED: '2026-12-01' }, 'TRIAGED in-future'],
    ['no initial', { FINITIAL: 'NA' }, 'FINITIAL required'],
    ['a consent in other words', { CONSENT: 'yes' }, 'CONSENT consent-code'],
    ['no agency', { AGNCY: '' }, 'AGNCY required'],
    ['an agency that is none', { AGNCY: 'n99 01' }, 'AGNCY agency-shape'],
    ['no episode', { EPISODID: '' }, 'EPISODID required'],
  ]
  it.each(cases)('rejects a row with %s', async (_what, cells, rule) => {
    const treatment = await desk()
    const file = withCells(extract, { EPISODID: '50001', MODID: '90001' }, cells)
    const { rejected } = await treatment.upload('ndtms', file)
    expect(rejected).toEqual([`2 ${rule}`])
  })

  const warnings: readonly (readonly [string, Record<string, string>, string])[] = [
    ['an unknown reason', { DISRSN: '999' }, 'DISRSN code-unknown'],
    ['no reason', { DISRSN: '' }, 'DISD date-without-reason'],
    ['an unknown drug', { DRUG1: '1234' }, 'DRUG1 code-unknown'],
    ['the same drug twice', { DRUG2: '7000' }, 'DRUG2 same-drug-twice'],
    [
      'an intervention that ends before it starts',
      { MODEND: '2026-02-01' },
      'MODEND end-before-start',
    ],
    ['a review after the end', { TOPDATE: '2026-08-30' }, 'TOPDATE review-outside-episode'],
    ['no client reference', { CLIENT: 'NA' }, 'CLIENT client-reference-missing'],
    ['an unknown answer', { ACUTHPBM: '2' }, 'ACUTHPBM code-unknown'],
  ]
  it.each(warnings)('takes a row with %s, without that field', async (_what, cells, rule) => {
    const treatment = await desk()
    const { answer, warned } = await treatment.upload(
      'ndtms',
      withCells(extract, { EPISODID: '50002' }, cells),
    )
    expect(answer).toMatchObject({ accepted: 9, rejectedRows: 0 })
    expect(warned).toEqual([`4 ${rule}`])
  })

  it('reads dates with the day first', async () => {
    const treatment = await desk()
    await treatment.upload('ndtms', extract)
    const before = (await told(treatment)).length
    await treatment.upload(
      'ndtms',
      withCells(extract, { EPISODID: '50002' }, { DISD: '30/07/2026' }),
    )
    expect(await told(treatment, before)).toEqual([])
  })

  it('takes the code lists of the data set that the file is of', async () => {
    const treatment = await desk()
    const probation = withCells(extract, { EPISODID: '50002' }, { RFLS: '8' })
    const warnedWith = async (more: object) =>
      (await treatment.upload('ndtms', probation, more)).warned
    const named = (letter: string) => ({
      headers: {
        'content-disposition': `attachment; filename="N9901-20260101-20261115-TREAT-IN-${letter}.csv"`,
      },
    })
    expect(await warnedWith({ query: 'dataset=M' })).toEqual([])
    expect(await warnedWith({ query: 'dataset=N' })).toEqual(['4 RFLS code-unknown'])
    expect(await warnedWith(named('K'))).toEqual([])
    expect(await warnedWith(named('P'))).toEqual(['4 RFLS code-unknown'])
    expect(await warnedWith({})).toEqual(['4 RFLS code-unknown'])
    expect((await treatment.upload('ndtms', probation, { query: 'dataset=Z' })).status).toBe(422)
  })

  it('warns of a second open episode of one agency under the same attributor', async () => {
    const treatment = await desk()
    const [header, first = ''] = extract.split('\n')
    const { answer, warned } = await treatment.upload(
      'ndtms',
      `${header}\n${first}\n${first.replace('50001', '50009')}\n`,
    )
    expect(answer.accepted).toBe(2)
    expect(warned).toEqual(['3 EPISODID second-open-episode'])
  })

  it('rejects rows of an agency that is not expected, where that is configured', async () => {
    const treatment = await desk({ ndtms: { agencies: ['N9901'] } })
    const { rejected } = await treatment.upload('ndtms', extract)
    expect(rejected).toEqual([5, 8, 9, 11].map((line) => `${line} AGNCY other-agency`))
  })
})

describe('G3: somebody who refuses to be reported', () => {
  it('is counted, and nothing of the row is kept', async () => {
    const treatment = await desk()
    const [header, ...rows] = extract.split('\n')
    const refusal = rows.find((row) => row.includes('"1003"'))
    const { status, answer } = await treatment.upload('ndtms', `${header}\n${refusal}\n`)
    expect(status).toBe(200)
    expect(answer).toMatchObject({ rows: 1, accepted: 0, countedOnly: 1 })
    expect(await told(treatment)).toEqual([])
    const ledger = await treatment.register.ledger()
    expect(ledger.map(({ outcome, reason, count }) => `${outcome} ${reason} ${count}`)).toEqual([
      'counted-only consent-refused 1',
      'received  1',
    ])
  })

  it('may have NA in the other columns, and nothing else', async () => {
    const treatment = await desk()
    const refused = (changes: Record<string, string>) =>
      treatment.upload('ndtms', withCells(extract, { CLIENTID: '1003' }, changes))
    expect((await refused({ PC: 'NA' })).answer).toMatchObject({ countedOnly: 1, rejectedRows: 0 })
    expect((await refused({ PC: 'ZZ9 9' })).rejected).toEqual(['6 CONSENT filled-although-refused'])
  })
})

it('adds up in the ledger, whatever the rows were', async () => {
  const treatment = await desk()
  for (const file of [extract, example('ndtms-invalid-rows.csv'), extract])
    await treatment.upload('ndtms', file)
  const sums: Record<string, number> = {}
  for (const { outcome, count } of await treatment.register.ledger())
    sums[outcome] = (sums[outcome] ?? 0) + count
  expect(sums).toEqual({
    received: 28,
    published: 11,
    unchanged: 9,
    rejected: 6,
    'counted-only': 2,
  })
})
