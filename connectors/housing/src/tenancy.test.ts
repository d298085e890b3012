import { readFileSync } from 'node:fs'
import type { JsonValue } from '@throughline/service'
import { describe, expect, it } from 'vitest'
import { tenanciesSchema } from './tenancy.ts'
import { ids, now } from './testing/desk.ts'
import { changed, example } from './testing/examples.ts'
import { translateTenancies } from './translate-tenancy.ts'

const name = 'tenancy-arrears-notice-asb.json'
const contact = 'rough-sleeping-contact.json'
const rules = {
  partnership: 'testshire',
  allowTestNhsNumbers: true,
  nhsNumbersTraced: true,
  arrearsWeeks: 8,
  now,
}

const one = (record: JsonValue, more: Partial<typeof rules> = {}) => {
  const [translation] = translateTenancies([record], ids, { ...rules, ...more })
  if (translation === undefined) throw new Error('no translation')
  return translation
}
type Changes = Readonly<Record<string, unknown>>
const eventsOf = (changes: Changes, more: Partial<typeof rules> = {}) => {
  const translation = one(changed(name, changes), more)
  return translation.outcome === 'published' ? translation.events.map(({ event }) => event) : []
}
const typesOf = (changes: Changes, more: Partial<typeof rules> = {}) =>
  eventsOf(changes, more).map(({ type }) => type)
const reasonOf = (changes: Changes, more: Partial<typeof rules> = {}) => {
  const translation = one(changed(name, changes), more)
  return translation.outcome === 'ignored' ? translation.reason : translation.outcome
}
const faultsIn = (record: JsonValue) => {
  const translation = one(record)
  return translation.outcome === 'rejected'
    ? translation.errors.map(({ path, rule }) => `${path} ${rule}`)
    : []
}
const crossing = (thresholdWeeks: number, occurredAt = '2026-07-06T00:00:00Z') => ({
  type: 'tenancy.arrears.threshold-crossed',
  occurredAt,
  thresholdWeeks,
})
const onlyArrears = { possession: null, asbCases: [], events: [crossing(4)] }

describe('arrears', () => {
  it('are told from eight weeks owed, and from as many as the partnership says', () => {
    const seven = { ...onlyArrears, events: [crossing(4)], 'rentAccount.weeksInArrears': 7.9 }
    expect(reasonOf(seven)).toBe('below-threshold')
    expect(typesOf(seven, { arrearsWeeks: 4 })).toEqual(['ArrearsThresholdCrossed'])
  })

  it('have the time and the weeks of a crossing of our own threshold', () => {
    const events = [crossing(4), crossing(8, '2026-08-10T00:00:00Z')]
    expect(eventsOf({ ...onlyArrears, events, 'rentAccount.weeksInArrears': 11 })).toMatchObject([
      {
        weeksOwed: 8,
        occurredAt: Date.parse('2026-08-10T00:00:00Z'),
        occurredAtPrecision: 'INSTANT',
      },
    ])
  })

  it('are told once for each time the account goes into arrears', () => {
    const first = one(changed(name, { events: [crossing(8)] }))
    const deeper = one(changed(name, { events: [crossing(8)], 'rentAccount.weeksInArrears': 12 }))
    const again = one(changed(name, { events: [crossing(8, '2026-10-19T00:00:00Z')] }))
    expect([deeper.naturalKey, deeper.contentHash]).toEqual([first.naturalKey, first.contentHash])
    expect(again.naturalKey).not.toBe(first.naturalKey)
  })

  it('are not told where nothing was crossed, however much is owed', () => {
    expect(reasonOf({ ...onlyArrears, events: [] })).toBe('not-needed')
  })

  it.each([
    ['weekly', -94_736, 11_842],
    ['fortnightly', -94_736, 23_684],
    ['four_weekly', -94_736, 47_368],
    ['monthly', -94_736, 51_314],
  ])(
    'are worked out from a %s balance where the landlord gives no weeks',
    (frequency, balance, rent) => {
      const account = {
        'rentAccount.weeksInArrears': undefined,
        'rentAccount.frequency': frequency,
        'rentAccount.balancePence': balance,
        'rentAccount.grossRentPence': rent,
      }
      expect(eventsOf({ ...onlyArrears, ...account })).toMatchObject([{ weeksOwed: 8 }])
    },
  )
})

