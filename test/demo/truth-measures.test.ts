import { describe, expect, it } from 'vitest'
import { happeningOf, type Telling } from './happening.ts'
import { startOfDay } from './london.ts'
import type { Grant } from './plan.ts'
import { casesOf, type Measure } from './truth-cases.ts'
import { daysAfter, lastDayOf, quartersAfter, sixMonthsAfter } from './truth-days.ts'
import { type Cell, hiddenCells, shown } from './truth-disclosure.ts'
import { releaseAt } from './truth-measures.ts'
import { treatedOf } from './truth-treated.ts'

const asOf = '2026-11-15'
const told = (key: string, on: string, facts: Telling['facts']) =>
  happeningOf({
    key,
    version: 1,
    agency: 'treatment',
    occurredAt: startOfDay(on),
    precision: 'DAY',
    receivedAt: startOfDay(on),
    identifiers: ['NOMS:Z9001AA'],
    facts,
  })
const started = (on: string, episodeRef = '1', area: string | null = 'X91B') =>
  told(`start ${episodeRef}`, on, {
    type: 'TreatmentStarted',
    provider: 'N9901',
    episodeRef,
    setting: 'COMMUNITY',
    substances: ['1011'],
    referralSource: null,
    area,
  })
const ended = (on: string, reason: 'COMPLETED' | 'DROPPED_OUT' = 'COMPLETED', episodeRef = '1') =>
  told(`end ${episodeRef}`, on, {
    type: 'TreatmentEnded',
    provider: 'N9901',
    episodeRef,
    reason,
    setting: 'COMMUNITY',
    destination: null,
    area: 'X91B',
    prisonExit: null,
    substances: null,
  })
const leftPrison = (reason: string, prisonExit: string, area: string) =>
  told('exit', '2026-05-01', {
    type: 'TreatmentEnded',
    provider: 'QXI',
    episodeRef: 'stay',
    reason: reason as 'COMPLETED',
    setting: 'PRISON',
    destination: null,
    area,
    prisonExit,
    substances: ['1011'],
  })
const home = leftPrison('TRANSFERRED_NOT_IN_CUSTODY', 'RELEASED', 'X91B')

const frame = { from: '2026-01-01', to: asOf, asOf, earlierOpenEpisode: 'apart' } as const
/** How many cases, and in how many of them. */
function of(measure: Measure, ...happenings: readonly ReturnType<typeof told>[]) {
  const cases = casesOf(treatedOf(happenings, asOf), frame)[measure]
  return [cases.filter(({ yes }) => yes).length, cases.length]
}

describe('continuity of care', () => {
  it('counts a start on day 21, and none on day 22', () => {
    expect(of('continuity', home, started('2026-05-14'))).toEqual([1, 1])
    expect(of('continuity', home, started('2026-05-22'))).toEqual([1, 1])
    expect(of('continuity', home, started('2026-05-23'))).toEqual([0, 1])
  })
  it('counts apart who had begun before they left prison', () => {
    expect(of('continuity', home, started('2026-04-30'))).toEqual([0, 1])
    expect(of('continuity-open', home, started('2026-04-30'))).toEqual([1, 1])
  })
  it('is asked of nobody who was moved, had completed, or left England', () => {
    expect(of('continuity', leftPrison('COMPLETED', 'RELEASED', 'X91B'))).toEqual([0, 0])
    expect(of('continuity', leftPrison('TRANSFERRED_IN_CUSTODY', 'TRANSFERRED', 'X91B'))).toEqual([
      0, 0,
    ])
    expect(of('continuity', leftPrison('TRANSFERRED_NOT_IN_CUSTODY', 'RELEASED', 'Z00B'))).toEqual([
      0, 0,
    ])
  })
})

it('somebody who comes back within six months has completed, and returned', () => {
  const done = [started('2026-02-09'), ended('2026-05-01')]
  expect(of('completed', ...done)).toEqual([1, 1])
  expect(of('completed-no-return', ...done)).toEqual([1, 1])
  const again = [...done, started('2026-10-31', '2')]
  expect(of('completed', ...again)).toEqual([1, 1])
  expect(of('completed-no-return', ...again)).toEqual([0, 1])
  const back = [
    ...done,
    started('2026-10-31', '2', 'X92B'),
    ended('2026-11-01', 'DROPPED_OUT', '2'),
  ]
  // In another area that is another journey, and theirs is the one they are in now.
  expect(of('completed', ...back)).toEqual([0, 1])
  const soon = [...done, started('2026-05-20', '2')]
  // Within three weeks the first journey goes on.
  expect(of('completed', ...soon)).toEqual([0, 1])
})

