import {
  type Arrival,
  type Disclosure,
  endReferrals,
  type Referral,
  type ReferralChange,
} from '@throughline/consent'
import { memoryKeys, seeded } from '@throughline/stream/testing'
import { expect, it } from 'vitest'
import { arrival, auditOf, type Desk, start } from './register-desk.ts'

const day = 86_400_000
const worker = {
  practitionerId: 'intake-1',
  organisation: 'testshire-recovery',
  role: 'intake',
} as const

const sender = { practitionerId: 'agency:other', organisation: 'other', role: 'agency' } as const

/** What every register promises of the referrals that services' desks hold. */
export function referralFeatures(open: () => Promise<Desk>): void {
  it('holds a referral with its acceptance, also for whoever opens the hub again', async () => {
    await using desk = await open()
    await desk.register.accept([made('r-1')])
    const again = await desk.restarted()
    const [held] = await again.register.referrals({ service: 'testshire-recovery' })
    expect(held).toMatchObject({
      state: 'received',
      heldUntil: start + 28 * day,
      sender: 'agency:other',
    })
    expect(Buffer.from(held?.sealed ?? []).toString()).toBe('sealed r-1')
  })

  it('holds nothing, and tells nobody, when its audit entry cannot be written', async () => {
    await using desk = await open()
    await desk.loseAudit()
    await expect(desk.register.accept([made('r-1')])).rejects.toThrow()
    expect(await desk.register.referrals({ referralId: 'r-1' })).toEqual([])
    expect(await desk.register.ledger()).toEqual([])
  })

  it('opens it to the desk of its service and what became of it to its sender, and each look is in the audit', async () => {
    await using desk = await open()
    await desk.register.accept([made('r-1')])
    const looks: readonly (readonly [Disclosure['recipient'], 'referral' | 'referral-state'])[] = [
      [worker, 'referral'],
      [{ ...worker, role: 'duty' }, 'referral'],
      [{ ...worker, role: 'lead-practitioner' }, 'referral'],
      [{ ...worker, organisation: 'testshire-wellbeing' }, 'referral'],
      [worker, 'referral-state'],
      [sender, 'referral-state'],
      [sender, 'referral'],
    ]
    const answers: string[] = []
    for (const [recipient, kind] of looks) answers.push(await look(desk, 'r-1', recipient, kind))
    expect(answers).toEqual([
      'allowed',
      'allowed',
      'not-the-desk',
      'not-the-desk',
      'not-the-sender',
      'allowed',
      'not-the-desk',
    ])
    const kinds = (await auditOf(desk)).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'intending')).toHaveLength(3)
    expect(kinds.filter((kind) => kind === 'refused')).toHaveLength(4)
    expect(await look(desk, 'r-2', worker, 'referral')).toBe('no-referral')
  })

  it('takes an answer that fits, with its event; one that does not fit leaves no event', async () => {
    await using desk = await open()
    await desk.register.accept([made('r-1')])
    const first = await desk.register.accept([answered('r-1', 'declined')])
    const second = await desk.register.accept([answered('r-1', 'accepted')])
    expect([first[0]?.outcome, second[0]]).toEqual([
      'published',
      { outcome: 'ignored', reason: 'referral-closed' },
    ])
    const stranger = { ...worker, organisation: 'testshire-wellbeing' }
    await desk.register.accept([made('r-2')])
    const theirs = await desk.register.accept([answered('r-2', 'accepted', stranger)])
    expect(theirs[0]).toMatchObject({ outcome: 'ignored' })
    const sent = await outboxOf(desk)
    expect(sent.filter((id) => id.includes('answer'))).toHaveLength(1)
  })

  it('gives no more than 28 days, then 28 without content, and counts on nobody to sweep', async () => {
    await using desk = await open()
    await desk.register.accept([made('r-1')])
    await desk.clock.advanceTo(start + 28 * day)
    expect((await desk.register.referrals({ referralId: 'r-1' }))[0]).toMatchObject({
      state: 'lapsed',
      sealed: null,
      keyRef: null,
      heldUntil: null,
    })
    expect(await look(desk, 'r-1', worker, 'referral')).toBe('referral-ended')
    expect((await desk.register.accept([answered('r-1', 'accepted')]))[0]?.outcome).toBe('ignored')
    const keys = await keysOf(['referral:key of r-1'])
    await endReferrals(desk.register, keys)
    expect((await keys.open(['referral:key of r-1'])).get('referral:key of r-1')).toBe('erased')
    expect((await auditOf(desk)).at(-1)).toMatchObject({ what: 'referral-ended', state: 'lapsed' })
    await desk.clock.advanceTo(start + 56 * day)
    expect(await look(desk, 'r-1', sender, 'referral-state')).toBe('no-referral')
    await desk.register.sweep()
    expect(await desk.register.referrals({ service: 'testshire-recovery' })).toEqual([])
  })

  it('remembers keys that are to be destroyed until it hears that they were', async () => {
    await using desk = await open()
    await desk.register.accept([made('r-1')])
    await desk.register.accept([made('r-1', 2)])
    await desk.register.accept([withdrawn('r-1')])
    const spent = ['referral:key of r-1', 'referral:key of r-1/2']
    expect(await desk.register.endReferrals([])).toEqual(spent)
    const again = await desk.restarted()
    expect(await again.register.endReferrals([])).toEqual(spent)
    await again.clock.advanceTo(start + 100 * day)
    await again.register.sweep()
    expect(await again.register.endReferrals(['referral:key of r-1'])).toEqual(spent.slice(1))
  })

  it('lets a late original find its withdrawal, and a higher version begin again', async () => {
    await using desk = await open()
    const state = async () =>
      (await desk.register.referrals({ referralId: 'r-1' }))[0]?.state satisfies
        | Referral['state']
        | undefined
    await desk.register.accept([withdrawn('r-1')])
    await desk.register.accept([made('r-1')])
    expect(await state()).toBe('withdrawn')
    expect(await desk.register.endReferrals([])).toEqual(['referral:key of r-1'])
    await desk.register.accept([made('r-1', 2)])
    expect(await state()).toBe('received')
  })

  it('forgets whoever is erased, and nobody else', async () => {
    await using desk = await open()
    await desk.register.change({
      kind: 'record-consent',
      personId: 'ann',
      isNew: true,
      expectedVersion: null,
      state: 'given',
      identifiers: ['NHS r-1'],
      grants: [],
      sealed: new Uint8Array(1),
      by: 'lp-1',
    })
    await desk.register.accept([made('r-1'), made('r-2')])
    await desk.register.change({ kind: 'erase', personId: 'ann', by: 'operator' })
    const held = await desk.register.referrals({ service: 'testshire-recovery' })
    expect(held.map(({ referralId, sealed }) => [referralId, sealed === null])).toEqual([
      ['r-1', true],
      ['r-2', false],
    ])
    expect(await desk.register.endReferrals([])).toEqual(['referral:key of r-1'])
  })
}