describe('a possession notice', () => {
  it.each(['section_8', 'section_21_legacy', 'nsp_secure', 'ntq'])(
    'of type %s is told',
    (noticeType) => {
      const told = eventsOf({
        events: [],
        asbCases: [],
        'possession.noticeType': noticeType,
        'possession.servedOn': '2026-04-30',
      })
      expect(told).toMatchObject([
        {
          type: 'PossessionNoticeServed',
          section: noticeType,
          expiresOn: '2026-08-31',
          occurredAt: Date.parse('2026-04-30T00:00:00+01:00'),
          occurredAtPrecision: 'DAY',
        },
      ])
    },
  )

  it('under section 21 after April 2026 cannot be right, and is told with a warning', () => {
    const on = (servedOn: string) =>
      one(
        changed(name, {
          events: [],
          'possession.noticeType': 'section_21_legacy',
          'possession.servedOn': servedOn,
        }),
      )
    expect(on('2026-04-30').warnings).toBeUndefined()
    expect(on('2026-05-01')).toMatchObject({
      outcome: 'published',
      warnings: [{ path: 'possession.noticeType', rule: 'section-21-after-april-2026' }],
    })
  })

  it('that is told otherwise later is a conflict unless its version is higher', () => {
    const served = (changes: Changes) => one(changed(name, { events: [], ...changes }))
    const first = served({})
    const other = served({ 'possession.noticeType': 'ntq' })
    expect(other.naturalKey).toBe(first.naturalKey)
    expect(other.contentHash).not.toBe(first.contentHash)
    expect(served({ recordVersion: 2 }).version).toBe(2)
  })
})

describe('a tenancy', () => {
  const quiet = { ...onlyArrears, rentAccount: undefined }

  it('begins when the landlord says so, not with every record that has a start', () => {
    const events = [{ type: 'tenancy.started', occurredAt: '2026-11-02T12:00:00Z' }]
    expect(reasonOf({ ...quiet, events: [] })).toBe('not-needed')
    expect(eventsOf({ ...quiet, events })).toMatchObject([
      { type: 'TenancyStarted', landlord: 'SYN-PRP-01', kind: 'assured_periodic' },
    ])
  })

  it('ends when it has ended, never before', () => {
    const ending = (endDate: string) => ({
      ...quiet,
      events: [],
      'tenancy.endDate': endDate,
      'tenancy.endReason': 'abandoned',
    })
    expect(reasonOf(ending('2026-11-16'))).toBe('not-needed')
    expect(eventsOf(ending('2026-11-15'))).toMatchObject([
      { type: 'TenancyEnded', reason: 'abandoned', occurredAt: Date.parse('2026-11-15T00:00:00Z') },
    ])
  })

  it('of two people is told of each by their own numbers, under an event of their own', () => {
    const events = eventsOf({
      ...onlyArrears,
      'tenancy.jointTenancy': true,
      'tenancy.tenants': [
        { personId: 'PER-SYN-10', identifiers: [{ type: 'NHS', value: '9990000115' }] },
        { personId: 'PER-SYN-9', isLead: true },
      ],
    })
    expect(events.map(({ identifiers }) => identifiers.map(({ value }) => value))).toEqual([
      ['PER-SYN-10', '9990000115'],
      ['TEN-SYN-00042', 'PER-SYN-9'],
    ])
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(2)
  })

  it('counts a person’s number only where it cannot be another one’s tenancy', () => {
    const numbers = eventsOf({
      'tenancy.tenancyId': '5001',
      'tenancy.tenants': [{ personId: '5002', isLead: true }],
    }).map(({ identifiers }) => identifiers.map(({ value }) => value))
    expect(numbers).toEqual([['5001'], ['5001']])
  })
})

describe('what is never passed on', () => {
  it('is a restricted case, or any other: it is read and left here', () => {
    const only = { possession: null, events: [], rentAccount: undefined }
    expect(reasonOf(only)).toBe('restricted')
    const normal = [
      {
        caseId: 'A-1',
        role: 'subject',
        category: 'noise',
        openedOn: '2026-07-20',
        status: 'open',
        visibility: 'normal',
      },
    ]
    expect(reasonOf({ ...only, asbCases: normal })).toBe('not-needed')
  })

  it('G18: is a person alert: the format has no member for one, so none comes in and none goes out', () => {
    for (const member of ['personAlerts', 'tenancy.personAlerts', 'tenancy.tenants.0.alerts']) {
      expect(faultsIn(changed(name, { [member]: [{ person_alert_code_id: 108 }] }))).toEqual([
        `${member} unknown-member`,
      ])
    }
    expect(JSON.stringify(tenanciesSchema())).not.toMatch(/alert/i)
  })
})

