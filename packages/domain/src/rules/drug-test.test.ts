import { describe, expect, it } from 'vitest'
import { anEvent, aPerson, at, days, hours, tuesday } from '../testing/a-person.ts'

const tested = (more: object = {}) => anEvent('DrugTestedOnArrest', { received: tuesday, ...more })
const referred = (received: number) => anEvent('ReferralMade', { received })

describe('a positive drug test on arrest', () => {
  it('asks the lead, within a working day, to offer treatment', () => {
    const ann = aPerson()
    ann.happens(tested())
    expect(ann.live()).toMatchObject([
      {
        rule: 'drug-test',
        headline: 'Positive drug test on arrest',
        lines: ['Offer a referral to treatment.', 'Tested by: north-force.'],
        class: 'action',
        urgency: 'prompt',
        dueAt: at('2025-11-19T17:00:00Z'),
        sources: ['custody'],
        categories: ['justice', 'substance-use'],
      },
    ])
    expect(ann.counts()).toEqual({ noticed: 1 })
  })

  it('says when the assessment is that they must attend', () => {
    const ann = aPerson()
    const assessmentAt = at('2025-11-20T14:00:00Z')
    ann.happens(tested({ assessmentRequired: true, assessmentAt }))
    expect(ann.one('drug-test').lines[0]).toBe(
      'They must attend a drug assessment on 20 November. Ask what would help them get there.',
    )
  })

  it('is over when a referral is made after it, or it is acknowledged', () => {
    const ann = aPerson()
    ann.happens(referred(tuesday - hours(1)), tested())
    expect(ann.one('drug-test').state).toBe('open')
    ann.happens({ ...referred(tuesday + hours(3)), eventId: 'later' })
    expect(ann.one('drug-test')).toMatchObject({ state: 'closed', closedBecause: 'referral-made' })
    const ben = aPerson()
    ben.happens(tested())
    ben.acts({ kind: 'acknowledged', noticeId: ben.one('drug-test').noticeId })
    expect(ben.one('drug-test').closedBecause).toBe('acknowledged')
  })

  it('is nothing to tell when it was negative, refused or void', () => {
    for (const outcome of ['NEGATIVE', 'REFUSED', 'VOID', 'NOT_TESTED', 'UNKNOWN'] as const) {
      const ann = aPerson()
      ann.happens(tested({ outcome }))
      expect(ann.notices(), outcome).toEqual([])
      expect(ann.counts()).toEqual({ 'no-rule': 1 })
    }
  })

  it('is taken back from whoever heard of it when the result turns out to be negative', () => {
    const ann = aPerson()
    ann.happens(tested(), tested({ version: 2, received: tuesday + 1, outcome: 'NEGATIVE' }))
    expect(ann.one('drug-test')).toMatchObject({ state: 'retracted', closedBecause: 'corrected' })
    expect(ann.one('correction').corrects).toBe(ann.one('drug-test').noticeId)
  })

  it('is not told to whoever may not hear of substances, and says so in the count', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - days(1))
    ann.agree({ categories: ['whereabouts', 'justice'] })
    ann.happens(tested())
    expect(ann.of('drug-test')).toEqual([])
    expect(ann.counts()).toEqual({ 'suppressed/category-not-granted': 1 })
  })
})
