import { describe, expect, it } from 'vitest'
import { anEvent, aPerson, at, days, hours, tuesday } from '../testing/a-person.ts'

const recalled = (more: object = {}) => anEvent('RecallRaised', { received: tuesday, ...more })
const received = (at: number, more: object = {}) =>
  anEvent('ReceivedIntoPrison', { received: at, ...more })

describe('a breach', () => {
  it('is told within a working day, once a week, and is over when it is acknowledged', () => {
    const ann = aPerson()
    const breach = (received: number) => anEvent('BreachRaised', { id: `b${received}`, received })
    ann.happens(breach(tuesday), breach(tuesday + days(3)))
    expect(ann.one('breach-recall')).toMatchObject({
      headline: 'Probation has started enforcement',
      urgency: 'prompt',
      dueAt: at('2025-11-19T17:00:00Z'),
    })
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('breach-recall').noticeId })
    ann.happens(breach(tuesday + days(9)))
    expect(ann.of('breach-recall').map(({ state }) => state)).toEqual(['closed', 'open'])
  })
})

describe('a recall', () => {
  it('is told to nobody before the person is in prison', () => {
    const ann = aPerson()
    ann.happens(recalled())
    ann.passTo(tuesday + days(3))
    expect(ann.notices()).toEqual([])
    expect(ann.counts()).toEqual({ 'no-rule': 1 })
    ann.happens(received(tuesday + days(4)))
    expect(ann.one('breach-recall')).toMatchObject({
      headline: 'Recalled to prison',
      learnedAt: tuesday + days(4),
      occurredAt: tuesday + days(4),
      sources: ['probation', 'custody'],
      because: { eventIds: ['RecallRaised-1', 'ReceivedIntoPrison-1'] },
    })
  })

  it('is told at once when probation releases it, or they were in prison already', () => {
    const ann = aPerson()
    ann.happens(recalled({ releasedToLead: true }))
    expect(ann.one('breach-recall').sources).toEqual(['probation'])
    const ben = aPerson()
    ben.happens(received(tuesday - hours(2)), recalled())
    expect(ben.one('breach-recall').learnedAt).toBe(tuesday)
  })

  it('does not count an earlier stay that has ended', () => {
    const ann = aPerson()
    ann.happens(
      received(tuesday - days(9)),
      anEvent('ReleasedFromPrison', { received: tuesday - days(2) }),
      recalled(),
    )
    expect(ann.of('breach-recall')).toEqual([])
  })

  it('is not told to a lead who may not hear where they are', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - days(1))
    ann.agree({ sources: ['probation'] })
    ann.happens(recalled(), received(tuesday + 1))
    expect(ann.of('breach-recall')).toEqual([])
  })

  it('is taken back, and said to be wrong, when the reception was a mistake', () => {
    const ann = aPerson()
    ann.happens(
      recalled(),
      received(tuesday + 1),
      anEvent('EventWithdrawn', {
        received: tuesday + 2,
        withdrawnEventId: 'ReceivedIntoPrison-1',
      }),
    )
    expect(ann.one('breach-recall')).toMatchObject({
      state: 'retracted',
      closedBecause: 'corrected',
    })
    expect(ann.of('correction')).toHaveLength(2)
  })

  it('is taken back without a word when consent is withdrawn', () => {
    const ann = aPerson()
    ann.happens(recalled(), received(tuesday + 1))
    ann.withdraw()
    expect(ann.one('breach-recall')).toMatchObject({
      state: 'retracted',
      closedBecause: 'withdrawn',
    })
    expect(ann.of('correction')).toEqual([])
  })
})