it('a housing problem is resolved when a later review says so, four weeks on', () => {
  const review = (ref: string, on: string, stage: 'START' | 'REVIEW', housingProblem: boolean) =>
    told(ref, on, {
      type: 'TreatmentReviewed',
      provider: 'N9901',
      episodeRef: '1',
      stage,
      housingProblem,
      daysInWork: null,
      mentalHealthTreatmentNeed: null,
    })
  const first = [started('2026-05-14'), review('a', '2026-05-14', 'START', true)]
  expect(of('housing-resolved', ...first)).toEqual([0, 0])
  expect(of('housing-resolved', ...first, review('b', '2026-06-10', 'REVIEW', false))).toEqual([
    0, 0,
  ])
  expect(of('housing-resolved', ...first, review('b', '2026-06-11', 'REVIEW', false))).toEqual([
    1, 1,
  ])
})

it('knows days, quarters and six months', () => {
  expect(daysAfter('2026-03-28', 2)).toBe('2026-03-30')
  expect(sixMonthsAfter('2026-08-31')).toBe('2027-02-28')
  expect(lastDayOf('2026-Q2')).toBe('2026-06-30')
  expect(quartersAfter('2026-Q1', -3)).toBe('2025-Q2')
})

describe('what is hidden', () => {
  const cell = (yes: number, no: number): Cell => ({ yes, no })
  const hidden = (total: Cell, line: Readonly<Record<string, Cell>>, shared: string[] = []) => [
    ...hiddenCells({ total, lines: [new Map(Object.entries(line))] }, false, new Set(shared)),
  ]

  it('is what is about fewer than eight on either side, with the first other group that leaves room', () => {
    expect(hidden(cell(40, 40), { a: cell(7, 20), b: cell(20, 10), c: cell(13, 10) })).toEqual([
      'a',
      'b',
    ])
    expect(hidden(cell(40, 40), { a: cell(20, 20), b: cell(20, 20) })).toEqual([])
  })
  it('is a whole line when its total is, but for groups without anybody', () => {
    expect(hidden(cell(3, 40), { a: cell(3, 40), b: cell(0, 0) })).toEqual(['all all all', 'a'])
  })
  it('is what a measure of the same people hides', () => {
    expect(hidden(cell(40, 40), { a: cell(20, 20), b: cell(20, 20) }, ['a'])).toEqual(['a', 'b'])
  })
  it('says the rest to the nearest five, and a share only where that moves it little', () => {
    expect(shown(cell(12, 13), false)).toEqual({
      numerator: 10,
      denominator: 25,
      perThousand: null,
    })
    expect(shown(cell(25, 76), false)).toEqual({
      numerator: 25,
      denominator: 100,
      perThousand: 250,
    })
  })
})

it('counts only who agrees to be counted, and what came since they did', () => {
  const grant: Grant = {
    purpose: 'outcomes',
    sources: ['treatment'],
    recipients: [],
    categories: ['substance-use'],
    tier: 'detail',
    from: startOfDay('2026-05-10'),
    until: startOfDay('2027-05-10'),
    lookBackDays: 0,
  }
  const people = (n: number, on: string, purpose: Grant['purpose']) =>
    Array.from({ length: n }, (_, i) => {
      const happening = started(on)
      const terms = { identifiers: [], lead: 'lp-1', deputies: [], team: [] }
      const grants = [{ ...grant, purpose }]
      return {
        ref: `${on} ${purpose} ${i}`,
        versions: [{ at: grant.from, state: 'given', terms: { ...terms, grants } }] as const,
        heard: [{ happening, at: happening.receivedAt }],
      }
    })
  const { figures, peopleAgreed } = releaseAt(
    [
      ...people(10, '2026-05-14', 'outcomes'),
      ...people(10, '2026-05-09', 'outcomes'),
      ...people(10, '2026-05-14', 'care-coordination'),
    ],
    startOfDay(asOf),
    { quarter: '2026-Q4', earlierOpenEpisode: 'apart' },
  )
  expect(peopleAgreed).toBe(20)
  expect(figures.get('in-treatment all all all')).toEqual({
    status: 'PROVISIONAL',
    numerator: 10,
    denominator: null,
    perThousand: null,
  })
})
