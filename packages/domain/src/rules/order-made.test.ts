import { describe, expect, it } from 'vitest'
import { anEvent, aPerson, at, days, hours, tuesday } from '../testing/a-person.ts'

const ordered = (more: object = {}) =>
  anEvent('TreatmentRequirementMade', { received: tuesday, ...more })

describe('a treatment requirement', () => {
  it('asks for the first appointment within a week', () => {
    const ann = aPerson()
    ann.happens(ordered({ lengthMonths: 6 }))
    expect(ann.live()).toMatchObject([
      {
        rule: 'order-made',
        headline: 'Treatment ordered by the court',
        lines: [
          'Drug rehabilitation: book the first appointment, and tell probation when it is.',
          'It lasts 6 months.',
        ],
        urgency: 'routine',
        dueAt: at('2025-11-25T17:00:00Z'),
        sources: ['probation'],
      },
    ])
  })

  it('is one order, though court and probation both tell of it', () => {
    const ann = aPerson()
    const again = { id: 'delius', received: tuesday + days(3), occurredAt: tuesday + days(13) }
    ann.happens(ordered({ court: 'B10JQ' }), ordered(again))
    expect(ann.notices()).toHaveLength(1)
    expect(ann.counts()).toEqual({ noticed: 1, 'no-rule': 1 })
    ann.happens(ordered({ id: 'atr', requirement: 'ATR', received: tuesday + days(4) }))
    ann.happens(ordered({ id: 'next', received: tuesday + days(15) }))
    expect(ann.of('order-made')).toHaveLength(3)
  })

  it('tells of the second report when the first is withdrawn', () => {
    const ann = aPerson()
    ann.happens(
      ordered({ court: 'B10JQ' }),
      ordered({ id: 'delius', received: tuesday + 1 }),
      anEvent('EventWithdrawn', {
        received: tuesday + 2,
        withdrawnEventId: 'TreatmentRequirementMade-1',
      }),
    )
    expect(ann.live().map(({ rule }) => rule)).toEqual(['order-made', 'correction'])
  })

  it('is over when treatment starts, they come to an appointment, or the requirement ends', () => {
    for (const [because, event] of [
      ['treatment-started', anEvent('TreatmentStarted', { received: tuesday + hours(9) })],
      ['contact-attended', anEvent('TreatmentContact', { received: tuesday + hours(9) })],
      ['requirement-ended', anEvent('RequirementEnded', { received: tuesday + hours(9) })],
    ] as const) {
      const ann = aPerson()
      ann.happens(ordered(), event)
      expect(ann.one('order-made')).toMatchObject({ state: 'closed', closedBecause: because })
    }
  })

  it('is over when probation ends it by its own number, though the court told it first', () => {
    const ann = aPerson()
    ann.happens(
      ordered({ court: 'B10JQ', requirementRef: 'hearing:DRR' }),
      ordered({ id: 'delius', received: tuesday + days(2), requirementRef: 'R7' }),
      anEvent('RequirementEnded', { received: tuesday + days(30), requirementRef: 'R7' }),
    )
    expect(ann.one('order-made')).toMatchObject({ closedBecause: 'requirement-ended' })
  })

  it('goes on when another requirement ends, or treatment began in prison', () => {
    const ann = aPerson()
    ann.happens(
      ordered(),
      anEvent('RequirementEnded', { received: tuesday + 1, requirementRef: 'R2' }),
      anEvent('TreatmentStarted', { received: tuesday + 2, setting: 'PRISON' }),
    )
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('order-made').noticeId })
    expect(ann.one('order-made').state).toBe('acknowledged')
  })

  it('closes for mental health when it is acknowledged: no source tells when that starts', () => {
    const ann = aPerson()
    ann.happens(ordered({ requirement: 'MHTR' }))
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('order-made').noticeId })
    expect(ann.one('order-made').state).toBe('closed')
  })
})
