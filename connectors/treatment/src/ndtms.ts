import type { Counted } from '@throughline/consent'
import { londonDate } from '@throughline/domain'
import {
  type CellFault,
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
import { type NdtmsRow, ndtmsRules, readColumns } from './ndtms-rules.ts'
import { openEpisodes } from './open-episodes.ts'
import { rejectedOf } from './rejected.ts'
import { episodeKeyOf, episodeSays, ndtmsSystem } from './translate-ndtms.ts'

/** Raise it when rows are read differently: every episode is then looked into once more. */
const reading = '1'
const dayMs = 24 * 3_600_000

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
  const lastDay = dayNumberOf(londonDate(register.now() + dayMs))
  const check = ndtmsRules(header, { dataSet, moreCodes, agencies, lastDay })
  const restate = restating(deps, {
    agency: 'treatment',
    system: ndtmsSystem,
    unclaimed: options.unclaimed,
  })
  const isSecond = openEpisodes()
  const said = { partnership, ...options.ndtms }
  const places = readColumns.map((column) => header.at(column))
  const hashOf = (row: CsvRow): string =>
    ids.hmac('ndtms-row', reading, dataSet, textOf(row, places))

  return async (rows) => {
    const faults: (readonly CellFault[])[] = []
    let refusals = 0
    const episodes: EpisodeRows[] = []
    const results = rows.map((row): RowResult | Kept => {
      const checked = check(row)
      if (checked.kind === 'refusal') {
        refusals += 1
        return refusal
      }
      if (checked.kind === 'rejected') {
        faults.push(checked.faults)
        return { outcome: 'rejected', faults: checked.faults }
      }
      const { warnings } = checked
      const also = isSecond(checked.row) ? [secondOpen(row.line)] : []
      return { ...placed(episodes, checked.row, hashOf(row)), warnings: [...warnings, ...also] }
    })
    const things = episodes.map(
      ({ kept, hashes }): Thing => ({
        key: episodeKeyOf(ids, kept[0] as NdtmsRow),
        rows: hashes,
        says: () => episodeSays(kept, ids, said),
      }),
    )
    const restated = await restate(things, [...rejectedOf(faults), ...refusalsOf(refusals)])
    return results.map((result): RowResult => {
      if ('outcome' in result) return result
      const outcome = restated[result.episode]?.rows[result.at] ?? 'unchanged'
      const { warnings } = result
      return { outcome: outcome === 'changed' ? 'accepted' : outcome, warnings }
    })
  }
}

interface EpisodeRows {
  readonly name: string
  readonly kept: NdtmsRow[]
  readonly hashes: string[]
}

/** A row that waits to be compared: which episode of the chunk, and which of its rows. */
interface Kept {
  readonly episode: number
  readonly at: number
  readonly warnings: readonly CellFault[]
}

const refusal: RowResult = { outcome: 'countedOnly' }

/** Rows of one episode that follow each other are read as one. */
function placed(
  episodes: EpisodeRows[],
  row: NdtmsRow,
  hash: string,
): { readonly episode: number; readonly at: number } {
  const name = `${row.value('AGNCY')} ${row.value('EPISODID')}`
  const last = episodes.at(-1)
  if (last === undefined || last.name !== name) {
    episodes.push({ name, kept: [row], hashes: [hash] })
    return { episode: episodes.length - 1, at: 0 }
  }
  last.hashes.push(hash)
  return { episode: episodes.length - 1, at: last.kept.push(row) - 1 }
}

/** All that is read of a row. Lengths keep neighbouring cells apart, whatever stands in them. */
function textOf({ cells }: CsvRow, places: readonly number[]): string {
  let text = ''
  for (const place of places) {
    const cell = cells[place] ?? ''
    text += `${cell.length}:${cell}`
  }
  return text
}

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
