import { describe, expect, it } from 'vitest'
import { anEvent, aPerson, at, days, hours, minutes, tuesday } from '../testing/a-person.ts'

const released = (more: object = {}) =>
  anEvent('ReleasedFromPrison', { received: tuesday, ...more })
const dayOf = (episode: string) => episode.slice(episode.lastIndexOf(':') + 1)
const asked = (ann: ReturnType<typeof aPerson>) =>
  ann.of('three-weeks').map(({ episode, state }) => `${dayOf(episode)} ${state}`)

describe('three weeks after a release', () => {
  it('asks on days 1, 7, 14 and 21 at nine in the morning, in one thread', () => {
    const ann = aPerson()
    ann.happens(released())
    ann.passTo(tuesday + days(40))
    expect(asked(ann)).toEqual(['day-1 open', 'day-7 open', 'day-14 open', 'day-21 open'])
    expect(ann.of('three-weeks').map(({ learnedAt }) => learnedAt)).toEqual(
      ['19', '25']
        .map((day) => at(`2025-11-${day}T09:00:00Z`))
        .concat(at('2025-12-02T09:00:00Z'), at('2025-12-09T09:00:00Z')),
    )
    expect(new Set(ann.of('three-weeks').map(({ thread }) => thread))).toEqual(
      new Set([ann.one('release').thread]),
    )
    expect(ann.of('three-weeks')[0]).toMatchObject({
      urgency: 'prompt',
      dueAt: at('2025-11-20T17:00:00Z'),
      because: { timer: `three-weeks:${'person-event(ReleasedFromPrison-1 ann)'}` },
    })
    expect(ann.of('three-weeks')[1]?.headline).toBe('No treatment reported 7 days after release')
    expect(ann.of('three-weeks')[1]?.lines[0]).toBe(
      'No start reported; data complete to 25 November.',
    )
  })

  it('asks at nine by the clock on the wall when the clocks go forward in between', () => {
    const friday = at('2026-03-27T12:00:00Z')
    const ann = aPerson({ now: friday })
    ann.happens(released({ received: friday }))
    ann.passTo(friday + days(8))
    expect(ann.of('three-weeks').map(({ learnedAt }) => learnedAt)).toEqual([
      at('2026-03-28T09:00:00Z'),
      at('2026-04-03T08:00:00Z'),
    ])
  })

  it('says nothing when treatment has started, and closes what it asked', () => {
    const ann = aPerson()
    ann.happens(released())
    ann.passTo(tuesday + days(2))
    ann.happens(anEvent('TreatmentStarted', { received: tuesday + days(3) }))
    ann.passTo(tuesday + days(40))
    expect(asked(ann)).toEqual(['day-1 closed'])
    expect(ann.one('three-weeks').closedBecause).toBe('treatment-started')
    expect(ann.one('release').state).toBe('open')
  })

  it('goes on asking when treatment started in prison, or before the release, or the contact was missed', () => {
    const ann = aPerson()
    ann.happens(
      released(),
      anEvent('TreatmentStarted', { received: tuesday + 1, setting: 'PRISON' }),
      anEvent('TreatmentStarted', { id: 't2', received: tuesday + 2, occurredAt: tuesday - 1 }),
      anEvent('TreatmentContact', { received: tuesday + 3, attendance: 'MISSED' }),
    )
    ann.passTo(tuesday + days(2))
    expect(asked(ann)).toEqual(['day-1 open'])
  })

  it('takes a start on the day of release for one after it, where only the day is known', () => {
    const ann = aPerson()
    const midnight = at('2025-11-18T00:00:00Z')
    ann.happens(
      released(),
      anEvent('TreatmentStarted', {
        received: tuesday + 1,
        occurredAt: midnight,
        occurredAtPrecision: 'DAY',
      }),
    )
    ann.passTo(tuesday + days(40))
    expect(asked(ann)).toEqual([])
  })

  it('closes on an attended contact and on a return to prison, each by its name', () => {
    const contact = aPerson()
    contact.happens(released())
    contact.passTo(tuesday + days(2))
    contact.happens(anEvent('TreatmentContact', { received: tuesday + days(2) }))
    expect(contact.one('three-weeks').closedBecause).toBe('contact-attended')
    const returned = aPerson()
    returned.happens(released())
    returned.passTo(tuesday + days(2))
    returned.happens(anEvent('ReceivedIntoPrison', { received: tuesday + days(2) }))
    expect(returned.one('three-weeks').closedBecause).toBe('returned')
  })

  it('does not say that treatment started to a lead who may not hear from treatment', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - days(1))
    const duty = [{ organisation: 'testshire-recovery', role: 'duty' }]
    ann.agree({ sources: ['custody'] }, { sources: ['treatment'], recipients: duty })
    ann.happens(released())
    ann.passTo(tuesday + days(2))
    ann.happens(anEvent('TreatmentStarted', { received: tuesday + days(2) }))
    expect(ann.one('three-weeks')).toMatchObject({
      state: 'closed',
      closedBecause: 'no-longer-needed',
    })
  })

  it('asks only the latest day at once when the release is learned late, then the others', () => {
    const ann = aPerson({ now: tuesday + days(8) })
    ann.happens(released({ received: tuesday + days(8), occurredAt: tuesday }))
    expect(asked(ann)).toEqual(['day-7 open'])
    expect(ann.one('three-weeks').learnedAt).toBe(tuesday + days(8))
    ann.passTo(tuesday + days(40))
    expect(asked(ann)).toEqual(['day-7 open', 'day-14 open', 'day-21 open'])
    const learnedToday = ann
      .of('three-weeks')
      .filter(({ headline }) => /learned today/.test(headline))
    expect(learnedToday.map(({ learnedAt }) => learnedAt)).toEqual([tuesday + days(8)])
  })

  it('starts again with a newer release, and leaves the older one', () => {
    const ann = aPerson()
    ann.happens(released())
    ann.passTo(tuesday + days(2))
    ann.happens(released({ id: 'again', received: tuesday + days(3) }))
    expect(asked(ann)).toEqual(['day-1 closed'])
    expect(ann.one('three-weeks').closedBecause).toBe('superseded')
    ann.passTo(tuesday + days(40))
    expect(ann.of('three-weeks').filter(({ episode }) => episode.includes('again'))).toHaveLength(4)
    expect(ann.of('three-weeks')).toHaveLength(5)
  })

  it('opens nothing for an older release that is learned after a newer one', () => {
    const ann = aPerson()
    ann.happens(
      released({ id: 'new', received: tuesday }),
      released({ id: 'old', received: tuesday + 1, occurredAt: tuesday - days(2) }),
    )
    ann.passTo(tuesday + days(40))
    expect(ann.of('three-weeks').every(({ episode }) => episode.includes('new'))).toBe(true)
  })

  it('says so when a source had not reported', () => {
    const ann = aPerson()
    ann.happens(released())
    ann.passTo(tuesday + days(1), false)
    expect(ann.one('three-weeks')).toMatchObject({ incomplete: true })
    expect(ann.one('three-weeks').lines).toContain(
      'Not every source has reported: they may have started.',
    )
  })

  it('moves the watch when the confirming version moves the release to the day before', () => {
    const ann = aPerson()
    ann.happens(released({ version: 100, occurredAt: at('2025-11-18T00:01:00Z') }))
    ann.happens(
      released({
        version: 200,
        received: tuesday + minutes(45),
        occurredAt: at('2025-11-17T23:50:00Z'),
      }),
    )
    ann.passTo(at('2025-11-24T09:00:00Z'))
    expect(asked(ann)).toContain('day-7 open')
  })

  it('acknowledging a day keeps it, and the next day is asked all the same', () => {
    const ann = aPerson()
    ann.happens(released())
    ann.passTo(tuesday + days(1))
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('three-weeks').noticeId })
    expect(asked(ann)).toEqual(['day-1 acknowledged'])
    ann.passTo(tuesday + days(8))
    expect(asked(ann)).toEqual(['day-1 acknowledged', 'day-7 open'])
  })

  it('goes on from the latest missed day when the start of treatment is withdrawn', () => {
    const ann = aPerson()
    ann.happens(released(), anEvent('TreatmentStarted', { received: tuesday + hours(1) }))
    ann.passTo(tuesday + days(15))
    expect(asked(ann)).toEqual([])
    ann.happens(
      anEvent('EventWithdrawn', {
        received: tuesday + days(15),
        withdrawnEventId: 'TreatmentStarted-1',
      }),
    )
    expect(asked(ann)).toEqual(['day-14 open'])
    expect(ann.one('three-weeks').learnedAt).toBe(tuesday + days(15))
  })

  it('asks to confirm that they were seen where treatment was open before the release', () => {
    const ann = aPerson({ now: tuesday - days(30) })
    ann.happens(anEvent('TreatmentStarted', { received: tuesday - days(20) }), released())
    ann.passTo(tuesday + days(8))
    expect(ann.of('three-weeks').map(({ headline }) => headline)).toEqual([
      'In treatment before release: confirm that they were seen (1 day after)',
      'In treatment before release: confirm that they were seen (7 days after)',
    ])
    expect(ann.of('three-weeks')[0]).toMatchObject({
      sources: ['custody', 'treatment'],
      categories: ['whereabouts', 'justice', 'substance-use'],
      because: { eventIds: ['ReleasedFromPrison-1', 'TreatmentStarted-1'] },
    })
    ann.happens(anEvent('TreatmentContact', { received: tuesday + days(9) }))
    expect(ann.of('three-weeks').map(({ state }) => state)).toEqual(['closed', 'closed'])
  })

  it('asks for a start where that treatment has ended, was in prison, or may not be spoken of', () => {
    const ann = aPerson({ now: tuesday - days(30) })
    ann.happens(
      anEvent('TreatmentStarted', { received: tuesday - days(20) }),
      anEvent('TreatmentEnded', { received: tuesday - days(2) }),
      anEvent('TreatmentStarted', {
        id: 'inside',
        received: tuesday - days(1),
        episodeRef: '2',
        setting: 'PRISON',
      }),
      released(),
    )
    ann.passTo(tuesday + days(1))
    expect(ann.one('three-weeks').headline).toBe('No treatment reported 1 day after release')
    const ben = aPerson({ agreed: false })
    ben.standAt(tuesday - days(25))
    ben.agree({ sources: ['custody'] })
    ben.happens(anEvent('TreatmentStarted', { received: tuesday - days(20) }), released())
    ben.passTo(tuesday + days(1))
    expect(ben.one('three-weeks').sources).toEqual(['custody'])
  })

  it('does not speak again of treatment from before a consent that was withdrawn', () => {
    const ann = aPerson({ now: tuesday - days(30) })
    ann.happens(anEvent('TreatmentStarted', { received: tuesday - days(20) }))
    ann.withdraw()
    ann.agree()
    ann.happens(released())
    ann.passTo(tuesday + days(1))
    expect(ann.one('three-weeks').sources).toEqual(['custody'])
  })
})
