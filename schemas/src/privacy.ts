/** What each field's `privacy` may be, and what that means. The README's table is checked against it. */
export const privacyClasses = {
  'pseudonymous-id':
    'A keyed or random id. Means nothing outside the hub, but joins a person’s records inside it.',
  identifier: 'A number by which an agency knows the person. Only inside encrypted records.',
  reference:
    'An agency’s own number of a case, visit or registration. Leads to the person for whoever holds that agency’s records.',
  practitioner: 'Who works with the person.',
  organisation: 'An organisation, team, court or area of responsibility.',
  time: 'When something happened, was written down or became known.',
  period: 'A quarter. No finer.',
  whereabouts: 'Where the person is, was or goes.',
  justice: 'About offences, custody, courts or supervision.',
  health: 'About physical health or care, and needs recorded with it.',
  'substance-use': 'About drugs, alcohol or their treatment.',
  'mental-health': 'About mental health.',
  housing: 'About the home, or having none.',
  family: 'About children, partners and relatives.',
  safety: 'About harm, risk or safeguarding.',
  'free-text': 'Words or raw messages. May hold anything the classes above name.',
  code: 'About the record itself: versions, precision, rule names, kinds. Tells nothing about the person alone.',
  sealed: 'Ciphertext and what belongs to it.',
  banded: 'A fact about one pseudonymous person, in bands.',
  aggregate: 'A figure about many people.',
} as const satisfies Record<string, string>

export type PrivacyClass = keyof typeof privacyClasses

/** The categories a person may grant. A field of one of these classes needs it among its event's categories. */
export const consentCategories = [
  'whereabouts',
  'justice',
  'health',
  'substance-use',
  'mental-health',
  'housing',
  'family',
  'safety',
] as const satisfies readonly PrivacyClass[]
