import {
  dateInWords,
  type Figure,
  lastDayOf,
  type MeasureCode,
  measureCodes,
} from '@throughline/domain'
import type { Release } from './release.ts'
import { basisWords, groupOf, lineWords, measureWords } from './words.ts'

/** One row of a measure's table, which is one bar of its chart. */
interface RowView {
  readonly name: string
  readonly hidden: boolean
  readonly yes: string
  readonly all: string
  readonly share: string
  /** Length of the bar in hundredths of the longest possible; null draws none. */
  readonly bar: number | null
  readonly label: string
}

interface LineView {
  readonly name: string
  readonly rows: readonly RowView[]
}

/** What the page says of one release. Words and lengths only: the template decides nothing. */
export function releaseView(release: Release) {
  const facts = [
    { term: 'Who is counted', text: `People who agreed to be counted: ${people(release)}` },
    { term: 'Coverage', text: coverage(release) },
    { term: 'Left since the release before', text: left(release) },
    { term: 'What happened', text: `${dateInWords(release.from)} to ${dateInWords(release.to)}` },
    { term: 'Known by', text: dateInWords(release.asOf) },
    { term: 'Data complete to', text: dateInWords(lastDayOf(release.completeTo)) },
    {
      term: 'In treatment from before a release',
      text:
        release.policy.earlierOpenEpisode === 'counts'
          ? 'Counted as started'
          : 'Counted apart, not as started',
    },
    {
      term: 'Release',
      text: `${release.release}, made ${dateInWords(release.releasedAt.slice(0, 10))}`,
    },
  ]
  return {
    feed: release.feed,
    facts,
    csv: `/outcomes/${release.feed}/measures.csv?release=${release.release}`,
    json: `/outcomes/${release.feed}/measures.json?release=${release.release}`,
    measures: measureCodes.map((code) => measureView(code, release)),
  }
}

function measureView(code: MeasureCode, release: Release) {
  const figures = release.figures.filter(({ measure }) => measure === code)
  const [total] = figures
  const { title, counted, yes, all, caution = '' } = measureWords[code]
  const most = Math.max(1, ...figures.map(({ numerator }) => numerator ?? 0))
  // Of nobody there is nothing to break down.
  const isEmpty = total?.numerator === 0 && (total.denominator ?? 0) === 0
  const byLine = Map.groupBy(isEmpty ? figures.slice(0, 1) : figures, lineWords)
  const lines = [...byLine].map(
    ([name, own]): LineView => ({ name, rows: own.map((one) => rowView(one, most, yes)) }),
  )
  const status = statusOf(figures)
  const isShare = all !== null
  return {
    code,
    title,
    counted,
    caution,
    yes,
    all: all ?? '',
    isShare,
    status,
    lines,
    headline: total === undefined ? '' : headlineOf(total, all),
    chart: `Bar chart of “${title}”${isShare ? ', in percent' : ''}. The table after it has the same figures.`,
    hidden: figures.some(({ status: one }) => one === 'SUPPRESSED'),
    about: [
      'people who agreed',
      `by ${basisWords[total?.geographyBasis ?? 'UNKNOWN']}`,
      `definition ${code}, version ${total?.measureVersion ?? 1}`,
    ].join(' · '),
  }
}

function rowView(figure: Figure, most: number, yes: string): RowView {
  const { numerator, denominator, perThousand, status } = figure
  const name = groupOf(figure)
  if (status === 'SUPPRESSED' || numerator === null) {
    return { name, hidden: true, yes: '', all: '', share: '', bar: null, label: 'Hidden' }
  }
  const isCount = denominator === null
  const share = perThousand === null ? '' : percent(perThousand)
  const counts = isCount ? number(numerator) : `${number(numerator)} of ${number(denominator)}`
  return {
    name,
    hidden: false,
    yes: number(numerator),
    all: isCount ? '' : number(denominator),
    share: share === '' ? (denominator === 0 ? '–' : 'not shown') : share,
    bar: isCount ? (numerator * 100) / most : perThousand === null ? null : perThousand / 10,
    label:
      share === '' ? (isCount ? `${counts} ${yes.toLowerCase()}` : counts) : `${share}, ${counts}`,
  }
}

function headlineOf({ numerator, denominator, perThousand }: Figure, all: string | null) {
  if (numerator === null) return { figure: 'Hidden', of: 'too few people, or nearly all of them' }
  if (denominator === null) return { figure: number(numerator), of: 'people' }
  const of = `${number(numerator)} of ${number(denominator)} ${String(all).toLowerCase()}`
  if (denominator === 0) return { figure: 'Nobody yet', of: '' }
  return { figure: perThousand === null ? '' : percent(perThousand), of }
}

const statusOf = (figures: readonly Figure[]): 'Final' | 'Provisional' =>
  figures.every(({ status }) => status === 'SUPPRESSED' || status === 'FINAL') &&
  figures.some(({ status }) => status === 'FINAL')
    ? 'Final'
    : 'Provisional'

const people = ({ peopleAgreed }: Release): string =>
  peopleAgreed === null ? 'fewer than 8' : number(peopleAgreed)

const left = ({ leftSince }: Release): string =>
  leftSince === null ? 'Between 1 and 7 people' : `${number(leftSince)} people`

const coverage = ({ coveragePerThousand }: Release): string =>
  coveragePerThousand === null
    ? 'Not known: no source says how many people it knows in all'
    : `${percent(coveragePerThousand)} of the people the sources know`

/** Counts are to the nearest 5, so a whole percent is as fine as it gets. */
const percent = (perThousand: number): string => `${Math.floor(perThousand / 10 + 0.5)}%`

const number = (n: number): string => n.toLocaleString('en-GB')
