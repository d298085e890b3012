import type { WrittenRecord } from './payload.ts'
import { iso } from './words.ts'

/** What the form shows: texts as they were typed, so that a mistake costs nobody a second typing. */
export interface ReferralForm {
  readonly toService: string
  readonly kind: string
  readonly given: string
  readonly family: string
  readonly dateOfBirth: string
  readonly numbers: Readonly<Record<string, string>>
  readonly phone: string
  readonly email: string
  readonly isTheirOwn: boolean
  readonly ok: readonly string[]
  readonly never: readonly string[]
  readonly reason: string
  readonly condition: string
  readonly attendBy: string
  readonly note: string
  readonly toReferral: boolean
  readonly method: string
  readonly mayHear: readonly string[]
}

/** The numbers that somebody may have in front of them. Others come through the API. */
export const numberFields = [
  { type: 'NHS', label: 'NHS number (optional)', hint: '10 digits' },
  { type: 'NOMS', label: 'Prison number (optional)', hint: 'Such as A1234BC' },
  { type: 'CRN', label: 'Probation number, CRN (optional)', hint: 'Such as X123456' },
  { type: 'PNC', label: 'Police number, PNC (optional)', hint: 'Such as 2012/123456X' },
] as const

/** A form has no number of its own until it is made: nobody needs to read this one. */
export const freshReference = (random: (size: number) => Uint8Array): string =>
  `form-${Buffer.from(random(18)).toString('hex')}`
export const isFormReference = (text: string): boolean => /^form-[0-9a-f]{36}$/.test(text)

/** Nothing is ticked beforehand: agreement is something a person gives. */
export const emptyForm = (services: readonly string[]): ReferralForm =>
  readReferralForm(
    new URLSearchParams(services.length === 1 ? { toService: services[0] ?? '' } : {}),
  )

/** Reads what was posted. Anything missing is empty; what is wrong with it, the house format says. */
export function readReferralForm(form: URLSearchParams): ReferralForm {
  const text = (name: string): string => (form.get(name) ?? '').trim()
  return {
    toService: text('toService'),
    kind: text('kind'),
    given: text('given'),
    family: text('family'),
    dateOfBirth: dateFrom(form, 'dateOfBirth'),
    numbers: Object.fromEntries(numberFields.map(({ type }) => [type, text(`number-${type}`)])),
    phone: text('phone'),
    email: text('email'),
    isTheirOwn: form.has('isTheirOwn'),
    ok: form.getAll('ok'),
    never: form.getAll('never'),
    reason: text('reason'),
    condition: text('condition'),
    attendBy: dateFrom(form, 'attendBy'),
    note: text('note').replaceAll('\r\n', '\n'),
    toReferral: form.has('toReferral'),
    method: text('method'),
    mayHear: form.getAll('mayHear'),
  }
}

export interface Signed {
  readonly organisation: string
  readonly role: string
  /** Made with the form: sending it twice is one referral. */
  readonly reference: string
  /** When the form was opened: the same form says the same thing, however often it is sent. */
  readonly openedAt: number
}

type Written<T extends WrittenRecord['recordType']> = Extract<WrittenRecord, { recordType: T }>
type Loose<T> = T extends object ? { readonly [K in keyof T]?: unknown } : T

/**
 * The form as a record of the house format, which then finds what is wrong with it; and the types of the
 * numbers that were filled in, in the order of the record's list.
 */
export function recordFrom(
  form: ReferralForm,
  { organisation, role, reference, openedAt }: Signed,
): { readonly record: Loose<Written<'referral'>>; readonly types: readonly string[] } {
  const at = iso(openedAt)
  const types = numberFields.map(({ type }) => type).filter((type) => form.numbers[type] !== '')
  const isNamed = form.given !== '' || form.family !== ''
  const record = {
    formatVersion: 1,
    recordType: 'referral',
    source: { organisation, kind: form.kind },
    recordReference: reference,
    occurredAt: at,
    person: {
      identifiers: types.map((type) => ({ type, value: form.numbers[type] ?? '' })),
      ...(isNamed && { name: { given: form.given, family: form.family } }),
      ...given('dateOfBirth', form.dateOfBirth),
    },
    contact: {
      ...given('phone', form.phone),
      ...given('email', form.email),
      isTheirOwn: form.isTheirOwn,
      ok: form.ok,
      never: form.never,
    },
    referral: {
      toService: form.toService,
      ...given('reason', form.reason),
      ...given('condition', form.condition),
      referrerRole: role,
      ...given('toAttendBy', form.attendBy === '' ? '' : `${form.attendBy}T12:00:00Z`),
      ...given('note', form.note),
    },
    agreement: {
      toReferral: form.toReferral,
      referrerMayHear: form.mayHear,
      recordedAt: at,
      ...given('method', form.method),
    },
  }
  return { record, types }
}

const given = (name: string, value: string): object => (value === '' ? {} : { [name]: value })

/** `yyyy-mm-dd` of three boxes; empty when all are; what cannot be a day stays one that is refused. */
function dateFrom(form: URLSearchParams, name: string): string {
  const [day, month, year] = ['day', 'month', 'year'].map((part) =>
    (form.get(`${name}-${part}`) ?? '').trim(),
  ) as [string, string, string]
  if (day === '' && month === '' && year === '') return ''
  return [year, month.padStart(2, '0'), day.padStart(2, '0')].join('-')
}
