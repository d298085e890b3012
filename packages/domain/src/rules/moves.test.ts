import { describe, expect, it } from 'vitest'
import { anEvent, aPerson, assignment, at, hours, tuesday } from '../testing/a-person.ts'

const moved = (more: object = {}) =>
  anEvent('TransferredBetweenPrisons', { received: tuesday, ...more })
const released = anEvent('ReleasedFromPrison', { received: tuesday, homeArea: 'E06009998' })
const home = { homeAreas: ['E06009999'] }

describe('a move between prisons', () => {
  it('is told as information, once, by the prison that they came to', () => {
    const ann = aPerson()
    ann.happens(moved({ id: 'out', direction: 'OUT' }), moved())
    expect(ann.live()).toMatchObject([
      {
        rule: 'moves',
        class: 'information',
        urgency: 'routine',
        dueAt: null,
        headline: 'Moved to another prison',
        lines: ['Now at: LEI.'],
      },
    ])
    ann.passTo(tuesday + hours(24 * 30))
    expect(ann.notices()).toHaveLength(1)
  })

  it('is over when it is acknowledged, or overtaken by the next one or by a release', () => {
    const ann = aPerson()
    ann.happens(moved())
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('moves').noticeId })
    expect(ann.one('moves').state).toBe('closed')
    const ben = aPerson()
    ben.happens(moved(), moved({ id: 'next', received: tuesday + 1 }))
    expect(ben.of('moves').map(({ state }) => state)).toEqual(['closed', 'open'])
    ben.happens({ ...released, receivedAt: tuesday + 2, occurredAt: tuesday + 2 })
    expect(ben.of('moves').map(({ closedBecause }) => closedBecause)).toEqual([
      'superseded',
      'superseded',
    ])
  })
})

describe('a release to another area', () => {
  it('asks to hand over within a working day, while the old lead stays', () => {
    const ann = aPerson({ options: home })
    ann.happens(released)
    expect(ann.one('moves')).toMatchObject({
      class: 'action',
      urgency: 'prompt',
      headline: 'Released to another area',
      dueAt: at('2025-11-19T17:00:00Z'),
    })
    expect(ann.one('release').state).toBe('open')
    ann.acts({ kind: 'acknowledged', noticeId: ann.one('moves').noticeId })
    expect(ann.one('moves').state).toBe('acknowledged')
  })

  it('is over when somebody has accepted, or they are back in prison', () => {
    const ann = aPerson({ options: home })
    ann.happens(released)
    ann.acts({ kind: 'handed-over', noticeId: ann.one('moves').noticeId })
    expect(ann.one('moves')).toMatchObject({ state: 'closed', closedBecause: 'handed-over' })
    const ben = aPerson({ options: home })
    ben.happens(released)
    ben.standAt(tuesday + hours(2))
    ben.assign(assignment('lp-3', 'lead', { from: tuesday + hours(2) }))
    expect(ben.of('moves').map(({ state }) => state)).toEqual(['retracted'])
    const cat = aPerson({ options: home })
    cat.happens(released, anEvent('ReturnedToPrison', { received: tuesday + hours(3) }))
    expect(cat.one('moves').closedBecause).toBe('returned')
  })

  it('is nothing where they go home, where the area is not known, or nobody has said which is ours', () => {
    for (const [homeArea, options] of [
      ['E06009999', home],
      [null, home],
      ['E06009998', { homeAreas: [] }],
    ] as const) {
      const ann = aPerson({ options })
      ann.happens({ ...released, homeArea })
      expect(ann.of('moves')).toEqual([])
    }
  })
})
