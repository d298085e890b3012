import { dateInWords, londonDate } from '@throughline/domain'

/**
 * The lists of our own format, with what people read on the pages. Sources follow the referral sources
 * of the treatment data set (formats/treatment-housing.md, 1.4); the reasons after the first ten are the
 * prompting events of the criminal-justice teams' form (1.5).
 */

/** Who refers, with the treatment data set's own number (RFLS) where it has one. */
export const sourceKinds = {
  self: { text: 'The person themselves', rfls: '4' },
  relative: { text: 'A relative, partner or carer', rfls: '24' },
  gp: { text: 'GP or primary care', rfls: '3' },
  pharmacy: { text: 'Pharmacy', rfls: '10' },
  'emergency-department': { text: 'Emergency department', rfls: '9' },
  hospital: { text: 'Hospital', rfls: '22' },
  'hospital-alcohol-team': { text: 'Hospital alcohol team', rfls: null },
  psychiatry: { text: 'Psychiatry or mental health liaison', rfls: '11' },
  'liaison-and-diversion': { text: 'Liaison and diversion', rfls: null },
  police: { text: 'Police', rfls: null },
  'arrest-referral': { text: 'Custody suite (arrest referral)', rfls: '5' },
  court: { text: 'Court', rfls: null },
  probation: { text: 'Probation', rfls: '8' },
  prison: { text: 'Prison', rfls: '13' },
  'youth-justice': { text: 'Youth justice', rfls: null },
  housing: { text: 'Housing service', rfls: null },
  outreach: { text: 'Street outreach', rfls: null },
  jobcentre: { text: 'Jobcentre', rfls: '14' },
  'social-services': { text: 'Social services', rfls: '19' },
  education: { text: 'School or college', rfls: '16' },
  'treatment-service': { text: 'Drug or alcohol service', rfls: '2' },
  'food-bank': { text: 'Food bank', rfls: null },
  other: { text: 'Somebody else', rfls: '15' },
} as const satisfies Readonly<Record<string, { text: string; rfls: string | null }>>

export const reasons = {
  'drug-use': 'Drug use',
  'alcohol-use': 'Drinking',
  'drug-and-alcohol-use': 'Drugs and drinking',
  overdose: 'After an overdose',
  'after-care': 'Support after treatment',
  'mental-health': 'Mental health',
  'physical-health': 'Physical health',
  'blood-borne-virus': 'Test or treatment for a blood-borne virus',
  'carer-support': 'Help for a carer or relative',
  other: 'Something else',
  'required-assessment-after-positive-test': 'Required assessment after a positive test',
  'restriction-on-bail': 'Restriction on bail',
  'conditional-caution': 'Conditional caution',
  'pre-sentence-report': 'Pre-sentence report',
  'required-by-offender-manager': 'Required by probation',
  'voluntary-after-release': 'Their choice, after release',
  'voluntary-after-cell-sweep': 'Their choice, met in a cell',
  'voluntary-via-liaison-and-diversion': 'Their choice, through liaison and diversion',
  'voluntary-other': 'Their choice, another way',
} as const satisfies Readonly<Record<string, string>>

export const conditions = {
  alcohol: 'Alcohol',
  opiates: 'Opiates',
  'non-opiates': 'Other drugs',
  'non-opiates-and-alcohol': 'Other drugs and alcohol',
  'mental-health': 'Mental health',
  'physical-health': 'Physical health',
  other: 'Something else',
} as const satisfies Readonly<Record<string, string>>

/** Ways to reach somebody: safe, or never to be used. */
export const contactWays = {
  call: 'Phone call',
  text: 'Text message',
  voicemail: 'Voicemail',
  email: 'E-mail',
  'letter-to-home': 'Letter to where they live',
  'letter-to-service': 'Letter to the service',
  'through-referrer': 'Through whoever refers them',
} as const satisfies Readonly<Record<string, string>>

export const news = {
  received: 'that you have the referral',
  accepted: 'whether you accept it',
  attended: 'whether they came',
} as const

export const agreedHow = {
  signed: 'Signed',
  spoken: 'Said so, face to face',
  'by-phone': 'Said so, on the phone',
} as const satisfies Readonly<Record<string, string>>

/** The codes of a list, for a schema. */
export const codesOf = <K extends string>(words: Readonly<Record<K, unknown>>): [K, ...K[]] =>
  Object.keys(words) as [K, ...K[]]

/** Why a service cannot take somebody. The referrer hears it with the answer. */
export const declines = {
  'not-our-service': 'It is not what this service does',
  'out-of-area': 'They live outside the area',
  'could-not-reach': 'We could not reach them',
  'with-us-already': 'They are with us already',
  'no-room': 'There is no room now',
  other: 'Something else',
} as const satisfies Readonly<Record<string, string>>

/** What a desk may answer, in the words of its page. */
export const deskAnswers = {
  accepted: 'We will see them',
  attended: 'They came',
  'not-attended': 'They did not come',
  declined: 'We cannot take this referral',
  'taken-back': 'They do not want it any more',
} as const
export type DeskAnswer = keyof typeof deskAnswers

const stateNames: Readonly<Record<string, string>> = {
  received: 'Received',
  accepted: 'Accepted',
  declined: 'They cannot take it',
  attended: 'They came',
  'not-attended': 'They did not come',
  withdrawn: 'Taken back',
  lapsed: 'Nobody decided',
  'not-shared': 'Sent',
}

export const stateWords = (state: string): string => stateNames[state] ?? state

/** A Europe/London calendar date: `5 January 2026`. */
export const dateWords = (at: number): string => dateInWords(londonDate(at))

/** UTC, to the millisecond where there is one: `2025-11-18T09:12:44Z`. */
export const iso = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z')
