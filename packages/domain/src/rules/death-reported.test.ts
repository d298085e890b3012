import { describe, expect, it } from 'vitest'
import {
  anEvent,
  aPerson,
  assignment,
  at,
  days,
  hours,
  tuesday,
  wholeGrant,
} from '../testing/a-person.ts'

const released = anEvent('ReleasedFromPrison', { received: tuesday })
const died = (more: object = {}) =>
  anEvent('DeathReported', { received: tuesday + days(2), occurredAt: tuesday + days(1), ...more })
const wrong = (received: number) =>
  anEvent('EventWithdrawn', { received, withdrawnEventId: 'DeathReported-1' })
const states = (ann: ReturnType<typeof aPerson>) =>
  Object.fromEntries(
    ann.notices().map(({ rule, episode, state }) => [`${rule} ${episode.slice(-6)}`, state]),
  )

describe('a reported death', () => {
  it('is told to the lead, the deputies and the team whom grants allow, in working hours', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - days(1))
    ann.assign(
      assignment('lp-1'),
      assignment('lp-2', 'deputy'),
      assignment('peer-4', 'team'),
      assignment('rx-1', 'team', { role: 'prescriber' }),
    )
    ann.agree({
      recipients: [
        ...wholeGrant.recipients,
        { organisation: 'testshire-recovery', role: 'peer-supporter' },
      ],
    })
    ann.happens(died())
    expect(ann.of('death-reported').map(({ recipient }) => recipient.practitionerId)).toEqual([
      'lp-1',
      'lp-2',
      'peer-4',
    ])
    expect(ann.one('death-reported')).toMatchObject({
      urgency: 'prompt',
      dueAt: at('2025-11-21T17:00:00Z'),
    })
  })

  it('goes to the duty team when nobody acknowledges it, and so does the correction it brings', () => {
    const ann = aPerson({ agreed: false })
    ann.standAt(tuesday - days(1))
    ann.agree({
      recipients: [...wholeGrant.recipients, { organisation: 'testshire-recovery', role: 'duty' }],
    })
    ann.happens(released)
    const kind = 'DIED'
    const more = { version: 2, kind, received: tuesday + 1, occurredAt: tuesday } as const
    ann.happens(anEvent('ReleasedFromPrison', more))
    ann.passTo(tuesday + days(10))
    for (const rule of ['death-reported', 'correction'] as const) {
      expect(ann.of(rule).map(({ recipient }) => recipient.practitionerId)).toEqual([
        'lp-1',
        'duty:testshire-recovery',
      ])
    }
  })

  it('pauses everything else, and no timer fires meanwhile', () => {
    const ann = aPerson()
    ann.quietly(() => ann.assign(assignment('lp-1'), assignment('lp-2', 'deputy')))
    ann.happens(released)
    ann.passTo(tuesday + hours(1))
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('release').noticeId })
    ann.happens(died({ received: tuesday + hours(2), occurredAt: tuesday + hours(1) }))
    ann.passTo(tuesday + days(40))
    expect(ann.one('release').state).toBe('paused')
    expect(ann.of('three-weeks')).toEqual([])
    expect(ann.notices().filter(({ rule }) => rule !== 'death-reported')).toHaveLength(1)
  })

  it('that was wrong is taken back and corrected, and what was open is open again', () => {
    const ann = aPerson()
    ann.happens(released)
    ann.passTo(tuesday + days(2))
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('three-weeks').noticeId })
    ann.happens(died())
    expect(states(ann)).toMatchObject({ 'three-weeks :day-1': 'paused' })
    ann.passTo(tuesday + days(16))
    ann.happens(wrong(tuesday + days(16)))
    expect(states(ann)).toMatchObject({
      'three-weeks :day-1': 'acknowledged',
      'three-weeks day-14': 'open',
    })
    expect(ann.of('three-weeks')).toHaveLength(2)
    expect(ann.one('release').state).toBe('open')
    expect(ann.one('death-reported').state).toBe('retracted')
    expect(ann.one('correction')).toMatchObject({
      state: 'open',
      corrects: ann.one('death-reported').noticeId,
    })
  })

  it('that was wrong starts what fell due meanwhile anew, and escalates nothing at once', () => {
    const ann = aPerson()
    ann.quietly(() => ann.assign(assignment('lp-1'), assignment('lp-2', 'deputy')))
    ann.happens(released, died({ received: tuesday + hours(2), occurredAt: tuesday + hours(1) }))
    ann.passTo(tuesday + days(3))
    ann.happens(wrong(tuesday + days(3)))
    ann.passTo(tuesday + days(3) + hours(13))
    expect(ann.of('release')).toHaveLength(1)
    ann.passTo(tuesday + days(3) + hours(14))
    expect(ann.of('release')).toHaveLength(2)
  })

  it('keeps what is learned after it paused from the start', () => {
    const ann = aPerson()
    ann.happens(
      died(),
      anEvent('ArrestedIntoCustody', { received: tuesday + days(3), occurredAt: tuesday }),
    )
    expect(ann.one('arrest')).toMatchObject({ state: 'paused', version: 1, push: false })
  })

  it('stands while one of two reports stands', () => {
    const ann = aPerson()
    ann.happens(released, died(), died({ id: 'second' }), wrong(tuesday + days(3)))
    expect(ann.one('release').state).toBe('paused')
  })
})
