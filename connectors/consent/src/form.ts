import { addDays, type Grant, grantPurposes, londonDate, londonTimeOn } from '@throughline/domain'
import type { PersonContent } from './person-content.ts'

/** What the consent form shows: texts as they were typed, so that a mistake costs nobody a second typing. */
export interface ConsentForm {
  readonly displayName: string
  /** By field of `identifierFields`. */
  readonly numbers: Readonly<Record<string, string>>
  readonly lead: string
  readonly deputies: readonly string[]
  readonly team: readonly string[]
  readonly grants: readonly GrantForm[]
  readonly setting: string
  readonly method: string
  readonly noticeVersion: string
  readonly ok: readonly string[]
  readonly never: readonly string[]
  readonly reviewBy: string
  readonly ownWords: string
}

export interface GrantForm {
  readonly purpose: string
  readonly sources: readonly string[]
  /** `organisation/role`. */
  readonly recipients: readonly string[]
  readonly categories: readonly string[]
  readonly tier: string
  /** ISO instant; empty: from the moment it is recorded. */
  readonly from: string
  /** Last day, Europe/London, `yyyy-mm-dd`. */
  readonly lastDay: string
  readonly lookBackDays: string
}

export interface IdentifierField {
  readonly name: string
  readonly type: string
  readonly label: string
  readonly hint?: string
  readonly issuerLabel?: string
  /** Folded away until it is needed. */
  readonly rare?: true
}

/** The numbers that a worker is likely to have in front of them. Others come through the API. */
export const identifierFields: readonly IdentifierField[] = [
  { name: 'NHS', type: 'NHS', label: 'NHS number', hint: '10 digits' },
  { name: 'NOMS', type: 'NOMS', label: 'Prison number', hint: 'Such as A1234BC' },
  { name: 'CRN', type: 'CRN', label: 'Probation number (CRN)', hint: 'Such as X123456' },
  { name: 'PNC', type: 'PNC', label: 'Police number (PNC)', hint: 'Such as 2012/123456X' },
  {
    name: 'MRN',
    type: 'MRN',
    label: 'Hospital number',
    issuerLabel: 'Hospital’s code',
    rare: true,
  },
  {
    name: 'NDTMS',
    type: 'NDTMS',
    label: 'Treatment client reference',
    issuerLabel: 'Treatment agency’s code',
    rare: true,
  },
  {
    name: 'HOUSING_APPLICATION',
    type: 'HOUSING_APPLICATION',
    label: 'Housing application reference',
    issuerLabel: 'Council’s code',
    rare: true,
  },
  {
    name: 'TENANCY',
    type: 'TENANCY',
    label: 'Tenancy reference',
    issuerLabel: 'Landlord’s code',
    rare: true,
  },
]

const emptyGrant: GrantForm = {
  purpose: '',
  sources: [],
  recipients: [],
  categories: [],
  tier: '',
  from: '',
  lastDay: '',
  lookBackDays: '0',
}

/** Nothing is ticked beforehand: agreement is something a person gives. */
export const emptyForm = (lead: string): ConsentForm => ({
  displayName: '',
  numbers: {},
  lead,
  deputies: [],
  team: [],
  grants: [emptyGrant],
  setting: '',
  method: '',
  noticeVersion: '',
  ok: [],
  never: [],
  reviewBy: '',
  ownWords: '',
})

/** Reads what was posted. Anything missing is empty; what is wrong with it, the house format says. */
export function readConsentForm(form: URLSearchParams): ConsentForm {
  const text = (name: string): string => (form.get(name) ?? '').trim()
  const count = Math.min(20, Math.max(1, Number(form.get('grantCount') ?? '1') || 1))
  const removed = /^remove-grant-(\d+)$/.exec(form.get('action') ?? '')?.[1]
  const grants = Array.from({ length: count }, (_, index) => grantFrom(form, index)).filter(
    (_, index) => String(index) !== removed,
  )
  return {
    displayName: text('displayName'),
    numbers: Object.fromEntries(
      identifierFields.flatMap(({ name }) => [
        [name, text(`number-${name}`)],
        [`${name}-issuer`, text(`number-${name}-issuer`)],
      ]),
    ),
    lead: text('lead'),
    deputies: form.getAll('deputies'),
    team: form.getAll('team'),
    grants: form.get('action') === 'add-grant' ? [...grants, emptyGrant] : grants,
    setting: text('setting'),
    method: text('method'),
    noticeVersion: text('noticeVersion'),
    ok: form.getAll('ok'),
    never: form.getAll('never'),
    reviewBy: dateFrom(form, 'reviewBy'),
    ownWords: text('ownWords').replaceAll('\r\n', '\n'),
  }
}

/** True when the form was posted only to change its shape: one more part, or one less. */
export const onlyReshapes = (form: URLSearchParams): boolean =>
  /^(add-grant|remove-grant-\d+)$/.test(form.get('action') ?? '')

const grantFrom = (form: URLSearchParams, index: number): GrantForm => {
  const name = (part: string): string => `grants-${index}-${part}`
  const text = (part: string): string => (form.get(name(part)) ?? '').trim()
  return {
    purpose: text('purpose'),
    sources: form.getAll(name('sources')),
    recipients: form.getAll(name('recipients')),
    categories: form.getAll(name('categories')),
    tier: text('tier'),
    from: text('from'),
    lastDay: dateFrom(form, name('until')),
    lookBackDays: text('lookBackDays'),
  }
}

