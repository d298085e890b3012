import { erasePerson } from '@throughline/consent'
import { hashesOf } from '@throughline/intake'
import { testIds } from '@throughline/intake/testing'
import { describe, expect, it } from 'vitest'
import { changed, example } from './testing/examples.ts'
import { dayMs, morning, type Office, openOffice } from './testing/office.ts'

const gp = example('gp-alcohol.json')

async function referred(office: Office, record = gp, as: 'other' | 'custody' = 'other') {
  const { results } = await office.refer(record, as)
  return results[0]?.referralId ?? 'none'
}
const read = async (office: Office, as: string, id: string) => {
  const answer = await office.call(as, `/referrals/${id}`)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
const list = async (office: Office, as: string) =>
  (await (await office.call(as, '/referrals')).json()) as {
    referrals: Record<string, unknown>[]
    sent: Record<string, unknown>[]
  }
const answer = async (office: Office, as: string, id: string, body: unknown) =>
  (await office.call(as, `/referrals/${id}/answers`, body)).status
const heard = async (office: Office, id: string, as = 'other') =>
  (await read(office, as, id)).body['state']

describe('a referral to a service’s intake desk', () => {
  it('reaches the desk of the service it names, whoever has agreed to what on the register', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    expect((await read(office, 'intake-1', id)).body).toMatchObject({
      state: 'received',
      source: { kind: 'gp', ndtmsReferralSource: '3' },
      person: { name: { given: 'Corwin', family: 'Fenwright' }, phone: '07700 900115' },
      safeContact: { ok: ['text'], never: ['voicemail', 'letter-to-home'] },
      referral: { reason: 'alcohol-use', alcoholScore: { instrument: 'AUDIT', score: 22 } },
      heldUntil: '2026-03-31T09:00:00Z',
    })
    expect((await list(office, 'duty-1')).referrals).toHaveLength(1)
  })

  it('is not there for anybody else', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    for (const as of ['lp-1', 'intake-2', 'gp-1', 'housing'])
      expect((await read(office, as, id)).status).toBe(404)
    for (const as of ['lp-1', 'intake-2']) expect((await list(office, as)).referrals).toEqual([])
    expect(await answer(office, 'lp-1', id, { answer: 'accepted' })).toBe(404)
    expect(await answer(office, 'intake-2', id, { answer: 'accepted' })).toBe(404)
    expect((await office.call('operator', `/referrals/${id}`)).status).toBe(403)
    expect((await read(office, 'intake-1', 'no-such-referral')).status).toBe(404)
  })

  it('is answered with an event of its own source, on its own object, about the same person', async () => {
    await using office = await openOffice()
    const id = await referred(office, example('police-conditional-caution.json'), 'custody')
    await office.clock.advanceTo(morning + dayMs)
    expect(await answer(office, 'duty-1', id, { answer: 'accepted' })).toBe(202)
    const told = await office.told()
    expect(told.map(({ topic, schema }) => `${topic} ${schema}`)).toEqual([
      'agency.custody.v1 ReferralMade',
      'agency.custody.v1 ReferralAnswered',
    ])
    const [made, answered] = told.map(({ value }) => value)
    expect(answered).toMatchObject({
      answer: 'ACCEPTED',
      referralRef: 'CC-2026-0183',
      occurredAt: morning + dayMs,
    })
    for (const same of ['source', 'objectRef', 'identifiers'])
      expect(answered?.[same]).toEqual(made?.[same])
    expect(answered?.['eventId']).not.toBe(made?.['eventId'])
  })

  it('stays until it is known whether they came, and then it goes', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    await answer(office, 'intake-1', id, { answer: 'accepted' })
    expect((await read(office, 'intake-1', id)).body).toMatchObject({ state: 'accepted' })
    const [held] = await office.register.referrals({ referralId: id })
    const ref = held?.keyRef ?? 'day:none'
    expect(await answer(office, 'intake-1', id, { answer: 'attended' })).toBe(202)
    expect((await office.keys.open([ref])).get(ref)).toBe('erased')
    expect((await read(office, 'intake-1', id)).status).toBe(404)
    expect(await heard(office, id)).toBe('attended')
    expect((await office.told()).map(({ value }) => value['answer']).slice(2)).toEqual([
      'ACCEPTED',
      'ATTENDED',
    ])
  })

  it('is declined with a reason, which the referrer hears with the answer', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    expect(await answer(office, 'intake-1', id, { answer: 'declined' })).toBe(422)
    expect(await answer(office, 'intake-1', id, { answer: 'accepted', because: 'no-room' })).toBe(
      422,
    )
    expect(await answer(office, 'intake-1', id, { answer: 'declined', because: 'no-room' })).toBe(
      202,
    )
    expect((await read(office, 'other', id)).body).toMatchObject({
      state: 'declined',
      because: 'no-room',
    })
  })

  it('is answered once: a second worker hears that it is closed, and nobody is told twice', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    const answers = await Promise.all([
      answer(office, 'intake-1', id, { answer: 'declined', because: 'out-of-area' }),
      answer(office, 'duty-1', id, { answer: 'attended' }),
    ])
    expect(answers.filter((status) => status === 202)).toHaveLength(1)
    expect([404, 409]).toContain(answers.find((status) => status !== 202))
    const events = (await office.told()).filter(({ schema }) => schema === 'ReferralAnswered')
    expect(events).toHaveLength(1)
  })

  it('pressing twice is one answer', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    expect(await answer(office, 'intake-1', id, { answer: 'accepted' })).toBe(202)
    await office.clock.advanceTo(morning + 60_000)
    expect(await answer(office, 'intake-1', id, { answer: 'accepted' })).toBe(202)
    const events = (await office.told()).filter(({ schema }) => schema === 'ReferralAnswered')
    expect(events).toHaveLength(1)
  })

  it('corrected before it is decided, shows the correction and gets no more days', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    await office.clock.advanceTo(morning + 5 * dayMs)
    const record = changed('gp-alcohol.json', { recordVersion: 2, 'referral.note': 'Afternoons.' })
    expect(await referred(office, record)).toBe(id)
    expect((await read(office, 'intake-1', id)).body).toMatchObject({
      referral: { note: 'Afternoons.' },
      receivedAt: '2026-03-03T09:00:00Z',
      heldUntil: '2026-03-31T09:00:00Z',
    })
    // An older telling that comes late changes nothing.
    await office.clock.advanceTo(morning + 13 * dayMs)
    await office.refer(gp)
    expect((await read(office, 'intake-1', id)).body).toMatchObject({
      referral: { note: 'Afternoons.' },
    })
  })

  it('leaves the desk when a correction says that they do not agree after all', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    await office.refer(
      changed('gp-alcohol.json', { recordVersion: 2, 'agreement.toReferral': false }),
    )
    expect((await read(office, 'intake-1', id)).status).toBe(404)
  })
})

