import type { Counted } from '@throughline/consent'
import { londonDate } from '@throughline/domain'
import {
  type CsvHeader,
  type CsvRow,
  type CsvTake,
  cellFault,
  csvRoute,
  type RowResult,
  restating,
  type Thing,
} from '@throughline/intake'
import { HttpFault } from '@throughline/service'
import type { Request, Router } from 'express'
import { dayNumberOf } from './days.ts'
import type { TreatmentDeps } from './deps.ts'
import { type DataSet, dataSets, isDataSet } from './ndtms-codes.ts'
import { dataSetOfColumns, ndtmsLayout } from './ndtms-columns.ts'
import { type NdtmsRow, ndtmsRow, ndtmsRules, readColumns } from './ndtms-rules.ts'
import { openEpisodes } from './open-episodes.ts'
import { rejectedOf } from './rejected.ts'
import { episodeKeyOf, episodeSays, ndtmsSystem } from './translate-ndtms.ts'

/** Raise it when rows are read differently: every episode is then looked into once more. */
const reading = '1'

/** The door for monthly NDTMS files. */
export function ndtmsRoute(deps: TreatmentDeps): Router {
  const { options } = deps
  return csvRoute({
    path: '/intake/treatment/ndtms',
    agency: 'treatment',
    format: ndtmsSystem,
    layout: ndtmsLayout,
    limits: { bytesMax: options.fileLimit, rowBytesMax: options.rowLimit },
    chunkRows: options.chunkRows,
    together: ['AGNCY', 'EPISODID'],
    begin: (header, req) => ndtmsTake(header, dataSetOf(req, header, options.ndtms.dataSet), deps),
    deps,
  })
}

/** Reads, compares and keeps the rows of one file, chunk by chunk. */
export function ndtmsTake(header: CsvHeader, dataSet: DataSet, deps: TreatmentDeps): CsvTake {
  const { register, ids, options, partnership } = deps
  const { moreCodes, agencies } = options.ndtms
  const lastDay = dayNumberOf(londonDate(register.now()))
  const check = ndtmsRules(header, { dataSet, moreCodes, agencies, lastDay })
  const restate = restating(deps, {
    agency: 'treatment',
    system: ndtmsSystem,
    unclaimed: options.unclaimed,
  })
  const isSecond = openEpisodes(header)
  const said = { partnership, ...options.ndtms }
  const places = readColumns.map((column) => header.at(column))
  const episodeAt = [header.at('AGNCY'), header.at('EPISODID')]
  const thingOf = (rows: readonly KeptRow[]): Thing => {
    const named = () => rows.map(({ row, unused }) => ndtmsRow(header, row, unused))
    return {
      get key() {
        return episodeKeyOf(ids, named()[0] as NdtmsRow)
      },
      rows: rows.map(({ row }) => ids.hmac('ndtms-row', reading, dataSet, textOf(row, places))),
      says: () => episodeSays(named(), ids, said),
    }
  }

  return async (rows) => {
    const checks = rows.map((row) => ({ row, checked: check(row) }))
    const kept = checks.flatMap(({ row, checked }): readonly KeptRow[] =>
      checked.kind === 'kept' ? [{ row, unused: checked.unused }] : [],
    )
    const faults = checks.flatMap(({ checked }) =>
      checked.kind === 'rejected' ? [checked.faults] : [],
    )
    const refusals = rows.length - kept.length - faults.length
    const things = episodesOf(kept, episodeAt).map(thingOf)
    const restated = await restate(things, [...rejectedOf(faults), ...refusalsOf(refusals)])
    const outcomes = restated.flatMap((one) => one.rows).values()
    return checks.map(({ row, checked }): RowResult => {
      if (checked.kind === 'refusal') return countedOnly
      if (checked.kind === 'rejected') return { outcome: 'rejected', faults: checked.faults }
      const outcome = outcomeOf[outcomes.next().value ?? 'unchanged']
      const warnings = isSecond(row)
        ? [...checked.warnings, secondOpen(row.line)]
        : checked.warnings
      return warnings.length === 0 ? { outcome } : { outcome, warnings }
    })
  }
}

interface KeptRow {
  readonly row: CsvRow
  readonly unused: readonly string[]
}

const countedOnly: RowResult = { outcome: 'countedOnly' }
const outcomeOf = { changed: 'accepted', unchanged: 'unchanged', duplicate: 'duplicate' } as const

/** Rows of one episode that follow each other are read as one. */
function episodesOf(rows: readonly KeptRow[], places: readonly number[]): readonly KeptRow[][] {
  const episodes: KeptRow[][] = []
  let last: KeptRow | undefined
  for (const one of rows) {
    const same = last && places.every((at) => last?.row.cells[at] === one.row.cells[at])
    if (same) episodes.at(-1)?.push(one)
    else episodes.push([one])
    last = one
  }
  return episodes
}

/** All that is read of a row, as written. */
const textOf = ({ cells }: CsvRow, places: readonly number[]): string =>
  places.map((place) => cells[place] ?? '').join('\u001f')

const refusalsOf = (count: number): readonly Counted[] =>
  count === 0
    ? []
    : [{ agency: 'treatment', outcome: 'counted-only', reason: 'consent-refused', count }]

const secondOpen = (line: number) =>
  cellFault(
    line,
    'EPISODID',
    'second-open-episode',
    'Somebody with the same initials, birth date and sex has another open episode at this agency.',
  )

/**
 * Which data set a file is of: `?dataset=P` decides, then a file name such as
 * `N9901-20260101-20261115-TREAT-IN-P.csv` (`?file=`, or Content-Disposition), then its columns.
 */
export function dataSetOf(
  { query, headers }: Pick<Request, 'query' | 'headers'>,
  header: CsvHeader,
  otherwise: DataSet,
): DataSet {
  const asked = query['dataset']
  if (asked !== undefined) {
    const letter = typeof asked === 'string' ? asked.toUpperCase() : ''
    if (isDataSet(letter)) return letter
    throw new HttpFault(422, 'dataset-unknown', `Use one of ${dataSets.join(', ')}.`, {
      at: 'dataset',
    })
  }
  const named = [query['file'], headers['content-disposition']].flatMap((name) => {
    const letter = typeof name === 'string' ? fileName.exec(name)?.groups?.['letter'] : undefined
    return letter !== undefined && isDataSet(letter) ? [letter] : []
  })
  return named[0] ?? dataSetOfColumns(header) ?? otherwise
}

const fileName = /[A-Z0-9]{1,10}-\d{8}-\d{8}-TREAT-IN-(?<letter>[A-Z])\.csv/
