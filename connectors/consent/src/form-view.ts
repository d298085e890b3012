import { agencies, categories, tiers } from '@throughline/domain'
import type { Directory, DirectoryEntry } from '@throughline/service'
import type { Fault } from './faults.ts'
import {
  type ConsentForm,
  fieldOf,
  type GrantForm,
  identifierFields,
  offeredPurposes,
} from './form.ts'
import { categoryWords, inWords, purposeWords, sourceWords, tierWords } from './words.ts'

export interface FieldFault {
  readonly text: string
  readonly href: string
}

/** What the templates' macros take: every choice with its words, ticked as the form has it. */
export function formView(form: ConsentForm, directory: Directory, faults: readonly FieldFault[]) {
  const messages = Object.fromEntries(
    faults.toReversed().map(({ href, text }) => [href.slice(1), { text }]),
  )
  const numbers = identifierFields.map((field) => ({
    ...field,
    id: `number-${field.name}`,
    value: form.numbers[field.name] ?? '',
    issuer: form.numbers[`${field.name}-issuer`] ?? '',
  }))
  return {
    form,
    faults,
    messages,
    numbers,
    rareOpen: numbers.some(
      ({ rare, id, value }) =>
        rare && (value !== '' || id in messages || `${id}-issuer` in messages),
    ),
    leads: [
      { value: '', text: 'Choose somebody', selected: form.lead === '' },
      ...directory.practitioners.map((one) => ({
        value: one.id,
        text: named(one, directory),
        selected: one.id === form.lead,
      })),
    ],
    deputies: peopleItems(directory, form.deputies),
    team: peopleItems(directory, form.team),
    grants: form.grants.map((grant, index) => grantView(grant, index, directory)),
    settings: items(settings, [form.setting]),
    methods: items(methods, [form.method]),
    ok: items(contactWays, form.ok),
    never: items(contactWays, form.never),
    reviewBy: dateItems(form.reviewBy),
  }
}

/** The faults of the house format in the words and places of the form. */
export const fieldFaults = (
  faults: readonly Fault[],
  identifierFieldIds: readonly string[],
): readonly FieldFault[] => {
  const seen = new Set<string>()
  return faults
    .flatMap(({ path, rule, message }) => {
      const id = fieldOf(path, identifierFieldIds)
      if (seen.has(id)) return []
      seen.add(id)
      return [{ href: `#${id}`, text: formMessage(id, rule) ?? message }]
    })
    .toSorted((a, b) => placeOf(a.href) - placeOf(b.href))
}

/** The order of the fields on the page, so that the list of faults is read from the top down. */
const placeOf = (href: string): number => {
  const parts = [
    'displayName',
    'number-',
    'ok',
    'never',
    'reviewBy',
    'ownWords',
    'lead',
    'deputies',
  ]
  const later = ['team', 'grants-', 'method', 'setting', 'noticeVersion']
  return [...parts, ...later].findIndex((start) => href.startsWith(`#${start}`))
}

const formMessages: readonly (readonly [RegExp, string | undefined, string])[] = [
  [/^displayName$/, 'too-big', 'The name may have 200 characters'],
  [/^displayName$/, undefined, 'Enter the name the person goes by'],
  [/^number-NHS$/, 'too-small', 'Enter at least one number'],
  [/-issuer$/, undefined, 'Enter the code of the service that gave this number'],
  [/^number-/, 'no-repeats', 'Enter each number once'],
  [/^number-/, undefined, 'Check this number against the letter or card it comes from'],
  [/^lead$/, 'lead-is-yourself', 'Choose yourself: you are taking this agreement'],
  [/^lead$/, undefined, 'Choose the lead practitioner'],
  [/^(deputies|team)$/, 'one-relation', 'Give each person one part only'],
  [/-purpose$/, undefined, 'Choose what the sharing is for'],
  [/-sources$/, undefined, 'Choose who may tell'],
  [/-recipients$/, undefined, 'Choose who may be told'],
  [/-categories$/, undefined, 'Choose what may be shared'],
  [/-tier$/, undefined, 'Choose how much may be shared'],
  [/-until$/, 'until-after-from', 'The last day must be after the first'],
  [/-until$/, undefined, 'Enter the last day, such as 5 1 2027'],
  [/-lookBackDays$/, undefined, 'Choose from 0 to 7 days'],
  [/^setting$/, undefined, 'Choose where you met'],
  [/^method$/, undefined, 'Choose how the person agreed'],
  [/^noticeVersion$/, undefined, 'Enter the version of the notice that you went through'],
  [/^never$/, 'safe-or-never', 'A way cannot be both safe and never'],
  [/^reviewBy$/, undefined, 'Enter a date, such as 5 7 2026'],
  [/^ownWords$/, 'too-big', 'The person’s own words may have 2,000 characters'],
]

