import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arrested, moved, newcomers, noms, pnc } from './events.ts'
import { startTestHub, type TestHub } from './hub.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub({ from: '2026-01-05T09:00:00Z' })
})
afterAll(() => hub?.[Symbol.asyncDispose]())
const newcomer = newcomers(505)

/** What somebody is told about one person, latest state. */
async function told(practitioner: string, personId: string) {
  const notices = await hub.inboxOf(practitioner, 'any')
  return notices.filter((notice) => notice.personId === personId)
}

describe('an arrest', () => {
  it('of somebody who may be on a prescription goes to the lead and, where granted, the prescriber', async () => {
    const ann = newcomer()
    const { personId } = await hub.consent({
      identifiers: [pnc(ann)],
      lead: 'lp-1',
      recipients: ['lead-practitioner', 'prescriber'],
    })
    await hub.passTo('2026-01-06T10:00:00Z')
    await hub.police(arrested(ann, '2026-01-06T09:30:00Z', { prescription: 'YES' }))
    const expected = {
      rule: 'arrest',
      urgency: 'safety',
      headline: 'Arrested and in police custody',
      dueAt: '2026-01-06T12:00:00Z',
    }
    expect(await told('lp-1', personId)).toMatchObject([expected])
    const [copy] = await told('rx-1', personId)
    expect(copy).toMatchObject({
      ...expected,
      recipient: { practitionerId: 'prescriber:testshire-recovery' },
    })
    // The prescriber confirms what was taken and when: that is what the notice waited for.
    const body = { prescription: 'confirmed' }
    expect(await hub.acknowledge('rx-1', copy?.noticeId ?? '', body)).toBe(202)
    const closed = { state: 'closed', closedBecause: 'prescription-confirmed' }
    expect(await told('lp-1', personId)).toMatchObject([closed])
    expect(await told('rx-1', personId)).toMatchObject([closed])
  })

  it.each([
    ['whose grant names no prescriber', { recipients: ['lead-practitioner'] }],
    [
      'who keeps what they take to themselves',
      {
        recipients: ['lead-practitioner', 'prescriber'],
        categories: ['whereabouts', 'justice', 'health', 'safety'],
      },
    ],
  ])('of somebody %s does not reach the prescriber', async (_who, grant) => {
    const bea = newcomer()
    const { personId } = await hub.consent({ identifiers: [pnc(bea)], lead: 'lp-2', ...grant })
    await hub.passTo('2026-01-07T10:00:00Z')
    await hub.police(arrested(bea, '2026-01-07T09:30:00Z', { prescription: 'YES' }))
    expect(await told('lp-2', personId)).toMatchObject([{ rule: 'arrest' }])
    expect(await told('rx-1', personId)).toEqual([])
  })

  it('of somebody who takes nothing waits four hours, and the lead takes note', async () => {
    const cy = newcomer()
    const { personId } = await hub.consent({
      identifiers: [pnc(cy)],
      lead: 'lp-3',
      recipients: ['lead-practitioner', 'prescriber'],
    })
    await hub.passTo('2026-01-08T10:00:00Z')
    await hub.police(arrested(cy, '2026-01-08T09:30:00Z', { prescription: 'NO' }))
    const [notice] = await told('lp-3', personId)
    expect(notice).toMatchObject({ urgency: 'prompt', dueAt: '2026-01-08T14:00:00Z' })
    expect(await told('rx-1', personId)).toEqual([])
    await hub.acknowledge('lp-3', notice?.noticeId ?? '')
    expect(await told('lp-3', personId)).toMatchObject([
      { state: 'closed', closedBecause: 'acknowledged' },
    ])
  })

  it('that the force holds back is told when it lets go, counted from then', async () => {
    const di = newcomer()
    const { personId } = await hub.consent({ identifiers: [pnc(di)], lead: 'lp-4' })
    await hub.passTo('2026-01-09T10:00:00Z')
    const holdUntil = '2026-01-09T15:00:00Z'
    await hub.police(arrested(di, '2026-01-09T09:30:00Z', { holdUntil }))
    await hub.passTo('2026-01-09T14:59:59Z')
    expect(await told('lp-4', personId)).toEqual([])
    expect((await hub.story('lp-4', personId))?.lines).toEqual([])
    await hub.passTo('2026-01-09T15:00:00Z')
    expect(await told('lp-4', personId)).toMatchObject([
      { learnedAt: '2026-01-09T15:00:00Z', dueAt: '2026-01-09T17:00:00Z' },
    ])
    expect((await hub.story('lp-4', personId))?.lines).toHaveLength(1)
  })
})

