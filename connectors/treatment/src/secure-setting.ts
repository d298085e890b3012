import { londonDate } from '@throughline/domain'
import {
  type CsvHeader,
  type CsvRow,
  type CsvTake,
  csvRoute,
  type RowResult,
  restating,
  type Thing,
} from '@throughline/intake'
import { HttpFault } from '@throughline/service'
import type { Request, Router } from 'express'
import { dayNumberOf } from './days.ts'
import type { TreatmentDeps } from './deps.ts'
import { rejectedOf } from './rejected.ts'
import {
  exitColumns,
  exitOf,
  type ReadRow,
  readColumns,
  secureSystem,
  startColumns,
  startOf,
} from './translate-secure.ts'

const providerDefault = 'secure-setting'

/** Both files of continuity of care come through one door: their first lines tell them apart. */
const layout = {
  required: ['client reference'],
  optional: [
    ...new Set([
      ...exitColumns.required,
      ...exitColumns.optional,
      ...startColumns.required,
      ...startColumns.optional,
    ]),
  ].filter((column) => column !== 'client reference'),
}

/** The door for the extract of prison exits, and for the list of community starts that followed. */
export function secureSettingRoute(deps: TreatmentDeps): Router {
  const { options } = deps
  return csvRoute({
    path: '/intake/treatment/secure-setting',
    agency: 'treatment',
    format: secureSystem,
    layout,
    limits: { bytesMax: options.fileLimit, rowBytesMax: options.rowLimit },
    chunkRows: options.chunkRows,
    begin: (header, req) => takeOf(header, providerOf(req), deps),
    deps,
  })
}

function takeOf(header: CsvHeader, provider: string, deps: TreatmentDeps): CsvTake {
  const { register, ids, options, partnership } = deps
  const lastDay = dayNumberOf(londonDate(register.now()))
  const read = readerOf(header)
  const restate = restating(deps, {
    agency: 'treatment',
    system: secureSystem,
    unclaimed: options.unclaimed,
  })
  const hashOf = (row: CsvRow): string =>
    ids.hmac('secure-row', provider, ...readColumns.map((column) => header.cell(row, column) ?? ''))
  return async (rows) => {
    const reads = rows.map((row) => ({
      row,
      read: read(header, row, ids, { partnership, provider, lastDay }),
    }))
    const things = reads.flatMap(({ row, read: one }): readonly Thing[] =>
      one.ok
        ? [
            {
              key: ids.hmac('restated', secureSystem, ...one.key),
              rows: [hashOf(row)],
              says: one.says,
            },
          ]
        : [],
    )
    const faults = reads.flatMap(({ read: one }) => (one.ok ? [] : [one.faults]))
    const restated = (await restate(things, rejectedOf(faults))).values()
    return reads.map(({ read: one }): RowResult => resultOf(one, restated))
  }
}

function resultOf(
  read: ReadRow,
  restated: Iterator<{ readonly rows: readonly string[] }>,
): RowResult {
  if (!read.ok) return { outcome: 'rejected', faults: read.faults }
  const [outcome] = restated.next().value?.rows ?? []
  return { outcome: outcome === 'changed' ? 'accepted' : 'unchanged', warnings: read.warnings }
}

function readerOf(header: CsvHeader): typeof exitOf {
  const missing = (columns: readonly string[]) => columns.filter((column) => header.at(column) < 0)
  if (missing(startColumns.required).length === 0) return startOf
  const needed = missing(exitColumns.required)
  if (needed.length === 0) return exitOf
  throw new HttpFault(
    422,
    'column-missing',
    `The first line must name these columns too: ${needed.join(', ')}.`,
    { at: 'line 1' },
  )
}

/** `?agency=` names the establishment or provider that the file is of. */
function providerOf({ query }: Request): string {
  const asked = query['agency']
  if (asked === undefined) return providerDefault
  if (typeof asked === 'string' && /^[A-Z0-9]{2,10}$/.test(asked)) return asked
  throw new HttpFault(422, 'agency-shape', 'Write the code of the establishment.', { at: 'agency' })
}
