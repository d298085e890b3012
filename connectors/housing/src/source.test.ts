import { HubError } from '@throughline/domain'
import { afterEach, describe, expect, it } from 'vitest'
import { type Desk, openDesk, postCsv, said } from './testing/desk.ts'
import { changed, letting, lettingsLog, outcomes, textOf } from './testing/examples.ts'

const open: Desk[] = []
const desk = async (...given: Parameters<typeof openDesk>): Promise<Desk> => {
  const opened = await openDesk(...given)
  open.push(opened)
  return opened
}
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

const post = (housing: Desk, route: string, body: unknown) =>
  housing.post(`/intake/housing/${route}`, body)
const typesOf = async (housing: Desk) => (await housing.sent()).map(({ schema }) => schema)

describe('each example through the real door', () => {
  it.each(Object.entries(outcomes))('%s', async (name, expected) => {
    const housing = await desk()
    const contentType = name.endsWith('.csv') ? 'text/csv' : 'application/json'
    const path = `/intake/housing/${expected.route}`
    const { text } = await housing.post(path, textOf(name), { contentType })
    const { rows, accepted, owed = 0, ended = 0, started = 0 } = expected
    const { outcome, events } = expected
    expect(JSON.parse(text)).toMatchObject(
      rows === undefined ? { results: [{ outcome, events }] } : { rows, accepted, rejected: [] },
    )
    const types = await typesOf(housing)
    const told = (type: string) => types.filter((one) => one === type).length
    expect([
      told('HomelessnessDutyOwed'),
      told('HomelessnessDutyEnded'),
      told('TenancyStarted'),
    ]).toEqual([owed, ended, started])
  })

  it('duty-to-refer-accepted.json is the authority’s decision, active for 26 weeks', async () => {
    const housing = await desk()
    const { status, results } = await post(
      housing,
      'duty-to-refer',
      textOf('duty-to-refer-accepted.json'),
    )
    expect(status).toBe(202)
    expect(results).toEqual([
      {
        outcome: 'published',
        eventIds: [expect.stringMatching(/^[\w-]{27}$/)],
        events: ['DutyToReferDecided'],
      },
    ])
    expect(await housing.sent()).toMatchObject([
      {
        topic: 'agency.housing.v1',
        value: {
          authority: 'E99000001',
          referralRef: '5d0f3c1e-1c3a-4a55-9f0e-0d3c8b7a1f01',
          decision: 'ACCEPTED',
          // The 4th of September still counts in London, the 5th does not.
          activeUntil: Date.parse('2026-09-05T00:00:00+01:00'),
        },
      },
    ])
  })

  it('tenancy-arrears-notice-asb.json tells of arrears and a notice, and not of the restricted case', async () => {
    const housing = await desk()
    const { status, results } = await post(
      housing,
      'tenancies',
      textOf('tenancy-arrears-notice-asb.json'),
    )
    expect(status).toBe(202)
    expect(results).toMatchObject([
      { outcome: 'published', events: ['ArrearsThresholdCrossed', 'PossessionNoticeServed'] },
    ])
    const sent = await housing.sent()
    expect(sent.map(({ value }) => value)).toMatchObject([
      {
        landlord: 'SYN-PRP-01',
        weeksOwed: 8,
        occurredAt: Date.parse('2026-09-13T00:00:00+01:00'),
        occurredAtPrecision: 'DAY',
        identifiers: [
          { type: 'TENANCY', issuer: 'SYN-PRP-01', value: 'TEN-SYN-00042' },
          { type: 'TENANCY', issuer: 'SYN-PRP-01', value: 'PER-SYN-9' },
        ],
      },
      {
        section: 'section_8',
        expiresOn: '2026-08-31',
        occurredAt: Date.parse('2026-08-03T09:30:00Z'),
        occurredAtPrecision: 'INSTANT',
      },
    ])
    expect(JSON.stringify(sent)).not.toMatch(/cuckooing|complainant|ASB-SYN-3/)
  })

  it('hclic-style-duties.csv gives five duties owed and three ended, and nothing for who is owed none', async () => {
    const housing = await desk()
    const { status, answer } = await postCsv(
      housing,
      'homelessness',
      textOf('hclic-style-duties.csv'),
    )
    expect(status).toBe(200)
    expect(answer).toMatchObject({ rows: 6, accepted: 6, rejected: [], warnings: 0 })
    const sent = await housing.sent()
    const owed = sent.filter(({ schema }) => schema === 'HomelessnessDutyOwed')
    expect(owed.map(({ value }) => [value['caseRef'], value['duty']])).toEqual([
      ['SYN-H-0001', 'RELIEF'],
      ['SYN-H-0002', 'PREVENTION'],
      ['SYN-H-0003', 'PREVENTION'],
      ['SYN-H-0004', 'RELIEF'],
      ['SYN-H-0005', 'MAIN'],
    ])
    const ended = sent.filter(({ schema }) => schema === 'HomelessnessDutyEnded')
    expect(ended.map(({ value }) => [value['caseRef'], value['reason'], value['housed']])).toEqual([
      ['SYN-H-0001', 'accommodation_secured_6m', true],
      ['SYN-H-0003', 'homeless_relief_started', false],
      ['SYN-H-0004', '56_days_elapsed', null],
    ])
    expect(sent).toHaveLength(8)
  })

  it('names one household for P-3, who passes prevention, relief and main duty, and keeps each row’s own needs', async () => {
    const housing = await desk()
    await postCsv(housing, 'homelessness', textOf('hclic-style-duties.csv'))
    const owed = (await housing.sent()).filter(({ schema }) => schema === 'HomelessnessDutyOwed')
    const people = owed.map(({ value }) => {
      const [person] = value['identifiers'] as readonly { value: string; issuer: string }[]
      return `${person?.issuer} ${person?.value}`
    })
    expect(people).toEqual([
      'E99000001 P-1',
      'E99000001 P-2',
      'E99000002 P-3',
      'E99000002 P-3',
      'E99000002 P-3',
    ])
    expect(new Set(people).size).toBe(3)
    expect(owed.map(({ value }) => value['supportNeeds'])).toEqual([
      ['drug dependency needs', 'offending history', 'history of mental health problems'],
      ['alcohol dependency needs', 'physical ill health or disability'],
      [],
      [
        'history of rough sleeping',
        'drug dependency needs',
        'at risk of or has experienced domestic abuse',
      ],
      [
        'history of rough sleeping',
        'drug dependency needs',
        'at risk of or has experienced domestic abuse',
      ],
    ])
  })

  it('a letting in a CORE log is a tenancy begun, from where and why', async () => {
    const housing = await desk({ landlords: { ORG99: 'SYN-PRP-01' } })
    const { status, answer } = await postCsv(housing, 'core-lettings', lettingsLog([letting]))
    expect(status).toBe(200)
    expect(answer).toMatchObject({ rows: 1, accepted: 1, warnings: 0 })
    expect(await housing.sent()).toMatchObject([
      {
        schema: 'TenancyStarted',
        value: {
          landlord: 'SYN-PRP-01',
          previousHome: 'sleeping-rough',
          reasonLeft: 'left-institution',
          occurredAt: Date.parse('2026-06-01T00:00:00+01:00'),
          identifiers: [{ type: 'TENANCY', issuer: 'SYN-PRP-01', value: 'TC-SYN-0007' }],
        },
      },
    ])
  })
})

