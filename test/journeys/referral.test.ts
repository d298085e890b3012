import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newcomers, noms, pnc } from './events.ts'
import { startTestHub, type TestHub } from './hub.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub({ from: '2026-01-05T09:00:00Z' })
})
afterAll(() => hub?.[Symbol.asyncDispose]())
const newcomer = newcomers(77)

const folder = new URL('../../connectors/referrals/examples/', import.meta.url)
const example = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Record<string, unknown>

/** A referral as an example has it, about somebody else and at another time. */
async function referred(
  as: string,
  change: {
    readonly reference: string
    readonly at: string
    readonly identifiers: readonly object[]
  },
  name = 'gp-alcohol.json',
): Promise<string> {
  const record = example(name)
  const { body } = await hub.ask(as, 'POST', '/intake/referrals', {
    ...record,
    recordReference: change.reference,
    occurredAt: change.at,
    person: { identifiers: change.identifiers, name: { given: 'Ann', family: 'Made-up' } },
    agreement: { ...(record['agreement'] as object), recordedAt: change.at },
  })
  await hub.idle()
  const [result] = (body as { results: { outcome: string; referralId: string }[] }).results
  expect(result?.outcome).toBe('published')
  return result?.referralId ?? ''
}

const sources = ['custody', 'treatment', 'other']
const about = async (who: string, personId: string) =>
  (await hub.inboxOf(who, 'any')).filter((notice) => notice.personId === personId)

describe('somebody who has agreed, and is referred by their GP', () => {
  it('has it in their story; unanswered for two working days it is chased, and the answer ends that', async () => {
    const ann = newcomer()
    const recipients = ['lead-practitioner', 'duty']
    const { personId } = await hub.consent({ identifiers: [noms(ann)], sources, recipients })
    await hub.passTo('2026-01-06T10:00:00Z')
    const at = '2026-01-06T09:30:00Z'
    const id = await referred('other', { reference: 'RF-1', at, identifiers: [noms(ann)] })
    const story = await hub.story('lp-1', personId)
    expect(story?.lines.map(({ text }) => text).join('\n')).toMatch(/referr/i)

    await hub.passTo('2026-01-08T18:00:00Z')
    const [chased] = (await about('duty-1', personId)).filter(
      ({ rule }) => rule === 'referral-unanswered',
    )
    expect(chased).toMatchObject({ state: 'open', headline: 'A referral is waiting for an answer' })

    const answer = await hub.ask('intake-1', 'POST', `/referrals/${id}/answers`, {
      answer: 'accepted',
    })
    expect(answer.status).toBe(202)
    await hub.idle()
    const [closed] = (await about('duty-1', personId)).filter(
      ({ rule }) => rule === 'referral-unanswered',
    )
    expect(closed).toMatchObject({ state: 'closed', closedBecause: 'referral-answered' })
    const after = await hub.story('lp-1', personId)
    expect(after?.lines.map(({ text }) => text).join('\n')).toContain(
      'The service accepted the referral.',
    )
    const told = await hub.ask('other', 'GET', `/referrals/${id}`)
    expect(told.body).toMatchObject({ state: 'accepted' })
  })

  it('taken back, it leaves the desk and the story', async () => {
    const bea = newcomer()
    const { personId } = await hub.consent({ identifiers: [noms(bea)], sources })
    await hub.passTo('2026-01-12T10:00:00Z')
    const at = '2026-01-12T09:30:00Z'
    const id = await referred('other', { reference: 'RF-2', at, identifiers: [noms(bea)] })
    const { status } = await hub.ask('other', 'POST', '/intake/referrals', {
      ...example('withdrawal.json'),
      recordReference: 'RF-2',
      occurredAt: '2026-01-12T09:45:00Z',
    })
    expect(status).toBe(202)
    await hub.idle()
    expect((await hub.ask('intake-1', 'GET', `/referrals/${id}`)).status).toBe(404)
    const story = await hub.story('lp-1', personId)
    const current = story?.lines.filter((line) => line.current).map(({ text }) => text) ?? []
    expect(current.join('\n')).not.toMatch(/referr/i)
  })
})

describe('a police referral after a positive test', () => {
  it('closes what the lead was asked to do about it', async () => {
    const cas = newcomer()
    const { personId } = await hub.consent({ identifiers: [pnc(cas)], sources })
    await hub.passTo('2026-01-13T10:00:00Z')
    const testAt = '2026-01-13T09:20:00Z'
    const test = JSON.parse(
      readFileSync(
        new URL('../../connectors/custody/examples/police-drug-test.json', import.meta.url),
        'utf8',
      ),
    ) as Record<string, unknown>
    await hub.police({
      ...test,
      occurredAt: testAt,
      recordedAt: testAt,
      custodyReference: '91/CU/7701',
      person: { identifiers: [pnc(cas)] },
    })
    const open = (await about('lp-1', personId)).filter(({ rule }) => rule === 'drug-test')
    expect(open).toMatchObject([{ state: 'open' }])
    await hub.passTo('2026-01-13T11:00:00Z')
    const at = '2026-01-13T10:40:00Z'
    const given = { reference: 'CC-1', at, identifiers: [pnc(cas)] }
    await referred('custody', given, 'police-conditional-caution.json')
    const closed = (await about('lp-1', personId)).filter(({ rule }) => rule === 'drug-test')
    expect(closed).toMatchObject([{ state: 'closed', closedBecause: 'referral-made' }])
  })
})

describe('somebody who has agreed to nothing else', () => {
  it('is at the desk all the same; after 28 days nothing of them can be read', async () => {
    const dee = newcomer()
    await hub.passTo('2026-01-14T10:00:00Z')
    const at = '2026-01-14T09:30:00Z'
    const id = await referred('other', { reference: 'RF-4', at, identifiers: [noms(dee)] })
    expect((await hub.ask('duty-1', 'GET', `/referrals/${id}`)).text).toContain(dee.noms)
    await hub.restart()
    expect((await hub.ask('intake-1', 'GET', `/referrals/${id}`)).text).toContain('Made-up')
    await hub.passTo('2026-02-13T10:00:00Z')
    expect((await hub.ask('intake-1', 'GET', `/referrals/${id}`)).status).toBe(404)
    expect((await hub.ask('other', 'GET', `/referrals/${id}`)).body).toMatchObject({
      state: 'lapsed',
    })
    for (const file of ['hub.db', 'hub.db-wal', 'log.db', 'log.db-wal', 'keys.db']) {
      let bytes = ''
      try {
        bytes = readFileSync(`${hub.data}/${file}`, 'latin1')
      } catch {
        continue
      }
      expect(bytes).not.toContain('Made-up')
      expect(bytes).not.toContain(dee.noms)
    }
  })
})
