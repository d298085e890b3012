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
  readonly value: (column: string) => string | null
}

export type Checked =
  | { readonly kind: 'rejected'; readonly faults: readonly CellFault[] }
  /** The person does not agree to be reported: counted, and nothing of the row is looked at again. */
  | { readonly kind: 'refusal' }
  | {
      readonly kind: 'kept'
      readonly warnings: readonly CellFault[]
      /** Columns whose values are not believed. */
      readonly unused: readonly string[]
    }

/** A kept row by name, for whoever looks into it. */
export const ndtmsRow = (
  header: CsvHeader,
  { line, cells }: CsvRow,
  unused: readonly string[],
): NdtmsRow => ({
  line,
  value: (column) => (unused.includes(column) ? null : valueAt(cells, header.at(column)) || null),
})

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
  'shortened-number': 'A spreadsheet has shortened this number; write it out as text.',
  'client-reference-missing': 'Without the client reference this matches nobody.',
}

const said = (line: number, column: string | null, rule: string): CellFault =>
  cellFault(line, column, rule, advice[rule] ?? 'This number does not have the right shape.')

const required = ['FINITIAL', 'SINITIAL', 'DOB', 'SEX', 'REFLD', 'AGNCY', 'EPISODID'] as const
const requiredToo = ['DRUG1', 'TRIAGED'] as const
const dates = ['DOB', 'REFLD', 'TRIAGED', 'DISD', 'MODST', 'MODEND', 'TOPDATE'] as const
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
    'CONSENT',
    ...required,
    ...requiredToo,
    ...dates,
    ...shapeless,
    ...codedColumns,
    ...Object.keys(countedColumns),
  ]),
]

/**
 * The rules of formats/treatment-housing.md, section 1.7, made ready for the columns of one file: what is an error
 * there rejects the row, anything else is a warning and leaves out the field. Called for every row of every file, so
 * a row without a mistake costs no allocation.
 */
export function ndtmsRules(header: CsvHeader, rules: NdtmsRules): (row: CsvRow) => Checked {
  const at = (column: string) => header.at(column)
  const consentAt = at('CONSENT')
  const atRefusal = new Set(mayBeFilledAtRefusal.map(at))
  const checkNeeded = neededRules(header, rules)
  const checkDays = dayRules(header, rules)
  const checkCodes = codeRules(header, rules)

  return ({ line, cells }) => {
    const consent = valueAt(cells, consentAt)
    if (consent === 'N') {
      const filled = cells.some((_, place) => !atRefusal.has(place) && valueAt(cells, place) !== '')
      if (!filled) return refusal
      return { kind: 'rejected', faults: [said(line, 'CONSENT', 'filled-although-refused')] }
    }
    const found: Found = { line, faults: none, warnings: none, unused: none }
    if (consent !== 'Y') fault(found, 'CONSENT', consent === '' ? 'required' : 'consent-code')
    checkNeeded(cells, found)
    checkDays(cells, found)
    if (found.faults.length > 0) return { kind: 'rejected', faults: found.faults }
    checkCodes(cells, found)
    const { warnings, unused } = found
    return warnings.length === 0 ? kept : { kind: 'kept', warnings, unused }
  }
}

const none: readonly never[] = []
const refusal: Checked = { kind: 'refusal' }
const kept: Checked = { kind: 'kept', warnings: none, unused: none }

/** What is wrong with one row, as far as it has been read. */
interface Found {
  readonly line: number
  faults: readonly CellFault[]
  warnings: readonly CellFault[]
  unused: readonly string[]
}

function fault(found: Found, column: string, rule: string): void {
  found.faults = [...found.faults, said(found.line, column, rule)]
}

function warn(found: Found, column: string, rule: string, leavesOut = true): void {
  found.warnings = [...found.warnings, said(found.line, column, rule)]
  if (leavesOut) found.unused = [...found.unused, column]
}

type Check = (cells: readonly string[], found: Found) => void

