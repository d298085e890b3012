import { type Envelope, eventIdOf, type Ids, londonDate } from '@throughline/domain'
import {
  type CsvHeader,
  type CsvRow,
  hashesOf,
  type RecordFault,
  type Translation,
  unread,
} from '@throughline/intake'
import { fault } from './advice.ts'
import { type CodeList, type CoreCodes, fields } from './core-lettings.ts'
import { retelling } from './retelling.ts'
import { isDay, localNumber, occurredOn, ownNumber, shortCode } from './words.ts'

export interface CoreRules {
  readonly partnership: string
  /** The landlord's code in tenancy records for each owning organisation. */
  readonly landlords: Readonly<Record<string, string>>
  /** The register's clock. */
  readonly now: number
}

const system = 'core-lettings'

/** A cell of one row by its column's name. */
export type CoreRow = (column: string) => string

export const coreRowIn =
  (header: CsvHeader, row: CsvRow): CoreRow =>
  (column) =>
    header.cell(row, column) ?? ''

/** The collection year of a letting, from 1 April to 31 March; null where its start is no day. */
export function collectionYearOf(row: CoreRow): number | null {
  const start = startOf(row)
  return start === null ? null : Number(start.slice(0, 4)) - (start.slice(5) < '04-01' ? 1 : 0)
}

/** A log's collection year and its codes. */
export interface CoreYear {
  readonly year: number
  readonly codes: CoreCodes
}

/** One letting of a log of one collection year, where one is known by now. Faults have the field as their place. */
export function translateLetting(
  row: CoreRow,
  whole: string,
  collection: CoreYear | undefined,
  ids: Ids,
  rules: CoreRules,
): Translation {
  const read = unread({ format: system, system }, whole, ids)
  const errors = faultsIn(row, collection?.year, rules)
  if (errors.length > 0 || collection === undefined) return { ...read, outcome: 'rejected', errors }
  // The same people stay in the same home.
  if (row(fields.renewal) === '1') return { ...read, outcome: 'ignored', reason: 'not-needed' }
  const tenantCode = row(fields.tenantCode)
  // Without it nothing in the log names anybody.
  if (tenantCode === '') return { ...read, outcome: 'ignored', reason: 'nobody-named' }

  const owner = row(fields.owner)
  const landlord = rules.landlords[owner] ?? owner
  const key = [landlord, tenantCode, startOf(row) ?? '']
  const identifiers = [localNumber('TENANCY', landlord, tenantCode)]
  const envelope: Envelope = {
    eventId: eventIdOf(ids, system, JSON.stringify(key)),
    version: 1,
    source: { partnership: rules.partnership, agency: 'housing', system },
    ...occurredOn(startOf(row) ?? ''),
    recordedAt: null,
    receivedAt: 0,
    identifiers,
    objectRef: key.join('/'),
    handling: { holdUntil: null, restricted: false },
  }
  const { said, warnings } = groupsOf(row, collection.codes)
  const event = { type: 'TenancyStarted', ...envelope, landlord, kind: null, ...said } as const
  const events = [{ event, identifierHashes: hashesOf(ids, identifiers) }]
  return {
    ...read,
    outcome: 'published',
    naturalKey: ids.hmac('natural-key', system, ...key),
    contentHash: ids.hmac('content', JSON.stringify(event)),
    events,
    retells: retelling(events, envelope, ids),
    ...(warnings.length > 0 && { warnings }),
  }
}

/** Where the person came from and why, in this year's groups. What is no code is left out and the row goes on. */
function groupsOf(row: CoreRow, codes: CoreCodes) {
  const warnings: RecordFault[] = []
  const group = (column: string, { groups, notSaid }: CodeList) => {
    const code = row(column)
    if (notSaid.has(code)) return null
    if (/^\d{1,2}$/.test(code)) return groups.get(code) ?? 'other'
    warnings.push(fault(column, 'not-in-list'))
    return null
  }
  const said = {
    previousHome: group(fields.previousHome, codes.previousHome),
    reasonLeft: group(fields.reasonLeft, codes.reasonLeft),
  }
  return { said, warnings }
}

function faultsIn(
  row: CoreRow,
  year: number | undefined,
  { landlords, now }: CoreRules,
): readonly RecordFault[] {
  const faults: RecordFault[] = []
  const at = (column: string, rule: string) => faults.push(fault(column, rule))
  const owner = row(fields.owner)
  if (owner === '') at(fields.owner, 'required')
  else if (!shortCode.test(landlords[owner] ?? owner)) at(fields.owner, 'shape')
  const tenantCode = row(fields.tenantCode)
  if (tenantCode !== '' && !ownNumber.test(tenantCode)) at(fields.tenantCode, 'shape')
  // The ministry takes no log whose tenant has not seen its notice, and neither do we.
  if (row(fields.privacyNotice) !== '1') at(fields.privacyNotice, 'privacy-notice-not-seen')
  const start = startOf(row)
  if (start === null) at(fields.startDay, 'day-not-readable')
  else if (start > londonDate(now)) at(fields.startDay, 'in-future')
  else if (collectionYearOf(row) !== year) at(fields.startYear, 'another-collection-year')
  return faults
}

/** The form has a cell each for day, month and year, and the year in two digits or four. */
function startOf(row: CoreRow): string | null {
  const [day, month, year] = [fields.startDay, fields.startMonth, fields.startYear].map(row) as [
    string,
    string,
    string,
  ]
  const written = [
    /^\d{2}$/.test(year) ? `20${year}` : year,
    month.padStart(2, '0'),
    day.padStart(2, '0'),
  ].join('-')
  return isDay(written) ? written : null
}