describe('what whoever referred hears', () => {
  it.each([
    [
      ['received', 'accepted', 'attended'],
      ['received', 'accepted', 'not-attended'],
    ],
    [
      ['received', 'accepted'],
      ['received', 'accepted', 'accepted'],
    ],
    [['attended'], ['not-shared', 'not-shared', 'not-attended']],
    [['received'], ['received', 'received', 'received']],
    [[], ['not-shared', 'not-shared', 'not-shared']],
  ])('where the person agreed to %j, is %j', async (hears, expected) => {
    await using office = await openOffice()
    const id = await referred(
      office,
      changed('gp-alcohol.json', { 'agreement.referrerMayHear': hears }),
    )
    const states = [await heard(office, id)]
    await office.clock.advanceTo(morning + dayMs)
    await answer(office, 'intake-1', id, { answer: 'accepted' })
    states.push(await heard(office, id))
    await answer(office, 'intake-1', id, { answer: 'not-attended' })
    states.push(await heard(office, id))
    expect(states).toEqual(expected)
  })

  it('says no more than the state: no name, no time of what is not theirs to know', async () => {
    await using office = await openOffice()
    const record = changed('gp-alcohol.json', { 'agreement.referrerMayHear': ['received'] })
    const id = await referred(office, record)
    await office.clock.advanceTo(morning + dayMs)
    await answer(office, 'intake-1', id, { answer: 'declined', because: 'with-us-already' })
    expect((await read(office, 'other', id)).body).toEqual({
      referralId: id,
      service: 'testshire-recovery',
      sentAt: '2026-03-03T09:00:00Z',
      state: 'received',
      at: '2026-03-03T09:00:00Z',
    })
  })
})