/** What must be there, and of which agency and person. */
function neededRules(header: CsvHeader, rules: NdtmsRules): Check {
  const at = (column: string) => header.at(column)
  const mustBe = [...required, ...requiredToo].map((column) => ({ column, at: at(column) }))
  const [agencyAt, clientAt, datAt, laAt] = [at('AGNCY'), at('CLIENT'), at('DAT'), at('LA')]
  const episodeAt = at('EPISODID')
  const agencies = new Set(rules.agencies)
  return (cells, found) => {
    for (const one of mustBe) {
      if (valueAt(cells, one.at) === '') fault(found, one.column, 'required')
    }
    const agency = valueAt(cells, agencyAt)
    if (agency !== '' && !/^[A-Z0-9]{1,10}$/.test(agency)) fault(found, 'AGNCY', 'agency-shape')
    else if (agencies.size > 0 && !agencies.has(agency)) fault(found, 'AGNCY', 'other-agency')
    if (valueAt(cells, datAt) === 'Z00B' && valueAt(cells, laAt) !== '') {
      fault(found, 'LA', 'local-authority-outside-england')
    }
    if (isShortened(valueAt(cells, episodeAt))) fault(found, 'EPISODID', 'shortened-number')
    const client = valueAt(cells, clientAt)
    if (isShortened(client)) fault(found, 'CLIENT', 'shortened-number')
    else if (client === '') warn(found, 'CLIENT', 'client-reference-missing')
    else if (found.faults.length === 0 && !/^[A-Z0-9-]{1,12}$/.test(client)) {
      const checked = identifier({ type: 'NDTMS', value: client, issuer: agency }, anyNhsNumber)
      if (!checked.ok) fault(found, 'CLIENT', checked.rule)
    }
  }
}

/** `9.43477E+09`: several numbers look like this once a spreadsheet has had them, and would be taken for one. */
const isShortened = (text: string): boolean =>
  text.includes('+') && /^\d(?:\.\d+)?E\+\d+$/i.test(text)

const anyNhsNumber = { allowTestNhsNumbers: false }

/** Days must be days, not later than today, in the order in which a life and an episode go. */
function dayRules(header: CsvHeader, { lastDay }: NdtmsRules): Check {
  const dated = dates.map((column) => ({ column, at: header.at(column) }))
  const [reasonAt, stageAt] = [header.at('DISRSN'), header.at('TRSTAGE')]
  const days = dates.map(() => 0)
  return (cells, found) => {
    for (let one = 0; one < dated.length; one += 1) {
      const { column, at } = dated[one] as (typeof dated)[number]
      const text = valueAt(cells, at)
      const day = text === '' ? 0 : dayIn(text)
      if (day === 0 && text !== '') fault(found, column, 'date-not-readable')
      if (day > lastDay) fault(found, column, 'in-future')
      days[one] = day
    }
    const [born = 0, referred = 0, triaged = 0, ended = 0, started = 0, stopped = 0, seen = 0] =
      days
    if (born > 0) checkBirth(born, referred, triaged, found)
    if (triaged > 0 && triaged < referred) fault(found, 'TRIAGED', 'triage-before-referral')
    const hasReason = valueAt(cells, reasonAt) !== ''
    if (hasReason && ended === 0) warn(found, 'DISRSN', 'reason-without-date')
    if (!hasReason && ended > 0) warn(found, 'DISD', 'date-without-reason', false)
    if (stopped > 0 && stopped < started) warn(found, 'MODEND', 'end-before-start')
    const afterEnd = ended > 0 && seen > ended && valueAt(cells, stageAt) !== 'P'
    if (seen > 0 && (seen < triaged || afterEnd))
      warn(found, 'TOPDATE', 'review-outside-episode', false)
  }
}

function checkBirth(born: number, referred: number, triaged: number, found: Found): void {
  if (born < 1903_01_01) fault(found, 'DOB', 'birth-year')
  else if (referred > 0 && born > referred) fault(found, 'DOB', 'birth-after-referral')
  else if (triaged > 0 && yearsBetween(born, triaged) < 18) fault(found, 'DOB', 'under-18')
}

/** Codes must be in their lists and numbers in their ranges; what is not is left out. */
function codeRules(header: CsvHeader, { dataSet, moreCodes }: NdtmsRules): Check {
  const coded = codedColumns
    .map((column) => ({
      column,
      at: header.at(column),
      codes: codesOf(column, dataSet, moreCodes),
    }))
    .filter(({ at }) => at >= 0)
  const counted = Object.entries(countedColumns)
    .map(([column, most]) => ({ column, at: header.at(column), most }))
    .filter(({ at }) => at >= 0)
  const [drug1At, drug2At] = [header.at('DRUG1'), header.at('DRUG2')]
  return (cells, found) => {
    for (const { column, at, codes } of coded) {
      const written = cells[at] as string
      if (written === '' || codes.has(written)) continue
      const code = valueAt(cells, at)
      if (code !== '' && !codes.has(code)) warn(found, column, 'code-unknown')
    }
    for (const { column, at, most } of counted) {
      const number = cells[at] === '' ? '' : valueAt(cells, at)
      if (number !== '' && !isWhole(number, most)) warn(found, column, 'out-of-range')
    }
    if (valueAt(cells, drug1At) === valueAt(cells, drug2At)) warn(found, 'DRUG2', 'same-drug-twice')
  }
}

/** Blank and `NA` are both missing; which of them it was makes another row all the same. */
function valueAt(cells: readonly string[], at: number): string {
  const cell = cells[at]
  if (cell === undefined || cell === '') return ''
  const text = cell.trim()
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
