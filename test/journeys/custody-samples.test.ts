import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { example, moved, newcomers, noms, outcomes } from './events.ts'
import { balanced, startTestHub, type TestHub } from './hub.ts'

/** The person of the agencies' own samples. */
const subject = { type: 'NOMS', value: 'Z9134QX' }
const subjectPnc = { type: 'PNC', value: '1931/9999412X' }

/** The samples as they would come: each a second after it happened. */
const inOrder = Object.entries(outcomes)
  .map(([name, expected]) => ({ name, expected, at: happened(example(name)) }))
  .toSorted((a, b) => a.at - b.at)

function happened(sample: Record<string, unknown>): number {
  const message = sample['Message']
  const inner =
    typeof message === 'string' ? (JSON.parse(message) as Record<string, unknown>) : sample
  const text = (inner['occurredAt'] ?? inner['eventDatetime']) as string
  return Date.parse(/[Z+]/.test(text.slice(10)) ? text : `${text}+01:00`)
}

describe('every sample of custody, in the order of its time, about one person who agreed', () => {
  let hub: TestHub
  let personId = ''
  beforeAll(async () => {
    hub = await startTestHub({ from: '2025-07-01T09:00:00Z' })
    const recorded = await hub.consent({
      identifiers: [subject, subjectPnc],
      lead: 'lp-1',
      until: '2027-01-05T00:00:00Z',
    })
    personId = recorded.personId
  })
  afterAll(() => hub?.[Symbol.asyncDispose]())

  it.each(inOrder)('$name has the outcome of its table', async ({ name, expected, at }) => {
    await hub.passTo(new Date(at + 1_000).toISOString())
    const [result] = name.startsWith('police')
      ? await hub.police(example(name))
      : await hub.custody(example(name))
    const { errors, ...rest } = expected
    // The reception comes in two envelopes; the second is the same record.
    const again = result?.outcome === 'duplicate' ? { ...rest, outcome: 'duplicate' } : rest
    expect(result).toMatchObject(again)
    if (errors !== undefined)
      expect(result?.errors?.map(({ path, rule }) => `${path} ${rule}`)).toEqual(errors)
  })

  it('left the lead with these notices and the person with this story, once each', async () => {
    const notices = await hub.inboxOf('lp-1', 'any')
    expect(notices.every((notice) => notice.personId === personId)).toBe(true)
    const brief = notices.map(({ rule, state, occurredAt }) => `${occurredAt} ${rule} ${state}`)
    expect(brief.toSorted()).toEqual([
      // One reception, told raw, by the search family, coded, and in a notification.
      '2025-07-02T13:31:07Z into-prison open',
      // A merge and a booking that moved; the raw telling of November is another merge.
      '2025-07-03T09:40:37Z consent open',
      '2025-07-03T15:39:45Z consent open',
      // Nobody told us that they came back from court.
      '2025-07-07T06:55:19.013Z court-no-return closed',
      '2025-11-02T00:39:05.070Z consent open',
      '2025-11-18T09:12:44Z release open',
      '2025-11-18T09:12:44Z three-weeks open',
      '2025-11-18T09:12:44Z three-weeks open',
      '2025-11-18T09:12:44Z three-weeks open',
      '2025-11-18T09:12:44Z three-weeks open',
      '2026-03-02T01:30:00Z arrest open',
      '2026-03-02T03:10:00Z drug-test open',
    ])
    const story = await hub.story('lp-1', personId)
    expect(story?.lines.map(({ text }) => text).toSorted()).toEqual(
      [
        'Received into prison.',
        'Left prison for court.',
        'Left prison for a time, on licence.',
        'Probation raised a recall to prison.',
        'Went from prison to hospital.',
        'Released from prison.',
        'Arrested and taken into police custody.',
        'Said to have an open prescription; nobody has checked.',
        'Had a drug test after arrest.',
        'A drug assessment is due on 5 March 2026 at 10:00.',
        'Left police custody.',
        'Bail is to be answered on 13 April 2026 at 10:00.',
      ].toSorted(),
    )
  })

  it('balances the ledger', async () => {
    expect(balanced(await hub.ledger())).toMatchObject({
      received: inOrder.length,
      published: inOrder.filter(({ expected }) => expected.outcome === 'published').length - 1,
      duplicate: 1,
    })
  })
})

describe('one movement told by several families', () => {
  const newcomer = newcomers(606)
  const at = '2026-01-06T09:59:00Z'
  const families = [
    ['the search family first', ['search', 'coded']],
    ['the coded family first', ['coded', 'search']],
  ] as const

  it.each(families)('%s: one event, one notice, one line', async (_order, order) => {
    await using hub = await startTestHub({ from: '2026-01-06T10:00:00Z' })
    const ann = newcomer()
    const { personId } = await hub.consent({ identifiers: [noms(ann)] })
    const ids = new Set<string>()
    for (const family of order) {
      const [result] = await hub.custody(moved(ann, 'admission', at, { family }))
      for (const id of result?.eventIds ?? []) ids.add(id)
    }
    expect(ids.size).toBe(1)
    expect(await hub.inboxOf('lp-1', 'any')).toMatchObject([{ rule: 'into-prison', state: 'open' }])
    expect((await hub.story('lp-1', personId))?.lines).toHaveLength(1)
  })

  it('a restricted patient was never released: the notice is taken back and corrected', async () => {
    await using hub = await startTestHub({ from: '2026-01-06T10:00:00Z' })
    const bea = newcomer()
    const { personId } = await hub.consent({ identifiers: [noms(bea)] })
    const [released] = await hub.custody(moved(bea, 'released', at, { family: 'search' }))
    const [notice] = await hub.inboxOf('lp-1')
    expect(notice).toMatchObject({ rule: 'release' })
    const [patient] = await hub.custody({
      ...example('restricted-patient-added.json'),
      occurredAt: '2026-01-06T10:02:31.703446365Z',
      additionalInformation: { prisonerNumber: bea.noms },
      personReference: { identifiers: [noms(bea)] },
    })
    expect(patient?.eventIds).toEqual(released?.eventIds)
    const after = await hub.inboxOf('lp-1', 'any')
    expect(after.map(({ rule, state }) => `${rule} ${state}`).toSorted()).toEqual([
      'correction open',
      'release retracted',
    ])
    expect(after.find(({ rule }) => rule === 'correction')?.corrects).toBe(notice?.noticeId)
    await hub.passTo('2026-02-06T10:00:00Z')
    expect((await hub.inboxOf('lp-1', 'any')).map(({ rule }) => rule)).not.toContain('three-weeks')
    expect((await hub.story('lp-1', personId))?.lines.map(({ text }) => text)).toEqual([
      'Went from prison to hospital.',
    ])
  })
})
