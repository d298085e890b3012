/** One line of the table: what was measured, in which unit, several times over. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly values: readonly number[]
  readonly aim: string
}

export const median = (values: readonly number[]): number => percentile(values, 50)

/** The nearest-rank percentile. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = Math.ceil((percent / 100) * sorted.length)
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN
}

const widths = [48, 18, 20]

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join(' | ')
    .trimEnd()

/** A plain table, written line by line: what was measured stands, whatever happens later. */
export const heading = line(['name', 'median', 'min–max', 'figure to reach'])

export const rowOf = ({ name, unit, values, aim }: Figure): string =>
  line([
    name,
    `${rounded(median(values))} ${unit}`,
    `${rounded(Math.min(...values))}–${rounded(Math.max(...values))}`,
    aim,
  ])

/** Three significant figures: the machine gives no more. */
function rounded(value: number): string {
  if (!Number.isFinite(value)) return 'not measured'
  const places = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return Number(value.toPrecision(3)).toLocaleString('en-GB', {
    maximumFractionDigits: Math.min(places, 6),
  })
}