describe('nobody answers', () => {
  it('so the deputy is asked when it is due, and the duty team the same time later', async () => {
    const ed = newcomer()
    const { personId } = await hub.consent({
      identifiers: [pnc(ed)],
      lead: 'lp-5',
      deputies: ['lp-6'],
      recipients: ['lead-practitioner', 'duty'],
    })
    await hub.passTo('2026-01-12T10:00:00Z')
    await hub.police(arrested(ed, '2026-01-12T09:30:00Z'))
    await hub.passTo('2026-01-12T11:59:59Z')
    expect(await told('lp-6', personId)).toEqual([])
    await hub.passTo('2026-01-12T12:00:00Z')
    expect(await told('lp-6', personId)).toMatchObject([
      { rule: 'arrest', learnedAt: '2026-01-12T12:00:00Z', dueAt: '2026-01-12T14:00:00Z' },
    ])
    expect(await told('duty-1', personId)).toEqual([])
    await hub.passTo('2026-01-12T14:00:00Z')
    expect(await told('duty-1', personId)).toMatchObject([
      {
        rule: 'arrest',
        learnedAt: '2026-01-12T14:00:00Z',
        recipient: { practitionerId: 'duty:testshire-recovery' },
      },
    ])
    await hub.passTo('2026-01-16T14:00:00Z')
    for (const one of ['lp-5', 'lp-6', 'duty-1']) expect(await told(one, personId)).toHaveLength(1)
  })

  it('until somebody acknowledges: then nobody else is asked', async () => {
    const flo = newcomer()
    const { personId } = await hub.consent({
      identifiers: [pnc(flo)],
      lead: 'lp-7',
      deputies: ['lp-8'],
      recipients: ['lead-practitioner', 'duty'],
    })
    await hub.passTo('2026-01-19T10:00:00Z')
    await hub.police(arrested(flo, '2026-01-19T09:30:00Z'))
    const [notice] = await told('lp-7', personId)
    await hub.passTo('2026-01-19T11:30:00Z')
    await hub.acknowledge('lp-7', notice?.noticeId ?? '')
    await hub.passTo('2026-01-20T10:00:00Z')
    expect(await told('lp-7', personId)).toMatchObject([{ state: 'acknowledged' }])
    expect(await told('lp-8', personId)).toEqual([])
    expect(await told('duty-1', personId)).toEqual([])
  })
})

describe('somebody else becomes the lead', () => {
  it('and what was open becomes theirs, with the same time to act by', async () => {
    const gus = newcomer()
    const { personId } = await hub.consent({ identifiers: [noms(gus)], lead: 'lp-1' })
    await hub.passTo('2026-01-21T10:00:00Z')
    await hub.custody(moved(gus, 'released', '2026-01-21T09:30:00Z'))
    const [before] = await told('lp-1', personId)
    const path = `/notices/${before?.noticeId}/handovers`
    expect((await hub.ask('lp-1', 'POST', path, { to: 'lp-3' })).status).toBe(202)
    await hub.idle()
    const after = await told('lp-3', personId)
    expect(after).toMatchObject([
      { rule: 'release', state: 'open', dueAt: before?.dueAt, thread: before?.thread },
      { rule: 'consent', headline: 'You are now the lead for this person' },
    ])
    expect(after[0]?.noticeId).not.toBe(before?.noticeId)
    expect(await told('lp-1', personId)).toEqual([])
    expect(await hub.story('lp-1', personId)).toBeUndefined()
    await hub.passTo('2026-01-22T12:00:00Z')
    expect((await told('lp-3', personId)).map(({ rule }) => rule)).toContain('three-weeks')
  })
})

describe('a team member who may know that services are in touch', () => {
  it('reads in the story that one was, and not why', async () => {
    const hal = newcomer()
    const { personId } = await hub.consent({
      identifiers: [noms(hal)],
      lead: 'lp-2',
      team: [{ practitionerId: 'peer-4', tier: 'involvement' }],
      recipients: ['lead-practitioner', 'peer-supporter'],
      displayName: 'Hal Q.',
    })
    await hub.passTo('2026-01-26T10:00:00Z')
    await hub.custody(moved(hal, 'released', '2026-01-26T09:30:00Z'))
    const { status, text } = await hub.ask('peer-4', 'GET', `/people/${personId}/story`)
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({
      displayName: 'Hal Q.',
      lines: [{ section: 'services', text: 'Custody has been in touch', sources: ['custody'] }],
    })
    expect(text).not.toMatch(/releas|prison|QXI/i)
    expect(await told('peer-4', personId)).toEqual([])
  })

  it('and whose role no grant names reads the person’s own words alone', async () => {
    const ila = newcomer()
    const { personId } = await hub.consent({
      identifiers: [noms(ila)],
      lead: 'lp-2',
      team: [{ practitionerId: 'peer-4', tier: 'involvement' }],
    })
    await hub.custody(moved(ila, 'released', '2026-01-26T09:30:00Z'))
    const story = await hub.story('peer-4', personId)
    expect(story).toMatchObject({ ownWords: "Please don't ring before noon.", lines: [] })
  })

  it('of somebody else does not find the person at all', async () => {
    const jo = newcomer()
    const { personId } = await hub.consent({ identifiers: [noms(jo)], lead: 'lp-2' })
    const theirs = await hub.ask('peer-4', 'GET', `/people/${personId}/story`)
    const nobodys = await hub.ask('peer-4', 'GET', '/people/p-AAAAAAAAAAAAAAAAAAAAAA/story')
    expect([theirs.status, theirs.text]).toEqual([nobodys.status, nobodys.text])
    expect(theirs.status).toBe(404)
  })
})

