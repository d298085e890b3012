import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { moved, newcomers, noms } from './events.ts'
import { startTestHub, type TestHub } from './hub.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub({ from: '2026-01-05T09:00:00Z' })
})
afterAll(() => hub?.[Symbol.asyncDispose]())
const newcomer = newcomers(101)

describe('a release from prison', () => {
  it('reaches the lead practitioner at once, with who to act for and until when', async () => {
    const ann = newcomer()
    const { personId } = await hub.consent({ identifiers: [noms(ann)], displayName: 'Ann T.' })
    await hub.passTo('2026-01-06T09:12:44Z')
    const results = await hub.custody(moved(ann, 'released', '2026-01-06T09:12:00Z'))
    expect(results).toMatchObject([{ outcome: 'published', events: ['ReleasedFromPrison'] }])
    expect(await hub.inboxOf('lp-1')).toMatchObject([
      {
        personId,
        displayName: 'Ann T.',
        rule: 'release',
        class: 'action',
        urgency: 'safety',
        state: 'open',
        headline: 'Released from prison',
        occurredAt: '2026-01-06T09:12:00Z',
        learnedAt: '2026-01-06T09:12:44Z',
        dueAt: '2026-01-07T00:00:00Z',
        sources: ['custody'],
        corrects: null,
      },
    ])
    for (const other of ['lp-2', 'peer-4', 'rx-1', 'duty-1'])
      expect(await hub.inboxOf(other, 'any')).toEqual([])
    expect(await hub.story('lp-1', personId)).toMatchObject({
      displayName: 'Ann T.',
      ownWords: "Please don't ring before noon.",
      lines: [
        { section: 'custody', text: 'Released from prison.', sources: ['custody'], current: true },
      ],
    })
  })

  it('is told once, however often and in whatever envelope custody says it', async () => {
    const bea = newcomer()
    await hub.consent({ identifiers: [noms(bea)], lead: 'lp-2' })
    await hub.passTo('2026-01-07T10:00:00Z')
    const event = moved(bea, 'released', '2026-01-07T09:30:00Z')
    const [first] = await hub.custody(event)
    for (let again = 0; again < 5; again += 1) {
      expect(await hub.custody(event)).toEqual([{ ...first, outcome: 'duplicate' }])
    }
    expect(await hub.inboxOf('lp-2', 'any')).toHaveLength(1)
  })

  it('closes when somebody has seen the person, and not when they only tried', async () => {
    const cy = newcomer()
    await hub.consent({ identifiers: [noms(cy)], lead: 'lp-3' })
    await hub.passTo('2026-01-08T10:00:00Z')
    await hub.custody(moved(cy, 'released', '2026-01-08T09:30:00Z'))
    const [notice] = await hub.inboxOf('lp-3')
    const { noticeId } = notice ?? { noticeId: '' }
    expect(await hub.contact('lp-3', noticeId, 'tried')).toBe(202)
    expect(await hub.inboxOf('lp-3')).toHaveLength(1)
    expect(await hub.acknowledge('lp-3', noticeId)).toBe(202)
    expect(await hub.inboxOf('lp-3', 'any')).toMatchObject([{ state: 'acknowledged' }])
    expect(await hub.contact('lp-3', noticeId, 'seen')).toBe(202)
    expect(await hub.inboxOf('lp-3', 'any')).toMatchObject([
      { noticeId, state: 'closed', closedBecause: 'contact-recorded' },
    ])
  })

  it('told first without its code is confirmed in the same notice 45 minutes later', async () => {
    const di = newcomer()
    await hub.consent({ identifiers: [noms(di)], lead: 'lp-4' })
    await hub.passTo('2026-01-09T10:00:00Z')
    const at = '2026-01-09T09:59:00Z'
    const [early] = await hub.custody(moved(di, 'released', at, { family: 'search' }))
    const [unconfirmed] = await hub.inboxOf('lp-4')
    expect(unconfirmed).toMatchObject({ headline: 'Released from prison (not yet confirmed)' })
    await hub.passTo('2026-01-09T10:45:00Z')
    const [late] = await hub.custody(moved(di, 'released', at))
    expect(late?.eventIds).toEqual(early?.eventIds)
    const notices = await hub.inboxOf('lp-4', 'any')
    expect(notices).toMatchObject([
      {
        noticeId: unconfirmed?.noticeId,
        headline: 'Released from prison',
        state: 'open',
        dueAt: unconfirmed?.dueAt,
      },
    ])
    expect(notices[0]?.version).toBeGreaterThan(unconfirmed?.version ?? 0)
  })

  it('told with its code first stays as it is when the uncoded twin comes late', async () => {
    const ed = newcomer()
    const { personId } = await hub.consent({ identifiers: [noms(ed)], lead: 'lp-5' })
    await hub.passTo('2026-01-12T10:00:00Z')
    const at = '2026-01-12T09:59:00Z'
    const [early] = await hub.custody(moved(ed, 'released', at))
    const before = await hub.inboxOf('lp-5')
    const [late] = await hub.custody(moved(ed, 'released', at, { family: 'search' }))
    expect(late?.eventIds).toEqual(early?.eventIds)
    expect(await hub.inboxOf('lp-5')).toEqual(before)
    expect((await hub.story('lp-5', personId))?.lines).toHaveLength(1)
  })

  it('that is on leave, to hospital or to nobody knows where tells nobody to go and look', async () => {
    const flo = newcomer()
    const { personId } = await hub.consent({ identifiers: [noms(flo)], lead: 'lp-6' })
    await hub.passTo('2026-01-13T10:00:00Z')
    await hub.custody(moved(flo, 'absence-out', '2026-01-13T09:00:00Z', { code: 'R24' }))
    await hub.passTo('2026-01-14T10:00:00Z')
    await hub.custody(moved(flo, 'hospital-out', '2026-01-14T09:00:00Z', { code: 'HP' }))
    await hub.passTo('2026-01-15T10:00:00Z')
    await hub.custody(moved(flo, 'released', '2026-01-15T09:00:00Z', { code: 'UAL' }))
    expect(await hub.inboxOf('lp-6', 'any')).toEqual([])
    expect((await hub.story('lp-6', personId))?.lines.map(({ text }) => text)).toEqual([
      'Not where the prison expected them.',
      'Went from prison to hospital.',
      'Left prison for a time, on licence.',
    ])
  })
})

