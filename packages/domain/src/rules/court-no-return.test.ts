import { describe, expect, it } from 'vitest'
import { anEvent, aPerson, at, days, hours, minutes, tuesday } from '../testing/a-person.ts'
import { courtEvening } from './court-no-return.ts'

const left = (more: object = {}) => anEvent('LeftForCourt', { received: tuesday, ...more })
const evening = at('2025-11-18T20:00:00Z')

describe('somebody who left prison for court', () => {
  it('and is not back at eight in the evening may have been released', () => {
    const ann = aPerson()
    ann.happens(left())
    ann.passTo(evening - 1)
    expect(ann.notices()).toEqual([])
    expect(ann.counts()).toEqual({})
    ann.passTo(evening)
    expect(ann.one('court-no-return')).toMatchObject({
      headline: 'May have been released from court; unconfirmed',
      urgency: 'safety',
      learnedAt: evening,
      dueAt: evening + hours(2),
      occurredAt: tuesday,
    })
    expect(ann.counts()).toEqual({ noticed: 1 })
  })

  it('is watched until eight by the clock on the wall, on the next day when they left later', () => {
    expect(courtEvening(at('2026-06-09T18:59:00Z'))).toBe(at('2026-06-09T19:00:00Z'))
    expect(courtEvening(at('2026-06-09T19:00:00Z'))).toBe(at('2026-06-09T19:00:00Z'))
    expect(courtEvening(at('2026-06-09T19:00:00.001Z'))).toBe(at('2026-06-10T19:00:00Z'))
    expect(courtEvening(at('2026-10-24T19:30:00Z'))).toBe(at('2026-10-25T20:00:00Z'))
    expect(courtEvening(at('2026-03-28T20:30:00Z'))).toBe(at('2026-03-29T19:00:00Z'))
  })

  it('is no worry when they came back, were received or moved elsewhere, or were released', () => {
    for (const back of [
      anEvent('ReturnedToPrison', { received: evening - minutes(1) }),
      anEvent('ReceivedIntoPrison', { received: evening - minutes(1) }),
      anEvent('TransferredBetweenPrisons', { received: evening - minutes(1) }),
      anEvent('ReleasedFromPrison', { received: evening - minutes(1) }),
    ]) {
      const ann = aPerson()
      ann.happens(left(), back)
      ann.passTo(evening + hours(1))
      expect(ann.of('court-no-return'), back.type).toEqual([])
      expect(ann.counts()['no-rule']).toBeGreaterThanOrEqual(1)
    }
  })

  it('is a worry all the same when they came back before they left, or moved out', () => {
    for (const other of [
      anEvent('ReturnedToPrison', { received: tuesday + 1, occurredAt: tuesday - 1 }),
      anEvent('TransferredBetweenPrisons', { received: tuesday + 1, direction: 'OUT' }),
    ]) {
      const ann = aPerson()
      ann.happens(left(), other)
      ann.passTo(evening)
      expect(ann.of('court-no-return')).toHaveLength(1)
    }
  })

  it('fires at once when it is learned after the evening', () => {
    const ann = aPerson({ now: evening + hours(3) })
    ann.happens(left({ received: evening + hours(3), occurredAt: tuesday }))
    expect(ann.one('court-no-return')).toMatchObject({
      learnedAt: evening + hours(3),
      dueAt: evening + hours(5),
    })
    expect(ann.counts()).toEqual({ noticed: 1 })
  })

  it('closes on a return, on a release, and on a contact', () => {
    const cases = [
      ['returned', anEvent('ReturnedToPrison', { received: evening + hours(1) })],
      ['returned', anEvent('TransferredBetweenPrisons', { received: evening + hours(1) })],
      ['released', anEvent('ReleasedFromPrison', { received: evening + hours(1) })],
    ] as const
    for (const [because, event] of cases) {
      const ann = aPerson()
      ann.happens(left())
      ann.passTo(evening)
      ann.happens(event)
      expect(ann.one('court-no-return')).toMatchObject({ state: 'closed', closedBecause: because })
    }
    const ann = aPerson()
    ann.happens(left())
    ann.passTo(evening)
    ann.acts({ kind: 'contact-recorded', noticeId: ann.one('court-no-return').noticeId })
    expect(ann.one('court-no-return').closedBecause).toBe('contact-recorded')
  })

  it('is not watched any more after consent was withdrawn, even when it is given again', () => {
    const ann = aPerson()
    ann.happens(left())
    ann.standAt(tuesday + hours(1))
    ann.withdraw()
    ann.agree()
    ann.passTo(evening + days(1))
    expect(ann.of('court-no-return')).toEqual([])
    expect(ann.counts()).toEqual({ 'suppressed/withdrawn': 1 })
  })

  it('is counted once when a second version comes while it is watched', () => {
    const ann = aPerson()
    ann.happens(
      left({ version: 100 }),
      left({ version: 200, received: tuesday + hours(1), occurredAt: tuesday }),
    )
    ann.passTo(evening)
    expect(ann.counts()).toEqual({ 'no-rule': 1, noticed: 1 })
  })

  it('is a worry at once when the court made a requirement that is served outside', () => {
    const ann = aPerson()
    const made = { received: tuesday + hours(2), court: 'B10JQ' }
    ann.happens(left(), anEvent('TreatmentRequirementMade', made))
    expect(ann.one('court-no-return')).toMatchObject({
      urgency: 'safety',
      learnedAt: tuesday + hours(2),
      dueAt: tuesday + hours(4),
      occurredAt: tuesday,
      sources: ['custody', 'probation'],
      because: { timer: null },
    })
    expect(ann.one('court-no-return').lines[0]).toMatch(/^The court made a treatment requirement/)
    expect(ann.counts()).toEqual({ noticed: 2 })
    ann.passTo(evening + hours(1))
    expect(ann.one('court-no-return').version).toBe(1)
    ann.happens(anEvent('ReturnedToPrison', { received: evening + hours(2) }))
    expect(ann.one('court-no-return').closedBecause).toBe('returned')
  })

  it.each(['A', 'Z'])(
    'stays as it was asked when the court tells of another (%s) the next day',
    (id) => {
      const ann = aPerson()
      const made = { court: 'B10JQ', occurredAt: tuesday + hours(1) }
      const first = { ...made, id: 'M', received: tuesday + hours(2) }
      const second = { ...made, id, received: evening + hours(12), requirementRef: 'R2' }
      ann.happens(left(), anEvent('TreatmentRequirementMade', first))
      ann.passTo(evening + hours(1))
      ann.happens(anEvent('TreatmentRequirementMade', second))
      expect(ann.one('court-no-return')).toMatchObject({
        version: 1,
        learnedAt: tuesday + hours(2),
        sources: ['custody', 'probation'],
      })
    },
  )

  it('is left to the evening when probation only records a requirement, or it was another day', () => {
    for (const more of [
      { received: tuesday + hours(2) },
      { received: evening + hours(20), court: 'B10JQ' },
      { received: tuesday + hours(2), occurredAt: tuesday - 1, court: 'B10JQ' },
    ]) {
      const ann = aPerson()
      ann.happens(left(), anEvent('TreatmentRequirementMade', more))
      ann.passTo(evening + days(1))
      expect(ann.one('court-no-return').sources).toEqual(['custody'])
    }
  })

  it('is corrected when the hearing turns out not to have been, and still watched', () => {
    const ann = aPerson()
    const made = { received: tuesday + hours(2), court: 'B10JQ' }
    const undone = { received: tuesday + hours(3), withdrawnEventId: 'TreatmentRequirementMade-1' }
    ann.happens(left(), anEvent('TreatmentRequirementMade', made))
    ann.happens(anEvent('EventWithdrawn', undone))
    expect(ann.one('court-no-return').state).toBe('retracted')
    ann.passTo(evening)
    expect(ann.one('court-no-return')).toMatchObject({ state: 'open', sources: ['custody'] })
  })
})