describe('a rough-sleeping contact', () => {
  it('is told with its service and its time, and no place', () => {
    const translation = one(example(contact))
    expect(translation).toMatchObject({
      outcome: 'published',
      events: [
        {
          event: {
            type: 'RoughSleepingContact',
            service: 'SYN-OUTREACH',
            occurredAt: Date.parse('2026-10-04T04:10:00Z'),
            identifiers: [
              { type: 'HOUSING_APPLICATION', issuer: 'SYN-OUTREACH', value: 'RS-0042' },
              { type: 'NHS', value: '9990000115' },
            ],
          },
        },
      ],
    })
  })

  it('is not told where nobody was bedded down', () => {
    const up = changed(contact, { 'roughSleepingContact.beddedDown': false })
    expect(one(up)).toMatchObject({ outcome: 'ignored', reason: 'not-sleeping-rough' })
  })

  it.each([
    [
      'with a place',
      { 'roughSleepingContact.place': 'x' },
      ['roughSleepingContact.place unknown-member'],
    ],
    [
      'that has not come',
      { 'roughSleepingContact.metAt': '2026-11-17T09:00:00Z' },
      ['roughSleepingContact.metAt in-future'],
    ],
    [
      'without a person',
      { 'roughSleepingContact.personId': undefined },
      ['roughSleepingContact.personId required'],
    ],
    ['that is no object', { roughSleepingContact: 4 }, ['roughSleepingContact type']],
  ])('%s is refused', (_what, changes, faults) => {
    expect(faultsIn(changed(contact, changes))).toEqual(faults)
  })
})

describe('a tenancy record that cannot be right is refused by place and rule', () => {
  it.each([
    [
      'a debt that is no debt',
      { 'rentAccount.balancePence': 94_736 },
      ['rentAccount.balancePence owed-is-negative'],
    ],
    ['a balance of tomorrow', { 'rentAccount.asAt': '2026-11-16' }, ['rentAccount.asAt in-future']],
    ['a crossing without an account', { rentAccount: undefined }, ['rentAccount required']],
    ['a notice served and none there', { possession: null }, ['possession required']],
    [
      'a notice served on two days',
      { 'possession.servedOn': '2026-08-04' },
      ['events.1.occurredAt not-the-day-served'],
    ],
    [
      'a court before the notice',
      { 'possession.earliestProceedings': '2026-08-02' },
      ['possession.earliestProceedings before-served'],
    ],
    [
      'a notice of tomorrow',
      { events: [], 'possession.servedOn': '2026-11-16', 'possession.earliestProceedings': null },
      ['possession.servedOn in-future'],
    ],
    [
      'a notice nobody knows',
      { 'possession.noticeType': 'section_9' },
      ['possession.noticeType not-in-list'],
    ],
    ['a ground that is none', { 'possession.grounds': ['ten'] }, ['possession.grounds.0 shape']],
    [
      'an end before its beginning',
      { 'tenancy.endDate': '2024-02-04' },
      ['tenancy.endDate before-it-began'],
    ],
    [
      'an event nobody knows',
      { events: [{ type: 'tenancy.burnt', occurredAt: '2026-08-03T09:30:00Z' }] },
      ['events.0.type not-in-list'],
    ],
    [
      'an event that has not come',
      { events: [crossing(8, '2026-11-17T00:00:00Z')] },
      ['events.0.occurredAt in-future'],
    ],
    [
      'a crossing of no threshold',
      { events: [{ ...crossing(8), thresholdWeeks: undefined }] },
      ['events.0.thresholdWeeks required'],
    ],
    [
      'an end and no day',
      { events: [{ type: 'tenancy.ended', occurredAt: '2026-08-03T09:30:00Z' }] },
      ['tenancy.endDate required'],
    ],
    ['nobody', { 'tenancy.tenants': [] }, ['tenancy.tenants size']],
    [
      'a spoilt prison number',
      { 'tenancy.tenants': [{ personId: 'P-1', identifiers: [{ type: 'NOMS', value: 'Z1' }] }] },
      ['tenancy.tenants.0.identifiers.0.value noms-shape'],
    ],
    ['no tenancy', { tenancy: undefined }, ['tenancy required']],
    [
      'a time without a zone',
      { 'meta.generatedAt': '2026-09-14T07:00:00' },
      ['meta.generatedAt timestamp-needs-offset'],
    ],
  ])('%s', (_what, changes, faults) => {
    expect(faultsIn(changed(name, changes))).toEqual(faults)
  })

  it.each([[[]], ['text'], [null], [7]])('and so is what is no record: %j', (written) => {
    expect(faultsIn(written as JsonValue)).toEqual([' not-an-object'])
  })
})

it('has the schema that is published beside it', () => {
  const written = readFileSync(new URL('../tenancies.schema.json', import.meta.url), 'utf8')
  expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(tenanciesSchema())))
})
