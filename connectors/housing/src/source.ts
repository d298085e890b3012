import {
  type Accept,
  acceptance,
  type CsvHeader,
  type CsvLayout,
  type CsvRow,
  type CsvTake,
  cellFault,
  csvRoute,
  jsonRoute,
  type RecordFault,
  type RecordResult,
  type RowResult,
  type Translation,
} from '@throughline/intake'
import { HttpFault } from '@throughline/service'
import { Router } from 'express'
import { fault } from './advice.ts'
import { coreCodes, coreLayout } from './core-lettings.ts'
import type { HousingDeps } from './deps.ts'
import { homelessnessLayout } from './homelessness.ts'
import { type CoreYear, collectionYearOf, coreRowIn, translateLetting } from './translate-core.ts'
import { translateDutyToRefer } from './translate-duty-to-refer.ts'
import { translateHomelessness } from './translate-homelessness.ts'
import { translateTenancies } from './translate-tenancy.ts'

/** The four doors of housing. Whoever is asked for must have passed `createApp`'s `identify`. */
export function housingRoutes(deps: HousingDeps): Router {
  const { options, ids } = deps
  const { bodyLimit, recordsMax, unclaimed } = options
  const accept = acceptance(deps, { agency: 'housing' })
  const door = { agency: 'housing', accept, bodyLimit, recordsMax, unclaimed } as const
  return Router().use(
    jsonRoute({
      ...door,
      path: '/intake/housing/duty-to-refer',
      prototypeMembers: 'refuse',
      translate: (records) => translateDutyToRefer(records, ids, rulesOf(deps)),
    }),
    jsonRoute({
      ...door,
      path: '/intake/housing/tenancies',
      prototypeMembers: 'refuse',
      translate: (records) => translateTenancies(records, ids, rulesOf(deps)),
    }),
    csvDoor(deps, accept, {
      format: 'homelessness',
      layout: homelessnessLayout,
      open: (header) => (rows) => translateHomelessness(header, rows, ids, rulesOf(deps)),
    }),
    csvDoor(deps, accept, {
      format: 'core-lettings',
      layout: coreLayout,
      open: (header) => lettingsOf(header, deps),
    }),
  )
}

/** What the translations go by, now. */
const rulesOf = ({ options, partnership, register }: HousingDeps) => ({
  ...options,
  partnership,
  now: register.now(),
})

type TranslateRows = (rows: readonly CsvRow[]) => readonly Translation[]

interface CsvDoor {
  readonly format: string
  readonly layout: CsvLayout
  /** Called once a file, when its columns are known. */
  readonly open: (header: CsvHeader) => TranslateRows
}

function csvDoor(deps: HousingDeps, accept: Accept, { format, layout, open }: CsvDoor): Router {
  const { csvBytesMax, csvRowBytesMax, unclaimed } = deps.options
  const begin = (header: CsvHeader): CsvTake => {
    const translateRows = open(header)
    return async (rows, correlationId) => {
      const translations = translateRows(rows)
      const inbound = translations.map((translation, at) => ({
        translation,
        message: () => JSON.stringify(rows[at]?.cells),
        unclaimed,
      }))
      const results = await accept(inbound, correlationId)
      return results.map((result, at) => rowResultOf(result, translations[at], rows[at]?.line ?? 0))
    }
  }
  return csvRoute({
    path: `/intake/housing/${format}`,
    agency: 'housing',
    format,
    layout,
    limits: { bytesMax: csvBytesMax, rowBytesMax: csvRowBytesMax },
    begin,
    deps,
  })
}

/** A record's result as a row's: what was told before in the same words is unchanged. */
function rowResultOf(
  result: RecordResult,
  translation: Translation | undefined,
  line: number,
): RowResult {
  const placed = (found: readonly RecordFault[]) =>
    found.map(({ path, rule, message }) => cellFault(line, path || null, rule, message))
  const warnings = placed(translation?.warnings ?? [])
  switch (result.outcome) {
    case 'published':
    case 'ignored':
      return { outcome: 'accepted', warnings }
    case 'duplicate':
      return { outcome: 'unchanged', warnings }
    case 'quarantined':
      return { outcome: 'rejected', faults: placed([fault('', 'conflict')]) }
    case 'rejected':
      return { outcome: 'rejected', faults: placed(result.errors) }
  }
}

/** The first letting whose start can be read says of which collection year the log is. */
function lettingsOf(header: CsvHeader, deps: HousingDeps): TranslateRows {
  let known: CoreYear | undefined
  return (rows) => {
    known ??= yearOf(header, rows)
    const year = known
    const rules = { ...rulesOf(deps), landlords: deps.options.landlords }
    return rows.map((row) =>
      translateLetting(coreRowIn(header, row), row.cells.join('\0'), year, deps.ids, rules),
    )
  }
}

function yearOf(header: CsvHeader, rows: readonly CsvRow[]): CoreYear | undefined {
  for (const row of rows) {
    const year = collectionYearOf(coreRowIn(header, row))
    if (year === null) continue
    const codes = coreCodes.get(year)
    if (codes !== undefined) return { year, codes }
    const years = [...coreCodes.keys()].map((one) => `${one}/${(one + 1) % 100}`).join(', ')
    throw new HttpFault(422, 'collection-year', `Only these collection years are read: ${years}.`, {
      at: `line ${row.line}`,
    })
  }
  return undefined
}
