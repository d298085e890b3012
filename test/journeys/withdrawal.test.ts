import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arrested, moved, newcomers, noms, pnc } from './events.ts'
import { type Recorded, type Seen, startTestHub, type TestHub, type Withdrawn } from './hub.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub({ from: '2026-01-05T09:00:00Z' })
})
afterAll(() => hub?.[Symbol.asyncDispose]())
const newcomer = newcomers(303)

const about = (notices: readonly Seen[], personId: string) =>
  notices.filter((notice) => notice.personId === personId && notice.rule !== 'consent')

describe('somebody who changes their mind', () => {
  it('after the arrest and before anybody was told: nobody is told, and it stops', async () => {
    const ann = newcomer()
    const { personId } = await hub.consent({ identifiers: [pnc(ann)], lead: 'lp-1' })
    await hub.passTo('2026-01-06T10:00:00Z')
    const holdUntil = '2026-01-06T12:00:00Z'
    await hub.police(arrested(ann, '2026-01-06T09:30:00Z', { holdUntil }))
    expect(await hub.inboxOf('lp-1', 'any')).toEqual([])
    await hub.passTo('2026-01-06T11:00:00Z')
    expect(await hub.withdraw(personId)).toMatchObject({
      version: 2,
      state: 'withdrawn',
      cancelled: 0,
      alreadySeen: [],
    })
    await hub.passTo('2026-01-06T13:00:00Z')
    expect(await hub.inboxOf('lp-1', 'any')).toMatchObject([
      { personId, rule: 'consent', headline: 'Consent to share was withdrawn', sources: [] },
    ])
    expect((await hub.story('lp-1', personId))?.lines).toEqual([])
  })

  it('after the notice was read: it goes, and they learn who had seen it', async () => {
    const bea = newcomer()
    const { personId } = await hub.consent({ identifiers: [noms(bea)], lead: 'lp-2' })
    await hub.passTo('2026-01-07T10:00:00Z')
    await hub.custody(moved(bea, 'released', '2026-01-07T09:30:00Z'))
    const [notice] = await hub.inboxOf('lp-2')
    await hub.passTo('2026-01-07T10:05:00Z')
    const answer = await hub.withdraw(personId)
    expect(answer).toMatchObject({
      alreadySeen: [{ noticeId: notice?.noticeId, recipient: 'lp-2', at: '2026-01-07T10:00:00Z' }],
    })
    expect(about(await hub.inboxOf('lp-2'), personId)).toEqual([])
    expect(await hub.acknowledge('lp-2', notice?.noticeId ?? '')).toBe(404)
    expect(await hub.contact('lp-2', notice?.noticeId ?? '', 'seen')).toBe(404)
    await hub.passTo('2026-01-30T10:00:00Z')
    expect(about(await hub.inboxOf('lp-2'), personId)).toEqual([])
  })

  it('before anybody looked: the notice is cancelled unread', async () => {
    const bo = newcomer()
    const { personId } = await hub.consent({ identifiers: [noms(bo)], lead: 'lp-8' })
    await hub.passTo('2026-01-31T10:00:00Z')
    await hub.custody(moved(bo, 'released', '2026-01-31T09:30:00Z'))
    expect(await hub.withdraw(personId)).toMatchObject({ cancelled: 1, alreadySeen: [] })
    expect(about(await hub.inboxOf('lp-8', 'any'), personId)).toEqual([])
  })

  it('twice over: a consent given again starts afresh and brings nothing back', async () => {
    const cy = newcomer()
    const terms = { identifiers: [noms(cy)], lead: 'lp-3' }
    const { personId } = await hub.consent(terms)
    await hub.passTo('2026-02-02T10:00:00Z')
    await hub.custody(moved(cy, 'released', '2026-02-02T09:30:00Z'))
    await hub.withdraw(personId)
    await hub.passTo('2026-02-02T11:00:00Z')
    expect(await hub.change(personId, terms)).toMatchObject({ version: 3, state: 'given' })
    await hub.passTo('2026-03-02T10:00:00Z')
    expect(about(await hub.inboxOf('lp-3'), personId)).toEqual([])
    expect((await hub.story('lp-3', personId))?.lines).toEqual([])
    await hub.custody(moved(cy, 'released', '2026-03-02T09:30:00Z', { prison: 'QYI' }))
    expect(about(await hub.inboxOf('lp-3'), personId)).toMatchObject([
      { rule: 'release', state: 'open', learnedAt: '2026-03-02T10:00:00Z' },
    ])
  })

  it('while the hub is still at work: nothing is read after the answer, and every reading before it is named', async () => {
    await hub.passTo('2026-03-03T10:00:00Z')
    const people = Array.from({ length: 24 }, newcomer)
    const consents: Recorded[] = []
    for (const one of people) {
      consents.push(await hub.consent({ identifiers: [noms(one)], lead: 'lp-4', deputies: [] }))
    }
    const read: { readonly personId: string; readonly noticeId: string }[] = []
    const tooLate: string[] = []
    const gone = new Set<string>()
    let stopped = false
    const reader = (async () => {
      while (!stopped) {
        const goneBefore = new Set(gone)
        for (const notice of await hub.inboxOf('lp-4')) {
          if (notice.rule !== 'release') continue
          read.push(notice)
          if (goneBefore.has(notice.personId)) tooLate.push(notice.noticeId)
        }
      }
    })()
    const answers = await Promise.all(
      people.map(async (one, place) => {
        const { personId } = consents[place] ?? { personId: '' }
        const body = { purposes: ['care-coordination'], by: 'person', reason: null }
        const event = moved(one, 'released', '2026-03-03T09:30:00Z')
        const posting = hub.ask('custody', 'POST', '/intake/custody/domain-events', event)
        // Some withdraw together with their release, some a few steps of the hub later.
        for (let turn = 0; turn < (place % 8) * 4; turn += 1) await new Promise(setImmediate)
        const path = `/consents/${personId}/withdrawals`
        const withdrawing = hub.ask('register', 'POST', path, body)
        expect((await posting).status).toBe(202)
        const answer = await withdrawing
        expect(answer.status).toBe(200)
        gone.add(personId)
        return answer.body as Withdrawn
      }),
    )
    await hub.idle()
    stopped = true
    await reader
    expect(tooLate).toEqual([])
    const seen = answers.flatMap(({ alreadySeen }) => alreadySeen.map(({ noticeId }) => noticeId))
    expect([...new Set(read.map(({ noticeId }) => noticeId))].toSorted()).toEqual(seen.toSorted())
    expect((await hub.inboxOf('lp-4')).filter(({ rule }) => rule !== 'consent')).toEqual([])
    await hub.passTo('2026-03-30T10:00:00Z')
    expect((await hub.inboxOf('lp-4')).filter(({ rule }) => rule !== 'consent')).toEqual([])
  })
})

