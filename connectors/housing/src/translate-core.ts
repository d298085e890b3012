import { type Envelope, eventIdOf, type Ids, londonDate } from '@throughline/domain'
import type { CsvHeader, CsvRow, RecordFault, Said } from '@throughline/intake'
import { HttpFault } from '@throughline/service'
import { fault } from './advice.ts'
import { type CodeList, type CoreCodes, coreCodes, fields } from './core-lettings.ts'
import type { Reading } from './reading.ts'
import { isDay, localNumber, occurredOn, ownNumber, shortCode } from './words.ts'

export interface CoreRules {
  readonly partnership: string
  /** The landlord's code in tenancy records for each owning organisation. */
  readonly landlords: Readonly<Record<string, string>>
  /** The register's clock. */
  readonly now: number
}

const system = 'core-lettings'

/**
 * Reads a log part by part: the first letting whose start can be read says of which collection year it
 * is. Throws `HttpFault` 422 for a year whose codes are not known here.
 */
export function openLog(
  header: CsvHeader,
  ids: Ids,
  rules: () => CoreRules,
): (rows: readonly CsvRow[]) => readonly Reading[] {
  let collection: CoreYear | undefined
  return (rows) => {
    const lettings = rows.map(
      (row): CoreRow =>
        (column) =>
          header.cell(row, column) ?? '',
    )
    collection ??= yearOf(lettings, rows)
    const given = rules()
    return lettings.map((letting) => readLetting(letting, collection, ids, given))
  }
}

function yearOf(lettings: readonly CoreRow[], rows: readonly CsvRow[]): CoreYear | undefined {
  const first = lettings.findIndex((letting) => startOf(letting) !== null)
  const start = first < 0 ? null : startOf(lettings[first] as CoreRow)
  if (start === null) return undefined
  const year = collectionYearOf(start)
  const codes = coreCodes.get(year)
  if (codes !== undefined) return { year, codes }
  const years = [...coreCodes.keys()].map((one) => `${one}/${(one + 1) % 100}`).join(', ')
  throw new HttpFault(422, 'collection-year', `Only these collection years are read: ${years}.`, {
    at: `line ${rows[first]?.line}`,
  })
}

/** A cell of one letting by its column's name; blank where it is not there. */
type CoreRow = (column: string) => string

/** A log's collection year and its codes. */
interface CoreYear {
  readonly year: number
  readonly codes: CoreCodes
}

/** From 1 April to 31 March. */
const collectionYearOf = (start: string): number =>
  Number(start.slice(0, 4)) - (start.slice(5) < '04-01' ? 1 : 0)

/** One letting of a log of one collection year, where one is known by now. */
function readLetting(
  row: CoreRow,
  collection: CoreYear | undefined,
  ids: Ids,
  rules: CoreRules,
): Reading {
  const rejected = faultsIn(row, collection?.year, rules)
  if (rejected.length > 0 || collection === undefined) return { rejected }
  const { said, warnings } = groupsOf(row, collection.codes)
  const owner = row(fields.owner)
  const landlord = rules.landlords[owner] ?? owner
  const key = [landlord, row(fields.tenantCode), startOf(row) ?? '']
  const read = JSON.stringify([...key, row(fields.renewal), said])
  const thing = {
    key: ids.hmac('thing', system, ...key),
    rows: [ids.hmac('row', system, read)],
    says: () => lettingOf(row, landlord, said, ids, rules.partnership),
  }
  return { thing, warnings }
}

/** A renewal keeps the same people in the same home; and without a tenant code the log names nobody. */
function lettingOf(
  row: CoreRow,
  landlord: string,
  groups: ReturnType<typeof groupsOf>['said'],
  ids: Ids,
  partnership: string,
): Said {
  const tenantCode = row(fields.tenantCode)
  const start = startOf(row) ?? ''
  const objectRef = [landlord, tenantCode, start].join('/')
  const identifiers = tenantCode === '' ? [] : [localNumber('TENANCY', landlord, tenantCode)]
  const said = { identifiers, objectRef, rowKeys: [ids.hmac('row-key', system, objectRef)] }
  if (tenantCode === '') return { ...said, facts: [] }
  const envelope: Envelope = {
    eventId: eventIdOf(ids, system, JSON.stringify([landlord, tenantCode, start])),
    version: 1,
    source: { partnership, agency: 'housing', system },
    ...occurredOn(start),
    recordedAt: null,
    receivedAt: 0,
    identifiers,
    objectRef,
    handling: { holdUntil: null, restricted: false },
  }
  const { eventId } = envelope
  const event = { type: 'TenancyStarted', ...envelope, landlord, kind: null, ...groups } as const
  const isRenewal = row(fields.renewal) === '1'
  return { ...said, facts: [{ type: event.type, eventId, event: isRenewal ? null : event }] }
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
  else if (collectionYearOf(start) !== year) at(fields.startYear, 'another-collection-year')
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
