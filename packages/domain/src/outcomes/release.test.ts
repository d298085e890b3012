import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OutcomeFact } from './facts.ts'
import { addMonths, frameOf, lastDayOf, quarterOf, shiftQuarter } from './periods.ts'
import { type Figure, figuresOf, leftSince, questionOf } from './release.ts'
import { asOf, ended, facts, leftPrison, started } from './testing/a-journey.ts'

const november = asOf('2026-11-15')

/** So many people in an area, of whom so many completed. */
const people = (count: number, area: string, done: number): (readonly OutcomeFact[])[] =>
  Array.from({ length: count }, (_, at) =>
    at < done
      ? facts(['2026-02-01', started({ area })], ['2026-06-01', ended()])
      : facts(['2026-02-01', started({ area })]),
  )

const of = (figures: readonly Figure[], measure: string, area = 'all') =>
  figures.find((one) => one.measure === measure && one.area === area && one.breakdown === 'all')

describe('the figures of a release', () => {
  it('say a count, a share, and what is hidden', () => {
    const figures = figuresOf([...people(41, 'X1', 20), ...people(12, 'X2', 9)], november)
    expect(of(figures, 'in-treatment')).toMatchObject({ numerator: 55, denominator: null })
    expect(of(figures, 'completed')).toMatchObject({
      numerator: 30,
      denominator: 55,
      perThousand: 545,
      status: 'PROVISIONAL',
      geographyBasis: 'RESIDENCE',
    })
    const hidden = { numerator: null, denominator: null, perThousand: null, status: 'SUPPRESSED' }
    expect(of(figures, 'completed', 'X2')).toMatchObject(hidden)
    expect(of(figures, 'completed', 'X1')).toMatchObject(hidden)
    expect(of(figures, 'in-treatment', 'X2')).toMatchObject({ numerator: 10 })
  })

  it('hide in completion what is hidden among those in treatment: its denominator is the same count', () => {
    const figures = figuresOf(
      [
        ...people(3, 'X1', 1),
        ...people(20, 'X2', 10),
        ...people(60, 'X3', 7),
        ...people(90, 'X4', 45),
      ],
      november,
    )
    for (const area of ['X1', 'X2']) {
      expect(of(figures, 'in-treatment', area)?.status).toBe('SUPPRESSED')
      expect(of(figures, 'completed', area)?.status).toBe('SUPPRESSED')
      expect(of(figures, 'completed-no-return', area)?.status).toBe('SUPPRESSED')
    }
  })

  const areas = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { minLength: 1, maxLength: 5 })

  it('never show in one measure what another hides of the same people', () => {
    fc.assert(
      fc.property(areas, (sizes) => {
        const all = sizes.flatMap(([n, done], at) => people(n, `X${at}`, done))
        const figures = figuresOf(all, november)
        const pairs = [
          ['in-treatment', 'completed'],
          ['completed', 'completed-no-return'],
        ] as const
        for (const [first, then] of pairs) {
          for (const one of figures.filter(({ measure }) => measure === first)) {
            const other = figures.find(
              (it) =>
                it.measure === then &&
                it.area === one.area &&
                it.breakdown === one.breakdown &&
                it.group === one.group,
            )
            if (one.status === 'SUPPRESSED') expect(other?.status).toBe('SUPPRESSED')
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('show no count from 1 to 7, none that is not a multiple of 5, and no share of nobody or everybody', () => {
    fc.assert(
      fc.property(areas, (sizes) => {
        const all = sizes.flatMap(([n, done], at) => people(n, `X${at}`, done))
        for (const { numerator, denominator } of figuresOf(all, november)) {
          for (const n of [numerator, denominator]) expect((n ?? 0) % 5).toBe(0)
          if (denominator !== null && denominator > 0) expect(numerator).toBeGreaterThan(5)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('are the same whatever the order of people and of facts', () => {
    const all = [
      ...people(20, 'X1', 9),
      ...people(20, 'X2', 11),
      facts(['2026-05-01', leftPrison()]),
    ]
    const turned = all.map((one) => one.toReversed()).toReversed()
    expect(figuresOf(turned, november)).toEqual(figuresOf(all, november))
  })

  it('know nothing of what happened after the day they are as of', () => {
    const early = asOf('2026-05-31', { quarter: '2026-Q2' })
    const all = people(40, 'X1', 20)
    expect(of(figuresOf(all, early), 'completed')).toMatchObject({ status: 'SUPPRESSED' })
    expect(of(figuresOf(all, { ...early, asOf: '2026-06-01' }), 'completed')?.numerator).toBe(20)
  })
})

describe('provisional and final', () => {
  const statusAt = (measure: string, day: string, completeTo = '2026-Q2') => {
    const question = asOf(day, { quarter: '2026-Q2', completeTo })
    return figuresOf(people(40, 'X1', 20), question).find((one) => one.measure === measure)?.status
  }

  it('waits for the quarter’s end, for the sources, and for six months where a return counts', () => {
    expect(statusAt('in-treatment', '2026-06-29')).toBe('PROVISIONAL')
    expect(statusAt('in-treatment', '2026-06-30')).toBe('FINAL')
    expect(statusAt('in-treatment', '2026-07-31', '2026-Q1')).toBe('PROVISIONAL')
    expect(statusAt('completed-no-return', '2026-12-29')).toBe('PROVISIONAL')
    expect(statusAt('completed-no-return', '2026-12-30')).toBe('FINAL')
  })

  it('waits three weeks for continuity, and stays provisional where it counts the hub’s releases', () => {
    const empty = (measure: string, day: string) =>
      figuresOf([], asOf(day, { quarter: '2026-Q2', completeTo: '2026-Q2' })).find(
        (one) => one.measure === measure,
      )?.status
    expect(empty('continuity', '2026-07-20')).toBe('PROVISIONAL')
    expect(empty('continuity', '2026-07-21')).toBe('FINAL')
    expect(empty('continuity-releases', '2027-07-21')).toBe('PROVISIONAL')
  })
})

describe('what is asked when nothing is said', () => {
  const policy = { earlierOpenEpisode: 'apart' } as const

  it('is today in London, its quarter, and the last quarter that is over', () => {
    const late = Date.parse('2026-06-30T23:30:00Z')
    expect(questionOf(late, { policy })).toMatchObject({
      asOf: '2026-07-01',
      quarter: '2026-Q3',
      completeTo: '2026-Q2',
    })
  })

  it('takes a quarter for over on its last day', () => {
    const asked = questionOf(0, { policy, asOf: '2026-06-30' })
    expect(asked).toMatchObject({ quarter: '2026-Q2', completeTo: '2026-Q2' })
  })
})

it('covers four quarters, the last as far as it is known', () => {
  expect(frameOf('2026-Q1', '2026-02-10')).toEqual({
    asOf: '2026-02-10',
    quarters: ['2025-Q2', '2025-Q3', '2025-Q4', '2026-Q1'],
    from: '2025-04-01',
    to: '2026-02-10',
  })
  expect([shiftQuarter('2026-Q1', -1), quarterOf('2026-12-31')]).toEqual(['2025-Q4', '2026-Q4'])
  expect([lastDayOf('2026-Q1'), lastDayOf('2026-Q4')]).toEqual(['2026-03-31', '2026-12-31'])
})

it('adds calendar months, and ends at a month’s last day', () => {
  expect(addMonths('2026-08-31', 6)).toBe('2027-02-28')
  expect(addMonths('2027-08-31', 6)).toBe('2028-02-29')
  expect(addMonths('2026-09-22', 6)).toBe('2027-03-22')
})

it('says how many left, unless they are few', () => {
  const before = Array.from({ length: 20 }, (_, n) => `p-${n}`)
  expect(leftSince(before, new Set(before))).toBe(0)
  expect(leftSince(before, new Set(before.slice(7)))).toBe(null)
  expect(leftSince(before, new Set(before.slice(8)))).toBe(10)
})
