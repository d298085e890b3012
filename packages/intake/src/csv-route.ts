import type { Register } from '@throughline/consent'
import {
  contextOf,
  HttpFault,
  type Logger,
  type Metrics,
  requireAgency,
  requireContent,
} from '@throughline/service'
import type { Random } from '@throughline/stream'
import { type Request, Router } from 'express'
import {
  type CellFault,
  type CsvHeader,
  type CsvLayout,
  type CsvLimits,
  type CsvPart,
  type CsvRow,
  readCsv,
} from './csv.ts'
import { spooled } from './csv-spool.ts'
import { intakeInstruments } from './instruments.ts'

/** What became of one row (design, section 10): the outcomes add up to the rows of the file. */
export type RowOutcome = 'accepted' | 'unchanged' | 'duplicate' | 'countedOnly' | 'rejected'

export interface RowResult {
  readonly outcome: RowOutcome
  /** Why it was rejected. */
  readonly faults?: readonly CellFault[]
  /** What was left out of a row that is otherwise kept. */
  readonly warnings?: readonly CellFault[]
}

/** `200`, or 422 where every row was rejected. `rejected` and `warned` list the first thousand. */
export interface CsvAnswer extends Readonly<Record<RowCount, number>> {
  readonly rejected: readonly CellFault[]
  readonly warned: readonly CellFault[]
}
type RowCount =
  | 'rows'
  | 'accepted'
  | 'unchanged'
  | 'duplicate'
  | 'countedOnly'
  | 'warnings'
  | 'rejectedRows'

/** Makes these rows durable and says, for each in its order, what became of it. */
export type CsvTake = (
  rows: readonly CsvRow[],
  correlationId: string,
) => Promise<readonly RowResult[]>

export interface CsvRoute {
  readonly path: string
  readonly agency: string
  /** The format's name, for counters and the ledger, such as `ndtms`. */
  readonly format: string
  readonly layout: CsvLayout
  readonly limits: CsvLimits
  /** How many rows are made durable at a time; what is done stays done when the rest is not. */
  readonly chunkRows?: number
  /** Neighbouring rows whose cells in these columns are equal are given to `take` together. */
  readonly together?: readonly string[]
  /** Called once a file, when its first line is known. Throw `HttpFault` to refuse the file. */
  readonly begin: (header: CsvHeader, req: Request) => CsvTake
  readonly deps: {
    readonly register: Register
    readonly random: Random
    readonly log: Logger
    readonly metrics: Metrics
  }
}

const chunkRowsDefault = 500
/** Rows that belong together may make a chunk longer, but not without end. */
const chunkGrowthMax = 4
const listedMax = 1000

/**
 * A door for CSV. The file is taken in whole, checked as text, then read and made durable chunk by chunk; the
 * answer comes when every row has its outcome. A second try after a failure finds the first chunks `unchanged`.
 */
export function csvRoute(route: CsvRoute): Router {
  const { path, agency, layout, limits, deps } = route
  const routes = Router()
  routes.post(path, requireAgency(agency), async (req, res) => {
    requireContent(req, ['text/csv'])
    await using spool = await spooled(req, limits.bytesMax, deps.random)
    const { correlationId } = contextOf(req)
    const answer = tally(route)
    let take: CsvTake | undefined
    for await (const chunk of chunksOf(readCsv(spool.bytes(), layout, limits), route)) {
      take ??= route.begin(chunk.header, req)
      await answer.unreadable(chunk)
      if (chunk.rows.length > 0) {
        answer.add(await taken(take, chunk.rows, correlationId, deps.log))
      }
    }
    res.status(answer.allRejected() ? 422 : 200).json(answer.told())
  })
  return routes
}

