/**
 * The numbers by which agencies know a person: their shapes, check digits and one canonical form.
 * Matching is exact, so two spellings of one number must come out the same, and a number that
 * cannot be right must not come out at all. Sources: formats/justice.md section 11 (check letters
 * of the prison, probation and police numbers), formats/hospital.md section 3 (the NHS number).
 */

export const identifierTypes = [
  'NOMS',
  'CRN',
  'PNC',
  'CRO',
  'NHS',
  'MRN',
  'NDTMS',
  'HOUSING_APPLICATION',
  'TENANCY',
  'CJIT',
] as const
export type IdentifierType = (typeof identifierTypes)[number]

/** What an agency or a consent form wrote. */
export interface WrittenIdentifier {
  readonly type: string
  readonly value: string
  readonly issuer?: string | null
}

/** A number whose shape and check digit hold. `value` is canonical; that says nothing of who owns it. */
export interface CheckedIdentifier {
  readonly type: IdentifierType
  readonly value: string
  /** Who gave a local number: an ODS code, an agency, an authority, a landlord. Null for national ones. */
  readonly issuer: string | null
}

export interface IdentifierOptions {
  /** The 999 range is for tests: allowed with `--dev` only. */
  readonly allowTestNhsNumbers: boolean
  /** The year in which the number was read; without it a PNC number with a two-digit year is refused. */
  readonly referenceYear?: number
}

export type IdentifierAnswer =
  | { readonly ok: true; readonly identifier: CheckedIdentifier }
  | { readonly ok: false; readonly rule: string; readonly at: 'type' | 'value' | 'issuer' }

/**
 * Checks one identifier and puts it into canonical form. A refusal names the rule and the member,
 * never the value.
 */
export function identifier(input: WrittenIdentifier, options: IdentifierOptions): IdentifierAnswer {
  const type = identifierTypes.find((known) => known === input.type)
  if (type === undefined) return { ok: false, rule: 'identifier-type-unknown', at: 'type' }
  const issued = issuerOf(type, input.issuer ?? null)
  if (!issued.ok) return { ok: false, rule: issued.rule, at: 'issuer' }
  const checked = checks[type](input.value.trim(), options)
  if (!checked.ok) return { ok: false, rule: checked.rule, at: 'value' }
  return { ok: true, identifier: { type, value: checked.value, issuer: issued.value } }
}

/** The one text form of a checked identifier, such as `NHS:9990000115` or `MRN:RZZ:T0417733`. Secret: hash it before it is kept. */
export const canonicalText = (checked: {
  readonly type: string
  readonly value: string
  readonly issuer: string | null
}): string =>
  checked.issuer === null
    ? `${checked.type}:${checked.value}`
    : `${checked.type}:${checked.issuer}:${checked.value}`

/** The check letter that a string of digits gives, or undefined when it is not digits. */
export function checkLetter(digits: string): string | undefined {
  if (!/^\d+$/.test(digits)) return undefined
  // Digit by digit, because an arrest number is longer than a double can hold.
  let remainder = 0
  for (const digit of digits) remainder = (remainder * 10 + Number(digit)) % 23
  return checkLetters[remainder]
}

/** The check digit of nine digits of an NHS number, or undefined where no such number is issued. */
export function nhsCheckDigit(nineDigits: string): number | undefined {
  let total = 0
  for (let place = 0; place < 9; place++) total += Number(nineDigits[place]) * (10 - place)
  const check = 11 - (total % 11)
  return check === 11 ? 0 : check === 10 ? undefined : check
}

/**
 * The check letter of an arrest summons number, from its parts: the year and the serial always
 * count, the force and the system only where they are digits.
 */
export const asnCheckLetter = (parts: {
  readonly year: string
  readonly force: string
  readonly system: string
  readonly serial: string
}): string | undefined =>
  checkLetter(
    `${digitsOnly(parts.force)}${digitsOnly(parts.system)}${parts.year}${parts.serial.padStart(11, '0')}`,
  )

/**
 * An arrest summons number, compact (20 or 21 characters) or printed with slashes. It names an
 * arrest, not a person, so it is no identifier type. The canonical form is compact.
 */
export function arrestSummonsNumber(text: string): Checked {
  const written = text.trim().toUpperCase()
  const parts = asnShape.exec(written) ?? asnPrinted.exec(written)
  if (parts?.groups === undefined) return refuse('asn-shape')
  const { year = '', top = '', force = '', unit = '', system = '', serial = '' } = parts.groups
  if (asnCheckLetter({ year, force, system, serial }) !== parts.groups.letter) {
    return refuse('asn-check-letter')
  }
  const padded = serial.padStart(11, '0')
  return accept(`${year}${top}${force}${unit}${system}${padded}${parts.groups.letter}`)
}

export type Checked =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly rule: string }

/** Remainder 0 first. I, O and S are left out, because they look like digits. */
const checkLetters = 'ZABCDEFGHJKLMNPQRTUVWXY'

const asnShape =
  /^(?<year>\d\d)(?<top>[A-Z0-9]?)(?<force>[A-Z0-9]{2})(?<unit>[A-Z0-9]{2})(?<system>[A-Z0-9]{2})(?<serial>\d{11})(?<letter>[A-Z])$/
const asnPrinted =
  /^(?<year>\d\d)\/(?<top>[A-Z0-9]?)(?<force>[A-Z0-9]{2})(?<unit>[A-Z0-9]{2})\/(?<system>[A-Z0-9]{2})\/(?<serial>\d{1,11})(?<letter>[A-Z])$/

