import type { BreakGlassReason } from '@throughline/domain'
import {
  createMemoryStore,
  MemoryDatabase,
  type SteppedClock,
  steppedClock,
} from '@throughline/stream'
import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryRegister } from '../memory-register.ts'
import type { ConsentCommand, Register } from '../port.ts'

const start = Date.parse('2026-05-14T09:00:00Z')
const hour = 3_600_000
const group = { organisation: 'testshire-recovery', role: 'duty' }
const duty = { practitionerId: 'duty-1', ...group }
const colleague = { practitionerId: 'duty-2', ...group }

let clock: SteppedClock
let register: Register & ReturnType<typeof createMemoryRegister>
let audit: () => readonly string[]
beforeEach(() => {
  clock = steppedClock(start)
  const database = new MemoryDatabase()
  register = createMemoryRegister({ database, clock })
  createMemoryStore({ db: database, clock, lookups: register.reader })
  audit = () => register.tables.auditAfter(0, 1000).map(({ text }) => text)
})

const ann: ConsentCommand = {
  kind: 'record-consent',
  personId: 'p-ann',
  isNew: true,
  expectedVersion: null,
  state: 'given',
  identifiers: ['nhs-of-ann'],
  grants: [
    {
      purpose: 'break-glass',
      sources: ['hospital'],
      recipients: [group],
      categories: ['safety'],
      tier: 'involvement',
      from: start,
      until: start + 1000 * hour,
      lookBackDays: 0,
    },
  ],
  sealed: new Uint8Array([1]),
  by: 'register',
}

const declare = (
  recipient = duty,
  breakGlassId = 'look-1',
  reason: BreakGlassReason = 'life-at-risk',
) => register.change({ kind: 'break-glass', personId: 'p-ann', breakGlassId, recipient, reason })
const review = (by: string, justified = true) =>
  register.change({
    kind: 'review-break-glass',
    personId: 'p-ann',
    breakGlassId: 'look-1',
    justified,
    by,
  })
const takeBack = () =>
  register.change({
    kind: 'withdraw',
    personId: 'p-ann',
    purposes: ['break-glass'],
    by: 'person',
    reason: null,
  })
let attempts = 0
const shown = async (recipient = duty): Promise<string> => {
  attempts += 1
  const [permit] = await register.gate([
    {
      attemptId: `attempt-${attempts}`,
      personId: 'p-ann',
      purpose: 'break-glass',
      sources: [],
      categories: [],
      tier: 'involvement',
      recipient,
      what: { kind: 'break-glass', id: 'look-1' },
    },
  ])
  return permit?.allowed ? 'shown' : (permit?.reason ?? 'nothing')
}

describe('looking in an emergency', () => {
  beforeEach(async () => {
    await register.change(ann)
  })

  it('is for a member of the group the person named, once they have said why', async () => {
    expect(await shown()).toBe('not-declared')
    expect(await declare()).toMatchObject({ ok: true })
    expect(await shown()).toBe('shown')
    expect(await shown(colleague)).toBe('not-declared')
  })

  it('is for nobody else', async () => {
    const lead = { ...duty, practitionerId: 'lp-1', role: 'lead-practitioner' }
    expect(await declare(lead)).toEqual({ ok: false, reason: 'not-permitted' })
    expect(await shown(lead)).toBe('recipient-not-granted')
  })

  it('ends after four hours', async () => {
    await declare()
    await clock.advanceTo(start + 4 * hour - 1)
    expect(await shown()).toBe('shown')
    await clock.advanceTo(start + 4 * hour)
    expect(await shown()).toBe('not-declared')
  })

  it('ends when the person takes it back', async () => {
    await declare()
    await takeBack()
    expect(await shown()).toBe('no-consent')
  })

  it('leaves its reason, its reading and its review in the audit', async () => {
    await declare()
    await shown()
    await review('lp-1')
    const facts = audit().map((text) => JSON.parse(text) as Record<string, unknown>)
    expect(facts.slice(1)).toMatchObject([
      { kind: 'changed', change: 'break-glass', by: 'duty-1', reason: 'life-at-risk' },
      { kind: 'intending', what: 'break-glass', purpose: 'break-glass', recipient: 'duty-1' },
      { kind: 'changed', change: 'review-break-glass', by: 'lp-1', justified: true },
    ])
  })

  it('is the same look when it is declared twice', async () => {
    await declare()
    await clock.advanceTo(start + hour)
    await declare(duty, 'look-2')
    expect((await register.person('p-ann'))?.breakGlass).toHaveLength(1)
  })

  it('not reviewed within 72 hours suspends that access, and no other', async () => {
    await declare()
    await clock.advanceTo(start + 72 * hour - 1)
    expect(await declare(duty, 'look-2')).toMatchObject({ ok: true })
    await clock.advanceTo(start + 72 * hour)
    expect(await shown()).toBe('review-overdue')
    expect(await declare(duty, 'look-3')).toEqual({ ok: false, reason: 'not-permitted' })
    expect(await declare(colleague, 'look-4')).toMatchObject({ ok: true })
    await review('lp-1')
    expect(await shown()).toBe('shown')
  })

  it('found wrong suspends that access at once', async () => {
    await declare()
    await review('register', false)
    expect(await shown()).toBe('review-overdue')
  })

  it('is never reviewed by whoever looked', async () => {
    await declare()
    expect(await review('duty-1')).toEqual({ ok: false, reason: 'not-permitted' })
  })
})

describe('what was said before the person took something back', () => {
  it('opens nothing when it arrives after it', async () => {
    await register.change(ann)
    await clock.advanceTo(start + hour)
    await takeBack()
    await clock.advanceTo(start + 2 * hour)
    const again = { ...ann, isNew: false }
    const late = await register.change({ ...again, saidAt: start + hour })
    expect(late).toEqual({ ok: false, reason: 'withdrawn-since' })
    expect(await register.change({ ...again, saidAt: start + hour + 1 })).toMatchObject({
      ok: true,
      state: 'given',
    })
  })
})