describe('after 28 days without a decision', () => {
  it('what it said is destroyed, and the referrer hears that nobody decided', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    const [held] = await office.register.referrals({ referralId: id })
    const ref = held?.keyRef ?? 'day:none'
    await office.clock.advanceTo(morning + 28 * dayMs - 1)
    expect((await read(office, 'intake-1', id)).status).toBe(200)
    await office.clock.advanceTo(morning + 28 * dayMs)
    // Also before anybody has swept.
    expect((await read(office, 'intake-1', id)).status).toBe(404)
    expect(await heard(office, id)).toBe('lapsed')
    expect((await office.keys.open([ref])).get(ref)).not.toBe('erased')
    await office.sweep()
    expect((await office.keys.open([ref])).get(ref)).toBe('erased')
    expect(await answer(office, 'intake-1', id, { answer: 'accepted' })).toBe(404)
    await office.clock.advanceTo(morning + 56 * dayMs)
    await office.sweep()
    expect((await read(office, 'other', id)).status).toBe(404)
    expect([...office.database.table('register_referrals').values()]).toEqual([])
  })

  it('one that was accepted is held 28 days from then, for the answer whether they came', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    await office.clock.advanceTo(morning + 27 * dayMs)
    await answer(office, 'intake-1', id, { answer: 'accepted' })
    await office.clock.advanceTo(morning + 54 * dayMs)
    await office.sweep()
    expect((await read(office, 'intake-1', id)).status).toBe(200)
    await office.clock.advanceTo(morning + 55 * dayMs)
    await office.sweep()
    expect((await read(office, 'intake-1', id)).status).toBe(404)
    expect(await heard(office, id)).toBe('accepted')
  })

  it('can be made again, and waits for 28 days more', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    await office.clock.advanceTo(morning + 29 * dayMs)
    await office.sweep()
    expect(await referred(office, changed('gp-alcohol.json', { recordVersion: 2 }))).toBe(id)
    expect((await read(office, 'intake-1', id)).body).toMatchObject({ state: 'received' })
  })
})

describe('a referral that is taken back', () => {
  it('by the referrer leaves the desk, its key is destroyed, and everybody who had the event hears', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    const [held] = await office.register.referrals({ referralId: id })
    const ref = held?.keyRef ?? 'day:none'
    await office.refer(changed('withdrawal.json', { 'withdrawal.reason': 'no-longer-needed' }))
    expect((await read(office, 'intake-1', id)).status).toBe(404)
    expect((await office.keys.open([ref])).get(ref)).toBe('erased')
    expect(await heard(office, id)).toBe('withdrawn')
    const told = await office.told()
    expect(told.at(-1)).toMatchObject({
      schema: 'EventWithdrawn',
      value: { objectRef: told[0]?.value['objectRef'], withdrawnEventId: null, identifiers: [] },
    })
  })

  it('by the person, at the desk, is told to the referrer only where they may hear of answers', async () => {
    await using office = await openOffice()
    const open = await referred(office)
    const shut = await referred(
      office,
      changed('gp-alcohol.json', {
        recordReference: 'RF-2',
        'agreement.referrerMayHear': ['received'],
      }),
    )
    for (const id of [open, shut])
      expect(await answer(office, 'intake-1', id, { answer: 'taken-back' })).toBe(202)
    expect([await heard(office, open), await heard(office, shut)]).toEqual([
      'withdrawn',
      'received',
    ])
    expect((await office.told()).filter(({ schema }) => schema === 'EventWithdrawn')).toHaveLength(
      2,
    )
  })

  it('before it came, does not come to the desk at all', async () => {
    await using office = await openOffice()
    await office.refer(example('withdrawal.json'))
    const id = await referred(office)
    expect((await read(office, 'intake-1', id)).status).toBe(404)
    expect((await list(office, 'intake-1')).referrals).toEqual([])
  })

  it('waits until nobody is reading it any more', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    const permit = await office.register.gate([
      {
        attemptId: 'reading',
        personId: `referral:${id}`,
        purpose: 'care-coordination',
        sources: ['other'],
        categories: [],
        tier: 'detail',
        recipient: {
          practitionerId: 'intake-1',
          organisation: 'testshire-recovery',
          role: 'intake',
        },
        what: { kind: 'referral', id },
      },
    ])
    expect(permit[0]?.allowed).toBe(true)
    let isDone = false
    const withdrawal = office.refer(example('withdrawal.json')).then(() => {
      isDone = true
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(isDone).toBe(false)
    await office.register.outcome([{ attemptId: 'reading', outcome: 'delivered' }])
    await withdrawal
    expect(isDone).toBe(true)
  })
})

