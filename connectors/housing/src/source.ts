import {
  acceptance,
  type CsvHeader,
  type CsvLayout,
  type CsvRow,
  type CsvTake,
  cellFault,
  csvRoute,
  jsonRoute,
  type RecordFault,
  restating,
} from '@throughline/intake'
import { Router } from 'express'
import { coreLayout } from './core-lettings.ts'
import type { HousingDeps } from './deps.ts'
import { homelessnessLayout } from './homelessness.ts'
import type { Reading } from './reading.ts'
import { openLog } from './translate-core.ts'
import { translateDutyToRefer } from './translate-duty-to-refer.ts'
import { readHomelessness } from './translate-homelessness.ts'
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
    csvDoor(deps, {
      format: 'homelessness',
      layout: homelessnessLayout,
      open: (header) => (rows) => readHomelessness(header, rows, ids, rulesOf(deps)),
    }),
    csvDoor(deps, {
      format: 'core-lettings',
      layout: coreLayout,
      open: (header) => openLog(header, ids, () => rulesOf(deps)),
    }),
  )
}

/** What the translations go by, now. */
const rulesOf = ({ options, partnership, register }: HousingDeps) => ({
  ...options,
  partnership,
  now: register.now(),
})

type ReadRows = (rows: readonly CsvRow[]) => readonly Reading[]

interface CsvDoor {
  readonly format: string
  readonly layout: CsvLayout
  /** Called once a file, when its columns are known. */
  readonly open: (header: CsvHeader) => ReadRows
}

/** A door for a file that tells everything again: what differs from the last one goes on. */
function csvDoor(deps: HousingDeps, { format, layout, open }: CsvDoor): Router {
  const { csvBytesMax, csvRowBytesMax, unclaimed } = deps.options
  const restate = restating(deps, { agency: 'housing', system: format, unclaimed })
  const begin = (header: CsvHeader): CsvTake => {
    const readRows = open(header)
    return async (rows) => {
      const readings = readRows(rows)
      const things = readings.flatMap((reading) => ('thing' in reading ? [reading.thing] : []))
      const compared = (await restate(things, rejectedIn(readings))).values()
      return readings.map((reading, at) => {
        const line = rows[at]?.line ?? 0
        if ('rejected' in reading) {
          return { outcome: 'rejected', faults: placed(reading.rejected, line) }
        }
        const [outcome] = compared.next().value?.rows ?? []
        const warnings = placed(reading.warnings, line)
        return { outcome: outcome === 'changed' ? 'accepted' : 'unchanged', warnings }
      })
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

/** Rejected rows have their place in the ledger, by the first rule that each breaks. */
const rejectedIn = (readings: readonly Reading[]) =>
  readings.flatMap((reading) =>
    'rejected' in reading
      ? [
          {
            agency: 'housing',
            outcome: 'rejected' as const,
            reason: reading.rejected[0]?.rule ?? 'rejected',
            count: 1,
          },
        ]
      : [],
  )

const placed = (found: readonly RecordFault[], line: number) =>
  found.map(({ path, rule, message }) => cellFault(line, path, rule, message))