describe('what a sender is told', () => {
  it('HTTP-24: hears duplicate the second time, though the balance has moved since', async () => {
    const housing = await desk()
    const first = await post(housing, 'tenancies', textOf('tenancy-arrears-notice-asb.json'))
    const later = changed('tenancy-arrears-notice-asb.json', {
      'meta.generatedAt': '2026-09-21T07:00:00Z',
      'rentAccount.balancePence': -106578,
      'rentAccount.weeksInArrears': 9,
      'rentAccount.asAt': '2026-09-20',
    })
    const again = await post(housing, 'tenancies', later)
    expect(again.results).toEqual([{ ...first.results[0], outcome: 'duplicate' }])
    expect(await housing.sent()).toHaveLength(2)
  })

  it('HTTP-24: hears of a conflict where an outcome is told otherwise under one version', async () => {
    const housing = await desk()
    await post(housing, 'duty-to-refer', textOf('duty-to-refer-accepted.json'))
    const declined = {
      'lifecycle.status': 'NOT_ACCEPTED',
      'lifecycle.outcomeReason': 'NO_LOCAL_CONNECTION',
    }
    const other = changed('duty-to-refer-accepted.json', declined)
    const { results } = await post(housing, 'duty-to-refer', other)
    expect(results).toEqual([{ outcome: 'quarantined', reason: 'conflict', at: [] }])
    const corrected = changed('duty-to-refer-accepted.json', { ...declined, recordVersion: 2 })
    const second = await post(housing, 'duty-to-refer', corrected)
    expect(second.results).toMatchObject([{ outcome: 'published' }])
  })

  it('HTTP-27: the good records of a list go on beside the bad, and a list of bad ones is 422', async () => {
    const housing = await desk()
    const bad = changed('duty-to-refer-accepted.json', { 'consent.toReferral': false })
    const good = changed('duty-to-refer-accepted.json', { referralId: 'R-2' })
    const mixed = await post(housing, 'duty-to-refer', [bad, good])
    expect([mixed.status, ...mixed.results.map(({ outcome }) => outcome)]).toEqual([
      202,
      'rejected',
      'published',
    ])
    expect((await post(housing, 'duty-to-refer', [bad, bad])).status).toBe(422)
  })

  it.each(['duty-to-refer', 'tenancies'] as const)(
    'HTTP-16: hears 400 for a member such as __proto__ at %s',
    async (route) => {
      const housing = await desk()
      expect((await post(housing, route, '{"__proto__": {}}')).status).toBe(400)
    },
  )

  it.each(['duty-to-refer', 'tenancies', 'homelessness', 'core-lettings'] as const)(
    'HTTP-1, HTTP-19: may not use %s without housing’s own token',
    async (route) => {
      const housing = await desk()
      const path = `/intake/housing/${route}`
      expect((await housing.post(path, '{}', { token: 'nobody' })).status).toBe(401)
      expect((await housing.post(path, '{}', { token: 'other' })).status).toBe(403)
    },
  )

  it('HTTP-13: hears 415 where JSON is sent for CSV, and CSV for JSON', async () => {
    const housing = await desk()
    const json = { contentType: 'application/json' }
    const csv = { contentType: 'text/csv' }
    expect((await housing.post('/intake/housing/homelessness', '{}', json)).status).toBe(415)
    expect((await housing.post('/intake/housing/tenancies', 'a,b', csv)).status).toBe(415)
  })

  it.each([
    ['tenancies', 'tenancy-arrears-notice-asb.json'],
    ['homelessness', 'hclic-style-duties.csv'],
  ] as const)(
    'HTTP-23, HTTP-27: hears 503 at %s when nothing could be kept',
    async (route, name) => {
      const down = () => {
        throw new HubError('HUB_STORE_UNAVAILABLE', 'the disk')
      }
      const housing = await desk({}, { beforeAccept: down })
      const contentType = name.endsWith('.csv') ? 'text/csv' : 'application/json'
      const { status } = await housing.post(`/intake/housing/${route}`, textOf(name), {
        contentType,
      })
      expect(status).toBe(503)
      expect(await housing.sent()).toEqual([])
    },
  )

  it('HTTP-18, CSV-17: cannot tell who has agreed, whether events are held or dropped', async () => {
    for (const unclaimed of ['hold', 'drop'] as const) {
      const shape = async (claimed: boolean) => {
        const housing = await desk({ unclaimed })
        if (claimed) {
          const issuer = 'E99000001'
          await housing.claim({ type: 'HOUSING_APPLICATION', issuer, value: 'SYN-DTR-0001' })
          await housing.claim({ type: 'HOUSING_APPLICATION', issuer, value: 'P-1' })
        }
        const referral = await post(housing, 'duty-to-refer', textOf('duty-to-refer-accepted.json'))
        const file = textOf('hclic-style-duties.csv')
        const extract = await postCsv(housing, 'homelessness', file)
        return [referral.status, referral.text, extract.status, extract.text]
      }
      expect(await shape(true)).toEqual(await shape(false))
    }
  })
})

