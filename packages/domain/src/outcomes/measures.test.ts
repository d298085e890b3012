import { describe, expect, it } from 'vitest'
import type { OutcomeFact } from './facts.ts'
import type { MeasureCode } from './measures.ts'
import { type ReleaseQuestion, tablesOf } from './release.ts'
import {
  asOf,
  ended,
  facts,
  leftPrison,
  ordered,
  released,
  reviewed,
  started,
} from './testing/a-journey.ts'

const november = asOf('2026-11-15')

const sides = (
  measure: MeasureCode,
  person: readonly OutcomeFact[],
  question: ReleaseQuestion = november,
) => tablesOf([person], question).get(measure)?.total

const yes = [1, 0]
const no = [0, 1]
const notCounted = [0, 0]

describe('in treatment within 21 days of leaving prison', () => {
  const left = ['2026-05-01', leftPrison()] as const

  it.each([
    ['on the day itself', '2026-05-01', yes],
    ['on day 21', '2026-05-22', yes],
    ['on day 22', '2026-05-23', no],
  ])('counts a start %s', (_when, day, expected) => {
    expect(sides('continuity', facts(left, [day, started()]))).toEqual(expected)
  })

  it('says no of somebody who went on with an episode from before, and counts them apart', () => {
    const person = facts(left, ['2026-04-30', started()])
    expect(sides('continuity', person)).toEqual(no)
    expect(sides('continuity-open', person)).toEqual(yes)
    const counted = asOf('2026-11-15', { policy: { earlierOpenEpisode: 'counts' } })
    expect(sides('continuity', person, counted)).toEqual(yes)
    expect(sides('continuity-open', person, counted)).toEqual(yes)
  })

  it('knows nothing of an episode that was over when they left', () => {
    const person = facts(left, ['2026-03-01', started()], ['2026-04-30', ended()])
    expect(sides('continuity-open', person)).toEqual(no)
  })

  it('waits until the three weeks are over', () => {
    const lately = facts(['2026-10-25', leftPrison()])
    expect(sides('continuity', lately, asOf('2026-11-14'))).toEqual(notCounted)
    expect(sides('continuity', lately, asOf('2026-11-15'))).toEqual(no)
  })

  it.each([
    ['to a place outside England', { area: 'Z00B' }],
    ['to a place nobody named', { area: null }],
    ['to another prison', { prisonExit: 'TRANSFERRED' }],
    ['having completed treatment there', { reason: 'COMPLETED' }],
    ['transferred in custody', { reason: 'TRANSFERRED_IN_CUSTODY' }],
  ] as const)('leaves out who went %s', (_why, more) => {
    expect(sides('continuity', facts(['2026-05-01', leftPrison(more)]))).toEqual(notCounted)
  })

  it('takes no treatment in prison for a start outside', () => {
    const person = facts(left, ['2026-05-10', started({ setting: 'PRISON' })])
    expect(sides('continuity', person)).toEqual(no)
  })

  it('counts each release once, however often it is told, and each release of a year', () => {
    const again = facts(
      left,
      ['2026-05-01', leftPrison({ provider: 'LEI' })],
      ['2026-07-01', leftPrison()],
    )
    expect(sides('continuity', again)).toEqual([0, 2])
  })

  it('groups a release by where they go, what they use, the quarter and the prison', () => {
    const person = facts(
      ['2026-02-01', started({ setting: 'PRISON', provider: 'MDI', substances: ['7000', '3200'] })],
      ['2026-05-01', released({ homeArea: 'E99' })],
    )
    const lines = tablesOf([person], november).get('continuity-releases')?.lines
    const groupsOf = (line: string) =>
      [...(lines?.get(line) ?? [])].filter(([, [, n]]) => n === 1).map(([group]) => group)
    expect(['area', 'substance', 'quarter', 'establishment'].map(groupsOf)).toEqual([
      ['E99'],
      ['non-opiate-and-alcohol'],
      ['2026-Q2'],
      ['MDI'],
    ])
  })

  it.each(['DIED', 'TEMPORARY', 'TO_HOSPITAL', 'ABSCONDED', 'ADMINISTRATIVE'] as const)(
    'takes a release of kind %s for no release to the community',
    (release) => {
      const person = facts(['2026-05-01', released({ release })])
      expect(sides('continuity-releases', person)).toEqual(notCounted)
    },
  )
})

describe('numbers in treatment', () => {
  it.each([
    ['began on the last day', ['2026-11-15', null], 1],
    ['begins tomorrow', ['2026-11-16', null], 0],
    ['ended on the first day of the year', ['2025-10-01', '2026-01-01'], 1],
    ['ended the day before', ['2025-10-01', '2025-12-31'], 0],
    ['has been in treatment for years', ['2019-01-01', null], 1],
  ] as const)('somebody who %s', (_who, [from, to], expected) => {
    const person = facts(
      [from, started()],
      ...(to === null ? [] : [[to, ended({ reason: 'DROPPED_OUT' })] as const]),
    )
    expect(sides('in-treatment', person)).toEqual([expected])
  })

  it('counts a person once, in the area and with the substances of their latest episode', () => {
    const person = facts(
      ['2026-02-01', started({ area: 'X91B', substances: ['7000'] })],
      ['2026-03-01', started({ area: 'X92B', substances: ['1011'], episodeRef: '2' })],
    )
    const table = tablesOf([person], november).get('in-treatment')
    expect(table?.total).toEqual([1])
    expect(table?.lines.get('area')).toEqual(new Map([['X92B', [1]]]))
    expect(table?.lines.get('substance')?.get('opiate')).toEqual([1])
  })

  it('takes a start of which nothing else is known for a sign, and nobody is in treatment by it', () => {
    const sign = ['2026-05-10', started({ provider: 'list', area: null, substances: [] })] as const
    expect(sides('in-treatment', facts(sign))).toEqual([0])
    expect(sides('continuity', facts(['2026-05-01', leftPrison()], sign))).toEqual(yes)
    const known = facts(['2026-05-10', started()], sign, ['2026-08-01', ended()])
    expect(sides('completed', known)).toEqual(yes)
  })

  it('does not count treatment in prison', () => {
    const person = facts(['2026-02-01', started({ setting: 'PRISON' })])
    expect(sides('in-treatment', person)).toEqual([0])
  })
})

