import type { Family } from '@throughline/intake'

/**
 * Every event type of the custody families (formats/justice.md, sections 3, 4, 6.3, 7 and 8.1) and what
 * it is to us. Higher `knows` wins: a raw event has no reason, the search family no code, the coded
 * event has both, and a restricted patient is in hospital whatever the movement said.
 */
export type Meaning =
  | { readonly is: 'received' | 'released'; readonly knows: 1 | 2 | 3 }
  | { readonly is: 'merged' | 'booking-moved'; readonly knows: 1 | 3 }
  | { readonly is: 'restricted-patient'; readonly knows: 4 }
  | { readonly is: 'recall-raised' | 'recall-withdrawn' | 'erased' | 'needs-booking' }
  | { readonly is: 'ignored'; readonly because: string }

/** Says nothing until the record is fetched. */
const signal: Meaning = { is: 'ignored', because: 'signal' }
/** No notice, story line or measure uses it (design, section 5). */
const notNeeded: Meaning = { is: 'ignored', because: 'not-needed' }

export const families: readonly Family<Meaning>[] = [
  {
    system: 'prison-offender-events',
    types: {
      'prison-offender-events.prisoner.received': { is: 'received', knows: 3 },
      'prison-offender-events.prisoner.released': { is: 'released', knows: 3 },
      'prison-offender-events.prisoner.merged': { is: 'merged', knows: 3 },
      'prison-offender-events.prisoner.booking.moved': { is: 'booking-moved', knows: 3 },
      'prison-offender-events.prisoner.booking.deleted': signal,
      'prison-offender-events.prisoner.imprisonment-status-changed': signal,
      'prison-offender-events.prisoner.fixed-term-recall.changed': signal,
      'prison-offender-events.prisoner.sentence-dates-changed': signal,
      'prison-offender-events.prisoner.cell.move': notNeeded,
      'prison-offender-events.prisoner.contact-added': notNeeded,
      'prison-offender-events.prisoner.contact-approved': notNeeded,
      'prison-offender-events.prisoner.contact-unapproved': notNeeded,
      'prison-offender-events.prisoner.contact-removed': notNeeded,
      'prison-offender-events.prisoner.non-association-detail.changed': notNeeded,
      'prison-offender-events.prisoner.restriction.changed': notNeeded,
      'prison-offender-events.prisoner.activities-changed': notNeeded,
      'prison-offender-events.prisoner.appointments-changed': notNeeded,
      'prison-offender-events.prisoner.video-appointment.cancelled': notNeeded,
      'prison.case-note.published': notNeeded,
    },
    prefixes: {
      'prison-offender-events.prisoner.person-restriction.': notNeeded,
      'prison-offender-events.visitor.restriction.': notNeeded,
    },
  },
  {
    system: 'prisoner-offender-search',
    types: {
      'prisoner-offender-search.prisoner.received': { is: 'received', knows: 2 },
      'prisoner-offender-search.prisoner.released': { is: 'released', knows: 2 },
      'prisoner-offender-search.prisoner.updated': { is: 'ignored', because: 'no-facts' },
      'prisoner-offender-search.prisoner.created': signal,
      'prisoner-offender-search.prisoner.removed': notNeeded,
      'prisoner-offender-search.prisoner.convicted-status-changed': notNeeded,
      'prisoner-offender-search.prisoner.alerts-updated': notNeeded,
    },
  },
  {
    system: 'restricted-patients',
    types: {
      'restricted-patients.patient.added': { is: 'restricted-patient', knows: 4 },
      'restricted-patients.patient.removed': signal,
      'restricted-patients.patient.supporting-prison-changed': notNeeded,
    },
  },
  {
    system: 'remand-and-sentencing',
    types: {
      'recall.inserted': { is: 'recall-raised' },
      'recall.updated': signal,
      'recall.deleted': { is: 'recall-withdrawn' },
    },
    prefixes: {
      'court-case.': notNeeded,
      'charge.': notNeeded,
      'sentence.': notNeeded,
    },
  },
  {
    system: 'other-prison-services',
    types: {
      'calculate-release-dates.prisoner.changed': signal,
      'core-person-record.prison.record.created': signal,
      'complexity-of-need.level.changed': notNeeded,
      'risk-assessment.scores.determined': notNeeded,
      'assessment.summary.produced': notNeeded,
    },
    prefixes: { 'risk-assessment.scores.': notNeeded },
  },
  {
    system: 'nomis',
    types: {
      'OFFENDER_MOVEMENT-RECEPTION': { is: 'received', knows: 1 },
      'OFFENDER_MOVEMENT-DISCHARGE': { is: 'released', knows: 1 },
      'EXTERNAL_MOVEMENT_RECORD-INSERTED': { is: 'needs-booking' },
      'EXTERNAL_MOVEMENT-CHANGED': { is: 'needs-booking' },
      'BOOKING_NUMBER-CHANGED': { is: 'merged', knows: 1 },
      'OFFENDER_BOOKING-REASSIGNED': { is: 'booking-moved', knows: 1 },
      'IMPRISONMENT_STATUS-CHANGED': signal,
      'SENTENCE_DATES-CHANGED': signal,
      'BED_ASSIGNMENT_HISTORY-INSERTED': notNeeded,
      'OFFENDER-UPDATED': notNeeded,
      'OFFENDER_BOOKING-CHANGED': notNeeded,
      APPOINTMENT_CHANGED: notNeeded,
      'DATA_COMPLIANCE_DELETE-OFFENDER': { is: 'erased' },
    },
    prefixes: { 'ALERT-': notNeeded },
  },
]
