import type { Agreement, PersonRegister } from '../register.ts'
import { addDays, londonDate } from '../times.ts'
import type { Line, Policy } from './case.ts'
import { counts, type OutcomeFact } from './facts.ts'
import { journeyOf, type PersonJourney } from './journeys.ts'
import { groupsAlways, type Measure, type MeasureCode, measures } from './measures.ts'
import { addMonths, type Frame, frameOf, lastDayOf, quarterOf, shiftQuarter } from './periods.ts'
import {
  type Hidden,
  hide,
  rounded,
  type Sides,
  shownCount,
  shownPerThousand,
  sizeOf,
  type Table,
} from './protect.ts'

/** What is asked of a release. */
export interface ReleaseQuestion {
  readonly quarter: string
  /** Everything that happened by the end of this day counts, as it is known now. */
  readonly asOf: string
  /** The last quarter for which every source has sent its data: the operator vouches for it. */
  readonly completeTo: string
  readonly policy: Policy
}

/** One released figure, before it is given a feed and a number. */
export interface Figure {
  readonly measure: MeasureCode
  readonly measureVersion: number
  /** `all`, or the line; for an area, `area` says which and this is `all`. */
  readonly breakdown: Exclude<Line, 'area'> | 'all'
  readonly group: string
  readonly area: string
  readonly geographyBasis: 'RESIDENCE' | 'ESTABLISHMENT' | 'UNKNOWN'
  readonly status: 'PROVISIONAL' | 'FINAL' | 'SUPPRESSED'
  readonly numerator: number | null
  readonly denominator: number | null
  readonly perThousand: number | null
}

/** The question as far as nobody has said otherwise: up to today in London, vouching for what is over. */
export function questionOf(
  now: number,
  given: Partial<ReleaseQuestion> & { readonly policy: Policy },
): ReleaseQuestion {
  const asOf = given.asOf ?? londonDate(now)
  const running = quarterOf(asOf)
  const over = lastDayOf(running) === asOf ? running : shiftQuarter(running, -1)
  return { quarter: running, completeTo: over, ...given, asOf }
}

/** The facts of one person that count now: heard of by now, and still agreed to. */
export const countedFacts = (
  facts: readonly OutcomeFact[],
  person: PersonRegister,
  agreements: readonly Agreement[],
  now: number,
): readonly OutcomeFact[] =>
  facts.filter((fact) => fact.learnedAt <= now && counts(fact, person, agreements, now))

/** Every measure's table as it is, before anything is hidden. Never leaves the hub. */
export function tablesOf(
  people: Iterable<readonly OutcomeFact[]>,
  question: ReleaseQuestion,
): ReadonlyMap<MeasureCode, Table> {
  const frame = frameOf(question.quarter, question.asOf)
  const tallies = measures.map((measure) => new Tally(measure, frame))
  for (const facts of people) {
    const person = journeyOf(facts, question.asOf)
    for (const tally of tallies) tally.add(person, question.policy)
  }
  return new Map(tallies.map((tally) => [tally.code, tally.table()]))
}

/**
 * Every measure's figures, over these people's facts. The same facts and question give the same figures,
 * in the same order, in whatever order the people come.
 */
export function figuresOf(
  people: Iterable<readonly OutcomeFact[]>,
  question: ReleaseQuestion,
): readonly Figure[] {
  const tables = tablesOf(people, question)
  const hidden = new Map<MeasureCode, Hidden>()
  return measures.flatMap((measure) => {
    const table = tables.get(measure.code) as Table
    const also = measure.hiddenWith === null ? undefined : hidden.get(measure.hiddenWith)
    const own = hide(table, also)
    hidden.set(measure.code, own)
    return shown(measure, table, own, statusOf(measure, question))
  })
}

class Tally {
  readonly code: MeasureCode
  readonly #measure: Measure
  readonly #frame: Frame
  readonly #total: number[]
  readonly #lines: Map<Line, Map<string, number[]>>

  constructor(measure: Measure, frame: Frame) {
    this.code = measure.code
    this.#measure = measure
    this.#frame = frame
    this.#total = nobody(measure)
    this.#lines = new Map(
      measure.lines.map((line) => [
        line,
        new Map(groupsAlways(line, frame).map((group) => [group, nobody(measure)])),
      ]),
    )
  }

  add(person: PersonJourney, policy: Policy): void {
    for (const { yes, groups } of this.#measure.cases(person, this.#frame, policy)) {
      const side = yes ? 0 : 1
      raise(this.#total, side)
      for (const [line, sides] of this.#lines) raise(this.#sidesOf(sides, groups[line]), side)
    }
  }

  table(): Table {
    const lines = [...this.#lines].map(([line, groups]) => {
      const sorted = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))
      return [line, new Map<string, Sides>(sorted)] as const
    })
    return { total: this.#total, lines: new Map(lines) }
  }

  #sidesOf(groups: Map<string, number[]>, group = ''): number[] {
    const known = groups.get(group)
    if (known !== undefined) return known
    const fresh = nobody(this.#measure)
    groups.set(group, fresh)
    return fresh
  }
}

const nobody = ({ counts: kind }: Measure): number[] => (kind === 'share' ? [0, 0] : [0])

const raise = (sides: number[], side: number): void => {
  sides[side] = (sides[side] ?? 0) + 1
}

function shown(
  measure: Measure,
  { total, lines }: Table,
  hidden: Hidden,
  status: 'PROVISIONAL' | 'FINAL',
): readonly Figure[] {
  const figure = (line: Line | 'all', group: string, sides: Sides, isHidden: boolean): Figure => ({
    measure: measure.code,
    measureVersion: measure.version,
    breakdown: line === 'area' ? 'all' : line,
    group: line === 'area' ? 'all' : group,
    area: line === 'area' ? group : 'all',
    geographyBasis: line === 'establishment' ? 'ESTABLISHMENT' : measure.basis,
    status: isHidden ? 'SUPPRESSED' : status,
    ...(isHidden ? nothingShown : shownOf(measure, sides)),
  })
  return [
    figure('all', 'all', total, hidden.total),
    ...[...lines].flatMap(([line, groups]) =>
      [...groups].map(([group, sides]) =>
        figure(line as Line, group, sides, hidden.groups.get(line)?.has(group) ?? false),
      ),
    ),
  ]
}

const nothingShown = { numerator: null, denominator: null, perThousand: null } as const

function shownOf(measure: Measure, sides: Sides) {
  const [yes = 0] = sides
  const all = sizeOf(sides)
  if (measure.counts === 'count') {
    return { numerator: rounded(yes), denominator: null, perThousand: null }
  }
  const perThousand = shownPerThousand(yes, all)
  return { numerator: rounded(yes), denominator: rounded(all), perThousand }
}

/** Final once the quarter is over, every source has sent it, and nothing in it can still turn. */
function statusOf(measure: Measure, question: ReleaseQuestion): 'PROVISIONAL' | 'FINAL' {
  const { quarter, asOf, completeTo } = question
  const end = lastDayOf(quarter)
  const { waits } = measure
  const ripe = 'days' in waits ? addDays(end, waits.days) : addMonths(end, waits.months)
  return measure.canBeFinal && completeTo >= quarter && ripe <= asOf ? 'FINAL' : 'PROVISIONAL'
}

/** Who was among the people who agreed at the release before, and is not now. */
export const leftSince = (before: readonly string[], now: ReadonlySet<string>): number | null =>
  shownCount(before.filter((personId) => !now.has(personId)).length)
