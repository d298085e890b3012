import { describe, expect, it } from 'vitest'
import { anEvent, aPerson, at, days, hours, minutes, tuesday } from '../testing/a-person.ts'

const released = (more: object = {}) =>
  anEvent('ReleasedFromPrison', { received: tuesday, ...more })

describe('a release to the community', () => {
  it('tells the lead, safely, to make contact the same day', () => {
    const ann = aPerson()
    ann.happens(released())
    expect(ann.live()).toMatchObject([
      {
        rule: 'release',
        version: 1,
        headline: 'Released from prison',
        class: 'action',
        urgency: 'safety',
        state: 'open',
        recipient: {
          practitionerId: 'lp-1',
          organisation: 'testshire-recovery',
          role: 'lead-practitioner',
        },
        occurredAt: tuesday,
        learnedAt: tuesday,
        dueAt: at('2025-11-19T00:00:00Z'),
        sources: ['custody'],
        because: { eventIds: ['ReleasedFromPrison-1'], timer: null },
        push: true,
      },
    ])
    expect(ann.one('release').thread).toBe(ann.one('release').episode)
    expect(ann.counts()).toEqual({ noticed: 1 })
  })

  it('is due at the end of the London day, in summer an hour earlier by the sun', () => {
    const june = at('2026-06-09T22:30:00Z')
    const ann = aPerson({ now: june })
    ann.happens(released({ received: june, occurredAt: june }))
    expect(ann.one('release').dueAt).toBe(at('2026-06-09T23:00:00Z'))
  })

  it('says so while it is not confirmed, and the confirmation amends the same notice', () => {
    const ann = aPerson()
    ann.happens(released({ version: 100, confirmed: false }))
    expect(ann.one('release').headline).toBe('Released from prison (not yet confirmed)')
    ann.happens(released({ version: 200, received: tuesday + minutes(45), occurredAt: tuesday }))
    expect(ann.one('release')).toMatchObject({
      version: 2,
      headline: 'Released from prison',
      learnedAt: tuesday,
      dueAt: at('2025-11-19T00:00:00Z'),
    })
    expect(ann.counts()).toEqual({ noticed: 2 })
  })

  it('takes no notice of an unconfirmed version that comes after the confirmed one', () => {
    const ann = aPerson()
    ann.happens(released({ version: 200 }), released({ version: 100, confirmed: false }))
    expect(ann.emitted()).toHaveLength(1)
    expect(ann.one('release').headline).toBe('Released from prison')
    expect(ann.counts()).toEqual({ noticed: 1, repeat: 1 })
  })

  it('tells once, however often it is told to us', () => {
    const ann = aPerson()
    ann.happens(released(), released(), released())
    expect(ann.emitted()).toHaveLength(1)
    expect(ann.counts()).toEqual({ noticed: 1, repeat: 2 })
  })

  it('closes when a contact is recorded, and not when somebody only tried', () => {
    const ann = aPerson()
    ann.happens(released())
    const { noticeId } = ann.one('release')
    ann.acts({ kind: 'contact-recorded', noticeId, contact: 'tried' })
    expect(ann.one('release').state).toBe('open')
    ann.acts({ kind: 'contact-recorded', noticeId, contact: 'spoken' })
    expect(ann.one('release')).toMatchObject({ state: 'closed', closedBecause: 'contact-recorded' })
  })

  it('stays with the lead when it is only acknowledged', () => {
    const ann = aPerson()
    ann.happens(released())
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('release').noticeId })
    expect(ann.one('release').state).toBe('acknowledged')
  })

  it('closes when they are back in prison', () => {
    const ann = aPerson()
    ann.happens(released(), anEvent('ReturnedToPrison', { received: tuesday + hours(3) }))
    expect(ann.one('release')).toMatchObject({ state: 'closed', closedBecause: 'returned' })
  })

  it('is prompt and says when it happened, once 72 hours have passed', () => {
    for (const [age, urgency, headline] of [
      [hours(72), 'safety', 'Released from prison'],
      [hours(72) + 1, 'prompt', 'Released from prison: happened 15 November, learned today'],
    ] as const) {
      const ann = aPerson()
      ann.happens(released({ occurredAt: tuesday - age }))
      expect(ann.one('release')).toMatchObject({ urgency, headline })
    }
  })

  it('gives no notice when it is learned after a later reception is known', () => {
    const ann = aPerson()
    ann.happens(
      anEvent('ReceivedIntoPrison', { received: tuesday, occurredAt: tuesday - days(1) }),
      released({ received: tuesday + 1, occurredAt: tuesday - days(2) }),
    )
    expect(ann.of('release')).toEqual([])
    expect(ann.of('three-weeks')).toEqual([])
    expect(ann.counts()).toEqual({ noticed: 1, 'no-rule': 1 })
    ann.passTo(tuesday + days(40))
    expect(ann.of('three-weeks')).toEqual([])
  })

  it('is nothing to tell when they went to hospital, on leave, absconded or only on paper', () => {
    for (const kind of [
      'TEMPORARY',
      'TO_HOSPITAL',
      'ABSCONDED',
      'ADMINISTRATIVE',
      'UNKNOWN',
    ] as const) {
      const ann = aPerson()
      ann.happens(released({ kind }))
      ann.passTo(tuesday + days(30))
      expect(ann.notices()).toEqual([])
      expect(ann.counts()).toEqual({ 'no-rule': 1 })
    }
  })
})