describe('somebody who is erased', () => {
  it('is gone from every desk, with the keys', async () => {
    await using office = await openOffice()
    const { register, keys } = office
    const identifiers = hashesOf(testIds, [
      { type: 'NHS', value: '9990000115', issuer: null, verified: true },
    ])
    await keys.create('person:p-1')
    await register.change({
      kind: 'record-consent',
      personId: 'p-1',
      isNew: true,
      expectedVersion: null,
      state: 'given',
      identifiers,
      grants: [],
      sealed: new Uint8Array(),
      by: 'lp-1',
    })
    const theirs = await referred(office)
    const other = await referred(office, example('police-conditional-caution.json'))
    const [held] = await register.referrals({ referralId: theirs })
    const ref = held?.keyRef ?? 'day:none'
    await erasePerson({ register, keys, personId: 'p-1', by: 'operator' })
    expect((await read(office, 'intake-1', theirs)).status).toBe(404)
    expect((await keys.open([ref])).get(ref)).toBe('erased')
    expect((await read(office, 'intake-1', other)).status).toBe(200)
    expect(JSON.stringify([...office.database.table('register_referrals').values()])).not.toContain(
      identifiers[0],
    )
  })
})

describe('the audit of a referral', () => {
  it('has every look, every refusal and every answer, and no word of what it says', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    await list(office, 'duty-1')
    await read(office, 'intake-1', id)
    await read(office, 'gp-1', id)
    await answer(office, 'intake-1', id, { answer: 'accepted' })
    await heard(office, id)
    const audit = office.audit()
    const lines = audit.map(({ kind, what, recipient, by, answer: given, outcome, reason }) =>
      [kind, what, recipient ?? by, given ?? outcome ?? reason].filter(Boolean).join(' '),
    )
    expect(lines).toEqual([
      'changed referral-received',
      'intending referral duty-1',
      'outcome delivered',
      'intending referral intake-1',
      'outcome delivered',
      'refused referral-state gp-1 not-the-sender',
      'changed referral-answered intake-1 accepted',
      'intending referral-state agency:other',
      'outcome delivered',
    ])
    const text = JSON.stringify(audit)
    for (const own of ['Corwin', '9990000115', 'alcohol-use', '07700'])
      expect(text).not.toContain(own)
  })

  it('shows nothing while the keys cannot be had', async () => {
    await using office = await openOffice()
    const id = await referred(office)
    office.keys.available = false
    const { status, body } = await read(office, 'intake-1', id)
    expect([status, JSON.stringify(body)]).toEqual([503, expect.not.stringContaining('Corwin')])
  })
})

describe('where it lies', () => {
  it('nothing of it can be read in the database, at rest or after it went', async () => {
    await using office = await openOffice()
    await referred(office)
    const rows = ['register_referrals', 'register_sealed', 'register_receipts', 'outbox'].flatMap(
      (name) => [...office.database.table(name).values()],
    )
    const text = JSON.stringify(rows, (_key, value: unknown) =>
      value instanceof Uint8Array
        ? Buffer.from(value).toString('latin1')
        : typeof value === 'bigint'
          ? String(value)
          : value,
    )
    expect(text.length).toBeGreaterThan(500)
    for (const own of ['Corwin', 'Fenwright', '9990000115', '07700 900115', 'mornings'])
      expect(text).not.toContain(own)
  })
})
