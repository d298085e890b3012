import type { CanonicalEvent } from '@throughline/domain'
import type { CsvAnswer } from '@throughline/intake'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { balanced, startTestHub, type TestHub } from './hub.ts'
import { brief, newlyPublishedBy, sampleBytes } from './published.ts'

const text = (name: string) => sampleBytes('treatment', name).toString('utf8')

async function upload(hub: TestHub, route: string, body: string): Promise<CsvAnswer> {
  const type = { 'content-type': 'text/csv' }
  const answer = await hub.ask('treatment', 'POST', `/intake/treatment/${route}`, body, type)
  expect(answer.status).toBe(200)
  await hub.idle()
  return answer.body as CsvAnswer
}

const said = (faults: CsvAnswer['rejected']) =>
  faults.map(({ line, column, rule }) => `${line} ${column} ${rule}`)

/** How many events of each type. */
function tally(events: readonly CanonicalEvent[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1
  return counts
}

const none = { unchanged: 0, duplicate: 0, countedOnly: 0, rejectedRows: 0, warnings: 0 }

describe('the samples of treatment, about one client who agreed', () => {
  let hub: TestHub
  let personId = ''
  let told: ReturnType<typeof newlyPublishedBy>
  beforeAll(async () => {
    hub = await startTestHub({ from: '2026-11-15T08:00:00Z' })
    const identifiers = [
      { type: 'NDTMS', issuer: 'N9901', value: 'T-1001' },
      { type: 'NOMS', value: 'Z9001AA' },
    ]
    personId = (await hub.consent({ identifiers })).personId
    told = newlyPublishedBy(hub, 'treatment')
  })
  afterAll(() => hub?.[Symbol.asyncDispose]())

  it('the prison exits are seven ends in prison; who was released where comes with them', async () => {
    const answer = await upload(hub, 'secure-setting', text('secure-setting-extract.csv'))
    expect(answer).toMatchObject({ rows: 7, accepted: 7, ...none })
    const ends = await told()
    expect(tally(ends)).toEqual({ TreatmentEnded: 7 })
    expect(new Set(ends.map(brief))).toEqual(new Set(['TreatmentEnded 2026-04-30T23:00:00Z DAY']))
    const counted = ends.filter(
      (end) =>
        end.type === 'TreatmentEnded' &&
        end.setting === 'PRISON' &&
        end.prisonExit === 'RELEASED' &&
        end.reason === 'TRANSFERRED_NOT_IN_CUSTODY' &&
        end.area === 'X91B',
    )
    expect(counted.flatMap(({ identifiers }) => identifiers.map(({ value }) => value)).toSorted()) //
      .toEqual(['Z9001AA', 'Z9002AA', 'Z9003AA', 'Z9007AA'])
  })

  it('the starts after release are four, each on its own day', async () => {
    const answer = await upload(hub, 'secure-setting', text('community-starts-after-release.csv'))
    expect(answer).toMatchObject({ rows: 4, accepted: 4, ...none })
    expect((await told()).map(brief)).toEqual([
      'TreatmentStarted 2026-04-29T23:00:00Z DAY',
      'TreatmentStarted 2026-05-13T23:00:00Z DAY',
      'TreatmentStarted 2026-05-21T23:00:00Z DAY',
      'TreatmentStarted 2026-05-22T23:00:00Z DAY',
    ])
  })

  it('the community extract is eight consented episodes, and one refusal that is counted only', async () => {
    const answer = await upload(hub, 'ndtms', text('ndtms-adult-community-extract.csv'))
    expect(answer).toMatchObject({ rows: 10, accepted: 9, ...none, countedOnly: 1 })
    const events = await told()
    expect(tally(events)).toEqual({
      TreatmentStarted: 8,
      InterventionStarted: 9,
      InterventionEnded: 5,
      TreatmentReviewed: 5,
      TreatmentEnded: 5,
    })
    // 1001 and 90 have initials, birth date and sex in common, and stay two people.
    const starts = events.filter(({ type }) => type === 'TreatmentStarted')
    const clients = starts.map(({ identifiers }) => identifiers.map(({ value }) => value).join())
    expect(new Set(clients).size).toBe(8)
    expect(clients).toEqual(expect.arrayContaining(['T-1001', 'Q-90']))
    expect(starts.filter((start) => 'area' in start && start.area === 'Z00B')).toHaveLength(1)
  })

  it('the same file again is unchanged, and nothing more is said', async () => {
    const answer = await upload(hub, 'ndtms', text('ndtms-adult-community-extract.csv'))
    expect(answer).toMatchObject({ rows: 10, accepted: 0, ...none, unchanged: 9, countedOnly: 1 })
    expect(await told()).toEqual([])
  })

  it('of the faulty rows six are refused by line, column and rule, and two go on with a warning', async () => {
    const answer = await upload(hub, 'ndtms', text('ndtms-invalid-rows.csv'))
    expect(answer).toMatchObject({ rows: 8, accepted: 2, ...none, rejectedRows: 6, warnings: 2 })
    expect(said(answer.rejected)).toEqual([
      '2 TRIAGED triage-before-referral',
      '3 DOB birth-year',
      '4 DRUG1 required',
      '5 CONSENT required',
      '6 CONSENT filled-although-refused',
      '8 LA local-authority-outside-england',
    ])
    expect(said(answer.warned)).toEqual(['7 DISRSN reason-without-date', '9 OPIUSE out-of-range'])
    expect(tally(await told())).toEqual({ TreatmentStarted: 1, TreatmentReviewed: 1 })
  })

  it('left the client with a story in which nobody said released: that is for custody to say', async () => {
    const lines = (await hub.story('lp-1', personId))?.lines.map(({ text: line }) => line)
    expect(lines).toContain('Treatment was handed over to another service.')
    expect(lines).toContain('Treatment started, in the community.')
    expect(lines?.join()).not.toMatch(/[Rr]eleased/)
  })

  it('balances the ledger', async () => {
    expect(balanced(await hub.ledger())).toEqual({
      received: 39,
      published: 22,
      unchanged: 9,
      'counted-only/consent-refused': 2,
      'rejected/birth-year': 1,
      'rejected/filled-although-refused': 1,
      'rejected/local-authority-outside-england': 1,
      'rejected/required': 2,
      'rejected/triage-before-referral': 1,
    })
  })
})

describe('contacts, doses and naloxone', () => {
  it.each([
    ['contact-attended.json', ['TreatmentContact']],
    ['contact-missed.json', ['TreatmentContact']],
    ['doses-missed.json', ['DosesMissed']],
    ['naloxone-supplied.json', ['NaloxoneSupplied']],
  ])('%s is published once', async (name, events) => {
    await using hub = await startTestHub({ from: '2026-11-16T09:00:00Z' })
    const post = () => hub.ask('treatment', 'POST', '/intake/treatment/contacts', text(name))
    expect((await post()).body).toMatchObject({ results: [{ outcome: 'published', events }] })
    expect((await post()).body).toMatchObject({ results: [{ outcome: 'duplicate' }] })
  })
})
