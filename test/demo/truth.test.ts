import { describe, expect, it } from 'vitest'
import type { Movement, MovementReport } from '../agencies/prison.ts'
import { madeUpPeople } from '../people/people.ts'
import type { Act, Deed, Entry, Grant, Terms } from './plan.ts'
import { day } from './slots.ts'
import { startTruth } from './truth.ts'

const [ann, bob] = madeUpPeople(3, 2) as [Made, Made]
type Made = ReturnType<typeof madeUpPeople>[number]

/** A Tuesday in winter, so that London's clock and UTC agree. */
const at = (time: string, daysOn = 0): number => Date.parse(`2026-03-03T${time}:00Z`) + daysOn * day

const grant: Grant = {
  purpose: 'care-coordination',
  sources: ['custody'],
  recipients: ['lead-practitioner', 'duty', 'prescriber', 'peer-supporter'].map((role) => ({
    organisation: 'testshire-recovery',
    role,
  })),
  categories: ['whereabouts', 'justice', 'health', 'substance-use'],
  tier: 'detail',
  from: at('08:00', -30),
  until: at('00:00', 365),
  lookBackDays: 0,
}
const agrees = (who = ann, changes: Partial<Grant> = {}, noms = who.noms): Deed => ({
  kind: 'consent',
  terms: {
    identifiers: [{ type: 'NOMS', value: noms }],
    lead: 'lp-1',
    deputies: ['lp-2'],
    team: ['peer-4'],
    grants: [{ ...grant, ...changes }],
  } satisfies Terms,
})
const moves = (movement: Movement, movedAt: number, how: Partial<MovementReport> = {}): Deed => ({
  kind: 'movement',
  wrapped: false,
  copies: 1,
  report: {
    family: 'search',
    movement,
    noms: ann.noms,
    prison: 'QXI',
    movedAt,
    code: 'CR',
    ...how,
  },
})
const acts = (act: Act, by = 'lp-1'): Deed => ({ kind: 'act', by, act })

/** What the truth says of notices at the end, shortly. */
function after(until: number, ...entries: readonly (readonly [number, Deed, string?])[]) {
  const truth = startTruth()
  for (const [when, deed, person] of entries)
    truth.apply({ at: when, person: person ?? ann.ref, ...deed } as Entry)
  truth.passTo(until)
  return truth
}
const told = (truth: ReturnType<typeof after>, rule: string) =>
  truth
    .notices()
    .filter((notice) => notice.rule === rule)
    .map(({ recipient, state }) => `${recipient} ${state}`)

describe('a release', () => {
  it('is told to the lead, and to nobody when nobody agreed', () => {
    expect(
      told(
        after(at('10:30'), [at('08:00'), agrees()], [at('10:00'), moves('released', at('09:59'))]),
        'release',
      ),
    ).toEqual(['lp-1 open'])
    expect(
      told(after(at('10:30'), [at('10:00'), moves('released', at('09:59'))]), 'release'),
    ).toEqual([])
  })

  it('is told once, though both families report it and one repeats itself', () => {
    const released = moves('released', at('09:59'))
    const coded = moves('released', at('09:59'), { family: 'coded' })
    const truth = after(
      at('12:00'),
      [at('08:00'), agrees()],
      [at('10:00'), released],
      [at('10:10'), released],
      [at('10:45'), coded],
    )
    expect(told(truth, 'release')).toEqual(['lp-1 open'])
    expect(truth.notices()[0]).toMatchObject({ confirmed: true, dueAt: at('00:00', 1) })
  })

  it('is asked about on days 1, 7, 14 and 21, until the person is back inside', () => {
    const truth = after(
      at('12:00', 30),
      [at('08:00'), agrees()],
      [at('10:00'), moves('released', at('09:59'))],
      [at('10:05', 9), moves('admission', at('10:04', 9), { code: 'L' })],
    )
    const days = truth
      .notices()
      .filter(({ rule, recipient }) => rule === 'three-weeks' && recipient === 'lp-1')
    expect(days.map(({ learnedAt, state }) => [learnedAt, state])).toEqual([
      [at('09:00', 1), 'closed'],
      [at('09:00', 7), 'closed'],
    ])
  })

  it('goes to the deputy at midnight and to the duty team a day later, unless somebody takes it up', () => {
    const begin = [
      [at('08:00'), agrees()],
      [at('10:00'), moves('released', at('09:59'))],
    ] as const
    expect(told(after(at('12:00', 2), ...begin), 'release')).toEqual([
      'lp-1 open',
      'lp-2 open',
      'duty:testshire-recovery open',
    ])
    expect(
      told(after(at('12:00', 2), ...begin, [at('15:00'), acts('acknowledge')]), 'release'),
    ).toEqual(['lp-1 acknowledged'])
  })

  it('turns out to be a death: the release is taken back, corrected, and the death reported', () => {
    const truth = after(
      at('12:00'),
      [at('08:00'), agrees()],
      [at('10:00'), moves('released', at('09:59'))],
      [at('10:45'), moves('released', at('09:59'), { family: 'coded', code: 'DEC' })],
    )
    expect(told(truth, 'release')).toEqual(['lp-1 retracted'])
    expect(told(truth, 'correction')).toEqual(['lp-1 open'])
    expect(told(truth, 'death-reported')).toEqual(['lp-1 open', 'lp-2 open', 'peer-4 open'])
  })

  it('that is to be seen to again is told to whoever is the lead by then', () => {
    const [back, lead] = [at('11:00'), { kind: 'assignment', relation: 'lead' } as const]
    const truth = after(
      at('12:00'),
      [at('08:00'), agrees()],
      [at('10:00'), moves('released', at('09:59'))],
      [back, moves('admission', back, { code: 'N' })],
      [at('11:30'), { ...lead, practitionerId: 'lp-7' }],
      [at('11:45'), moves('transfer-in', back, { family: 'coded', code: 'INT' })],
    )
    expect(told(truth, 'release')).toEqual(['lp-1 closed', 'lp-7 open'])
  })

  it('50 ms before the agreement is not told; 50 ms after it is', () => {
    const release = moves('released', at('09:59'))
    expect(
      told(after(at('10:30'), [at('10:00'), release], [at('10:00') + 50, agrees()]), 'release'),
    ).toEqual([])
    expect(
      told(after(at('10:30'), [at('10:00'), agrees()], [at('10:00') + 50, release]), 'release'),
    ).toEqual(['lp-1 open'])
  })

  it('from before the agreement is told where the person asked us to look back', () => {
    const truth = after(
      at('10:30', 2),
      [at('10:00'), moves('released', at('09:59'))],
      [at('10:00', 2), agrees(ann, { lookBackDays: 3 })],
    )
    expect(told(truth, 'release')).toContain('lp-1 open')
  })
})

