import type { Ids } from '@throughline/domain'
import type { CellFault, CsvHeader, CsvRow, Fact, Said } from '@throughline/intake'
import { openCells } from './cells.ts'
import { drugOf, endReasonOf, prisonExitOf } from './secure-codes.ts'
import { type About, factOf } from './told-on.ts'

export const secureSystem = 'secure-setting'

export interface SecureOptions {
  readonly partnership: string
  /** Who treats; the extract itself does not say. */
  readonly provider: string
  /** The latest day (yyyymmdd) that anything may have happened on. */
  readonly lastDay: number
}

/** One row, read: either wrong, or a thing with its natural key. */
export type ReadRow =
  | { readonly ok: false; readonly faults: readonly CellFault[] }
  | {
      readonly ok: true
      readonly key: readonly string[]
      readonly warnings: readonly CellFault[]
      readonly says: () => Said
    }

/** A row of the extract of prison exits: one stay with treatment, and how it ended. */
export const exitColumns = {
  required: ['client reference', 'initial reception date', 'discharge reason', 'prison exit date'],
  optional: [
    'first name',
    'surname',
    'date of birth',
    'sex',
    'drug 1',
    'drug 2',
    'drug 3',
    'prison exit reason',
    'prison exit destination',
    'referral on release status',
  ],
}

/** A row of the list of people who left and started in the community. The days between are not believed but counted. */
export const startColumns = {
  required: ['client reference', 'community triage date'],
  optional: ['days after release'],
}

/** What is read of a row of either file, and so makes it another row when it changes. */
export const readColumns: readonly string[] = [
  'client reference',
  'initial reception date',
  'discharge reason',
  'prison exit date',
  'community triage date',
  'drug 1',
  'drug 2',
  'drug 3',
  'prison exit reason',
  'prison exit destination',
]

/** The release itself is custody's to say; here only treatment in prison ends. */
export function exitOf(header: CsvHeader, row: CsvRow, ids: Ids, options: SecureOptions): ReadRow {
  const { faults, warnings, fault, ...cells } = openCells(header, row, options.lastDay)
  const person = cells.prisonNumber('client reference')
  const received = cells.day('initial reception date', 'required')
  const left = cells.day('prison exit date')
  if (received > 0 && left > 0 && left < received)
    fault('prison exit date', 'exit-before-reception')
  if (person === undefined || faults.length > 0) return { ok: false, faults }
  const said = {
    reason: cells.listed('discharge reason', endReasonOf) ?? 'UNKNOWN',
    prisonExit: cells.listed('prison exit reason', prisonExitOf),
    area: cells.area('prison exit destination'),
    substances: ['drug 1', 'drug 2', 'drug 3'].flatMap(
      (column) => cells.listed(column, drugOf) ?? [],
    ),
  }
  const key = ['stay', person.value, String(received)]
  const about = aboutOf(key, person, ids, options)
  const ended = (): Fact =>
    factOf(
      ids,
      'TreatmentEnded',
      key,
      about,
      left === 0
        ? null
        : {
            day: left,
            event: (of) => ({
              type: 'TreatmentEnded',
              ...of,
              ...episodeOf(about, options),
              ...said,
              setting: 'PRISON',
              destination: null,
            }),
          },
    )
  return { ok: true, key, warnings, says: () => saysOf(about, ids, key, ended()) }
}

/** A start somewhere in the community; which service it is, only that service's own file says. */
export function startOf(header: CsvHeader, row: CsvRow, ids: Ids, options: SecureOptions): ReadRow {
  const { faults, warnings, ...cells } = openCells(header, row, options.lastDay)
  const person = cells.prisonNumber('client reference')
  const day = cells.day('community triage date', 'required')
  if (person === undefined || faults.length > 0) return { ok: false, faults }
  const key = ['start', person.value, String(day)]
  const about = aboutOf(key, person, ids, options)
  const started = (): Fact =>
    factOf(ids, 'TreatmentStarted', key, about, {
      day,
      event: (of) => ({
        type: 'TreatmentStarted',
        ...of,
        ...episodeOf(about, options),
        setting: 'COMMUNITY',
        substances: [],
        referralSource: null,
        area: null,
      }),
    })
  return { ok: true, key, warnings, says: () => saysOf(about, ids, key, started()) }
}

/** The extract has no number of its own for a stay, and one that named the person would travel too far. */
const aboutOf = (
  key: readonly string[],
  person: About['identifiers'][number],
  ids: Ids,
  { partnership }: SecureOptions,
): About => ({
  partnership,
  system: secureSystem,
  identifiers: [person],
  objectRef: ids.hmac('object', secureSystem, ...key),
})

const episodeOf = ({ objectRef }: About, { provider }: SecureOptions) => ({
  provider,
  episodeRef: objectRef,
})

const saysOf = (about: About, ids: Ids, key: readonly string[], fact: Fact): Said => ({
  identifiers: about.identifiers,
  objectRef: about.objectRef,
  rowKeys: [ids.hmac('restated-row', ...key)],
  facts: [fact],
})
