import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { balanced, type RecordResult, startTestHub, type TestHub } from './hub.ts'
import { brief, newlyPublishedBy, sampleBytes } from './published.ts'

const text = (name: string) => sampleBytes('probation', name).toString('utf8')
const sample = (name: string) => JSON.parse(text(name)) as Record<string, unknown>

/** They have not given their prison number: probation's word for it is a proposal. */
const subject = [
  { type: 'CRN', value: 'Q904417' },
  { type: 'PNC', value: '1931/9999412X' },
]
const until = '2027-10-05T00:00:00Z'

const doorOf = (name: string) => (name.startsWith('court-') ? 'hearings' : 'domain-events')

async function send(hub: TestHub, door: string, body: string): Promise<RecordResult> {
  const answer = await hub.ask('probation', 'POST', `/intake/probation/${door}`, body)
  expect(answer.status).toBe(202)
  await hub.idle()
  return (answer.body as { readonly results: readonly [RecordResult] }).results[0]
}
const play = (hub: TestHub, name: string) => send(hub, doorOf(name), text(name))

const published = (event: string) => ({
  result: { outcome: 'published', events: [event.split(' ')[0]] },
  event,
})
const ignored = (reason: string) => ({ result: { outcome: 'ignored', reason }, event: null })
const parked = (reason: string) => ({ result: { outcome: 'quarantined', reason }, event: null })

/** In the order of their times: file, when the hub gets it, what it is answered and what comes of it. */
const samples = [
  ['ogrs-manual-calculation.json', '2025-06-07T12:00:00Z', ignored('not-needed')],
  ['engagement-created.json', '2025-06-14T08:06:42Z', ignored('signal')],
  ['delius-raw-offender-changed.json', '2025-06-14T08:06:42Z', parked('event-type-missing')],
  ['tier-calculation-complete.json', '2025-06-14T08:06:43Z', ignored('not-needed')],
  ['core-person-record-created.json', '2025-06-14T08:06:45Z', ignored('signal')],
  [
    'registration-added.json',
    '2025-06-14T08:06:53Z',
    published('RegistrationChanged 2025-06-14T08:06:52.739Z'),
  ],
  [
    'community-manager-allocated.json',
    '2025-06-15T14:41:04Z',
    published('SupervisionManagerAllocated 2025-06-15T14:41:03.930Z'),
  ],
  [
    'registration-updated.json',
    '2025-06-16T15:06:16Z',
    published('RegistrationChanged 2025-06-16T15:06:15.304Z'),
  ],
  [
    'registration-deleted.json',
    '2025-06-17T14:53:48Z',
    published('EventWithdrawn 2025-06-17T14:53:47.142Z'),
  ],
  [
    'merge-completed.json',
    '2025-06-18T08:18:41Z',
    published('IdentifiersMerged 2025-06-18T08:18:40.893Z'),
  ],
  [
    'unmerge-completed.json',
    '2025-06-19T14:15:23Z',
    published('IdentifiersSplit 2025-06-19T14:15:22.457Z'),
  ],
  ['court-libra-court-case.json', '2025-06-20T08:02:00Z', ignored('not-needed')],
  ['court-attributes-resulted.json', '2025-06-20T08:45:00Z', parked('attributes-without-message')],
  [
    'case-deleted-gdpr.json',
    '2025-06-20T08:49:56Z',
    published('PersonErased 2025-06-20T08:49:55.560Z'),
  ],
  [
    'court-hearing-alcohol-treatment.json',
    '2025-06-20T12:00:00Z',
    published('TreatmentRequirementMade 2025-06-20T09:00:00Z'),
  ],
  [
    'court-hmcts-result-mental-health-treatment.json',
    '2025-06-20T12:01:00Z',
    published('TreatmentRequirementMade 2025-06-19T23:00:00Z DAY'),
  ],
  ['court-large-hearing-s3-pointer.json', '2025-06-20T12:02:00Z', parked('fetch-later')],
  ['court-leds-asn-query-disposals.json', '2025-06-20T12:03:00Z', ignored('not-needed')],
  ['sentence-moved.json', '2025-06-21T08:49:56Z', ignored('not-needed')],
  [
    'requirement-created-drug-rehabilitation.json',
    '2025-06-22T10:02:14Z',
    published('TreatmentRequirementMade 2025-06-22T10:02:13.417Z'),
  ],
  [
    'court-hearing-deleted.json',
    '2025-06-23T10:00:00Z',
    published('EventWithdrawn 2025-06-23T10:00:00Z UNKNOWN'),
  ],
  [
    'prison-identifier-added.json',
    '2025-07-02T16:36:57Z',
    published('IdentifiersLinked 2025-07-02T16:36:56.241Z'),
  ],
  [
    'enforcement-recall-raised.json',
    '2025-09-01T09:15:31Z',
    published('RecallRaised 2025-09-01T09:15:30.250Z'),
  ],
  [
    'recall-recommendation-management-oversight.json',
    '2025-09-01T20:07:15Z',
    ignored('not-needed'),
  ],
  [
    'licence-activated.json',
    '2025-11-18T00:00:01Z',
    published('LicenceActivated 2025-11-18T00:00:00Z'),
  ],
  [
    'registration-deregistered.json',
    '2025-12-12T16:06:16Z',
    published('RegistrationChanged 2025-12-12T16:06:15.344Z'),
  ],
  [
    'requirement-terminated-drug-rehabilitation.json',
    '2025-12-22T11:02:14Z',
    published('RequirementEnded 2025-12-22T11:02:13.417Z'),
  ],
] as const

const storyOf = async (hub: TestHub, personId: string) =>
  (await hub.story('lp-1', personId))?.lines.map(({ text: line }) => line)
