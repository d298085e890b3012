import {
  type Category,
  dateInWords,
  londonDate,
  momentInWords,
  type Purpose,
  startOfLondonDay,
  type Tier,
} from '@throughline/domain'

/** The words a person and a practitioner read. Codes stay in the ledger; these say what they mean. */
export const purposeWords: Readonly<Record<Purpose, string>> = {
  'care-coordination': 'So that the people who support you can work together',
  'duty-to-refer': 'So that you can be referred for help with housing',
  'contact-sharing': 'So that services know how to reach you',
  outcomes: 'To see whether services work, in figures that name nobody',
  research: 'For research that names nobody',
  'break-glass': 'So that a named group can help you in an emergency',
}

export const categoryWords: Readonly<Record<Category, string>> = {
  whereabouts: 'where you are (such as coming into or leaving prison)',
  justice: 'police, court, prison or probation',
  health: 'your health and hospital visits',
  'substance-use': 'drug and alcohol treatment',
  'mental-health': 'your mental health',
  housing: 'your home',
  family: 'your family',
  safety: 'your safety',
}

export const tierWords: Readonly<Record<Tier, string>> = {
  involvement: 'that a service is in touch with you, when, and who to ring',
  headline: 'the kind of thing that happened, and when',
  detail: 'the details',
}

/** A code as words: `lead-practitioner` → `lead practitioner`. */
export const inWords = (code: string): string => code.replaceAll('-', ' ')

const sourceNames: Readonly<Record<string, string>> = {
  custody: 'police custody and prisons',
  probation: 'probation and the courts',
  hospital: 'hospitals',
  housing: 'housing services',
  treatment: 'drug and alcohol treatment services',
}

export const sourceWords = (source: string): string => sourceNames[source] ?? inWords(source)

const stateNames: Readonly<Record<string, string>> = {
  given: 'Agreed',
  proposed: 'Waiting for review',
  declined: 'Declined',
  withdrawn: 'Withdrawn',
  expired: 'Ended',
  superseded: 'Replaced',
}

export const stateWords = (state: string): string => stateNames[state] ?? inWords(state)

/** A Europe/London calendar date: `5 January 2026`. */
export const dateWords = (at: number): string => dateInWords(londonDate(at))

/** The end of a half-open interval, as people say it: midnight belongs to the day before. */
export const endWords = (until: number): string =>
  until === startOfLondonDay(until) ? `the end of ${dateWords(until - 1)}` : momentInWords(until)

/** `a`, `a and b`, `a, b and c`. */
export const listWords = (words: readonly string[]): string =>
  words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`

/** UTC, to the millisecond where there is one: `2025-11-18T09:12:44Z`. */
export const iso = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z')