async function taken(
  take: CsvTake,
  rows: readonly CsvRow[],
  correlationId: string,
  log: Logger,
): Promise<readonly RowResult[]> {
  try {
    return await take(rows, correlationId)
  } catch (error) {
    if (error instanceof HttpFault) throw error
    const errorName = error instanceof Error ? error.name : 'unknown'
    log.error('acceptance failed', { errorName, correlationId })
    throw new HttpFault(503, 'unavailable', 'Not all was kept. Send the whole file again.', {
      headers: { 'retry-after': '5' },
    })
  }
}

/** Parts of the file as they were read become chunks of the size that is kept at a time. */
async function* chunksOf(
  parts: AsyncIterable<CsvPart>,
  { chunkRows = chunkRowsDefault, together = [] }: CsvRoute,
): AsyncGenerator<CsvPart, void, void> {
  let rows: CsvRow[] = []
  let header: CsvHeader | undefined
  for await (const part of parts) {
    header ??= part.header
    const places = together.map((column) => part.header.at(column))
    const faultsOnly = { ...part, rows: [] }
    if (part.faults.length + part.warnings.length > 0) yield faultsOnly
    for (const row of part.rows) {
      const before = rows.at(-1)
      const full =
        rows.length >= chunkRows &&
        (rows.length >= chunkRows * chunkGrowthMax ||
          before === undefined ||
          places.length === 0 ||
          places.some((at) => before.cells[at] !== row.cells[at]))
      if (full) {
        yield { header: part.header, rows, faults: [], warnings: [] }
        rows = []
      }
      rows.push(row)
    }
  }
  if (header !== undefined && rows.length > 0) yield { header, rows, faults: [], warnings: [] }
}

function tally({ agency, format, deps }: CsvRoute) {
  const answered = deps.metrics.counter(intakeInstruments.rows)
  const counts = { accepted: 0, unchanged: 0, duplicate: 0, countedOnly: 0, rejected: 0 }
  const faults: CellFault[] = []
  const warned: CellFault[] = []
  let warnings = 0
  const warn = (found: readonly CellFault[]): void => {
    warnings += found.length
    if (warned.length < listedMax) warned.push(...found.slice(0, listedMax - warned.length))
  }
  const reject = (found: readonly CellFault[]): void => {
    if (faults.length < listedMax) faults.push(...found.slice(0, listedMax - faults.length))
  }
  const count = (outcome: RowOutcome, by: number): void => {
    counts[outcome] += by
    answered.add({ agency, format, outcome }, by)
  }
  return {
    /** Rows that could not be read at all have their place in the ledger, too. */
    async unreadable({ faults: found, warnings: about }: CsvPart): Promise<void> {
      warn(about)
      if (found.length === 0) return
      await deps.register.accept(
        found.map(({ rule }) => ({
          agency,
          system: format,
          naturalKey: '',
          version: 1,
          contentHash: '',
          verdict: { outcome: 'rejected', reason: rule },
        })),
      )
      reject(found)
      count('rejected', found.length)
    },
    add(results: readonly RowResult[]): void {
      const by = { accepted: 0, unchanged: 0, duplicate: 0, countedOnly: 0, rejected: 0 }
      for (const { outcome, faults: found, warnings: about } of results) {
        by[outcome] += 1
        if (found !== undefined) reject(found)
        if (about !== undefined) warn(about)
      }
      for (const outcome of rowOutcomes) if (by[outcome] > 0) count(outcome, by[outcome])
    },
    allRejected: () => counts.rejected > 0 && counts.rejected === sumOf(counts),
    told: (): CsvAnswer => ({
      rows: sumOf(counts),
      accepted: counts.accepted,
      unchanged: counts.unchanged,
      duplicate: counts.duplicate,
      countedOnly: counts.countedOnly,
      warnings,
      rejectedRows: counts.rejected,
      rejected: faults.toSorted((a, b) => a.line - b.line),
      warned,
    }),
  }
}

const rowOutcomes = ['accepted', 'unchanged', 'duplicate', 'countedOnly', 'rejected'] as const

const sumOf = (counts: Readonly<Record<RowOutcome, number>>): number =>
  rowOutcomes.reduce((sum, outcome) => sum + counts[outcome], 0)
