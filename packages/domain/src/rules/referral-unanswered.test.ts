import { describe, expect, it } from 'vitest'
import { anEvent, aPerson, at, days, hours, tuesday, wholeGrant } from '../testing/a-person.ts'

const referred = (more: object = {}) => anEvent('ReferralMade', { received: tuesday, ...more })
const answered = (more: object = {}) =>
  anEvent('ReferralAnswered', { received: tuesday + hours(20), ...more })
const asked = at('2025-11-20T17:00:00Z')

function annWithService() {
  const ann = aPerson({ agreed: false })
  ann.standAt(tuesday - days(1))
  ann.agree({
    recipients: [...wholeGrant.recipients, { organisation: 'testshire-recovery', role: 'duty' }],
  })
  return ann
}

describe('a referral', () => {
  it('that nobody has answered after two working days is put to whoever is on duty there', () => {
    const ann = annWithService()
    ann.happens(referred())
    ann.passTo(asked - 1)
    expect(ann.notices()).toEqual([])
    expect(ann.counts()).toEqual({})
    ann.passTo(asked)
    expect(ann.live()).toMatchObject([
      {
        rule: 'referral-unanswered',
        recipient: { practitionerId: 'duty:testshire-recovery', role: 'duty' },
        urgency: 'prompt',
        learnedAt: asked,
        dueAt: at('2025-11-21T17:00:00Z'),
        lines: ['It was made on 18 November. Answer it, or say who will.'],
        categories: ['health', 'substance-use'],
      },
    ])
    expect(ann.counts()).toEqual({ noticed: 1 })
  })

  it('is put to the lead where the service is not agreed to', () => {
    const ann = aPerson()
    ann.happens(referred({ toService: 'elsewhere' }))
    ann.passTo(asked)
    expect(ann.one('referral-unanswered').recipient.practitionerId).toBe('lp-1')
  })

  it('is no matter once it was answered, in whatever way, or treatment started', () => {
    for (const event of [
      answered(),
      answered({ answer: 'DECLINED' }),
      anEvent('TreatmentStarted', { received: tuesday + 1 }),
    ]) {
      const ann = aPerson()
      ann.happens(referred(), event)
      ann.passTo(asked + days(9))
      expect(ann.of('referral-unanswered')).toEqual([])
      expect(ann.counts()).toEqual({ 'no-rule': 2 })
    }
  })

  it('is asked for all the same when the answer was about another, and closes when its own comes', () => {
    const ann = aPerson()
    ann.happens(
      referred(),
      answered({ referralRef: 'F2' }),
      answered({ id: 'u', answer: 'UNKNOWN' }),
    )
    ann.passTo(asked)
    ann.happens(answered({ id: 'own', received: asked + 1 }))
    expect(ann.one('referral-unanswered')).toMatchObject({
      state: 'closed',
      closedBecause: 'referral-answered',
    })
  })

  it('is asked for at once when it was made long ago', () => {
    const ann = aPerson()
    ann.happens(referred({ occurredAt: tuesday - days(9) }))
    expect(ann.one('referral-unanswered')).toMatchObject({ learnedAt: tuesday })
    expect(ann.counts()).toEqual({ noticed: 1 })
  })
})
