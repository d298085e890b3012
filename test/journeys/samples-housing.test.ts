import type { CanonicalEvent } from '@throughline/domain'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, balanced, startTestHub, type TestHub } from './hub.ts'
import { brief, newlyPublishedBy, sampleBytes } from './published.ts'

const text = (name: string) => sampleBytes('housing', name).toString('utf8')

async function send(hub: TestHub, route: string, body: string): Promise<Answer> {
  const type = { 'content-type': body.startsWith('{') ? 'application/json' : 'text/csv' }
  const answer = await hub.ask('housing', 'POST', `/intake/housing/${route}`, body, type)
  await hub.idle()
  return answer
}

const authority = 'E99000001'
const jonas = [{ type: 'HOUSING_APPLICATION', issuer: authority, value: 'SYN-DTR-0001' }]
const household = [{ type: 'HOUSING_APPLICATION', issuer: 'E99000002', value: 'P-3' }]
const tenant = [{ type: 'TENANCY', issuer: 'SYN-PRP-01', value: 'PER-SYN-9' }]

describe('the samples of housing', () => {
  let hub: TestHub
  const people: string[] = []
  let told: () => Promise<readonly CanonicalEvent[]>
  beforeAll(async () => {
    hub = await startTestHub({ from: '2026-03-05T09:00:00Z' })
    const until = '2027-10-05T00:00:00Z'
    for (const [at, identifiers] of [jonas, household, tenant].entries()) {
      const { personId } = await hub.consent({ identifiers, lead: `lp-${at + 1}`, until })
      people.push(personId)
    }
    told = newlyPublishedBy(hub, 'housing')
  })
  afterAll(() => hub?.[Symbol.asyncDispose]())

  const story = async (at: number) =>
    (await hub.story(`lp-${at + 1}`, people[at] ?? ''))?.lines.map(
      ({ text: line, current }) => `${current ? 'now' : 'before'}: ${line}`,
    )
  const notices = async (at: number) =>
    (await hub.inboxOf(`lp-${at + 1}`, 'any'))
      .map(({ rule, state }) => `${rule} ${state}`)
      .toSorted()

  it('the referral was accepted, and counts through 4 September 2026', async () => {
    await hub.passTo('2026-03-09T09:00:00Z')
    const { status, body } = await send(hub, 'duty-to-refer', text('duty-to-refer-accepted.json'))
    expect([status, body]).toMatchObject([
      202,
      { results: [{ outcome: 'published', events: ['DutyToReferDecided'] }] },
    ])
    expect(await told()).toMatchObject([
      { decision: 'ACCEPTED', activeUntil: Date.parse('2026-09-05T00:00:00+01:00') },
    ])
    expect(await story(0)).toEqual([
      'now: The council accepted the referral.',
      'now: The referral to the council counts until 4 September 2026.',
    ])
  })

  it.each([
    ['still counts late on 4 September', '2026-09-04T22:59:00Z', 'now'],
    ['counts no more on 5 September', '2026-09-04T23:01:00Z', 'before'],
  ])('the referral %s', async (_what, at, state) => {
    await hub.passTo(at)
    expect(await story(0)).toEqual([
      'now: The council accepted the referral.',
      `${state}: The referral to the council counts until 4 September 2026.`,
    ])
  })

  it('the arrears and the notice are told, and the antisocial behaviour is not', async () => {
    await hub.passTo('2026-09-14T09:00:00Z')
    const sample = text('tenancy-arrears-notice-asb.json')
    const { status, body } = await send(hub, 'tenancies', sample)
    expect([status, body]).toMatchObject([
      202,
      {
        results: [
          { outcome: 'published', events: ['ArrearsThresholdCrossed', 'PossessionNoticeServed'] },
        ],
      },
    ])
    const events = await told()
    expect(events).toMatchObject([{ section: 'section_8' }, { weeksOwed: 8 }])
    expect(events.map(brief)).toEqual([
      'PossessionNoticeServed 2026-08-03T09:30:00Z',
      'ArrearsThresholdCrossed 2026-09-12T23:00:00Z DAY',
    ])
    const { asbCases } = JSON.parse(sample) as { asbCases: readonly { caseId?: string }[] }
    expect(asbCases.length).toBeGreaterThan(0)
    for (const secret of ['asb', 'ASB', 'cuckoo', 'complainant'])
      expect(JSON.stringify(events)).not.toContain(secret)
    expect(await notices(2)).toEqual(['losing-home open', 'losing-home open'])
    expect(await story(2)).toEqual([
      'now: Home at risk: 8 weeks of rent are owed.',
      'now: Home at risk: a notice was served.',
      'before: The notice on their home runs out on 31 August 2026.',
    ])
  })

  it('six duty rows are five duties owed and three ended, in four households', async () => {
    const { status, body } = await send(hub, 'homelessness', text('hclic-style-duties.csv'))
    expect([status, body]).toMatchObject([
      200,
      { rows: 6, accepted: 6, unchanged: 0, rejectedRows: 0, warnings: 0 },
    ])
    const events = await told()
    const owed = events.filter((event) => event.type === 'HomelessnessDutyOwed')
    const ended = events.filter((event) => event.type === 'HomelessnessDutyEnded')
    expect([owed.length, ended.length]).toEqual([5, 3])
    expect(ended.map(({ caseRef }) => caseRef)).toEqual(['SYN-H-0001', 'SYN-H-0003', 'SYN-H-0004'])
    const households = new Set(owed.map(({ identifiers }) => identifiers[0]?.value))
    expect(households).toEqual(new Set(['P-1', 'P-2', 'P-3']))
    // Each duty has the needs of its own row, and no household a sum of them.
    const needs = owed.filter(({ identifiers }) => identifiers[0]?.value === 'P-3')
    expect(needs.map(({ duty, supportNeeds }) => `${duty} ${supportNeeds.length}`)).toEqual([
      'PREVENTION 0',
      'RELIEF 3',
      'MAIN 3',
    ])
    // One duty ends on the day on which the next begins.
    expect(new Set(await story(1))).toEqual(
      new Set([
        'now: The council must see that they have a home.',
        'before: The council’s help with housing ended.',
        'before: The council must help them find a home.',
        'before: The council’s help ended without a settled home.',
        'before: The council must help them keep a home.',
      ]),
    )
  })

  it('the same rows again, in another order, are unchanged', async () => {
    const [head = '', ...rows] = text('hclic-style-duties.csv').trimEnd().split('\n')
    const again = `${[head, ...rows.toReversed()].join('\n')}\n`
    const { body } = await send(hub, 'homelessness', again)
    expect(body).toMatchObject({ rows: 6, accepted: 0, unchanged: 6 })
    expect(await told()).toEqual([])
  })

  it.each([
    ['without the agreement to the referral', /"toReferral": true/, '"toReferral": false'],
    [
      'without the agreement to share contact details',
      /"toShareContactDetails": true/,
      '"toShareContactDetails": false',
    ],
    ['without a choice of authority', /"chosenByIndividual": true/, '"chosenByIndividual": false'],
    ['to a Welsh authority', /"E99000001"/, '"W06000015"'],
  ])('the referral %s is rejected, and nothing is said of it', async (_what, from, to) => {
    const changed = text('duty-to-refer-accepted.json').replace(from, to)
    const { status, body } = await send(hub, 'duty-to-refer', changed)
    expect([status, body]).toMatchObject([422, { results: [{ outcome: 'rejected' }] }])
    expect(await told()).toEqual([])
  })

  it('balances the ledger', async () => {
    expect(balanced(await hub.ledger())).toEqual({
      received: 18,
      published: 7,
      unchanged: 6,
      'ignored/not-needed': 1,
      'rejected/agreement-to-referral': 1,
      'rejected/agreement-to-share-contact-details': 1,
      'rejected/authority-chosen-by-the-person': 1,
      'rejected/authority-in-england': 1,
    })
  })
})