describe('three weeks after release without treatment', () => {
  it('are asked about on days 1, 7, 14 and 21 at nine in the morning, in one thread', async () => {
    const gus = newcomer()
    await hub.consent({ identifiers: [noms(gus)], lead: 'lp-7' })
    await hub.passTo('2026-01-20T15:00:00Z')
    await hub.custody(moved(gus, 'released', '2026-01-20T14:30:00Z'))
    await hub.passTo('2026-02-20T09:00:00Z')
    const notices = await hub.inboxOf('lp-7', 'any')
    const asked = notices.filter(({ rule }) => rule === 'three-weeks')
    expect(asked.map(({ learnedAt }) => learnedAt).toSorted()).toEqual([
      '2026-01-21T09:00:00Z',
      '2026-01-27T09:00:00Z',
      '2026-02-03T09:00:00Z',
      '2026-02-10T09:00:00Z',
    ])
    expect(new Set(notices.map(({ thread }) => thread)).size).toBe(1)
    for (const { headline, urgency, lines } of asked) {
      expect(headline).toMatch(/^No treatment reported \d+ days? after release$/)
      expect(urgency).toBe('prompt')
      expect(lines[0]).toMatch(/^No start reported; data complete to \d+ (January|February)\.$/)
    }
  })

  it('are over when the person is back in prison', async () => {
    const hal = newcomer()
    await hub.consent({ identifiers: [noms(hal)], lead: 'lp-8' })
    await hub.passTo('2026-02-23T15:00:00Z')
    await hub.custody(moved(hal, 'released', '2026-02-23T14:30:00Z'))
    await hub.passTo('2026-02-26T15:00:00Z')
    await hub.custody(moved(hal, 'admission', '2026-02-26T14:30:00Z', { code: 'L' }))
    await hub.passTo('2026-03-26T15:00:00Z')
    const notices = await hub.inboxOf('lp-8', 'any')
    const brief = notices.map(
      ({ rule, state, closedBecause }) => `${rule} ${state} ${closedBecause}`,
    )
    expect(brief.toSorted()).toEqual([
      'into-prison open null',
      'release closed returned',
      'three-weeks closed returned',
    ])
  })
})
