import { identifier } from '@throughline/domain'
import { type CellFault, type CsvHeader, type CsvRow, cellFault } from '@throughline/intake'
import { dayIn, yearsBetween } from './days.ts'
import { codedColumns, codesOf, countedColumns, type DataSet } from './ndtms-codes.ts'

export interface NdtmsRules {
  readonly dataSet: DataSet
  /** Codes that this deployment knows besides the lists. */
  readonly moreCodes: Readonly<Record<string, readonly string[]>>
  /** Agencies whose rows are taken; any where empty. */
  readonly agencies: readonly string[]
  /** The latest day (yyyymmdd) that anything may have happened on. */
  readonly lastDay: number
}

/** One row, kept: what is not believed of it is as good as not written. */
export interface NdtmsRow {
  readonly line: number
  /** A value without spaces around it; null where it is blank, `NA`, not a column of the file, or not believed. */
  value(column: string): string | null
  /** As `value`, believed or not. */
  written(column: string): string | null
}

export type Checked =
  | { readonly kind: 'rejected'; readonly faults: readonly CellFault[] }
  /** The person does not agree to be reported: counted, and nothing of the row is looked at again. */
  | { readonly kind: 'refusal' }
  | { readonly kind: 'kept'; readonly row: NdtmsRow; readonly warnings: readonly CellFault[] }

const advice: Readonly<Record<string, string>> = {
  required: 'This must be filled. NA counts as not filled.',
  'consent-code': 'Write Y or N.',
  'filled-although-refused':
    'Where CONSENT is N only AGNCY, CLIENTID and CONSENT may be filled. Nothing of this row was kept.',
  'date-not-readable': 'Write the date as yyyy-mm-dd or dd/mm/yyyy.',
  'in-future': 'This is later than today.',
  'birth-year': 'The year of birth is before 1903.',
  'birth-after-referral': 'The birth is after the referral.',
  'under-18': 'The person was under 18 at triage, and this is the file for adults.',
  'triage-before-referral': 'Triage is before the referral.',
  'local-authority-outside-england': 'LA must be blank where DAT is Z00B.',
  'agency-shape': 'This is not the shape of an agency code.',
  'other-agency': 'Rows of this agency are not expected here.',
  'code-unknown': 'This code is not in the list of this data set; the field was not used.',
  'out-of-range': 'This is not a whole number in its range; the field was not used.',
  'reason-without-date': 'A discharge reason needs a date; no discharge was recorded.',
  'date-without-reason': 'A discharge date needs a reason; it was recorded as not known.',
  'end-before-start': 'The intervention ends before it starts; the end was not used.',
  'review-outside-episode': 'The review is not within the episode.',
  'same-drug-twice': 'DRUG2 repeats DRUG1.',
  'client-reference-missing': 'Without the client reference this matches nobody.',
}

const said = (line: number, column: string | null, rule: string): CellFault =>
  cellFault(line, column, rule, advice[rule] ?? 'This number does not have the right shape.')

const required = ['FINITIAL', 'SINITIAL', 'DOB', 'SEX', 'REFLD', 'AGNCY', 'EPISODID'] as const
const requiredToo = ['DRUG1', 'TRIAGED'] as const
const dates = ['DOB', 'REFLD', 'TRIAGED', 'DISD', 'MODST', 'MODEND', 'TOPDATE'] as const
type DateColumn = (typeof dates)[number]
const mayBeFilledAtRefusal = ['AGNCY', 'CLIENTID', 'CONSENT']
const shapeless = [
  'CLIENT',
  'CLIENTID',
  'DAT',
  'LA',
  'MODID',
  'TOPID',
  'MODSET',
  'NALOXISS',
  'DISDEST',
]

/** Everything that is read of a row, and so makes it another row when it changes. */
export const readColumns: readonly string[] = [
  ...new Set([
    ...['CONSENT', ...required, ...requiredToo, ...dates, ...shapeless],
    ...codedColumns,
    ...Object.keys(countedColumns),
  ]),
]

/**
 * The rules of formats/treatment-housing.md, section 1.7, made ready for the columns of one file: what is an error
 * there rejects the row, anything else is a warning and leaves out the field. Called for every row of every file.
 */