// Typed as three numbers, as GOV.UK asks for dates: `5`, `1`, `2027`.
function dateFrom(form: URLSearchParams, name: string): string {
  const [year, month, day] = ['year', 'month', 'day'].map((part) =>
    (form.get(`${name}-${part}`) ?? '').trim(),
  )
  if (year === '' && month === '' && day === '') return ''
  return `${year}-${(month ?? '').padStart(2, '0')}-${(day ?? '').padStart(2, '0')}`
}

/** The form in the house format, and for each identifier in it the field that it was typed in. */
export function bodyFrom(
  form: ConsentForm,
  context: { readonly by: string; readonly now: number },
): { readonly body: Readonly<Record<string, unknown>>; readonly fields: readonly string[] } {
  const now = new Date(context.now).toISOString()
  const filled = identifierFields.filter(({ name }) => (form.numbers[name] ?? '') !== '')
  return {
    fields: filled.map(({ name }) => `number-${name}`),
    body: {
      identifiers: filled.map(({ name, type, issuerLabel }) => ({
        type,
        value: form.numbers[name],
        ...(issuerLabel !== undefined && { issuer: form.numbers[`${name}-issuer`] || undefined }),
      })),
      lead: form.lead,
      deputies: form.deputies,
      team: form.team.map((practitionerId) => ({ practitionerId, tier: 'involvement' })),
      grants: form.grants.map((grant) => ({
        purpose: grant.purpose,
        sources: grant.sources,
        recipients: grant.recipients.map((one) => {
          const [organisation = '', role = ''] = one.split('/')
          return { organisation, role }
        }),
        categories: grant.categories,
        tier: grant.tier,
        from: grant.from || now,
        until: afterLastDay(grant.lastDay),
        lookBackDays: Number(grant.lookBackDays),
      })),
      taken: {
        by: context.by,
        at: now,
        setting: form.setting,
        method: form.method,
        noticeVersion: form.noticeVersion,
      },
      safeContact: { ok: form.ok, never: form.never, reviewBy: form.reviewBy || null },
      displayName: form.displayName,
      ownWords: form.ownWords,
    },
  }
}

/** What is on record, ready to be changed. */
export function formOfRecord(
  content: PersonContent,
  grants: readonly Grant[],
  assigned: {
    readonly lead: string
    readonly deputies: readonly string[]
    readonly team: readonly string[]
  },
): ConsentForm {
  const numbers: Record<string, string> = {}
  for (const { type, value, issuer } of content.identifiers) {
    numbers[type] ??= value
    if (issuer !== undefined && issuer !== null) numbers[`${type}-issuer`] ??= issuer
  }
  return {
    displayName: content.displayName,
    numbers,
    ...assigned,
    grants: grants.map(grantForm),
    setting: content.taken?.setting ?? '',
    method: content.taken?.method ?? '',
    noticeVersion: content.taken?.noticeVersion ?? '',
    ok: content.safeContact.ok,
    never: content.safeContact.never,
    reviewBy: content.safeContact.reviewBy ?? '',
    ownWords: content.ownWords,
  }
}

const grantForm = (grant: Grant): GrantForm => ({
  purpose: grant.purpose,
  sources: grant.sources,
  recipients: grant.recipients.map(({ organisation, role }) => `${organisation}/${role}`),
  categories: grant.categories,
  tier: grant.tier,
  from: new Date(grant.from).toISOString(),
  lastDay: londonDate(grant.until - 1),
  lookBackDays: String(grant.lookBackDays),
})

/** Where a fault of the house format shows on the form: the id of its field. */
export function fieldOf(path: string, identifierFieldIds: readonly string[]): string {
  const number = /^identifiers\[(\d+)\](?:\.(\w+))?/.exec(path)
  if (number !== null) {
    const field = identifierFieldIds[Number(number[1])] ?? 'number-NHS'
    return number[2] === 'issuer' ? `${field}-issuer` : field
  }
  const grant = /^grants\[(\d+)\]\.(\w+)/.exec(path)
  if (grant !== null) return `grants-${grant[1]}-${grant[2] === 'until' ? 'until' : grant[2]}`
  const [first = ''] = path.split(/[.[]/)
  const named: Readonly<Record<string, string>> = {
    identifiers: 'number-NHS',
    grants: 'grants-0-purpose',
    taken: path.split('.')[1] ?? 'method',
    safeContact: path.includes('reviewBy') ? 'reviewBy' : path.includes('never') ? 'never' : 'ok',
  }
  return named[first] ?? first
}

/** The first instant after a London day, ISO 8601; the day itself as typed where it is none. */
export function afterLastDay(day: string): string {
  const start = Date.parse(`${day}T00:00:00Z`)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(start)) return day
  if (new Date(start).toISOString().slice(0, 10) !== day) return day
  return new Date(londonTimeOn(addDays(day, 1), 0, 0)).toISOString()
}

/** The purposes that the form offers. Research and outcomes have their own conversation, and the API. */
export const offeredPurposes = grantPurposes
