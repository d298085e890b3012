import { describe, expect, it } from 'vitest'
import type { Arrangement, ArrangementAnswer } from '../notice.ts'
import { type APerson, anEvent, aPerson, at, days, tuesday } from '../testing/a-person.ts'

/** Tuesday 13 January 2026 is 56 days after Tuesday 18 November 2025. */
const planned = (more: object = {}) => anEvent('ReleaseDateSet', { received: tuesday, ...more })
const early = { received: tuesday - days(9) }
const asked = (ann: APerson) =>
  ann.of('release-ahead').map(({ episode, state }) => `${episode.split(':').at(-1)} ${state}`)
const arrange = (ann: APerson, item: Arrangement, answer: ArrangementAnswer = 'made') =>
  ann.acts({ kind: 'arranged', noticeId: ann.of('release-ahead')[0]?.noticeId ?? '', item, answer })

describe('a release that is planned', () => {
  it('is prepared from 09:00 56 days before, and again 14 days before, more urgently', () => {
    const ann = aPerson({ now: tuesday - days(9) })
    ann.happens(planned(early))
    ann.passTo(at('2025-11-18T08:59:59Z'))
    expect(ann.notices()).toEqual([])
    expect(ann.counts()).toEqual({})
    ann.passTo(at('2025-11-18T09:00:00Z'))
    expect(ann.one('release-ahead')).toMatchObject({
      headline: 'Release planned for 13 January',
      lines: [
        'Arrange what is still open: home, treatment, script, identity papers. Record each here as made, not needed or declined.',
      ],
      urgency: 'routine',
      learnedAt: at('2025-11-18T09:00:00Z'),
      dueAt: at('2025-11-25T17:00:00Z'),
      occurredAt: tuesday - days(9),
    })
    expect(ann.counts()).toEqual({ noticed: 1 })
    ann.passTo(at('2025-12-30T09:00:00Z'))
    expect(asked(ann)).toEqual(['56 closed', '14 open'])
    expect(ann.of('release-ahead')[1]).toMatchObject({
      urgency: 'prompt',
      learnedAt: at('2025-12-30T09:00:00Z'),
    })
    expect(new Set(ann.of('release-ahead').map(({ thread }) => thread)).size).toBe(1)
  })

  it('is prepared at once when the day is near already, for the later of the two moments only', () => {
    const ann = aPerson()
    ann.happens(planned({ releaseDate: '2025-11-27' }))
    expect(asked(ann)).toEqual(['14 open'])
    expect(ann.one('release-ahead').learnedAt).toBe(tuesday)
  })

  it('is prompt from the start on a Friday or before a holiday, and asks for an earlier day', () => {
    for (const releaseDate of ['2026-01-09', '2025-12-24', '2025-12-31']) {
      const ann = aPerson()
      ann.happens(planned({ releaseDate }))
      expect(ann.one('release-ahead').urgency, releaseDate).toBe('prompt')
      expect(ann.one('release-ahead').lines[1]).toMatch(/^That is a Friday or the day before/)
    }
    const ann = aPerson()
    ann.happens(planned({ releaseDate: '2026-01-08' }))
    expect(ann.one('release-ahead')).toMatchObject({ urgency: 'routine', lines: [/^Arrange/] })
  })

  it('is prepared once each of the four is made, not needed or declined', () => {
    const ann = aPerson()
    ann.happens(planned())
    arrange(ann, 'treatment')
    arrange(ann, 'home', 'declined')
    expect(ann.one('release-ahead').lines[0]).toMatch(
      /^Arrange what is still open: script, identity papers\./,
    )
    arrange(ann, 'script', 'not-needed')
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('release-ahead').noticeId })
    expect(ann.one('release-ahead').state).toBe('acknowledged')
    arrange(ann, 'identity-papers')
    expect(ann.one('release-ahead')).toMatchObject({ state: 'closed', closedBecause: 'arranged' })
    ann.passTo(tuesday + days(60))
    expect(asked(ann)).toEqual(['56 closed'])
  })

  it('is asked afresh when the date moves, at once when it moves nearer', () => {
    const ann = aPerson()
    ann.happens(planned())
    arrange(ann, 'home')
    ann.happens(planned({ id: 'moved', received: tuesday + days(1), releaseDate: '2025-11-25' }))
    expect(ann.of('release-ahead').map(({ closedBecause }) => closedBecause)).toEqual([
      'superseded',
      null,
    ])
    expect(asked(ann)).toEqual(['56 closed', '14 open'])
    expect(ann.of('release-ahead')[1]?.lines[0]).toContain('home, treatment')
  })

  it('is not asked again when the same date is confirmed, and comes back with a date that comes back', () => {
    const ann = aPerson()
    const set = (id: string, n: number, releaseDate = '2026-01-13') =>
      planned({ id, received: tuesday + n, releaseDate })
    ann.happens(set('one', 0), set('two', 1))
    expect(asked(ann)).toEqual(['56 open'])
    ann.happens(set('three', 2, '2026-03-31'))
    expect(asked(ann)).toEqual(['56 closed'])
    ann.happens(set('four', 3))
    expect(asked(ann)).toEqual(['56 open'])
    expect(ann.one('release-ahead').episode).toContain('one')
  })

  it('is over when they are released, and not asked for a day that has passed', () => {
    const ann = aPerson()
    ann.happens(planned(), anEvent('ReleasedFromPrison', { received: tuesday + days(1) }))
    expect(ann.one('release-ahead').closedBecause).toBe('released')
    const ben = aPerson()
    ben.happens(planned({ releaseDate: '2025-11-17' }))
    expect(ben.notices()).toEqual([])
    ben.happens(planned({ id: 'today', releaseDate: '2025-11-18', received: tuesday + 1 }))
    expect(asked(ben)).toEqual(['14 open'])
  })

  it('goes back to the date before when the new one is withdrawn', () => {
    const ann = aPerson()
    ann.happens(
      planned(),
      planned({ id: 'moved', received: tuesday + 1, releaseDate: '2025-11-25' }),
      anEvent('EventWithdrawn', { received: tuesday + 2, withdrawnEventId: 'moved' }),
    )
    expect(asked(ann)).toEqual(['56 open', '14 retracted'])
    expect(ann.one('correction').corrects).toBe(ann.of('release-ahead')[1]?.noticeId)
  })
})
