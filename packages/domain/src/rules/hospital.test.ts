import { describe, expect, it } from 'vitest'
import { anEvent, aPerson, at, coded, days, hours, tuesday } from '../testing/a-person.ts'

const attended = (more: object = {}) =>
  anEvent('EmergencyAttendanceStarted', { received: tuesday, ...more })
const discharged = (more: object = {}) =>
  anEvent('Discharged', { received: tuesday + hours(5), ...more })
const scored = (more: object = {}) =>
  anEvent('AlcoholScoreRecorded', { received: tuesday + hours(4), ...more })

describe('a stay for alcohol or drugs', () => {
  it('is told as information, once, and is amended when they are admitted', () => {
    const ann = aPerson()
    ann.happens(attended(coded('ALCOHOL_SPECIFIC')))
    expect(ann.one('hospital')).toMatchObject({
      class: 'information',
      urgency: 'routine',
      dueAt: null,
      headline: 'Attended A&E',
    })
    ann.happens(
      anEvent('Admitted', {
        received: tuesday + 1,
        visitRef: 'S1',
        attendanceRef: 'V1',
        ...coded('ALCOHOL_SPECIFIC', 'DRUG_DISORDER'),
      }),
    )
    expect(ann.one('hospital')).toMatchObject({ version: 2, headline: 'Admitted to hospital' })
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('hospital').noticeId })
    expect(ann.one('hospital').state).toBe('closed')
  })

  it('tells nobody of what is only possible', () => {
    const ann = aPerson()
    ann.happens(attended(coded('POSSIBLE', 'UNKNOWN')))
    expect(ann.notices()).toEqual([])
    expect(ann.counts()).toEqual({ 'no-rule': 1 })
  })

  it('takes the last word of the coders for the whole of it, but not for what happened since', () => {
    const ann = aPerson()
    ann.happens(
      attended(coded('ALCOHOL_SPECIFIC')),
      anEvent('EncounterReclassified', { received: tuesday + 1 }),
    )
    expect(ann.one('hospital').state).toBe('retracted')
    ann.happens(
      anEvent('EmergencyAttendanceEnded', { received: tuesday + 2, ...coded('DRUG_DISORDER') }),
    )
    expect(ann.live().map(({ rule }) => rule)).toEqual(['correction', 'hospital'])
  })
})

describe('a discharge with a need for treatment', () => {
  it('asks to make contact within a week', () => {
    const ann = aPerson()
    ann.happens(scored(), discharged())
    expect(ann.one('hospital')).toMatchObject({
      class: 'action',
      urgency: 'prompt',
      headline: 'Discharged from hospital: offer treatment',
      dueAt: at('2025-11-25T17:00:00Z'),
      because: { eventIds: ['Discharged-1', 'AlcoholScoreRecorded-1'] },
    })
    expect(ann.counts()).toEqual({ 'no-rule': 1, noticed: 1 })
  })

  it('is a case of its own where the discharge is what says that it was for alcohol', () => {
    const ann = aPerson()
    ann.happens(scored(), discharged(coded('ALCOHOL_SPECIFIC')))
    expect(ann.of('hospital').map(({ headline }) => headline)).toEqual([
      'Discharged from hospital',
      'Discharged from hospital: offer treatment',
    ])
    ann.passTo(tuesday + days(30))
    expect(ann.of('hospital').map(({ state }) => state)).toEqual(['open', 'open'])
  })

  it('needs a score of 5 of that visit, or a referral that hospital made then', () => {
    for (const [event, n] of [
      [scored({ score: 4 }), 0],
      [scored({ visitRef: 'V9' }), 0],
      [scored({ visitRef: null }), 0],
      [scored({ instrument: 'AUDIT', score: 20 }), 0],
      [anEvent('ReferralMade', { received: tuesday - days(1) }), 0],
      [anEvent('ReferralMade', { received: tuesday + hours(30) }), 0],
      [anEvent('ReferralMade', { received: tuesday + hours(28) }), 1],
      [scored({ received: tuesday + days(2) }), 1],
    ] as const) {
      const ann = aPerson()
      ann.happens(attended(), discharged(), event)
      expect(ann.of('hospital'), JSON.stringify(event)).toHaveLength(n)
    }
  })

  it('is information for somebody who is in treatment', () => {
    const ann = aPerson()
    ann.happens(
      anEvent('TreatmentStarted', { received: tuesday - days(5) }),
      scored(),
      discharged(),
    )
    expect(ann.one('hospital')).toMatchObject({
      class: 'information',
      headline: 'Discharged from hospital',
      sources: ['hospital', 'treatment'],
      dueAt: null,
    })
  })

  it('asks when the treatment had ended, or the lead may not hear of it', () => {
    const ann = aPerson()
    ann.happens(
      anEvent('TreatmentStarted', { received: tuesday - days(5) }),
      anEvent('TreatmentEnded', { received: tuesday - days(2) }),
      scored(),
      discharged(),
    )
    expect(ann.one('hospital').class).toBe('action')
    const ben = aPerson({ agreed: false })
    ben.standAt(tuesday - days(6))
    ben.agree({ sources: ['hospital'] })
    ben.happens(
      anEvent('TreatmentStarted', { received: tuesday - days(5) }),
      scored(),
      discharged(),
    )
    expect(ben.one('hospital')).toMatchObject({ class: 'action', sources: ['hospital'] })
  })

  it('is over when the referral is taken up, treatment starts, they come, or a contact is recorded', () => {
    for (const [because, event] of [
      ['referral-answered', anEvent('ReferralAnswered', { received: tuesday + days(1) })],
      ['treatment-started', anEvent('TreatmentStarted', { received: tuesday + days(1) })],
      ['contact-attended', anEvent('TreatmentContact', { received: tuesday + days(1) })],
    ] as const) {
      const ann = aPerson()
      ann.happens(scored(), discharged(), event)
      expect(ann.one('hospital').closedBecause).toBe(because)
    }
    const ann = aPerson()
    const declined = { received: tuesday + days(1), answer: 'DECLINED' } as const
    ann.happens(scored(), discharged(), anEvent('ReferralAnswered', declined))
    expect(ann.one('hospital').state).toBe('open')
    ann.acts({ kind: 'contact-recorded', noticeId: ann.one('hospital').noticeId })
    expect(ann.one('hospital').closedBecause).toBe('contact-recorded')
  })
})
