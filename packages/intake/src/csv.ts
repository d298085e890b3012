import { HttpFault } from '@throughline/service'
import { linesIn, readCells } from './csv-cells.ts'

/** One mistake in one row: where, which rule, and what to do. Never what was written there. */
export interface CellFault {
  /** Counted from 1, the header's; the row's first line, where a quoted cell goes over several. */
  readonly line: number
  /** Null where it is the row, or the file, that is wrong. */
  readonly column: string | null
  readonly rule: string
  readonly message: string
}

export interface CsvLayout {
  /** Columns without which nothing can be read: the whole file is refused. */
  readonly required: readonly string[]
  /** Other columns this format has, read or not. Any further one is left unread, with a warning. */
  readonly optional: readonly string[]
  /** How a file of this format begins, where it is not with one line of names. Made anew for each file. */
  readonly heading?: () => CsvHeading
}

/** Finds out what the columns are. Throws `HttpFault` 422 where it is no file of this format. */
export interface CsvHeading {
  /** Takes the next line; undefined where it needs more lines to know. */
  line(row: CsvRow): CsvStart | undefined
  /** The file has ended and nothing is known yet. */
  end(): CsvStart | undefined
}

/** The header, and whatever of the lines taken were rows already. */
export interface CsvStart {
  readonly header: CsvHeader
  readonly rows: readonly CsvRow[]
  readonly warnings: readonly CellFault[]
}

export interface CsvLimits {
  /** Largest file, in bytes. */
  readonly bytesMax: number
  /** Longest row, in bytes; an unclosed quote ends here. */
  readonly rowBytesMax: number
}

/** The first line, by name: columns may come in any order, in capitals or not. */
export interface CsvHeader {
  /** As this format writes them; null for a column nobody knows. */
  readonly columns: readonly (string | null)[]
  /** Where a column stands in `cells`, or -1. */
  at(column: string): number
  /** A row's cell without spaces around it; undefined where the file has no such column. */
  cell(row: CsvRow, column: string): string | undefined
}

export interface CsvRow {
  readonly line: number
  /** As written, in the file's order. */
  readonly cells: readonly string[]
}

/** What a part of a file gave: its rows, and what could not be read as a row. */
export interface CsvPart {
  readonly header: CsvHeader
  readonly rows: readonly CsvRow[]
  readonly faults: readonly CellFault[]
  /** About the file as a whole; with its first part only. */
  readonly warnings: readonly CellFault[]
}

const advice: Readonly<Record<string, string>> = {
  'cell-count': 'This row has more or fewer cells than the first line.',
  'quote-misplaced': 'A quote stands inside a cell. Quote the whole cell and double the inner one.',
  'quote-not-closed':
    'A quote is opened here and never closed. Nothing after this line could be read.',
  'row-too-long': 'This row is too long. Nothing after this line could be read.',
  'unknown-column': 'This format has no such column; it was not read.',
}

/** `message` where this rule is not one of every CSV file's. */
export const cellFault = (
  line: number,
  column: string | null,
  rule: string,
  message: string = advice[rule] ?? 'This does not keep the rule.',
): CellFault => ({ line, column, rule, message })

/**
 * Reads UTF-8 CSV part by part, as it comes, in flat memory. Either line end, a byte order mark and quotes are
 * understood. A row that cannot be read is a fault and the next line goes on; after a row without end nothing can.
 * Throws `HttpFault` 422 where the first line is not this format's (assurance.md, CSV-1 to CSV-6).
 */
export async function* readCsv(
  bytes: AsyncIterable<Uint8Array>,
  layout: CsvLayout,
  limits: Pick<CsvLimits, 'rowBytesMax'>,
): AsyncGenerator<CsvPart, void, void> {
  const lines = wholeLines()
  const reader = openReader(layout, limits.rowBytesMax)
  for await (const part of bytes) {
    reader.read(lines.of(part), lines.waitingBytes())
    const read = reader.take()
    if (read !== undefined) yield read
    if (reader.ended()) return
  }
  reader.end(lines.rest())
  const last = reader.take()
  if (last !== undefined) yield last
  if (!reader.seenRows())
    throw new HttpFault(422, 'csv-empty', 'The file has no rows.', { at: 'line 1' })
}

/** Bytes as text up to their last line end, so that no letter is cut in two. */
function wholeLines() {
  let waiting = Buffer.alloc(0)
  let begun = false
  const textOf = (bytes: Buffer): string => {
    const text = bytes.toString('utf8')
    const marked = !begun && text.startsWith('\uFEFF')
    begun ||= text !== ''
    return marked ? text.slice(1) : text
  }
  return {
    of(part: Uint8Array): string {
      const bytes = Buffer.concat([waiting, part])
      const end = bytes.lastIndexOf('\n') + 1
      waiting = bytes.subarray(end)
      return end === 0 ? '' : textOf(bytes.subarray(0, end))
    },
    waitingBytes: () => waiting.length,
    rest: () => textOf(waiting),
  }
}

