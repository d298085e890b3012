import {
  type CsvHeader,
  type CsvHeading,
  type CsvLayout,
  type CsvRow,
  type CsvStart,
  cellFault,
  refuseOtherShapes,
} from '@throughline/intake'
import { HttpFault } from '@throughline/service'

/**
 * The CORE lettings log as landlords upload it to the ministry (formats/treatment-housing.md, section
 * 2.3): columns have numbers, not names. Rows of explanation may come first; the row that begins with
 * "Field number" numbers the columns after its own. Without it the columns are fields 1 to 147 in order.
 */

/** Columns are named by their number in the form that the log is filled in on. */
export const field = (number: number): string => `field_${number}`

export const fields = {
  owner: field(1),
  renewal: field(7),
  startDay: field(8),
  startMonth: field(9),
  startYear: field(10),
  tenantCode: field(13),
  privacyNotice: field(15),
  reasonLeft: field(113),
  previousHome: field(115),
} as const

const fieldCount = 147
/** The ministry's template has seven rows before the numbers. */
const linesBeforeMax = 20

export const coreLayout: CsvLayout = {
  required: Object.values(fields),
  optional: [],
  heading: numberedHeading,
}

function numberedHeading(): CsvHeading {
  const before: CsvRow[] = []
  return {
    line(row) {
      if (before.length === 0) refuseOtherShapes(row.cells)
      if (/^\s*field number\s*$/i.test(row.cells[0] ?? '')) return numbered(row)
      before.push(row)
      return before.length > linesBeforeMax ? byPosition(before) : undefined
    },
    end: () => (before.length === 0 ? undefined : byPosition(before)),
  }
}

function numbered({ line, cells }: CsvRow): CsvStart {
  const columns = cells.map((cell, at) =>
    at > 0 && /^\s*\d{1,3}\s*$/.test(cell) ? field(Number(cell)) : null,
  )
  const named = columns.filter((column) => column !== null)
  if (new Set(named).size !== named.length) {
    refuse('column-repeated', 'A field number comes twice.', line)
  }
  if (named.length !== fieldCount) refuse('column-count', countAdvice, line)
  const missing = coreLayout.required.filter((column) => !named.includes(column))
  if (missing.length > 0)
    refuse('column-missing', `These are missing: ${missing.join(', ')}.`, line)
  return { header: headerOf(columns), rows: [], warnings: [] }
}

function byPosition(rows: readonly CsvRow[]): CsvStart {
  const line = rows[0]?.line ?? 1
  if (rows.some(({ cells }) => cells.length !== fieldCount && !isBlank(cells))) {
    refuse('column-count', countAdvice, line)
  }
  const columns = Array.from({ length: fieldCount }, (_, at) => field(at + 1))
  return {
    header: headerOf(columns),
    rows,
    warnings: [cellFault(line, null, 'headers-missing', headersAdvice)],
  }
}

const isBlank = (cells: readonly string[]): boolean => cells.length === 1 && cells[0] === ''
const countAdvice = `The log has ${fieldCount} numbered fields. Send it as the template has it.`
const headersAdvice = 'No row begins with "Field number": columns were read by their position.'

function headerOf(columns: readonly (string | null)[]): CsvHeader {
  const places = new Map(columns.map((column, at) => [column, at]))
  const at = (column: string): number => places.get(column) ?? -1
  return { columns, at, cell: (row, column) => row.cells[at(column)]?.trim() }
}

function refuse(code: string, message: string, line: number): never {
  throw new HttpFault(422, code, message, { at: `line ${line}` })
}

/** One question's codes: the group that each belongs to, and those by which nothing is said. Any other code is `other`. */
export interface CodeList {
  readonly groups: ReadonlyMap<string, string>
  readonly notSaid: ReadonlySet<string>
}

/** Codes of one collection year; the ministry numbers them anew. */
export interface CoreCodes {
  readonly previousHome: CodeList
  readonly reasonLeft: CodeList
}

const codeList = (
  groups: Readonly<Record<string, readonly number[]>>,
  notSaid: readonly number[] = [],
): CodeList => ({
  groups: new Map(
    Object.entries(groups).flatMap(([group, codes]) =>
      codes.map((code) => [String(code), group] as const),
    ),
  ),
  notSaid: new Set(['', ...notSaid.map(String)]),
})

/** By the year in which collection begins, on 1 April. Groups say neither which institution nor what harm was done. */
export const coreCodes: ReadonlyMap<number, CoreCodes> = new Map([
  [
    2026,
    {
      previousHome: codeList({
        'sleeping-rough': [19],
        temporary: [7, 14, 18, 21],
        'friends-or-family': [28, 39],
        institution: [10, 29],
        supported: [6],
        settled: [3, 30, 31, 32, 33],
      }),
      reasonLeft: codeList(
        {
          'left-institution': [45, 46],
          'tenancy-ended': [34, 50],
          evicted: [51, 52, 53],
          'asked-to-leave': [9],
          'could-not-afford': [54],
          'moved-for-support': [18],
        },
        [28, 47],
      ),
    },
  ],
])
