import { flag, idText, type KnownMembers, part, personReference, text } from '@throughline/intake'
import { z } from 'zod'

/** Facts particular to a type (formats/justice.md, sections 5 to 7). */
const factMembers = {
  sourceCRN: idText,
  targetCRN: idText,
  reactivatedCRN: idText,
  unmergedCRN: idText,
  registrationId: idText,
  deregistrationId: idText,
  registerTypeCode: text,
  registrationDate: text,
  createdDateAndTime: text,
  updatedDateAndTime: text,
  requirementMainType: text,
  // The one id has two names.
  requirementID: idText,
  requirementId: idText,
  eventId: idText,
  outcome: text,
  /** An agreed addition: probation lets the lead practitioner know of a recall before reception. */
  releasedToLead: flag,
  licenceId: idText,
  allocationId: idText,
}

/**
 * A domain event of probation, read tolerantly: it is other people's format, so a member of the wrong
 * type is as good as missing, and only what is needed afterwards decides the outcome.
 */
export const domainEvent = z.object({
  version: z.unknown().optional(),
  occurredAt: text,
  publishedAt: text,
  detailUrl: text,
  additionalInformation: part(factMembers),
  personReference,
  // Raw Delius events keep everything at the top.
  crn: idText,
  nomsNumber: idText,
  eventDatetime: text,
})
export type DomainEvent = z.output<typeof domainEvent>

/** Members that are known, with those that are not needed; what is not here is counted as unknown. */
export const knownMembers: KnownMembers = {
  top: new Set([
    ...Object.keys(domainEvent.shape),
    'eventType',
    'description',
    'offenderId',
    'sourceId',
  ]),
  facts: new Set([
    ...Object.keys(factMembers),
    'bookingNumber',
    'registerTypeDescription',
    'registrationLevelCode',
    'registrationLevelDescription',
    'registrationCategoryCode',
    'registrationCategoryDescription',
    'deregistrationDate',
    'requirementSubType',
    'eventNumber',
    'EventNumber',
    'restrictiveRequirement',
    'OGRS3Yr1',
    'OGRS3Yr2',
    'AssessmentDate',
    'calculationId',
    'referralId',
    'recommendationUrl',
    'contactOutcome',
    'bookedBy',
    'licconditionMainType',
    'licconditionSubType',
    'licconiditionId',
    'addressId',
    'corePersonAddressId',
    'cprAddressId',
    'deliusAddressId',
  ]),
}