describe('the lifecycle of a referral, whatever order it arrives in', () => {
  const submitted = changed('duty-to-refer-accepted.json', {
    'lifecycle.status': 'SUBMITTED',
    'lifecycle.outcomeReason': undefined,
  })
  const accepted = changed('duty-to-refer-accepted.json', { 'lifecycle.decidedOn': '2026-04-02' })
  const withdrawn = changed('duty-to-refer-accepted.json', {
    'lifecycle.status': 'WITHDRAWN',
    'lifecycle.withdrawalReason': 'NO_CONSENT',
    'consent.toReferral': false,
    'consent.withdrawnAt': '2026-05-01T10:00:00+01:00',
  })

  it.each([
    ['as it happened', [submitted, accepted, withdrawn]],
    ['backwards', [withdrawn, accepted, submitted]],
    ['the outcome last', [submitted, withdrawn, accepted]],
  ])('ends withdrawn: %s', async (_order, records) => {
    const housing = await desk()
    for (const record of records) {
      expect((await post(housing, 'duty-to-refer', record)).results).toMatchObject([
        { outcome: 'published' },
      ])
    }
    const sent = await housing.sent()
    const made = sent.filter(({ schema }) => schema === 'DutyToReferMade')
    expect(made.map(({ value }) => value['version'])).toEqual([1])
    const decided = sent.filter(({ schema }) => schema === 'DutyToReferDecided')
    expect(new Set(decided.map(({ value }) => value['eventId'])).size).toBe(1)
    const stands = decided.toSorted(
      (a, b) => Number(b.value['version']) - Number(a.value['version']),
    )[0]
    expect(stands?.value).toMatchObject({
      decision: 'WITHDRAWN',
      activeUntil: null,
      occurredAt: Date.parse('2026-05-01T00:00:00+01:00'),
    })
    for (const member of ['objectRef', 'referralRef']) {
      expect(new Set(sent.map(({ value }) => value[member])).size).toBe(1)
    }
  })
})