const formMessage = (id: string, rule: string): string | undefined =>
  formMessages.find(([field, only]) => field.test(id) && (only === undefined || only === rule))?.[2]

const settings: Readonly<Record<string, string>> = {
  community: 'In the community',
  custody: 'In prison or police custody',
  hospital: 'In hospital',
}
const methods: Readonly<Record<string, string>> = {
  signed: 'They signed',
  spoken: 'They said so, and I wrote it down',
}

/** Ways to reach a person, and the words for them. Others, from the API, are shown as they are coded. */
export const contactWays: Readonly<Record<string, string>> = {
  'phone-call': 'Phone call',
  text: 'Text message',
  voicemail: 'Voicemail',
  'letter-home': 'Letter to their home',
  'letter-to-service': 'Letter to a service',
  email: 'Email',
  visit: 'Visit at home',
  'through-keyworker': 'Through their keyworker',
}

export const contactWords = (way: string): string => contactWays[way] ?? inWords(way)

const items = (words: Readonly<Record<string, string>>, chosen: readonly string[]) => [
  ...Object.entries(words).map(([value, text]) => ({
    value,
    text,
    checked: chosen.includes(value),
  })),
  // What the form does not offer, but somebody recorded, must survive a change.
  ...chosen
    .filter((value) => value !== '' && !(value in words))
    .map((value) => ({ value, text: inWords(value), checked: true })),
]

const peopleItems = (directory: Directory, chosen: readonly string[]) =>
  directory.practitioners.map((one) => ({
    value: one.id,
    text: named(one, directory),
    checked: chosen.includes(one.id),
  }))

const named = ({ name, role, organisation }: DirectoryEntry, directory: Directory): string =>
  `${name}, ${inWords(role)}, ${directory.organisationName(organisation)}`

function grantView(grant: GrantForm, index: number, directory: Directory) {
  const id = (part: string): string => `grants-${index}-${part}`
  return {
    index,
    id,
    from: grant.from,
    purposes: offeredPurposes.map((value) => ({
      value,
      text: purposeWords[value],
      checked: grant.purpose === value,
    })),
    sources: items(
      Object.fromEntries(knownSources.map((one) => [one, sentence(sourceWords(one))])),
      grant.sources,
    ),
    recipients: items(recipientChoices(directory), grant.recipients),
    categories: categories.map((value) => ({
      value,
      text: sentence(categoryWords[value]),
      checked: grant.categories.includes(value),
    })),
    tiers: tiers.map((value) => ({
      value,
      text: sentence(tierWords[value]),
      checked: grant.tier === value,
    })),
    until: dateItems(grant.lastDay),
    lookBackDays: Array.from({ length: 8 }, (_, days) => ({
      value: String(days),
      text: days === 0 ? 'Nothing from before' : `${days} ${days === 1 ? 'day' : 'days'} before`,
      selected: grant.lookBackDays === String(days),
    })),
  }
}

/** `other` is nobody a person could picture: such a source is named by its own code, `other/<code>`. */
const knownSources = agencies.filter((one) => one !== 'other')

const recipientChoices = (directory: Directory): Readonly<Record<string, string>> =>
  Object.fromEntries(
    directory.practitioners.map(({ organisation, role }) => [
      `${organisation}/${role}`,
      `The ${inWords(role)} at ${directory.organisationName(organisation)}`,
    ]),
  )

const dateItems = (date: string) => {
  const [year = '', month = '', day = ''] = date.split('-')
  const number = (text: string): string => text.replace(/^0(?=\d)/, '')
  const width = (digits: number): string => `govuk-input--width-${digits}`
  return [
    { name: 'day', classes: width(2), value: number(day) },
    { name: 'month', classes: width(2), value: number(month) },
    { name: 'year', classes: width(4), value: year },
  ]
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