const of = (name: string, referral: ReferralChange, version = 1): Arrival => ({
  ...arrival(name, { version, identifiers: [`NHS ${referral.referralId}`] }),
  agency: 'other',
  referral,
})

const made = (referralId: string, version = 1): Arrival =>
  of(
    `made ${referralId}`,
    {
      kind: 'made',
      referralId,
      service: 'testshire-recovery',
      sender: 'agency:other',
      hears: ['received'],
      sealed: Buffer.from(`sealed ${referralId}`),
      keyRef: `referral:key of ${referralId}${version === 1 ? '' : `/${version}`}`,
    },
    version,
  )

const answered = (
  referralId: string,
  answer: 'accepted' | 'declined',
  by: Disclosure['recipient'] = worker,
): Arrival =>
  of(`answer ${answer} ${referralId} ${by.organisation}`, {
    kind: 'answered',
    referralId,
    answer,
    because: null,
    by,
  })

const withdrawn = (referralId: string): Arrival =>
  of(`withdrawn ${referralId}`, {
    kind: 'withdrawn',
    referralId,
    sender: 'agency:other',
    by: 'referrer',
  })

let attempts = 0

async function look(
  { register }: Desk,
  id: string,
  recipient: Disclosure['recipient'],
  kind: 'referral' | 'referral-state',
): Promise<string> {
  attempts += 1
  const [permit] = await register.gate([
    {
      attemptId: `look-${attempts}`,
      personId: `referral:${id}`,
      purpose: 'care-coordination',
      sources: ['other'],
      categories: ['health'],
      tier: 'detail',
      recipient,
      what: { kind, id },
    },
  ])
  if (permit === undefined) return 'nothing'
  return permit.allowed ? 'allowed' : permit.reason
}

const outboxOf = async ({ store }: Desk): Promise<readonly string[]> => {
  const task = await store.open({ processor: 'register', generation: 1, partition: 0 })
  return (await task.outbox(100)).flatMap(({ records }) => records.map(({ id }) => id))
}

async function keysOf(refs: readonly `referral:${string}`[]) {
  const keys = memoryKeys(seeded(3).bytes)
  for (const ref of refs) await keys.create(ref)
  return keys
}
