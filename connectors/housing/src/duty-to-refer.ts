import { code, instant } from '@throughline/intake'
import { z } from 'zod'
import { day, listCode, note, ownNumber, sharedNumbers, shortCode } from './words.ts'

/**
 * A duty-to-refer referral as it stands, our own format (formats/treatment-housing.md, section 2.2;
 * members follow the justice ministry's Single Accommodation Service). Strict; README.md explains each
 * member, and duty-to-refer.schema.json is drawn from here. What is not said is not agreed: the three
 * agreements are false unless they are there.
 */

export const acceptedReasons = ['PREVENTION_AND_RELIEF_DUTY', 'PRIORITY_NEED'] as const
export const declinedReasons = [
  'NO_LOCAL_CONNECTION',
  'INTENTIONALLY_HOMELESS',
  'REJECTED_FOR_ANOTHER_REASON',
] as const
const withdrawalReasons = [
  'NEW_REFERRAL',
  'INCORRECT_LOCAL_AUTHORITY',
  'NO_CONSENT',
  'DISENGAGED',
  'HOUSING_NEED_RESOLVED',
  'NOT_ELIGIBLE',
  'OTHER',
] as const

/** Who has the duty: Housing Act 1996, section 213B, and the regulations of 2018. Treatment services, GPs and landlords do not. */
export const statutoryBodies: ReadonlySet<string> = new Set([
  'prison',
  'young_offender_institution',
  'secure_training_centre',
  'secure_college',
  'youth_offending_team',
  'probation',
  'jobcentre_plus',
  'social_services',
  'emergency_department',
  'urgent_treatment_centre',
  'hospital_inpatient',
  'armed_forces',
])

const origin = z
  .strictObject({
    statutoryBody: z.boolean().describe('True where the body has the duty by law.'),
    bodyType: code(listCode, 'What kind of body refers, such as prison or hospital_inpatient.'),
    organisation: z.string().min(1).max(200).describe('Its name. Not passed on.'),
    referrerRole: code(listCode, 'Who referred.').nullish(),
    contactEmail: note('How to reach the referrer.', 254),
  })
  .describe('Who refers.')

const destination = z
  .strictObject({
    housingAuthority: code(/^[A-Z]\d{8}$/, 'The authority by its national statistics code.'),
    country: z.string().min(1).max(40).describe('England: the duty exists nowhere else.'),
    chosenByIndividual: z
      .boolean()
      .default(false)
      .describe('True where the person chose this authority themselves.'),
  })
  .describe('To whom.')

const consent = z
  .strictObject({
    toReferral: z.boolean().default(false).describe('The person agreed to be referred.'),
    toShareContactDetails: z
      .boolean()
      .default(false)
      .describe('The person agreed that their contact details are passed on.'),
    recordedAt: instant('When the agreement was taken.'),
    method: code(listCode, 'How it was given.').nullish(),
    policyVersion: code(shortCode, 'Which notice the person was given.').nullish(),
    withdrawnAt: instant('When the person took it back.').nullish(),
  })
  .describe('What the person agreed to, for this referral alone.')

const individual = z
  .strictObject({
    name: z.strictObject({
      given: z.string().min(1).max(100).describe('Not passed on.'),
      family: z.string().min(1).max(100).describe('Not passed on.'),
    }),
    dateOfBirth: day('Not passed on.').nullish(),
    contact: z
      .strictObject({
        phone: note('Telephone.', 40),
        email: note('E-mail address.', 254),
        contactBeforeReleaseVia: note('Who can reach the person while they are inside.', 100),
      })
      .describe('One way at least to reach the person.'),
    identifiers: sharedNumbers,
  })
  .describe('Whom it is about. Only the numbers go further than this door.')

const circumstance = z.strictObject({
  kind: z.enum(['threatened_with_homelessness', 'homeless']),
  reason: code(listCode, 'Why, such as leaving_custody.').nullish(),
  expectedDate: day('When the home is expected to be lost.').nullish(),
})

const lifecycle = z
  .strictObject({
    status: z.enum(['SUBMITTED', 'ACCEPTED', 'NOT_ACCEPTED', 'WITHDRAWN']),
    submissionDate: day('When it was submitted. Every referral begins there.'),
    referenceNumber: code(ownNumber, "The authority's own number of the referral.").nullish(),
    outcomeReason: z.enum([...acceptedReasons, ...declinedReasons]).nullish(),
    decidedOn: day('When the authority decided.').nullish(),
    withdrawalReason: z.enum(withdrawalReasons).nullish(),
    withdrawnOn: day('When it was withdrawn.').nullish(),
    submissionNote: note('Words with the submission.'),
    outcomeNote: note('Words with the outcome.'),
    withdrawalNote: note('Words with the withdrawal; needed with OTHER.'),
    expiresOn: day('The last day on which it is active: 26 weeks after submission.').nullish(),
  })
  .describe('How it stands.')

export const dutyToRefer = z
  .strictObject({
    referralId: code(ownNumber, "The referrer's own number, the same for the referral's life."),
    schemaVersion: z.literal('1.0').describe('Version of this format.'),
    recordVersion: z
      .int()
      .min(1)
      .max(9999)
      .default(1)
      .describe('1 when a status is first told; higher when what was told of it is corrected.'),
    origin,
    destination,
    consent,
    individual,
    circumstance,
    lifecycle,
    excluded: z
      .array(code(listCode, 'What was left out on purpose.'))
      .max(20)
      .default([])
      .describe('Not passed on.'),
  })
  .describe('One referral under the duty to refer, as it stands now.')
export type DutyToRefer = z.output<typeof dutyToRefer>

/** The JSON Schema that referrers check their records against. */
export const dutyToReferSchema = (): object => ({
  ...z.toJSONSchema(dutyToRefer, { io: 'input', target: 'draft-2020-12' }),
  title: 'Throughline duty to refer, version 1.0',
})
