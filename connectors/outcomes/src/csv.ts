import type { FigureRow } from './release.ts'

/**
 * Figures as CSV (RFC 4180): every value in quotes, lines end in CRLF. Codes of areas and prisons come from
 * sources, so a value that a spreadsheet would calculate is led by an apostrophe.
 */
export function csvOf(rows: readonly FigureRow[]): string {
  const lines = rows.map((row) => columns.map((column) => cell(row[column])).join(','))
  return [columns.map(cell).join(','), ...lines, ''].join('\r\n')
}

/** Column by column as the record's fields are in `schemas/avro/MeasureFigure.avsc`. */
export const columns = [
  'feed',
  'release',
  'measure',
  'measureVersion',
  'quarter',
  'area',
  'geographyBasis',
  'breakdown',
  'group',
  'status',
  'numerator',
  'denominator',
  'perThousand',
  'coveragePerThousand',
  'leftSince',
  'completeTo',
] as const satisfies readonly (keyof FigureRow)[]

const cell = (value: string | number | null): string => {
  const text = value === null ? '' : String(value)
  const safe = typeof value === 'string' && calculated.test(text) ? `'${text}` : text
  return `"${safe.replaceAll('"', '""')}"`
}

/** Also behind blanks, and in the full-width forms that some spreadsheets take for the others. */
const calculated = /^[\t\r\n]|^\s*[=+\-@＝＋－＠]/
