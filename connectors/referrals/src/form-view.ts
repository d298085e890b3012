import type { RecordFault } from '@throughline/intake'
import { numberFields, type ReferralForm } from './form.ts'
import { agreedHow, conditions, contactWays, type news, reasons, sourceKinds } from './words.ts'

export interface FieldFault {
  readonly text: string
  readonly href: string
}

type OrganisationName = (code: string) => string

/** What the templates' macros take: every choice with its words, ticked as the form has it. */
export function formView(
  form: ReferralForm,
  services: readonly string[],
  nameOf: OrganisationName,
  faults: readonly FieldFault[],
) {
  const kinds = Object.fromEntries(
    Object.entries(sourceKinds).map(([kind, { text }]) => [kind, text]),
  )
  const names = Object.fromEntries(services.map((service) => [service, nameOf(service)]))
  return {
    form,
    faults,
    messages: Object.fromEntries(
      faults.toReversed().map(({ href, text }) => [href.slice(1), { text }]),
    ),
    services: items(names, [form.toService]),
    kinds: options(kinds, form.kind),
    numbers: numberFields.map((field) => ({
      ...field,
      id: `number-${field.type}`,
      value: form.numbers[field.type] ?? '',
    })),
    dateOfBirth: dateItems(form.dateOfBirth),
    attendBy: dateItems(form.attendBy),
    ok: items(contactWays, form.ok),
    never: items(contactWays, form.never),
    reasons: options(reasons, form.reason),
    conditions: options(conditions, form.condition),
    methods: items(agreedHow, [form.method]),
    mayHear: items(mayHearWords, form.mayHear),
  }
}

const mayHearWords = {
  received: 'That the service has it',
  accepted: 'Whether the service can see them',
  attended: 'Whether they came',
} satisfies Readonly<Record<keyof typeof news, string>>

const items = (words: Readonly<Record<string, string>>, chosen: readonly string[]) =>
  Object.entries(words).map(([value, text]) => ({ value, text, checked: chosen.includes(value) }))

const options = (words: Readonly<Record<string, string>>, chosen: string) => [
  { value: '', text: 'Choose', selected: chosen === '' },
  ...Object.entries(words).map(([value, text]) => ({ value, text, selected: value === chosen })),
]

function dateItems(date: string) {
  const [year = '', month = '', day = ''] = date.split('-')
  const item = (name: string, value: string, width: number) => ({
    name,
    value: value.replace(/^0+(?=\d)/, ''),
    classes: `govuk-input--width-${width}`,
  })
  return [item('day', day, 2), item('month', month, 2), item('year', year, 4)]
}

/** The faults of the house format in the words and places of the form, from the top down. */
export function fieldFaults(
  faults: readonly RecordFault[],
  types: readonly string[],
): readonly FieldFault[] {
  const found = new Map<string, string>()
  // An empty choice breaks several rules of the format; a person needs to hear of it once.
  for (const { path, rule, message } of faults) {
    const id = fieldOf(path, types)
    if (!found.has(id)) found.set(id, wordsFor(id, rule) ?? message)
  }
  const placeOf = (id: string): number => order.findIndex((start) => id.startsWith(start))
  return [...found]
    .toSorted(([a], [b]) => placeOf(a) - placeOf(b))
    .map(([id, text]) => ({ href: `#${id}`, text }))
}

/** The fields in the order of the page. */
const order = [
  'toService',
  'kind',
  'given',
  'family',
  'dateOfBirth',
  'number-',
  'phone',
  'email',
  'ok',
  'never',
  'reason',
  'condition',
  'attendBy',
  'note',
  'toReferral',
  'method',
  'mayHear',
]

/** Where each member of the record is on the page. */
const fields: readonly (readonly [path: RegExp, field: string])[] = [
  [/^source\.kind/, 'kind'],
  [/^person\.name\.family/, 'family'],
  [/^person\.dateOfBirth/, 'dateOfBirth-day'],
  [/^person/, 'given'],
  [/^contact\.phone/, 'phone'],
  [/^contact\.email/, 'email'],
  [/^contact\.never/, 'never'],
  [/^contact/, 'ok'],
  [/^referral\.reason/, 'reason'],
  [/^referral\.condition/, 'condition'],
  [/^referral\.toAttendBy/, 'attendBy-day'],
  [/^referral\.note/, 'note'],
  [/^agreement\.method/, 'method'],
  [/^agreement\.referrerMayHear/, 'mayHear'],
  [/^agreement/, 'toReferral'],
]

function fieldOf(path: string, types: readonly string[]): string {
  const place = /^person\.identifiers\.(\d+)/.exec(path)?.[1]
  if (place !== undefined) return `number-${types[Number(place)] ?? 'NHS'}`
  return fields.find(([shape]) => shape.test(path))?.[1] ?? 'toService'
}

const messages: readonly (readonly [field: string, rule: string | null, text: string])[] = [
  ['toService', null, 'Choose the service'],
  ['kind', null, 'Choose who is referring them'],
  ['given', 'person-not-named', 'Enter their name, or one of their numbers'],
  ['given', null, 'Enter their first name'],
  ['family', null, 'Enter their last name'],
  ['dateOfBirth-day', 'in-future', 'The date of birth must be in the past'],
  ['dateOfBirth-day', null, 'Enter a date of birth, such as 27 3 1987'],
  ['phone', null, 'Enter a telephone number, such as 07700 900123'],
  ['email', null, 'Enter an e-mail address, such as name@letters.example'],
  ['never', 'safe-or-never', 'A way cannot be both safe and never to be used'],
  ['reason', null, 'Choose why'],
  ['condition', null, 'Choose what for'],
  ['attendBy-day', null, 'Enter a date, such as 5 7 2026'],
  ['note', null, 'The note may have 2,000 characters'],
  ['toReferral', 'not-agreed', 'They have to agree before you can send this'],
  ['method', null, 'Choose how they agreed'],
]

const wordsFor = (id: string, rule: string): string | undefined =>
  id.startsWith('number-')
    ? 'Check this number against the letter or card it comes from'
    : messages.find(([field, only]) => field === id && (only === null || only === rule))?.[2]