describe('a homelessness extract that tells everything again', () => {
  const file = textOf('hclic-style-duties.csv')

  it('CSV-10: is unchanged the second time, in any order of rows and columns', async () => {
    const housing = await desk()
    await postCsv(housing, 'homelessness', file)
    const [head = '', ...rows] = file.trimEnd().split('\n')
    const turned = [head, ...rows.toReversed()]
      .map((line) => line.split(',').toReversed().join(','))
      .join('\r\n')
    const { answer } = await postCsv(housing, 'homelessness', turned)
    expect(answer).toMatchObject({ rows: 6, accepted: 0, unchanged: 6 })
    expect(await housing.sent()).toHaveLength(8)
  })

  it('tells of a duty that has ended since, once', async () => {
    const housing = await desk()
    await postCsv(housing, 'homelessness', file)
    const later = file.replace(
      '"alcohol_dependency|physical_ill_health_disability","","",""',
      '"alcohol_dependency|physical_ill_health_disability","2026-08-01","accommodation_secured_6m",""',
    )
    const { answer } = await postCsv(housing, 'homelessness', later)
    expect(answer).toMatchObject({ accepted: 1, unchanged: 5 })
    const told = (await housing.sent()).slice(8)
    expect(told).toMatchObject([
      {
        schema: 'HomelessnessDutyEnded',
        value: { caseRef: 'SYN-H-0002', version: 1, housed: true },
      },
    ])
  })

  it('is told again to somebody who has agreed since the last file', async () => {
    const housing = await desk({ unclaimed: 'drop' })
    await postCsv(housing, 'homelessness', file)
    expect(await housing.sent()).toEqual([])
    await housing.claim({ type: 'HOUSING_APPLICATION', issuer: 'E99000002', value: 'P-3' })
    await postCsv(housing, 'homelessness', file)
    expect((await housing.sent()).map(({ value }) => value['caseRef'])).toEqual([
      'SYN-H-0003',
      'SYN-H-0003',
      'SYN-H-0004',
      'SYN-H-0004',
      'SYN-H-0005',
    ])
  })

  it('takes back an end that the next file no longer has', async () => {
    const housing = await desk()
    await postCsv(housing, 'homelessness', file)
    const ended = (await housing.sent()).find(
      ({ schema, value }) =>
        schema === 'HomelessnessDutyEnded' && value['caseRef'] === 'SYN-H-0004',
    )
    const later = file.replace('"2026-09-09","56_days_elapsed"', '"",""')
    await postCsv(housing, 'homelessness', later)
    const back = (await housing.sent()).find(({ schema }) => schema === 'EventWithdrawn')
    expect(back?.value['withdrawnEventId']).toBe(ended?.value['eventId'])
  })
})