const rulesOf = async (hub: TestHub) =>
  (await hub.inboxOf('lp-1', 'any')).map(({ rule, state }) => `${rule} ${state}`).toSorted()

describe('every sample of probation and the courts, in the order of its time', () => {
  let hub: TestHub
  let personId = ''
  let told: ReturnType<typeof newlyPublishedBy>
  beforeAll(async () => {
    hub = await startTestHub({ from: '2025-06-07T11:00:00Z' })
    personId = (await hub.consent({ identifiers: subject, until })).personId
    told = newlyPublishedBy(hub, 'probation')
  })
  afterAll(() => hub?.[Symbol.asyncDispose]())

  it.each(samples)('%s has the outcome of its table', async (name, at, { result, event }) => {
    if (at > hub.now()) await hub.passTo(at)
    expect(await play(hub, name)).toMatchObject(result)
    expect((await told()).map(brief)).toEqual(event === null ? [] : [event])
  })

  it('told the lead of both orders once each, of the numbers to decide on, and of no recall yet', async () => {
    expect(await rulesOf(hub)).toEqual([
      // The merge, the unmerge, and the prison number to confirm.
      'consent open',
      'consent open',
      'consent open',
      // The hearing was deleted after three days; the order of the requirement has ended since.
      'correction open',
      'order-made closed',
      'order-made retracted',
    ])
  })

  it('left a story without the hearing that was deleted', async () => {
    expect((await storyOf(hub, personId))?.toSorted()).toEqual([
      'A court made a drug rehabilitation requirement.',
      'A licence is in force.',
      'Has a probation practitioner.',
      'The drug rehabilitation requirement ended.',
    ])
  })

  it('balances the ledger', async () => {
    const count = (outcome: string) =>
      samples.filter(([, , { result }]) => result.outcome === outcome).length
    const { received, published: sum } = balanced(await hub.ledger())
    expect([received, sum]).toEqual([samples.length, count('published')])
  })

  it('takes every one of them again as what it was, and tells nobody a second time', async () => {
    const before = await rulesOf(hub)
    for (const [name, , { result }] of samples) {
      // A hearing has no version on the wire: after its deletion it is told again.
      if (name.startsWith('court-hearing')) continue
      const { outcome } = await play(hub, name)
      expect([name, outcome]).toEqual([name, outcome === 'duplicate' ? outcome : result.outcome])
    }
    expect(await told()).toEqual([])
    expect(await rulesOf(hub)).toEqual(before)
  })
})

describe('order', () => {
  const openHub = async () => {
    const hub = await startTestHub({ from: '2025-06-20T11:00:00Z' })
    const { personId } = await hub.consent({ identifiers: subject, until })
    return { hub, personId, [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() }
  }

  it('a hearing that was deleted before it came is told to nobody', async () => {
    await using world = await openHub()
    await play(world.hub, 'court-hearing-deleted.json')
    expect(await play(world.hub, 'court-hearing-alcohol-treatment.json')).toMatchObject({
      outcome: 'published',
    })
    expect(await rulesOf(world.hub)).toEqual([])
    expect(await storyOf(world.hub, world.personId)).toEqual([])
  })

  it('a hearing that is deleted after it was told is taken back and corrected', async () => {
    await using world = await openHub()
    await play(world.hub, 'court-hearing-alcohol-treatment.json')
    expect(await rulesOf(world.hub)).toEqual(['order-made open'])
    await play(world.hub, 'court-hearing-deleted.json')
    expect(await rulesOf(world.hub)).toEqual(['correction open', 'order-made retracted'])
    expect(await storyOf(world.hub, world.personId)).toEqual([])
  })

  it('a hearing without the requirement replaces the one that had it', async () => {
    await using world = await openHub()
    const hearing = text('court-hearing-alcohol-treatment.json')
    await send(world.hub, 'hearings', hearing)
    const other = hearing.replaceAll('9941e3d0-', '0000e3d0-').replace(/"ATR\b/g, '"NOPE')
    expect(other).not.toBe(hearing)
    expect(
      await send(world.hub, 'hearings', other.replaceAll('Alcohol treatment', 'Curfew')),
    ).toMatchObject({ outcome: 'published', events: ['EventWithdrawn'] })
    expect(await storyOf(world.hub, world.personId)).toEqual([])
  })

  it('a registration that was deleted before it came is taken back by the deletion that waited', async () => {
    await using world = await openHub()
    const told = newlyPublishedBy(world.hub, 'probation')
    await play(world.hub, 'registration-deleted.json')
    expect((await world.hub.ledger()).people).toEqual({ 'waiting-withdrawal': 1 })
    const late = text('registration-added.json').replaceAll('2599001774', '2599003070')
    await send(world.hub, 'domain-events', late)
    const [added, withdrawn] = await told()
    expect(added).toMatchObject({ objectRef: withdrawn?.objectRef })
    expect(added?.version).toBeLessThan(withdrawn?.version ?? 0)
    expect((await world.hub.ledger()).people).toMatchObject({ forwarded: 2 })
  })
})

it('a raw Delius event is a signal once its type travels beside it', async () => {
  await using hub = await startTestHub({ from: '2025-06-14T09:00:00Z' })
  const body = JSON.stringify({
    Type: 'Notification',
    MessageId: 'm-1',
    Timestamp: '2025-06-14T08:06:42.000Z',
    Message: JSON.stringify(sample('delius-raw-offender-changed.json')),
    MessageAttributes: { eventType: { Type: 'String', Value: 'OFFENDER_CHANGED' } },
  })
  expect(await send(hub, 'domain-events', body)).toMatchObject({
    outcome: 'ignored',
    reason: 'signal',
  })
})
