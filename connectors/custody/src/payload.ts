import { idText, type KnownMembers, part, personReference, text } from '@throughline/intake'
import { z } from 'zod'

/** Facts particular to a type (formats/justice.md, sections 3, 4, 6.3 and 7). */
const factMembers = {
  nomsNumber: idText,
  prisonerId: idText,
  prisonerNumber: idText,
  removedNomsNumber: idText,
  movedFromNomsNumber: idText,
  movedToNomsNumber: idText,
  bookingId: idText,
  bookingStartDateTime: text,
  reason: text,
  probableCause: text,
  prisonId: text,
  nomisMovementReasonCode: idText,
  recallId: idText,
}

/**
 * An HMPPS domain event or a raw NOMIS event, read tolerantly: it is other people's format, so a member
 * of the wrong type is as good as missing, and only what is needed afterwards decides the outcome.
 */
export const domainEvent = z.object({
  eventType: text,
  version: z.unknown().optional(),
  occurredAt: text,
  publishedAt: text,
  additionalInformation: part(factMembers),
  personReference,
  prisonerId: idText,
  offenderNo: idText,
  // The raw NOMIS events keep everything at the top.
  eventDatetime: text,
  offenderIdDisplay: idText,
  previousOffenderIdDisplay: idText,
  bookingId: idText,
  movementSeq: idText,
  imprisonmentStatusSeq: idText,
  bookingStartDateTime: text,
  type: text,
})
export type DomainEvent = z.output<typeof domainEvent>

/** Members that are known and not needed; what is in neither list is counted as unknown. */
const unneeded = {
  top: [
    'description',
    'detailUrl',
    'nomisEventType',
    'offenderId',
    'bookingNumber',
    'previousBookingNumber',
    'lastAdmissionDate',
    'level',
    'active',
  ],
  facts: [
    'details',
    'currentLocation',
    'currentPrisonStatus',
    'source',
    'sentenceIds',
    'previousSentenceIds',
    'previousRecallId',
    'categoriesChanged',
    'convictedStatus',
    'alertsAdded',
    'alertsRemoved',
    'sentenceCalculationId',
    'livingUnitId',
    'bedAssignmentSeq',
    'personId',
    'contactId',
    'approvedVisitor',
    'username',
    'caseNoteId',
    'caseNoteType',
    'type',
    'subType',
  ],
}
export const knownMembers: KnownMembers = {
  top: new Set([...Object.keys(domainEvent.shape), ...unneeded.top]),
  facts: new Set([...Object.keys(factMembers), ...unneeded.facts]),
}