describe('rows that are wrong', () => {
  const [head, row] = textOf('hclic-style-duties.csv').split('\n') as [string, string]
  const columns = head.replaceAll('"', '').split(',')
  const cells = row.replaceAll('"', '').split(',')
  const rowWith = (changes: Readonly<Record<string, string>>) =>
    columns.map((column, at) => `"${changes[column] ?? cells[at]}"`).join(',')

  it.each([
    [
      'CSV-8: a day as a spreadsheet writes it',
      { assessment_date: '05/05/2026' },
      ['assessment_date day-not-readable'],
    ],
    [
      'CSV-8: a day as a number',
      { assessment_date: '44927' },
      ['assessment_date day-not-readable'],
    ],
    [
      'CSV-8: a case number as a spreadsheet spoils it',
      { case_id: '9.43477E+09' },
      ['case_id shape'],
    ],
    [
      'CSV-19: a day that has not come',
      { duty_end_date: '2027-01-01' },
      ['duty_end_date in-future'],
    ],
    [
      'CSV-19: an end before its beginning',
      { duty_end_date: '2026-04-01' },
      ['duty_end_date before-it-began'],
    ],
    [
      'an assessment before the application',
      { application_date: '2026-05-06' },
      ['assessment_date before-it-began'],
    ],
    ['a reason without a day', { duty_end_date: '' }, ['duty_end_date required']],
    ['a duty nobody knows', { duty_owed: 'tertiary' }, ['duty_owed not-in-list']],
    ['no case', { case_id: '' }, ['case_id required']],
    ['G4: a Welsh authority', { la_code: 'W06000015' }, ['la_code authority-in-england']],
    [
      'CSV-7: a reason that a spreadsheet would run',
      { duty_end_reason: '=1+1' },
      ['duty_end_reason shape'],
    ],
  ])('%s is refused by line, column and rule', async (_what, changes, faults) => {
    const housing = await desk()
    const { status, answer } = await postCsv(
      housing,
      'homelessness',
      `${head}\n${rowWith({ case_id: 'SYN-H-0009' })}\n${rowWith(changes)}\n`,
    )
    expect(status).toBe(200)
    expect(answer).toMatchObject({ rows: 2, accepted: 1, rejectedRows: 1 })
    expect(said(answer.rejected)).toEqual(faults.map((fault) => `3 ${fault}`))
  })

  it('CSV-16: people of an authority that the sender does not answer for are refused', async () => {
    const housing = await desk({ authorities: ['E99000002'] })
    const { answer } = await postCsv(housing, 'homelessness', textOf('hclic-style-duties.csv'))
    expect(said(answer.rejected)).toEqual([
      '2 la_code another-authority',
      '3 la_code another-authority',
      '7 la_code another-authority',
    ])
  })

  it('a support need nobody knows is left out, with a warning, and the row goes on', async () => {
    const housing = await desk()
    const text = `${head}\n${rowWith({ support_needs: 'drug_dependency|lycanthropy' })}\n`
    const { answer } = await postCsv(housing, 'homelessness', text)
    expect(answer).toMatchObject({ accepted: 1, warnings: 1 })
    expect(said(answer.warned)).toEqual(['2 support_needs need-unknown'])
    const [owed] = await housing.sent()
    expect(owed?.value['supportNeeds']).toEqual(['drug dependency needs'])
  })

  it('CSV-2: a file without a column it needs is refused whole, and an unknown one is a warning', async () => {
    const housing = await desk()
    const short = await postCsv(housing, 'homelessness', 'case_id,la_code\nA,E99000001\n')
    expect([short.status, short.answer.error?.code]).toEqual([422, 'column-missing'])
    const wide = await postCsv(housing, 'homelessness', `${head},"shoe_size"\n${row},"9"\n`)
    expect(said(wide.answer.warned)).toEqual(['1 shoe_size unknown-column'])
    expect(wide.answer.accepted).toBe(1)
  })

  it('never takes one person’s number for another one’s case where an authority counts both alike', async () => {
    const housing = await desk()
    await postCsv(
      housing,
      'homelessness',
      `${head}\n${rowWith({ case_id: '1234', lead_person_id: '1235' })}\n${rowWith({ case_id: 'H7', lead_person_id: 'h8' })}\n`,
    )
    const numbers = (await housing.sent()).map(({ value }) =>
      (value['identifiers'] as readonly { value: string }[]).map((one) => one.value),
    )
    expect(numbers).toEqual([['1234'], ['1234'], ['H7'], ['H7']])
  })
})