export function ndtmsRules(header: CsvHeader, rules: NdtmsRules): (row: CsvRow) => Checked {
  const at = (column: string) => header.at(column)
  const consentAt = at('CONSENT')
  const [agencyAt, clientAt, datAt, laAt] = [at('AGNCY'), at('CLIENT'), at('DAT'), at('LA')]
  const mustBe = [...required, ...requiredToo].map((column) => ({ column, at: at(column) }))
  const dated = dates.map((column) => ({ column, at: at(column) })).filter((one) => one.at >= 0)
  const coded = codedColumns
    .map((column) => ({
      column,
      at: at(column),
      codes: codesOf(column, rules.dataSet, rules.moreCodes),
    }))
    .filter((one) => one.at >= 0)
  const counted = Object.entries(countedColumns)
    .map(([column, most]) => ({ column, at: at(column), most }))
    .filter((one) => one.at >= 0)
  const agencies = new Set(rules.agencies)
  const atRefusal = new Set(mayBeFilledAtRefusal.map(at))

  return ({ line, cells }) => {
    const consent = valueAt(cells, consentAt)
    if (consent === 'N') {
      const filled = cells.some((_, place) => !atRefusal.has(place) && valueAt(cells, place) !== '')
      if (!filled) return { kind: 'refusal' }
      return { kind: 'rejected', faults: [said(line, 'CONSENT', 'filled-although-refused')] }
    }
    const faults: CellFault[] = []
    const warnings: CellFault[] = []
    const unused = new Set<string>()
    const fault = (column: string, rule: string): void => {
      faults.push(said(line, column, rule))
    }
    const warn = (column: string, rule: string, leavesOut = true): void => {
      warnings.push(said(line, column, rule))
      if (leavesOut) unused.add(column)
    }

    if (consent !== 'Y') fault('CONSENT', consent === '' ? 'required' : 'consent-code')
    for (const one of mustBe) if (valueAt(cells, one.at) === '') fault(one.column, 'required')
    const agency = valueAt(cells, agencyAt)
    if (agency !== '' && !/^[A-Z0-9]{1,10}$/.test(agency)) fault('AGNCY', 'agency-shape')
    else if (agencies.size > 0 && !agencies.has(agency)) fault('AGNCY', 'other-agency')
    if (valueAt(cells, datAt) === 'Z00B' && valueAt(cells, laAt) !== '') {
      fault('LA', 'local-authority-outside-england')
    }
    const days: Partial<Record<DateColumn, number>> = {}
    for (const { column, at: place } of dated) {
      const text = valueAt(cells, place)
      if (text === '') continue
      const day = dayIn(text)
      if (day === 0) fault(column, 'date-not-readable')
      else if (day > rules.lastDay) fault(column, 'in-future')
      else days[column] = day
    }
    checkOrder(days, fault)
    const client = valueAt(cells, clientAt)
    if (client === '') warn('CLIENT', 'client-reference-missing')
    else if (faults.length === 0) {
      const checked = identifier({ type: 'NDTMS', value: client, issuer: agency }, anyNhsNumber)
      if (!checked.ok) fault('CLIENT', checked.rule)
    }
    if (faults.length > 0) return { kind: 'rejected', faults }

    for (const { column, at: place, codes } of coded) {
      const code = valueAt(cells, place)
      if (code !== '' && !codes.has(code)) warn(column, 'code-unknown')
    }
    for (const { column, at: place, most } of counted) {
      const text = valueAt(cells, place)
      if (text !== '' && !isWhole(text, most)) warn(column, 'out-of-range')
    }
    const written = (column: string): string | null => valueAt(cells, at(column)) || null
    const value = (column: string) => (unused.has(column) ? null : written(column))
    const row = { line, value, written }
    checkSense(row, days, warn)
    return { kind: 'kept', row, warnings }
  }
}

const anyNhsNumber = { allowTestNhsNumbers: false }

/** Blank and `NA` are both missing; which of them it was makes another row all the same. */
function valueAt(cells: readonly string[], at: number): string {
  const text = cells[at]?.trim() ?? ''
  return text === 'NA' ? '' : text
}

function isWhole(text: string, most: number): boolean {
  if (text.length > 3) return false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) return false
  }
  return Number(text) <= most
}

type Days = Readonly<Partial<Record<DateColumn, number>>>

function checkOrder(days: Days, fault: (column: string, rule: string) => void): void {
  const { DOB: born, REFLD: referred, TRIAGED: triaged } = days
  if (born !== undefined && born < 1903_01_01) fault('DOB', 'birth-year')
  else if (born !== undefined && referred !== undefined && born > referred) {
    fault('DOB', 'birth-after-referral')
  } else if (born !== undefined && triaged !== undefined && yearsBetween(born, triaged) < 18) {
    fault('DOB', 'under-18')
  }
  if (referred !== undefined && triaged !== undefined && triaged < referred) {
    fault('TRIAGED', 'triage-before-referral')
  }
}

/** Warnings about what belongs together. They are the hub's own [inferred], so none rejects a row. */
function checkSense(
  { written }: NdtmsRow,
  days: Days,
  warn: (column: string, rule: string, leavesOut?: boolean) => void,
): void {
  const {
    TRIAGED: triaged = 0,
    DISD: ended,
    MODST: started,
    MODEND: stopped,
    TOPDATE: reviewed,
  } = days
  const hasReason = written('DISRSN') !== null
  if (hasReason && ended === undefined) warn('DISRSN', 'reason-without-date')
  if (!hasReason && ended !== undefined) warn('DISD', 'date-without-reason', false)
  if (started !== undefined && stopped !== undefined && stopped < started) {
    warn('MODEND', 'end-before-start')
  }
  const after = written('TRSTAGE') === 'P'
  if (
    reviewed !== undefined &&
    (reviewed < triaged || (!after && reviewed > (ended ?? reviewed)))
  ) {
    warn('TOPDATE', 'review-outside-episode', false)
  }
  if (written('DRUG1') === written('DRUG2')) warn('DRUG2', 'same-drug-twice')
}