describe('a withdrawal', () => {
  it('takes back what was open, for good, and only the lead hears of it', () => {
    const truth = after(
      at('12:00', 25),
      [at('08:00'), agrees()],
      [at('10:00'), moves('released', at('09:59'))],
      [at('11:00'), { kind: 'withdrawal' }],
      [at('12:00'), agrees()],
    )
    expect(told(truth, 'release')).toEqual(['lp-1 retracted'])
    expect(told(truth, 'three-weeks')).toEqual([])
    expect(told(truth, 'consent')).toContain('lp-1 open')
  })
})

describe('a court trip', () => {
  it('is nothing when the van is back by eight, and something when it is not', () => {
    const out = [
      [at('08:00'), agrees()],
      [at('08:30'), moves('court-out', at('08:29'))],
    ] as const
    const back = moves('court-return', at('17:00'))
    expect(told(after(at('21:00'), ...out, [at('17:01'), back]), 'court-no-return')).toEqual([])
    expect(told(after(at('21:00'), ...out), 'court-no-return')).toEqual(['lp-1 open'])
    expect(told(after(at('22:30', 0), ...out, [at('21:00'), back]), 'court-no-return')).toEqual([
      'lp-1 closed',
    ])
  })
})

describe('two people with one prison number', () => {
  it('leave it with the one who had it first', () => {
    const truth = after(
      at('10:30'),
      [at('08:00'), agrees()],
      [at('08:30'), agrees(bob, {}, ann.noms), bob.ref],
      [at('10:00'), moves('released', at('09:59'))],
    )
    expect(truth.notices().map(({ person }) => person)).toEqual([ann.ref])
  })
})

describe('an arrest', () => {
  const arrested = (identifiers = [{ type: 'NOMS' as const, value: ann.noms }]): Deed => ({
    kind: 'police',
    record: {
      what: 'arrest',
      force: '91',
      custodyReference: '91/CU/1',
      occurredAt: at('09:59'),
      openPrescription: 'UNKNOWN',
      identifiers,
    },
  })
  const without = { categories: ['whereabouts', 'justice', 'health'] }

  it('is told to the prescriber too, but not to one who may only hear of such things since', () => {
    const both = ['lp-1 open', 'prescriber:testshire-recovery open']
    expect(
      told(after(at('10:30'), [at('08:00'), agrees()], [at('10:00'), arrested()]), 'arrest'),
    ).toEqual(both)
    const truth = after(
      at('11:30'),
      [at('08:00'), agrees(ann, without)],
      [at('10:00'), arrested()],
      [at('10:30'), agrees()],
      [at('11:00'), moves('admission', at('10:59'), { code: 'N' })],
    )
    expect(told(truth, 'arrest')).toEqual(['lp-1 open'])
    expect(told(truth, 'into-prison')).toEqual(both)
  })
})

describe('what is counted', () => {
  const counted = (...entries: Parameters<typeof after>[1][]) =>
    Object.fromEntries(after(at('12:00'), [at('08:00'), agrees()], ...entries).counts())

  it('is noticed where somebody reads something else for it', () => {
    const admission = moves('admission', at('09:59'), { code: 'N', prison: 'QXI' })
    const coded = (prison: string) =>
      moves('admission', at('09:59'), { code: 'N', prison, family: 'coded' })
    expect(counted([at('10:00'), admission], [at('10:45'), coded('QXK')])).toMatchObject({
      noticed: 2,
    })
  })

  it('is only counted where the person agreed to no more', () => {
    const onlyCounted = agrees(ann, { purpose: 'outcomes' })
    const truth = after(
      at('12:00'),
      [at('08:00'), onlyCounted],
      [at('10:00'), moves('released', at('09:59'))],
    )
    expect(Object.fromEntries(truth.counts())).toEqual({
      published: 1,
      'suppressed/not-for-care': 1,
    })
  })
})