describe('a CORE lettings log', () => {
  const later = (changes: Readonly<Record<number, string>>) =>
    lettingsLog([
      { ...letting, 13: 'TC-SYN-0001' },
      { ...letting, ...changes },
    ])

  it('is read by position without its row of numbers, and says so', async () => {
    const housing = await desk()
    const { status, answer } = await postCsv(
      housing,
      'core-lettings',
      lettingsLog([letting, { ...letting, 13: 'TC-SYN-0008' }], { withNumbers: false }),
    )
    expect([status, answer.accepted]).toEqual([200, 2])
    expect(said(answer.warned)).toEqual(['1 - headers-missing'])
    expect(await typesOf(housing)).toEqual(['TenancyStarted', 'TenancyStarted'])
  })

  it('is read by number though its columns are in another order, and names lines as an editor does', async () => {
    const housing = await desk()
    const text = lettingsLog([letting, { ...letting, 10: '1066' }])
      .trimEnd()
      .split('\r\n')
      .map((line) => {
        const [first, ...cells] = line.split(',')
        return [first, ...cells.toReversed()].join(',')
      })
      .join('\n')
    const { answer } = await postCsv(housing, 'core-lettings', text)
    expect(answer).toMatchObject({ rows: 2, accepted: 1 })
    expect(said(answer.rejected)).toEqual(['4 field_10 another-collection-year'])
  })

  it.each([
    [
      'two columns short',
      (text: string) => text.replaceAll(/,"[^"]*","[^"]*"$/gm, ''),
      'column-count',
    ],
    ['a field number twice', (text: string) => text.replace('"146"', '"147"'), 'column-repeated'],
    [
      'of another year',
      (text: string) => text.replace(',"6","26",', ',"6","25",'),
      'collection-year',
    ],
    ['semicolons', (text: string) => text.replaceAll('"', '').replaceAll(',', ';'), 'separator'],
    ['nothing', () => '', 'csv-empty'],
  ])('with %s is refused whole', async (_what, spoilt, code) => {
    const housing = await desk()
    for (const withNumbers of [true, false]) {
      if (code === 'column-repeated' && !withNumbers) continue
      const text = spoilt(lettingsLog([letting], { withNumbers, preamble: false }))
      const { status, answer } = await postCsv(housing, 'core-lettings', text)
      expect([status, answer.error?.code]).toEqual([422, code])
    }
    expect(await housing.sent()).toEqual([])
  })

  it('begins a collection year on 1 April', async () => {
    const on = async (day: string, month: string, year: string) => {
      const housing = await desk()
      const text = lettingsLog([{ ...letting, 8: day, 9: month, 10: year }])
      return (await postCsv(housing, 'core-lettings', text)).status
    }
    expect(await on('1', '4', '2026')).toBe(200)
    expect(await on('31', '03', '26')).toBe(422)
  })

  it.each([
    ['a day that is none', { 8: '31', 9: '6' }, ['field_8 day-not-readable']],
    ['a day that has not come', { 8: '1', 9: '12' }, ['field_8 in-future']],
    ['another collection year', { 9: '2' }, ['field_10 another-collection-year']],
    ['a tenant who has not seen the notice', { 15: '' }, ['field_15 privacy-notice-not-seen']],
    ['no owner', { 1: '' }, ['field_1 required']],
    ['a spoilt tenant code', { 13: '=2+3' }, ['field_13 shape']],
  ])('refuses a letting with %s, and the others go on', async (_what, changes, faults) => {
    const housing = await desk()
    const { answer } = await postCsv(housing, 'core-lettings', later(changes))
    expect(answer).toMatchObject({ rows: 2, accepted: 1, rejectedRows: 1 })
    expect(said(answer.rejected)).toEqual(faults.map((fault) => `4 ${fault}`))
  })

  it('tells neither a renewal nor a letting to nobody who can be named', async () => {
    const housing = await desk()
    const log = lettingsLog([
      { ...letting, 7: '1' },
      { ...letting, 13: '' },
    ])
    const { answer } = await postCsv(housing, 'core-lettings', log)
    expect(answer).toMatchObject({ rows: 2, accepted: 2 })
    expect(await housing.sent()).toEqual([])
  })

  it('takes a start back that turns out to be a renewal', async () => {
    const housing = await desk()
    await postCsv(housing, 'core-lettings', lettingsLog([letting]))
    await postCsv(housing, 'core-lettings', lettingsLog([{ ...letting, 7: '1' }]))
    expect(await typesOf(housing)).toEqual(['TenancyStarted', 'EventWithdrawn'])
  })

  it.each([
    [
      'domestic abuse',
      { 113: '48', 115: '21' },
      { previousHome: 'temporary', reasonLeft: 'other' },
    ],
    ['cuckooing', { 113: '57', 115: '30' }, { previousHome: 'settled', reasonLeft: 'other' }],
    [
      'prison',
      { 113: '45', 115: '29' },
      { previousHome: 'institution', reasonLeft: 'left-institution' },
    ],
    [
      'hospital',
      { 113: '46', 115: '10' },
      { previousHome: 'institution', reasonLeft: 'left-institution' },
    ],
    ['nothing said', { 113: '47', 115: '' }, { previousHome: null, reasonLeft: null }],
    ['a code of no list', { 113: 'x', 115: '99' }, { previousHome: 'other', reasonLeft: null }],
  ])('does not say which institution or what harm: %s', async (_what, changes, groups) => {
    const housing = await desk()
    await postCsv(housing, 'core-lettings', lettingsLog([{ ...letting, ...changes }]))
    expect((await housing.sent())[0]?.value).toMatchObject(groups)
  })

  it('CSV-10: is unchanged the second time, and a corrected letting is the next version', async () => {
    const housing = await desk()
    await postCsv(housing, 'core-lettings', lettingsLog([letting]))
    const again = await postCsv(housing, 'core-lettings', lettingsLog([letting]))
    expect(again.answer).toMatchObject({ accepted: 0, unchanged: 1 })
    await postCsv(housing, 'core-lettings', lettingsLog([{ ...letting, 115: '28' }]))
    expect(
      (await housing.sent()).map(({ value }) => [value['version'], value['previousHome']]),
    ).toEqual([
      [1, 'sleeping-rough'],
      [2, 'friends-or-family'],
    ])
  })
})