function openReader(layout: CsvLayout, rowBytesMax: number) {
  const heading = layout.heading?.() ?? oneLineOfNames(layout)
  let header: CsvHeader | undefined
  let rows: CsvRow[] = []
  let faults: CellFault[] = []
  let warnings: readonly CellFault[] = []
  let seen = false
  let ended = false
  /** The line on which the row now being read begins, what has been read of it, and how many cells it should have. */
  let line = 1
  let begun = ''
  let width = 0

  const start = (known: CsvStart | undefined): void => {
    if (known === undefined) return
    header = known.header
    width = known.header.columns.length
    warnings = known.warnings
    for (const one of known.rows) keep(one)
  }
  const keep = (row: CsvRow): void => {
    if (row.cells.length === 1 && row.cells[0] === '') return
    seen = true
    if (row.cells.length === width) rows.push(row)
    else faults.push(cellFault(row.line, null, 'cell-count'))
  }
  const fault = (rule: string): void => {
    if (header === undefined) throw unreadableHeader()
    seen = true
    faults.push(cellFault(line, null, rule))
  }
  const stop = (rule: string): void => {
    fault(rule)
    ended = true
  }
  const readRows = (text: string): void => {
    let at = 0
    for (let row = readCells(text, 0); row; row = readCells(text, at)) {
      const { cells, next } = row
      if (isLonger(text, at, next, rowBytesMax)) return stop('row-too-long')
      if (cells === null) fault('quote-misplaced')
      else if (header === undefined) start(heading.line({ line, cells }))
      else keep({ line, cells })
      line += linesIn(text, at, next)
      at = next
    }
    begun = text.slice(at)
  }

  return {
    /** Whole lines, and how many bytes of the next one are known already. */
    read(lines: string, waitingBytes: number): void {
      if (lines !== '') readRows(begun + lines)
      if (!ended && begun.length + waitingBytes > rowBytesMax) stop('row-too-long')
    },
    end(rest: string): void {
      const text = begun + rest
      readRows(text === '' || text.endsWith('\n') ? text : `${text}\r\n`)
      if (!ended && begun !== '') stop('quote-not-closed')
      if (header === undefined) start(heading.end())
    },
    take(): CsvPart | undefined {
      if (header === undefined) return undefined
      if (rows.length + faults.length + warnings.length === 0) return undefined
      const part = { header, rows, faults, warnings }
      rows = []
      faults = []
      warnings = []
      return part
    },
    ended: () => ended,
    seenRows: () => seen,
  }
}

/** Counted in bytes only where it could be: a letter has at most three. */
const isLonger = (text: string, from: number, to: number, bytesMax: number): boolean =>
  (to - from) * 3 > bytesMax && Buffer.byteLength(text.slice(from, to)) > bytesMax

const unreadableHeader = (): HttpFault =>
  new HttpFault(
    422,
    'header',
    'The first line cannot be read: separate cells by commas, and end lines with LF or CR LF.',
    { at: 'line 1' },
  )

/** Names are compared without spaces around them and without regard to capitals. */
const folded = (name: string): string => name.trim().toUpperCase()

function oneLineOfNames(layout: CsvLayout): CsvHeading {
  return {
    line: ({ cells }) => ({ ...headerOf(cells, layout), rows: [] }),
    end: () => undefined,
  }
}

function headerOf(
  cells: readonly string[],
  { required, optional }: CsvLayout,
): { readonly header: CsvHeader; readonly warnings: readonly CellFault[] } {
  refuseOtherShapes(cells)
  const known = new Map([...required, ...optional].map((name) => [folded(name), name]))
  const places = new Map<string, number>()
  const warnings: CellFault[] = []
  const columns = cells.map((cell, at) => {
    const name = known.get(folded(cell)) ?? null
    if (name === null) warnings.push(cellFault(1, nameable(cell), 'unknown-column'))
    else if (places.has(name)) refuse('column-repeated', `The column ${name} comes twice.`)
    else places.set(name, at)
    return name
  })
  const missing = required.filter((name) => !places.has(name))
  if (missing.length > 0) {
    refuse('column-missing', `The first line must name these columns too: ${missing.join(', ')}.`)
  }
  const at = (column: string): number => places.get(column) ?? -1
  const cell = (row: CsvRow, column: string) => row.cells[at(column)]?.trim()
  return { header: { columns, at, cell }, warnings }
}

/** Refuses a first line that says the file is no CSV as we take it: other separators, other line ends. */
export function refuseOtherShapes(cells: readonly string[]): void {
  const [only = ''] = cells
  if (cells.length === 1 && only.trim() === '') refuse('csv-empty', 'The first line is empty.')
  if (cells.some((cell) => cell.includes('\r'))) {
    refuse('line-ends', 'Lines must end with LF or CR LF.')
  }
  if (cells.length === 1 && /[;\t|]/.test(only)) {
    refuse('separator', 'Cells must be separated by commas.')
  }
}

function refuse(code: string, message: string): never {
  throw new HttpFault(422, code, message, { at: 'line 1' })
}

/** Names of columns are the sender's words too: only what can be a name of ours or a slip of it is repeated. */
const nameable = (name: string): string =>
  /^[A-Za-z][A-Za-z_]{0,38}\d{0,2}$/.test(name.trim()) ? name.trim() : '(other)'
