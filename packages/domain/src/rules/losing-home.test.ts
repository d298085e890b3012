import { describe, expect, it } from 'vitest'
import { anEvent, aPerson, at, days, hours, tuesday } from '../testing/a-person.ts'

const notice = anEvent('PossessionNoticeServed', { received: tuesday, expiresOn: '2026-01-03' })
const rough = (n: number) =>
  anEvent('RoughSleepingContact', { id: `r${n}`, received: tuesday + days(n) })
const owed = (more: object = {}) => anEvent('HomelessnessDutyOwed', { received: tuesday, ...more })

describe('somebody who may lose their home, or has none', () => {
  it('is seen to within two working days', () => {
    for (const [headline, line, event] of [
      [
        'Home at risk: notice from the landlord',
        'The notice runs out on 3 January. Get housing advice for them now.',
        notice,
      ],
      [
        'Home at risk: rent arrears',
        '8 weeks are owed. Ask about benefits and a payment plan.',
        anEvent('ArrearsThresholdCrossed', { received: tuesday }),
      ],
      [
        'The council owes them a homelessness duty',
        'Ask for the housing plan, and help them keep to it.',
        owed(),
      ],
      [
        'Left hospital with nowhere to live',
        'Refer them to the council today, if they agree.',
        anEvent('Discharged', { received: tuesday, nowhereToLive: true }),
      ],
      ['Seen sleeping rough', 'Refer them to the council today, if they agree.', rough(0)],
    ] as const) {
      const ann = aPerson()
      ann.happens(event)
      expect(ann.live()).toMatchObject([
        {
          rule: 'losing-home',
          headline,
          lines: [line],
          urgency: 'prompt',
          dueAt: at('2025-11-20T17:00:00Z'),
        },
      ])
    }
  })

  it('is no matter when hospital says that they have somewhere to live', () => {
    for (const nowhereToLive of [false, null]) {
      const ann = aPerson()
      ann.happens(anEvent('Discharged', { received: tuesday, nowhereToLive }))
      expect(ann.notices()).toEqual([])
    }
  })

  it('is told once of nights out that follow each other, and again after four weeks', () => {
    const ann = aPerson()
    ann.happens(rough(0), rough(3), rough(28))
    expect(ann.notices()).toHaveLength(1)
    ann.happens(rough(29))
    expect(ann.of('losing-home').map(({ state }) => state)).toEqual(['open', 'open'])
  })

  it('is safe once a duty is accepted or a tenancy secured', () => {
    for (const [because, event] of [
      ['duty-accepted', anEvent('DutyToReferDecided', { received: tuesday + hours(1) })],
      ['duty-accepted', owed({ received: tuesday + hours(1) })],
      ['tenancy-secured', anEvent('TenancyStarted', { received: tuesday + hours(1) })],
      ['tenancy-secured', anEvent('HomelessnessDutyEnded', { received: tuesday + hours(1) })],
    ] as const) {
      const ann = aPerson()
      ann.happens(notice, event)
      expect(ann.of('losing-home')[0]).toMatchObject({ state: 'closed', closedBecause: because })
    }
  })

  it('is not safe when the referral was declined, the duty ended without a home, or it was before', () => {
    const ann = aPerson()
    ann.happens(
      anEvent('TenancyStarted', { received: tuesday - days(90) }),
      notice,
      anEvent('DutyToReferDecided', { received: tuesday + 1, decision: 'DECLINED' }),
      anEvent('HomelessnessDutyEnded', { received: tuesday + 2, housed: null }),
    )
    expect(ann.one('losing-home').state).toBe('open')
  })

  it('has one duty at a time: the next stage takes the place of the one before', () => {
    const ann = aPerson()
    ann.happens(owed({ duty: 'PREVENTION' }), owed({ id: 'next', received: tuesday + 1 }))
    expect(ann.of('losing-home').map(({ closedBecause }) => closedBecause)).toEqual([
      'superseded',
      null,
    ])
    ann.happens(anEvent('TenancyStarted', { received: tuesday + 2 }))
    expect(ann.of('losing-home')[1]?.closedBecause).toBe('tenancy-secured')
  })

  it('is told by housing to a lead who hears only of housing', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - days(1))
    const duty = [{ organisation: 'testshire-recovery', role: 'duty' }]
    ann.agree({ sources: ['housing'], categories: ['housing'] }, { recipients: duty })
    ann.happens(notice, owed({ received: tuesday + 1 }))
    expect(ann.of('losing-home')).toMatchObject([
      { headline: 'Home at risk: notice from the landlord', closedBecause: 'no-longer-needed' },
    ])
    expect(ann.counts()).toEqual({ noticed: 1, 'suppressed/recipient-not-granted': 1 })
  })
})