describe('successful completion', () => {
  const begun = ['2026-02-09', started()] as const
  const done = ['2026-07-30', ended()] as const
  const next = (day: string, more = {}) => [day, started({ episodeRef: '2', ...more })] as const

  it('counts who completed, and who did not', () => {
    expect(sides('completed', facts(begun, done))).toEqual(yes)
    expect(sides('completed', facts(begun))).toEqual(no)
    const lost = ['2026-07-30', ended({ reason: 'DROPPED_OUT' })] as const
    expect(sides('completed', facts(begun, lost))).toEqual(no)
  })

  it('takes a start within three weeks in the same area for the same journey', () => {
    expect(sides('completed', facts(begun, done, next('2026-08-20')))).toEqual(no)
    expect(sides('completed', facts(begun, done, next('2026-08-21')))).toEqual(yes)
    const moved = next('2026-08-20', { area: 'X92B' })
    expect(sides('completed', facts(begun, done, moved))).toEqual(no)
  })

  it('believes no completion when another episode ended otherwise on the same day', () => {
    const beside = facts(begun, ['2026-03-01', started({ provider: 'N9902' })], done, [
      '2026-07-30',
      ended({ provider: 'N9902', reason: 'DROPPED_OUT' }),
    ])
    expect(sides('completed', beside)).toEqual(no)
  })

  it.each([
    ['on the day before six months are over', '2027-01-29', no],
    ['on the six-month day', '2027-01-30', yes],
  ])('and did not return: a start %s', (_when, day, expected) => {
    const nextYear = asOf('2027-06-30', { quarter: '2027-Q2' })
    const person = facts(begun, done, next(day))
    expect(sides('completed-no-return', person, nextYear)).toEqual(expected)
  })

  it('a return in another area is a return, also when it comes after the quarter', () => {
    const third = asOf('2026-11-15', { quarter: '2026-Q3' })
    const person = facts(begun, done, next('2026-10-05', { area: 'X92B' }))
    expect(sides('completed', person, third)).toEqual(yes)
    expect(sides('completed-no-return', person, third)).toEqual(no)
  })

  it('time in prison treatment is no return', () => {
    const person = facts(begun, done, next('2026-08-25', { setting: 'PRISON' }))
    expect(sides('completed-no-return', person)).toEqual(yes)
  })
})

describe('acute housing problem resolved', () => {
  const begun = ['2026-02-01', started()] as const
  const problem = ['2026-02-01', reviewed()] as const
  const review = (day: string, housingProblem: boolean) =>
    [day, reviewed({ stage: 'REVIEW', housingProblem })] as const

  it('counts who had one at the start and has none at the latest review', () => {
    expect(sides('housing-resolved', facts(begun, problem, review('2026-05-01', false)))).toEqual(
      yes,
    )
    const back = facts(begun, problem, review('2026-05-01', false), review('2026-08-01', true))
    expect(sides('housing-resolved', back)).toEqual(no)
  })

  it('needs 28 days between the two, and both answers', () => {
    expect(sides('housing-resolved', facts(begun, problem, review('2026-02-28', false)))).toEqual(
      notCounted,
    )
    expect(sides('housing-resolved', facts(begun, problem, review('2026-03-01', false)))).toEqual(
      yes,
    )
    expect(sides('housing-resolved', facts(begun, problem))).toEqual(notCounted)
  })

  it('is as it was at the end of a quarter, whatever is reviewed in the next', () => {
    const person = facts(begun, problem, review('2026-06-30', false), review('2026-07-01', true))
    expect(sides('housing-resolved', person, asOf('2026-11-15', { quarter: '2026-Q2' }))).toEqual(
      yes,
    )
    expect(sides('housing-resolved', person, asOf('2026-11-15', { quarter: '2026-Q3' }))).toEqual(
      no,
    )
  })

  it('leaves out who had none to begin with', () => {
    const none = ['2026-02-01', reviewed({ housingProblem: false })] as const
    expect(sides('housing-resolved', facts(begun, none, review('2026-05-01', false)))).toEqual(
      notCounted,
    )
  })
})

describe('treatment orders started', () => {
  const order = ['2026-05-01', ordered()] as const

  it.each([
    ['began within three weeks', '2026-05-22', yes],
    ['had begun already', '2026-04-01', yes],
    ['began too late', '2026-05-23', no],
  ])('treatment %s', (_when, day, expected) => {
    expect(sides('orders-started', facts(order, [day, started()]))).toEqual(expected)
  })

  it('counts an order once that probation told after the court did', () => {
    const again = facts(
      order,
      ['2026-05-03', ordered()],
      ['2026-05-03', ordered({ requirementRef: 'R2' })],
    )
    expect(sides('orders-started', again)).toEqual([0, 2])
  })
})