const checks: Record<IdentifierType, (value: string, options: IdentifierOptions) => Checked> = {
  NOMS: (value) => shaped(value, /^[A-Z]\d{4}[A-Z]{2}$/, 'noms-shape'),
  CRN: (value) => shaped(value, /^[A-Z]\d{6}$/, 'crn-shape'),
  PNC: (value, { referenceYear }) => pnc(value.toUpperCase(), referenceYear),
  CRO: (value) => cro(value.toUpperCase()),
  NHS: (value, { allowTestNhsNumbers }) => nhs(value, allowTestNhsNumbers),
  MRN: local,
  NDTMS: local,
  HOUSING_APPLICATION: local,
  TENANCY: local,
  CJIT: local,
}

function nhs(written: string, allowTest: boolean): Checked {
  const value = written.replaceAll(/[\s-]/g, '')
  if (!/^\d{10}$/.test(value)) return refuse('nhs-number-shape')
  if (nhsCheckDigit(value.slice(0, 9)) !== Number(value[9])) return refuse('nhs-number-check-digit')
  // All ten pass the check, and stand in for "none" in real feeds.
  if (/^(\d)\1{9}$/.test(value)) return refuse('nhs-number-repeated-digit')
  if (value.startsWith('999')) return allowTest ? accept(value) : refuse('nhs-number-test-range')
  // England, Wales and the Isle of Man. Scotland's CHI (01–31) and Northern Ireland's H&C numbers
  // (32–39) use the same arithmetic and are other people's numbers; 5, 8 and 9 are not issued.
  return /^[467]/.test(value) ? accept(value) : refuse('nhs-number-not-issued')
}

function pnc(written: string, referenceYear: number | undefined): Checked {
  const slashed = /^(\d{2}|\d{4})\/(\d{1,7})([A-Z])$/.exec(written)
  // Without a slash only the whole long form has twelve characters; anything less begins with two digits of year.
  const parts =
    slashed ?? /^(\d{4})(\d{7})([A-Z])$/.exec(written) ?? /^(\d{2})(\d{1,7})([A-Z])$/.exec(written)
  if (parts === null) return refuse('pnc-shape')
  const [, year = '', number = '', letter] = parts
  const serial = number.padStart(7, '0')
  if (checkLetter(year.slice(-2) + serial) !== letter) return refuse('pnc-check-letter')
  if (year.length === 4) return accept(`${year}/${serial}${letter}`)
  if (referenceYear === undefined) return refuse('pnc-century-unknown')
  const inThisCentury = referenceYear - (referenceYear % 100) + Number(year)
  const full = inThisCentury > referenceYear ? inThisCentury - 100 : inThisCentury
  return accept(`${full}/${serial}${letter}`)
}

function cro(written: string): Checked {
  const file = /^SF(\d{2})\/?(\d{1,6})([A-Z])$/.exec(written)
  if (file !== null) {
    const [, year = '', serial = '', letter] = file
    // A search file's serial counts as it is written: padding it would change the letter.
    if (checkLetter(year + serial) !== letter) return refuse('cro-check-letter')
    return accept(`SF${year}/${serial}${letter}`)
  }
  const standard = /^(\d{1,6})\/(\d{2})([A-Z])$/.exec(written)
  if (standard === null) return refuse('cro-shape')
  const [, number = '', year = '', letter] = standard
  const serial = number.padStart(6, '0')
  if (checkLetter(year + serial) !== letter) return refuse('cro-check-letter')
  return accept(`${serial}/${year}${letter}`)
}

/** A service's own reference, kept as it is written, case and leading zeros included: only its issuer knows what they mean. */
function local(value: string): Checked {
  if (value === '') return refuse('identifier-empty')
  return localShape.test(value) ? accept(value) : refuse('identifier-shape')
}

/** Printable ASCII of at most 64 characters; the colon separates the parts of the canonical form. */
const localShape = /^[!-9;-~](?:[ -9;-~]{0,62}[!-9;-~])?$/

const issuerShapes: Partial<Record<IdentifierType, { shape: RegExp; needed: boolean }>> = {
  MRN: { shape: /^[A-Z0-9]{3,10}$/, needed: true },
  NDTMS: { shape: /^[A-Z0-9]{1,10}$/, needed: true },
  HOUSING_APPLICATION: { shape: localShape, needed: true },
  TENANCY: { shape: localShape, needed: true },
  CJIT: { shape: localShape, needed: false },
}

function issuerOf(
  type: IdentifierType,
  written: string | null,
): { ok: true; value: string | null } | { ok: false; rule: string } {
  const expected = issuerShapes[type]
  if (expected === undefined) return { ok: true, value: null }
  const trimmed = written?.trim() ?? ''
  if (trimmed === '') {
    return expected.needed
      ? { ok: false, rule: 'identifier-issuer-missing' }
      : { ok: true, value: null }
  }
  const value = type === 'MRN' || type === 'NDTMS' ? trimmed.toUpperCase() : trimmed
  return expected.shape.test(value)
    ? { ok: true, value }
    : { ok: false, rule: 'identifier-issuer-shape' }
}

function shaped(value: string, shape: RegExp, rule: string): Checked {
  const canonical = value.toUpperCase()
  return shape.test(canonical) ? accept(canonical) : refuse(rule)
}

const digitsOnly = (part: string): string => (/^\d+$/.test(part) ? part : '')
const accept = (value: string): Checked => ({ ok: true, value })
const refuse = (rule: string): Checked => ({ ok: false, rule })