describe('what the person can ask for', () => {
  it('is who was told what and when, and a receipt of what they agreed to', async () => {
    const di = newcomer()
    const { personId } = await hub.consent({ identifiers: [noms(di)], lead: 'lp-5' })
    await hub.passTo('2026-03-31T10:00:00Z')
    await hub.custody(moved(di, 'released', '2026-03-31T09:30:00Z'))
    expect(await hub.disclosures(personId)).toEqual([])
    const [notice] = await hub.inboxOf('lp-5')
    await hub.passTo('2026-03-31T10:10:00Z')
    await hub.story('lp-5', personId)
    const told = await hub.disclosures(personId)
    expect(told).toContainEqual(
      expect.objectContaining({
        what: 'notice',
        id: notice?.noticeId,
        at: '2026-03-31T10:00:00Z',
        recipient: 'lp-5',
        outcome: 'delivered',
        sources: ['custody'],
      }),
    )
    expect(told).toContainEqual(
      expect.objectContaining({
        what: 'story',
        at: '2026-03-31T10:10:00Z',
        recipient: 'lp-5',
        outcome: 'delivered',
      }),
    )
    expect(
      told.filter(({ what, at }) => what === 'notice' && at === '2026-03-31T10:10:00Z'),
    ).toEqual([])
    const { body, status } = await hub.ask('register', 'GET', `/consents/${personId}/receipt`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      personId,
      state: 'given',
      grants: [{ purpose: 'care-coordination', tier: 'detail', until: '2027-01-05T00:00:00Z' }],
    })
    expect(JSON.stringify(body)).toContain('Stopping costs you no help')
  })

  it('is kept from agencies, from analysts and from other people’s practitioners', async () => {
    const ed = newcomer()
    const { personId } = await hub.consent({ identifiers: [noms(ed)], lead: 'lp-6' })
    for (const path of ['disclosures', 'receipt']) {
      const at = `/consents/${personId}/${path}`
      expect((await hub.ask('custody', 'GET', at)).status).toBe(403)
      expect((await hub.ask(null, 'GET', at)).status).toBe(401)
      expect((await hub.ask('lp-7', 'GET', at)).status).toBe(404)
      expect((await hub.ask('lp-6', 'GET', at)).status).toBe(200)
    }
  })
})