describe('a release whose coded twin says something else', () => {
  it('says died: the release is taken back, the watch ends, and the lead hears of both', () => {
    const ann = aPerson()
    ann.happens(
      released({ version: 100, confirmed: false }),
      released({
        version: 200,
        received: tuesday + minutes(45),
        occurredAt: tuesday,
        kind: 'DIED',
      }),
    )
    expect(ann.one('release')).toMatchObject({ state: 'retracted', version: 2, lines: [] })
    expect(ann.one('correction')).toMatchObject({
      state: 'open',
      urgency: 'safety',
      corrects: ann.one('release').noticeId,
      episode: `correction:${ann.one('release').noticeId}:200`,
      learnedAt: tuesday + minutes(45),
    })
    expect(ann.one('death-reported')).toMatchObject({ state: 'open', urgency: 'prompt' })
    ann.passTo(tuesday + days(30))
    expect(ann.of('three-weeks')).toEqual([])
  })

  it('says it was a change of records: everybody who got a copy is told, the old lead is not', () => {
    const ann = aPerson()
    ann.happens(released({ version: 100 }))
    ann.acts({ kind: 'contact-recorded', noticeId: ann.one('release').noticeId })
    ann.happens(
      released({
        version: 200,
        received: tuesday + hours(80),
        occurredAt: tuesday,
        kind: 'ADMINISTRATIVE',
      }),
    )
    expect(ann.one('release').state).toBe('retracted')
    expect(ann.one('correction')).toMatchObject({ urgency: 'prompt' })
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('correction').noticeId })
    expect(ann.one('correction')).toMatchObject({ state: 'closed', closedBecause: 'acknowledged' })
  })

  it('says nothing of the kind to who never heard of the release', () => {
    const ann = aPerson()
    ann.happens(
      released({ version: 200, kind: 'ADMINISTRATIVE' }),
      released({ version: 100, kind: 'TO_COMMUNITY' }),
    )
    expect(ann.notices()).toEqual([])
  })

  it('opens the release when a later version says that it was to the community after all', () => {
    const ann = aPerson()
    ann.happens(
      released({ version: 1 }),
      released({
        version: 2,
        kind: 'ADMINISTRATIVE',
        received: tuesday + hours(1),
        occurredAt: tuesday,
      }),
      released({ version: 3, received: tuesday + hours(2), occurredAt: tuesday }),
    )
    expect(ann.one('release')).toMatchObject({ state: 'open', learnedAt: tuesday + hours(2) })
    expect(ann.one('correction')).toMatchObject({ state: 'closed', closedBecause: 'superseded' })
  })
})

describe('a withdrawn release', () => {
  const withdrawal = (more: object) =>
    anEvent('EventWithdrawn', { id: 'w', received: tuesday + hours(1), ...more })

  it('is taken back and corrected, by its id or by its object', () => {
    for (const named of [
      withdrawal({ withdrawnEventId: 'ReleasedFromPrison-1' }),
      withdrawal({ objectRef: 'booking 7' }),
    ]) {
      const ann = aPerson()
      ann.happens(released({ objectRef: 'booking 7' }), named)
      expect(ann.one('release').state).toBe('retracted')
      expect(ann.one('correction').corrects).toBe(ann.one('release').noticeId)
      expect(ann.counts()).toEqual({ noticed: 2 })
    }
  })

  it('does nothing when it comes late, and opens again with a higher version', () => {
    const ann = aPerson()
    ann.happens(withdrawal({ withdrawnEventId: 'ReleasedFromPrison-1', version: 2 }))
    ann.happens(released({ version: 1 }), released({ version: 2 }))
    expect(ann.notices()).toEqual([])
    ann.happens(released({ version: 3 }))
    expect(ann.one('release').state).toBe('open')
  })

  it('leaves another source alone that has an object of the same name', () => {
    const ann = aPerson()
    const source = { partnership: 'testshire', agency: 'housing', system: 'made-up' }
    ann.happens(
      released({ objectRef: 'booking 7' }),
      withdrawal({ objectRef: 'booking 7', source }),
    )
    expect(ann.one('release').state).toBe('open')
  })
})

describe('a release that its source holds back', () => {
  it('is told when the hold ends, and is pending until then', () => {
    const ann = aPerson()
    ann.happens(released({ heldUntil: tuesday + hours(6) }))
    expect(ann.notices()).toEqual([])
    expect(ann.counts()).toEqual({})
    ann.passTo(tuesday + hours(6))
    expect(ann.one('release')).toMatchObject({ learnedAt: tuesday + hours(6) })
    expect(ann.counts()).toEqual({ noticed: 1 })
  })
})
