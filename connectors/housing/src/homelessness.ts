import type { CsvLayout } from '@throughline/intake'

/**
 * A homelessness extract: our flattening of the national case return (H-CLIC), one duty a row, read by
 * label and never by position (formats/treatment-housing.md, sections 2.1 and 7). The return itself is
 * XML with an unpublished specification.
 */
export const homelessnessLayout: CsvLayout = {
  required: [
    'case_id',
    'la_code',
    'lead_person_id',
    'assessment_date',
    'duty_owed',
    'support_needs',
    'duty_end_date',
    'duty_end_reason',
  ],
  optional: [
    'application_date',
    'referral_in',
    'referral_body',
    'circumstance',
    'reason_loss',
    'accommodation_at_application',
    'accommodation_secured',
  ],
}

export const duties = { prevention: 'PREVENTION', relief: 'RELIEF', main: 'MAIN' } as const

/** The 24 published support needs, by the extract's code. A household may have several, so they add up to no number of households. */
export const supportNeeds: ReadonlyMap<string, string> = new Map([
  ['young_person_16_17', 'young person aged 16-17'],
  ['young_person_18_25', 'young person aged 18-25'],
  ['young_parent', 'young parent'],
  ['care_leaver_18_20', 'care leaver aged 18-20'],
  ['care_leaver_21_24', 'care leaver aged 21-24'],
  ['care_leaver_25_over', 'care leaver aged 25 or over'],
  ['care_leaver_21_over', 'care leaver aged 21 or over'],
  ['physical_ill_health_disability', 'physical ill health or disability'],
  ['mental_health_history', 'history of mental health problems'],
  ['learning_disability', 'learning disability'],
  ['sexual_abuse', 'at risk of or has experienced sexual abuse'],
  ['domestic_abuse', 'at risk of or has experienced domestic abuse'],
  ['abuse_non_domestic', 'at risk of or has experienced abuse (non-domestic)'],
  ['drug_dependency', 'drug dependency needs'],
  ['alcohol_dependency', 'alcohol dependency needs'],
  ['offending_history', 'offending history'],
  ['repeat_homelessness_history', 'history of repeat homelessness'],
  ['rough_sleeping_history', 'history of rough sleeping'],
  ['former_asylum_seeker', 'former asylum seeker'],
  ['old_age', 'old age'],
  ['hm_forces', 'served in HM Forces'],
  ['education_employment_training', 'access to education, employment or training'],
  ['modern_slavery', 'victim of modern slavery'],
  ['difficulties_budgeting', 'difficulties budgeting'],
])

/** Instead of a need: there is none, or nobody asked. */
export const noNeeds: ReadonlySet<string> = new Set(['none', 'unknown', ''])

/** Whether a duty ended with somewhere to live for six months or more; the reasons that do not tell are not here. */
export const housedBy: ReadonlyMap<string, boolean> = new Map([
  ['accommodation_secured_6m', true],
  ['accommodation_secured_6m_stayed', true],
  ['accommodation_secured_6m_moved', true],
  ['part_6_offer_accepted', true],
  ['private_offer_accepted', true],
  ['homeless_relief_started', false],
  ['part_6_offer_refused', false],
  ['private_offer_refused', false],
])
