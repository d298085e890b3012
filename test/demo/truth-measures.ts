import { dateIn } from './london.ts'
import { type Case, casesOf, type Frame, type Measure } from './truth-cases.ts'
import { grantsOf } from './truth-covered.ts'
import {
  daysAfter,
  firstDayOf,
  lastDayOf,
  quarterOf,
  quartersAfter,
  sixMonthsAfter,
} from './truth-days.ts'
import { type Cell, hiddenCells, shown, type Table } from './truth-disclosure.ts'
import { holding, type Listener } from './truth-heard.ts'
import { treatedOf } from './truth-treated.ts'

export interface Question {
  readonly quarter: string
  readonly earlierOpenEpisode: 'apart' | 'counts'
}

/** A figure as it must be released, by `measure area breakdown group`. */
export interface TrueFigure {
  readonly status: 'PROVISIONAL' | 'FINAL' | 'SUPPRESSED'
  readonly numerator: number | null
  readonly denominator: number | null
  readonly perThousand: number | null
}

export interface TrueRelease {
  readonly members: ReadonlySet<string>
  readonly peopleAgreed: number | null
  readonly figures: ReadonlyMap<string, TrueFigure>
}

const lines: Readonly<Record<Measure, readonly string[]>> = {
  continuity: ['area', 'substance', 'quarter', 'establishment'],
  'continuity-open': [],
  'continuity-releases': ['area', 'substance', 'quarter', 'establishment'],
  'continuity-releases-open': [],
  'in-treatment': ['area', 'substance'],
  completed: ['area', 'substance'],
  'completed-no-return': ['area', 'substance'],
  'housing-resolved': ['area', 'substance'],
  'orders-started': ['requirement', 'quarter'],
}
const measures = Object.keys(lines) as Measure[]

/** Whose hidden cells are hidden in this one too, for they share people. */
const sharesWith: Partial<Record<Measure, Measure>> = {
  'continuity-open': 'continuity',
  'continuity-releases-open': 'continuity-releases',
  completed: 'in-treatment',
  'completed-no-return': 'completed',
}

/** What a release at `now` (ms), of today in London, must say. */
export function releaseAt(
  people: Iterable<Listener & { readonly ref: string }>,
  now: number,
  question: Question,
): TrueRelease {
  const asOf = dateIn(now)
  const { quarter, earlierOpenEpisode } = question
  const from = firstDayOf(quartersAfter(quarter, -3))
  const last = lastDayOf(quarter)
  const frame: Frame = { from, to: last < asOf ? last : asOf, asOf, earlierOpenEpisode }
  const agreed = [...people].filter(({ versions }) =>
    grantsOf(versions, now).some(({ purpose }) => purpose === 'outcomes'),
  )
  const cases = agreed.map((person) => {
    const facts = holding(person, 'outcomes', now).map(({ happening }) => happening)
    return casesOf(treatedOf(facts, asOf), frame)
  })
  const hidden = new Map<Measure, ReadonlySet<string>>()
  const figures = new Map<string, TrueFigure>()
  for (const measure of measures) {
    const own = cases.flatMap((one) => one[measure])
    const table = tableOf(own, lines[measure], quarter)
    const isCount = measure === 'in-treatment'
    const shared = hidden.get(sharesWith[measure] ?? measure) ?? new Set<string>()
    const gone = hiddenCells(table, isCount, shared)
    hidden.set(measure, gone)
    const status = statusOf(measure, quarter, asOf)
    for (const [name, cell] of cellsOf(table))
      figures.set(
        `${measure} ${name}`,
        gone.has(name)
          ? { status: 'SUPPRESSED', numerator: null, denominator: null, perThousand: null }
          : { status, ...shown(cell, isCount) },
      )
  }
  const members = new Set(agreed.map(({ ref }) => ref))
  return { members, peopleAgreed: peopleShown(members.size), figures }
}

/** Counts of people beside the figures. */
export const peopleShown = (count: number): number | null =>
  count >= 1 && count <= 7 ? null : Math.round(count / 5) * 5

const fixedGroups: Readonly<Record<string, readonly string[]>> = {
  substance: ['opiate', 'non-opiate', 'non-opiate-and-alcohol', 'alcohol'],
  requirement: ['DRR', 'ATR', 'MHTR'],
}

function tableOf(cases: readonly Case[], of: readonly string[], quarter: string): Table {
  const cell = (own: readonly Case[]): Cell => ({
    yes: own.filter(({ yes }) => yes).length,
    no: own.filter(({ yes }) => !yes).length,
  })
  const quarters = [-3, -2, -1, 0].map((n) => quartersAfter(quarter, n))
  return {
    total: cell(cases),
    lines: of.map((line) => {
      const always = line === 'quarter' ? quarters : (fixedGroups[line] ?? [])
      const groups = new Set([...always, ...cases.map(({ groups: own }) => own[line] as string)])
      const cells = [...groups].map((group) => {
        const name = line === 'area' ? `${group} all all` : `all ${line} ${group}`
        return [name, cell(cases.filter(({ groups: own }) => own[line] === group))] as const
      })
      return new Map(cells)
    }),
  }
}

export const cellsOf = ({ total, lines: of }: Table): readonly (readonly [string, Cell])[] => [
  ['all all all', total],
  ...of.flatMap((line) => [...line]),
]

/** By default all that is over by `asOf` is vouched for. */
function statusOf(measure: Measure, quarter: string, asOf: string): 'PROVISIONAL' | 'FINAL' {
  const running = quarterOf(asOf)
  const completeTo = lastDayOf(running) === asOf ? running : quartersAfter(running, -1)
  const last = lastDayOf(quarter)
  const waitsUntil =
    measure === 'completed-no-return'
      ? sixMonthsAfter(last)
      : ['continuity', 'continuity-open', 'orders-started'].includes(measure)
        ? daysAfter(last, 21)
        : last
  const never = measure.startsWith('continuity-releases')
  return never || completeTo < quarter || asOf < waitsUntil ? 'PROVISIONAL' : 'FINAL'
}
