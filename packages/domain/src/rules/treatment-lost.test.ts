import { describe, expect, it } from 'vitest'
import { anEvent, aPerson, at, days, hours, tuesday, wholeGrant } from '../testing/a-person.ts'

const dropped = (more: object = {}) =>
  anEvent('TreatmentEnded', { received: tuesday, reason: 'DROPPED_OUT', ...more })
const contact = (n: number, more: object = {}) =>
  anEvent('TreatmentContact', {
    id: `c${n}`,
    received: tuesday + days(n),
    attendance: 'MISSED',
    ...more,
  })
const doses = (n: number, days_: number) =>
  anEvent('DosesMissed', { id: `d${n}`, received: tuesday + days(n), days: days_ })

describe('somebody who left treatment early', () => {
  it('is looked for within a working day', () => {
    const ann = aPerson()
    ann.happens(dropped())
    expect(ann.live()).toMatchObject([
      {
        rule: 'treatment-lost',
        headline: 'Left treatment early',
        urgency: 'prompt',
        dueAt: at('2025-11-19T17:00:00Z'),
        sources: ['treatment'],
      },
    ])
  })

  it('is not looked for when it was otherwise, or in prison', () => {
    for (const more of [
      { reason: 'OTHER' },
      { reason: 'DECLINED' },
      { reason: 'PRISON' },
      { setting: 'PRISON' },
    ]) {
      const ann = aPerson()
      ann.happens(dropped(more))
      expect(ann.notices()).toEqual([])
    }
  })

  it('is back with another episode, an appointment they came to, or a contact', () => {
    const ann = aPerson()
    ann.happens(dropped(), anEvent('TreatmentStarted', { received: tuesday + 1 }))
    expect(ann.one('treatment-lost').state).toBe('open')
    ann.happens(anEvent('TreatmentStarted', { id: 't', received: tuesday + 2, episodeRef: '2' }))
    expect(ann.one('treatment-lost').closedBecause).toBe('treatment-started')
    const ben = aPerson()
    ben.happens(dropped(), contact(1, { attendance: 'ATTENDED' }))
    expect(ben.one('treatment-lost').closedBecause).toBe('contact-attended')
    const cat = aPerson()
    cat.happens(dropped())
    cat.acts({ kind: 'contact-recorded', noticeId: cat.one('treatment-lost').noticeId })
    expect(cat.one('treatment-lost').closedBecause).toBe('contact-recorded')
  })

  it('is not back because they came on the very day that counts as the last', () => {
    const ann = aPerson()
    const midnight = at('2025-11-18T00:00:00Z')
    ann.happens(
      dropped({ occurredAt: midnight, occurredAtPrecision: 'DAY' }),
      contact(0, { attendance: 'ATTENDED', occurredAt: midnight + hours(10) }),
    )
    expect(ann.one('treatment-lost').state).toBe('open')
  })
})

describe('somebody who misses appointments', () => {
  it('is looked for at the second in a row', () => {
    const ann = aPerson()
    ann.happens(contact(0))
    expect(ann.notices()).toEqual([])
    ann.happens(contact(14), contact(28))
    expect(ann.one('treatment-lost')).toMatchObject({
      headline: 'Missed two appointments',
      learnedAt: tuesday + days(14),
      because: { eventIds: ['c14', 'c0'] },
    })
  })

  it('is not when they came in between, months lie between, or it is another service', () => {
    for (const events of [
      [contact(0), contact(7, { attendance: 'ATTENDED' }), contact(14)],
      [contact(0), contact(43)],
      [contact(0), contact(14, { provider: 'Y' })],
    ]) {
      const ann = aPerson()
      ann.happens(...events)
      expect(ann.notices()).toEqual([])
    }
  })

  it('is one case, whichever of the appointments is heard of first', () => {
    const ann = aPerson()
    const late = contact(7, { received: tuesday + days(20), occurredAt: tuesday + days(7) })
    ann.happens(contact(0), contact(14), late)
    expect(ann.one('treatment-lost').because.eventIds).toEqual(['c14', 'c0'])
    expect(ann.notices()).toHaveLength(1)
  })

  it('is over when they come, or the episode ends', () => {
    const ann = aPerson()
    ann.happens(contact(0), contact(14), contact(20, { attendance: 'ATTENDED' }))
    expect(ann.one('treatment-lost').closedBecause).toBe('contact-attended')
    const ben = aPerson()
    ben.happens(contact(0), contact(14), dropped({ received: tuesday + days(30) }))
    expect(ben.of('treatment-lost').map(({ closedBecause }) => closedBecause)).toEqual([
      'treatment-ended',
      null,
    ])
  })
})

describe('somebody who misses doses', () => {
  it('is spoken of with the prescriber too, from the third day', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - days(1))
    const prescriber = { organisation: 'testshire-recovery', role: 'prescriber' }
    ann.agree({ recipients: [...wholeGrant.recipients, prescriber] })
    ann.happens(doses(0, 2))
    expect(ann.notices()).toEqual([])
    ann.happens(doses(1, 3), doses(2, 4))
    expect(ann.notices().map(({ recipient }) => recipient.practitionerId)).toEqual([
      'lp-1',
      'prescriber:testshire-recovery',
    ])
    expect(ann.one('treatment-lost').headline).toBe('Missed 3 days of medicine')
  })
})

describe('somebody who completed treatment', () => {
  it('is offered after-care, without hurry', () => {
    const ann = aPerson()
    ann.happens(anEvent('TreatmentEnded', { received: tuesday }))
    expect(ann.one('treatment-done')).toMatchObject({
      class: 'information',
      headline: 'Treatment completed',
      dueAt: null,
    })
    ann.happens(anEvent('TreatmentStarted', { received: tuesday + days(60), episodeRef: '2' }))
    expect(ann.one('treatment-done')).toMatchObject({
      state: 'closed',
      closedBecause: 'treatment-started',
    })
  })
})
