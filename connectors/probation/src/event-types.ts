import type { Family } from '@throughline/intake'

/**
 * Every event type of probation's families (formats/justice.md, sections 5 to 8) and what it is to us.
 */
export type Meaning =
  | { readonly is: 'requirement-made' | 'requirement-ended' }
  | { readonly is: 'requirement-restored' | 'requirement-deleted' }
  | { readonly is: 'registration'; readonly change: 'ADDED' | 'UPDATED' | 'ENDED' }
  | { readonly is: 'registration-deleted' }
  | { readonly is: 'merged' | 'unmerged' | 'linked' | 'erased' }
  | { readonly is: 'supervision-started' | 'manager-allocated' }
  | { readonly is: 'breach-raised' | 'recall-raised' }
  | { readonly is: 'licence-activated'; readonly kind: string }
  | { readonly is: 'ignored'; readonly because: 'signal' | 'not-needed' }

/** Says nothing until the record is fetched. */
const signal: Meaning = { is: 'ignored', because: 'signal' }
/** No notice, story line or measure uses it (design, section 5). */
const notNeeded: Meaning = { is: 'ignored', because: 'not-needed' }

/** A licence that ends may only have been replaced by a variation of it, so its end is a signal. */
const licenceKinds = {
  licence: 'LICENCE',
  'hdc-licence': 'HOME_DETENTION_CURFEW',
  'prrd-licence': 'POST_RECALL_RELEASE',
  'time-served-licence': 'TIME_SERVED',
  variation: 'VARIATION',
  'hdc-variation': 'HOME_DETENTION_CURFEW_VARIATION',
}
const licences = Object.fromEntries(
  Object.entries(licenceKinds).flatMap(([name, kind]): [string, Meaning][] => [
    [`create-and-vary-a-licence.${name}.activated`, { is: 'licence-activated', kind }],
    [`create-and-vary-a-licence.${name}.inactivated`, signal],
  ]),
)

export const families: readonly Family<Meaning>[] = [
  {
    system: 'delius',
    types: {
      'probation-case.engagement.created': signal,
      'probation-case.engagement.deleted': signal,
      'probation-case.engagement.recovered': signal,
      'probation-case.deleted.gdpr': { is: 'erased' },
      'probation-case.merge.completed': { is: 'merged' },
      'probation-case.unmerge.completed': { is: 'unmerged' },
      'probation-case.prison-identifier.added': { is: 'linked' },
      'probation-case.prison-identifier.updated': { is: 'linked' },
      'probation-case.prison-identifier.deleted': signal,
      'probation-case.registration.added': { is: 'registration', change: 'ADDED' },
      'probation-case.registration.updated': { is: 'registration', change: 'UPDATED' },
      'probation-case.registration.deregistered': { is: 'registration', change: 'ENDED' },
      'probation-case.registration.deleted': { is: 'registration-deleted' },
      'probation-case.requirement.created': { is: 'requirement-made' },
      'probation-case.requirement.terminated': { is: 'requirement-ended' },
      'probation-case.requirement.unterminated': { is: 'requirement-restored' },
      'probation-case.requirement.deleted': { is: 'requirement-deleted' },
      'probation-case.supervision.created': { is: 'supervision-started' },
      'probation-case.sentence.moved': notNeeded,
      'probation-case.sentence.move': notNeeded,
      'probation-case.sentence.created': signal,
      'probation-case.sentence.amended': signal,
      'probation-case.sentence.terminated': signal,
      'probation-case.sentence.unterminated': signal,
      'probation-case.sentence.deleted': signal,
      'probation-case.personal-details.updated': notNeeded,
      'probation-case.supervision-appointment.created': signal,
      'probation-case.assessment-summary.created': notNeeded,
      'probation-case.exclusion.updated': signal,
      'probation-case.restriction.updated': signal,
      'enforcement.breach.raised': { is: 'breach-raised' },
      'enforcement.breach.concluded': notNeeded,
      'enforcement.recall.raised': { is: 'recall-raised' },
      'enforcement.recall.concluded': notNeeded,
      // Raw Delius events name their type in the attribute alone.
      OFFENDER_MANAGEMENT_TIER_CALCULATION_REQUIRED: notNeeded,
    },
    prefixes: {
      'probation-case.alias.': notNeeded,
      'probation-case.address.': notNeeded,
      'probation-case.additional-identifier.': signal,
      'probation-case.licence-condition.': notNeeded,
      'probation-case.non-statutory-intervention.': signal,
      'probation-case.risk-scores.': notNeeded,
      'probation-case.mappa-information.': notNeeded,
      'probation-case.mappa-export.': notNeeded,
      OFFENDER_: signal,
      CONVICTION_: signal,
      SENTENCE_: signal,
    },
  },
  {
    system: 'workload',
    types: {
      'person.community.manager.allocated': { is: 'manager-allocated' },
      'event.manager.allocated': notNeeded,
      'requirement.manager.allocated': notNeeded,
      'licence-condition.manager.allocated': notNeeded,
    },
  },
  { system: 'create-and-vary-a-licence', types: licences },
  {
    system: 'other-probation-services',
    types: {
      'core-person-record.probation.record.created': signal,
      'core-person-record.prison.record.created': signal,
      'core-person-record.court.record.created': signal,
      'assessment.summary.produced': notNeeded,
    },
    prefixes: {
      'core-person-record.probation.address.': notNeeded,
      // A recommendation is not a recall: the decision may be not to.
      'prison-recall.recommendation.': notNeeded,
      'tier.calculation.': notNeeded,
      'risk-assessment.scores.': notNeeded,
      'sas.accommodation.': signal,
    },
  },
]
