import { describe, expect, it } from 'vitest'
import type { CanonicalEvent, ClassificationTier } from './events.generated.ts'
import { type APerson, anEvent, aPerson, coded, days, tuesday } from './testing/a-person.ts'

/** No cases, but so many that what is over is forgotten. */
const many = Array.from({ length: 13 }, (_, n) =>
  anEvent('TransferredBetweenPrisons', {
    id: `many-${n}`,
    received: tuesday + days(10) + n,
    direction: 'OUT',
  }),
)

/** More of the same happens. */
const since = tuesday + days(50)
/** When all but that is past remembering, unless it still matters. */
const later = tuesday + days(10 + 91)
const somebody = (...events: readonly CanonicalEvent[]): APerson => {
  const ann = aPerson({ now: tuesday - days(100) })
  ann.happens(...events, ...many)
  return ann
}
/** What stands of these events, and of nothing else. */
const told = (ann: APerson, events: readonly CanonicalEvent[]) =>
  ann
    .notices()
    .filter(({ because }) => events.some(({ eventId }) => because.eventIds[0] === eventId))
    .map(({ noticeId, version, state, occurredAt, headline }) => ({
      noticeId,
      version,
      state,
      occurredAt,
      headline,
    }))

const came = (more: object = {}) =>
  anEvent('EmergencyAttendanceStarted', { received: tuesday, ...more })
const admitted = (more: object = {}) =>
  anEvent('Admitted', { received: tuesday, visitRef: 'S1', attendanceRef: 'V1', ...more })
const recoded = (day: number, visitRef: string, ...tiers: readonly ClassificationTier[]) =>
  anEvent('EncounterReclassified', {
    id: `recoded-${day}`,
    received: tuesday + days(day),
    visitRef,
    ...coded(...tiers),
  })
const anotherStay = [
  came({ id: 'came again', received: since, visitRef: 'V9' }),
  admitted({ id: 'in again', received: since, visitRef: 'S9', attendanceRef: 'V9' }),
  anEvent('EncounterReclassified', { id: 'again', received: since, visitRef: 'S9' }),
]

const ordered = (id: string, agency: string, day: number, more: object = {}) =>
  anEvent('TreatmentRequirementMade', {
    id,
    received: tuesday + days(day),
    requirementRef: `ref-${agency}`,
    source: { partnership: 'testshire', agency, system: 'made-up' },
    ...more,
  })

const contact = (id: string, received: number, attendance: 'ATTENDED' | 'MISSED') =>
  anEvent('TreatmentContact', { id, received, attendance })

const afterwards = [0, 1].map((n) =>
  anEvent('AlcoholScoreRecorded', { id: `then-${n}`, received: later + n }),
)

describe('what is forgotten of somebody to whom much happened', () => {
  it.each<readonly [string, readonly CanonicalEvent[], readonly CanonicalEvent[]]>([
    [
      'a poisoning that was coded on the bed they got by way of A&E',
      [came(), admitted({ received: tuesday + days(1) }), recoded(8, 'S1', 'DRUG_POISONING')],
      anotherStay,
    ],
    [
      'a stay of which a poisoning was taken back',
      [came(coded('DRUG_POISONING', 'DRUG_DISORDER')), recoded(8, 'V1', 'DRUG_DISORDER')],
      anotherStay,
    ],
    [
      'a reception of somebody in treatment',
      [
        anEvent('TreatmentEnded', { received: tuesday - days(9), episodeRef: '0' }),
        anEvent('TreatmentStarted', { received: tuesday - days(8) }),
        anEvent('ReceivedIntoPrison', { received: tuesday }),
      ],
      [anEvent('TreatmentStarted', { id: 'new start', received: since, episodeRef: '2' })],
    ],
    [
      'a loss of treatment from which they came back',
      [
        anEvent('TreatmentEnded', { received: tuesday, reason: 'DROPPED_OUT' }),
        contact('seen', tuesday + days(5), 'ATTENDED'),
      ],
      [contact('missed', since, 'MISSED')],
    ],
    [
      'a release after which they were seen at once',
      [
        anEvent('ReleasedFromPrison', { received: tuesday }),
        contact('seen', tuesday + 1, 'ATTENDED'),
      ],
      [contact('missed', since, 'MISSED')],
    ],
    [
      'a release long after treatment that had ended',
      [
        anEvent('TreatmentStarted', { received: tuesday - days(30) }),
        anEvent('TreatmentEnded', { received: tuesday - days(20), reason: 'PRISON' }),
        anEvent('ReleasedFromPrison', { received: tuesday }),
      ],
      [anEvent('TreatmentEnded', { id: 'other end', received: since, episodeRef: '2' })],
    ],
    [
      'appointments of which the one between was learned last',
      [
        contact('first', tuesday - days(60), 'MISSED'),
        contact('third', tuesday, 'MISSED'),
        {
          ...contact('second', tuesday + 1, 'MISSED'),
          occurredAt: tuesday - days(30),
        },
      ],
      [{ ...contact('elsewhere', since, 'MISSED'), provider: 'Z' }],
    ],
  ])('changes nothing that was told of %s', (_, events, more) => {
    const ann = somebody(...events)
    ann.passTo(since - 1)
    const before = told(ann, events)
    expect(before.length).toBeGreaterThan(0)
    ann.happens(...more)
    // What is forgotten by one step is missed by the next.
    ann.happens(...afterwards)
    ann.passTo(later + days(2))
    expect(ann.state().facts.map(({ eventId }) => eventId)).not.toContain('many-0')
    expect(told(ann, events)).toEqual(before)
  })

  it('asks nobody again about a breach that was dealt with', () => {
    const breach = (day: number) =>
      anEvent('BreachRaised', { id: `breach-${day}`, received: tuesday + days(day) })
    const ann = somebody(breach(0), breach(3))
    ann.acts({ kind: 'acknowledged', noticeId: ann.live()[0]?.noticeId ?? '' })
    expect(ann.live()).toEqual([])
    ann.happens(...afterwards)
    expect(ann.live()).toEqual([])
  })

  it('is not the prescription that was found when they were arrested', () => {
    const arrested = (received: number, openPrescription: 'YES' | 'NO') =>
      anEvent('ArrestedIntoCustody', { id: `cell ${received}`, received, openPrescription })
    const ann = somebody(
      anEvent('TreatmentEnded', { received: tuesday - days(9) }),
      arrested(tuesday - days(1), 'YES'),
      anEvent('ReceivedIntoPrison', { received: tuesday }),
    )
    ann.acts({ kind: 'prescription-confirmed', noticeId: ann.one('arrest').noticeId })
    ann.happens(arrested(since, 'NO'), ...afterwards)
    expect(ann.one('into-prison')).toMatchObject({ state: 'open', version: 1 })
  })

  it('is not the other number of an order, by which it ends', () => {
    const ann = somebody(ordered('heard first', 'custody', 0), ordered('twin', 'probation', 2))
    expect(ann.live()).toHaveLength(1)
    ann.happens(
      ordered('another', 'probation', 50, { requirementRef: 'R2', requirement: 'ATR' }),
      ...afterwards,
      anEvent('RequirementEnded', { received: later + 2, requirementRef: 'ref-probation' }),
    )
    expect(ann.live().map(({ because }) => because.eventIds)).toEqual([['another']])
  })
})
