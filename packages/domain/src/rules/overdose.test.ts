import { describe, expect, it } from 'vitest'
import type { ClassificationTier } from '../events.generated.ts'
import { anEvent, aPerson, coded, days, hours, tuesday } from '../testing/a-person.ts'

const attended = (more: object = {}) =>
  anEvent('EmergencyAttendanceStarted', {
    received: tuesday,
    ...coded('DRUG_POISONING'),
    ...more,
  })
const recoded = (received: number, ...tiers: readonly ClassificationTier[]) =>
  anEvent('EncounterReclassified', { id: `re-${received}`, received, ...coded(...tiers) })

describe('a drug poisoning at hospital', () => {
  it('is a matter of hours, once for a stay', () => {
    const ann = aPerson()
    ann.happens(
      attended(),
      anEvent('EmergencyAttendanceEnded', { received: tuesday + 1, ...coded('DRUG_POISONING') }),
      anEvent('Admitted', {
        received: tuesday + 2,
        visitRef: 'S1',
        attendanceRef: 'V1',
        ...coded('DRUG_POISONING', 'ALCOHOL_SPECIFIC'),
      }),
    )
    expect(ann.notices()).toMatchObject([
      {
        rule: 'overdose',
        headline: 'In hospital after a drug poisoning',
        urgency: 'safety',
        dueAt: tuesday + hours(4),
        sources: ['hospital'],
        categories: ['whereabouts', 'health', 'substance-use'],
      },
    ])
  })

  it('stays open when it is acknowledged, and is over with the next contact', () => {
    const ann = aPerson()
    ann.happens(attended())
    const { noticeId } = ann.one('overdose')
    ann.acts({ kind: 'acknowledged', noticeId })
    ann.passTo(tuesday + days(1))
    expect(ann.one('overdose').state).toBe('acknowledged')
    ann.acts({ kind: 'contact-recorded', noticeId })
    expect(ann.one('overdose').closedBecause).toBe('contact-recorded')
    const ben = aPerson()
    ben.happens(attended(), anEvent('TreatmentContact', { received: tuesday + 1 }))
    expect(ben.one('overdose').closedBecause).toBe('contact-attended')
  })

  it('is prompt when it is coded weeks later, and says when it was', () => {
    const ann = aPerson()
    ann.happens(
      attended({ received: tuesday - days(9), ...coded('POSSIBLE') }),
      recoded(tuesday, 'DRUG_POISONING'),
    )
    expect(ann.notices()).toMatchObject([
      {
        urgency: 'prompt',
        headline: 'In hospital after a drug poisoning: happened 9 November, learned today',
        occurredAt: tuesday - days(9),
        learnedAt: tuesday,
        because: {
          eventIds: [`re-${tuesday}`, 'EmergencyAttendanceStarted-1'],
        },
      },
    ])
  })

  it('is corrected for everybody who heard when the codes say otherwise later, as often as they do', () => {
    const ann = aPerson()
    ann.happens(attended(), recoded(tuesday + days(7), 'DRUG_DISORDER'))
    expect(ann.one('overdose')).toMatchObject({ state: 'retracted', closedBecause: 'corrected' })
    expect(ann.one('correction')).toMatchObject({ urgency: 'prompt', state: 'open' })
    expect(ann.one('hospital').state).toBe('open')
    ann.happens(recoded(tuesday + days(8), 'DRUG_POISONING'))
    expect(ann.one('overdose').state).toBe('open')
    expect(ann.one('hospital').state).toBe('retracted')
    ann.happens(recoded(tuesday + days(9)))
    expect(ann.one('overdose').state).toBe('retracted')
    expect(ann.of('correction').map(({ state }) => state)).toEqual(['open', 'open', 'open'])
  })

  it('is no case when only the coding is known, and not the stay', () => {
    const ann = aPerson()
    ann.happens(recoded(tuesday, 'DRUG_POISONING'))
    expect(ann.notices()).toEqual([])
  })

  it('is corrected when the visit itself is cancelled', () => {
    const ann = aPerson()
    ann.happens(
      attended({ objectRef: 'RZZ V1' }),
      anEvent('EventWithdrawn', {
        received: tuesday + 1,
        objectRef: 'RZZ V1',
        source: { partnership: 'testshire', agency: 'hospital', system: 'made-up' },
      }),
    )
    expect(ann.one('overdose').state).toBe('retracted')
    expect(ann.of('correction')).toHaveLength(1)
  })
})