describe('somebody who left for court', () => {
  it('and has not come back by eight in the evening may have been released', async () => {
    const kit = newcomer()
    const { personId } = await hub.consent({ identifiers: [noms(kit)], lead: 'lp-4' })
    await hub.passTo('2026-06-01T09:00:00+01:00')
    await hub.custody(moved(kit, 'court-out', '2026-06-01T07:55:00+01:00', { code: 'CRT' }))
    await hub.passTo('2026-06-01T19:59:59+01:00')
    expect(await told('lp-4', personId)).toEqual([])
    await hub.passTo('2026-06-01T20:00:00+01:00')
    expect(await told('lp-4', personId)).toMatchObject([
      {
        rule: 'court-no-return',
        urgency: 'safety',
        headline: 'May have been released from court; unconfirmed',
        learnedAt: '2026-06-01T19:00:00Z',
        dueAt: '2026-06-01T21:00:00Z',
      },
    ])
    await hub.passTo('2026-06-01T20:30:00+01:00')
    await hub.custody(moved(kit, 'court-return', '2026-06-01T20:10:00+01:00', { code: 'CRT' }))
    expect(await told('lp-4', personId)).toMatchObject([
      { state: 'closed', closedBecause: 'returned' },
    ])
  })

  it('and is back in time is nobody’s worry', async () => {
    const lu = newcomer()
    const { personId } = await hub.consent({ identifiers: [noms(lu)], lead: 'lp-5' })
    await hub.passTo('2026-06-02T19:00:00+01:00')
    await hub.custody(
      moved(lu, 'court-out', '2026-06-02T07:55:00+01:00', { code: 'CRT' }),
      moved(lu, 'court-return', '2026-06-02T17:40:00+01:00', { code: 'CRT' }),
    )
    await hub.passTo('2026-06-03T19:00:00+01:00')
    expect(await told('lp-5', personId)).toEqual([])
  })
})

describe('a release that the hub hears of late', () => {
  it.each([
    ['five hours', '2026-07-06T09:30:00Z', '2026-07-06T14:30:00Z', 'safety', []],
    ['two days', '2026-08-06T09:30:00Z', '2026-08-08T14:30:00Z', 'safety', [1]],
    ['nine days', '2026-09-07T09:30:00Z', '2026-09-16T14:30:00Z', 'prompt', [7]],
    ['thirty days', '2026-10-05T09:30:00Z', '2026-11-04T14:30:00Z', 'prompt', [21]],
  ])('by %s says so, and asks about only the latest day that has passed', async (...story) => {
    const [, left, heard, urgency, days] = story
    const mo = newcomer()
    await hub.passTo(left)
    const { personId } = await hub.consent({ identifiers: [noms(mo)], lead: 'lp-6' })
    await hub.passTo(heard)
    await hub.custody(moved(mo, 'released', left))
    const notices = await told('lp-6', personId)
    const release = notices.find(({ rule }) => rule === 'release')
    expect(release).toMatchObject({ urgency, learnedAt: heard })
    expect(release?.headline.includes('learned today')).toBe(urgency === 'prompt')
    const asked = notices.filter(({ rule }) => rule === 'three-weeks')
    expect(asked.map(({ headline }) => Number(/reported (\d+) day/.exec(headline)?.[1]))).toEqual(
      days,
    )
    expect(asked.every((notice) => notice.learnedAt === heard)).toBe(true)
  })

  it('after they are known to be back inside tells nobody to go and look', async () => {
    const ned = newcomer()
    const until = '2027-12-31T00:00:00Z'
    await hub.passTo('2027-03-01T09:00:00Z')
    const { personId } = await hub.consent({ identifiers: [noms(ned)], lead: 'lp-7', until })
    await hub.passTo('2027-03-05T10:00:00Z')
    await hub.custody(moved(ned, 'admission', '2027-03-05T09:30:00Z', { code: 'L' }))
    await hub.passTo('2027-03-06T10:00:00Z')
    await hub.custody(moved(ned, 'released', '2027-03-02T09:30:00Z'))
    const rules = (await told('lp-7', personId)).map(({ rule }) => rule)
    expect(rules).toEqual(['into-prison'])
    expect((await hub.story('lp-7', personId))?.lines.map(({ text }) => text)).toEqual([
      'Received into prison.',
      'Released from prison.',
    ])
  })
})
