import { code, instant, recordVersion } from '@throughline/intake'
import { z } from 'zod'
import { agreedHow, codesOf, conditions, contactWays, news, reasons, sourceKinds } from './words.ts'

/**
 * What any other source sends, our own format. Strict: a member nobody knows is a mistake to be told
 * about. README.md explains each member; referral.schema.json is drawn from here. What is not said is not
 * agreed. There is no member for an address: one that is somebody else's, or a refuge, stays with the sender.
 */

const reference = /^[A-Za-z0-9](?:[A-Za-z0-9/._-]{0,58}[A-Za-z0-9])?$/
const organisation = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/

const identifiers = z
  .array(
    z.strictObject({
      type: z
        .enum(['NHS', 'NOMS', 'CRN', 'PNC', 'CRO', 'MRN', 'NDTMS', 'HOUSING_APPLICATION', 'CJIT'])
        .describe('Which number it is.'),
      value: z.string().min(1).max(64).describe('The number; checked by its letter or digit.'),
      issuer: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .describe('Who gave it, for MRN, NDTMS and HOUSING_APPLICATION.'),
    }),
  )
  .max(8)

const common = {
  formatVersion: z.literal(1).describe('Version of this format.'),
  source: z
    .strictObject({
      organisation: code(organisation, 'Who tells us: their own short code, always the same.'),
      kind: z.enum(codesOf(sourceKinds)).describe('What kind of source it is.'),
    })
    .describe('Where it comes from.'),
  recordReference: code(
    reference,
    "The source's own number of this record; with `source.organisation` it is what makes it the same one.",
  ),
  recordVersion,
  occurredAt: instant('When it happened.'),
  recordedAt: instant('When it was written into the record.').optional(),
}

const told = {
  ...common,
  holdUntil: instant('Nobody is told before this.').optional(),
  restricted: z
    .boolean()
    .default(false)
    .describe('True: only those whom the source names are told.'),
}

const known = z
  .strictObject({ identifiers: identifiers.min(1).describe('The surest number first.') })
  .describe('Whom it is about: numbers only.')

const text = (most: number, doc: string) => z.string().trim().min(1).max(most).describe(doc)

const ways = z.array(z.enum(codesOf(contactWays))).max(10)

const contact = z
  .strictObject({
    phone: z
      .string()
      .regex(/^\+?[0-9][0-9 ()-]{5,24}$/)
      .describe('Telephone. Taken only where it is their own.')
      .optional(),
    email: z.email().max(254).describe('E-mail. Taken only where it is their own.').optional(),
    isTheirOwn: z
      .boolean()
      .default(false)
      .describe("True where both are the person's own, and not a relative's or a hostel's."),
    ok: ways.default([]).describe('Ways of reaching them that are safe.'),
    never: ways.default([]).describe('Ways that must never be used.'),
    reviewBy: z.iso.date().describe('Ask again by then.').optional(),
  })
  .refine(({ ok, never }) => !ok.some((way) => never.includes(way)), {
    path: ['never'],
    params: { rule: 'safe-or-never', message: 'A way cannot be both safe and never to be used.' },
  })

const referral = z
  .strictObject({
    ...told,
    recordType: z.literal('referral'),
    person: z
      .strictObject({
        identifiers: identifiers.default([]).describe('Numbers, where any are known.'),
        name: z
          .strictObject({
            given: text(100, 'For the desk alone.'),
            family: text(100, 'For the desk alone.'),
          })
          .optional(),
        dateOfBirth: z.iso.date().describe('For the desk alone.').optional(),
      })
      .describe('Whom it is about. Only the numbers go further than the desk.'),
    contact: contact.describe('How to reach them, for the desk alone.').optional(),
    referral: z.strictObject({
      toService: code(organisation, 'Code of the service referred to.'),
      reason: z.enum(codesOf(reasons)).describe('Why.').optional(),
      condition: z.enum(codesOf(conditions)).describe('What for.').optional(),
      referrerRole: code(organisation, "The referrer's own role. For the desk alone.").optional(),
      toAttendBy: instant('When the person is expected by.').optional(),
      alcoholScore: z
        .strictObject({
          instrument: z.enum(['AUDIT', 'AUDIT_C']).describe('Which questionnaire.'),
          score: z.int().min(0).max(40).describe('AUDIT 0 to 40, AUDIT_C 0 to 12.'),
        })
        .refine(({ instrument, score }) => instrument === 'AUDIT' || score <= 12, {
          path: ['score'],
          params: { rule: 'score-range', message: 'AUDIT-C goes from 0 to 12.' },
        })
        .optional(),
      note: text(2000, 'What else the desk should know. For the desk alone.').optional(),
    }),
    agreement: z
      .strictObject({
        toReferral: z
          .boolean()
          .default(false)
          .describe('The person agreed that this service gets this referral.'),
        referrerMayHear: z
          .array(z.enum(codesOf(news)))
          .max(3)
          .default([])
          .describe('What the person agreed that whoever refers them hears.'),
        recordedAt: instant('When they agreed.').optional(),
        method: z.enum(codesOf(agreedHow)).describe('How they agreed.').optional(),
      })
      .describe('What the person agreed to, for this referral alone.'),
  })
  .describe('Somebody is referred to a service.')

const answer = z
  .strictObject({
    ...told,
    recordType: z.literal('referral-answer'),
    person: known,
    referralAnswer: z.strictObject({
      referralReference: code(reference, 'The number that the referral was made under.'),
      answer: z.enum(['received', 'accepted', 'declined', 'attended', 'not-attended']),
    }),
  })
  .describe('A service that has no desk here answers a referral.')

const withdrawal = z
  .strictObject({
    ...common,
    recordVersion: z
      .int()
      .min(1)
      .max(9999)
      .default(9999)
      .describe('Takes back this version and those below it; all of them when left out.'),
    recordType: z.literal('withdrawal'),
    withdrawal: z.strictObject({
      of: z
        .enum([
          'referral',
          'referral-answer',
          'naloxone-used',
          'training',
          'safeguarding-concern',
          'exploitation-concern',
          'death-report',
        ])
        .describe('What sort of record `recordReference` names.'),
      reason: z
        .enum(['person-took-it-back', 'sent-in-error', 'no-longer-needed'])
        .describe('Why.')
        .optional(),
    }),
  })
  .describe('A record is taken back.')

const naloxone = z
  .strictObject({
    ...told,
    recordType: z.literal('naloxone-used'),
    person: known,
    naloxone: z.strictObject({
      setting: z.enum(['home', 'street', 'hostel', 'custody', 'vehicle', 'other']).optional(),
      outcome: z.enum(['recovered', 'ambulance', 'hospital', 'died', 'unknown']).optional(),
    }),
  })
  .describe('Naloxone was given to somebody.')

const training = z
  .strictObject({
    ...told,
    recordType: z.literal('training'),
    person: known,
    training: z.strictObject({
      kind: z.enum(['overdose-response', 'naloxone', 'safer-injecting', 'recovery', 'other']),
      completed: z.boolean().describe('True when they finished it.'),
    }),
  })
  .describe('Somebody took part in training.')

const concern = z.strictObject({
  kind: code(/^[a-z][a-z-]{0,59}$/, 'What kind, from the agreed list.').optional(),
})

const safeguarding = z
  .strictObject({
    ...told,
    recordType: z.literal('safeguarding-concern'),
    person: known,
    concern,
  })
  .describe('A safeguarding concern. Goes to safeguarding roles only.')

const exploitation = z
  .strictObject({
    ...told,
    recordType: z.literal('exploitation-concern'),
    person: known,
    concern,
  })
  .describe('A concern that somebody is being exploited. Goes to safeguarding roles only.')

const death = z
  .strictObject({
    ...told,
    recordType: z.literal('death-report'),
    person: known,
    death: z.strictObject({
      basis: z
        .enum(['prison', 'hospital', 'treatment', 'other'])
        .describe('What kind of source the report rests on.'),
    }),
  })
  .describe('A source reports that somebody has died.')

export const otherRecord = z.discriminatedUnion('recordType', [
  referral,
  answer,
  withdrawal,
  naloxone,
  training,
  safeguarding,
  exploitation,
  death,
])
export type OtherRecord = z.output<typeof otherRecord>
export type ReferralRecord = Extract<OtherRecord, { recordType: 'referral' }>
export type WrittenRecord = z.input<typeof otherRecord>

/** The JSON Schema that sources check their records against. */
export const referralSchema = (): object => ({
  ...z.toJSONSchema(otherRecord, { io: 'input', target: 'draft-2020-12' }),
  title: 'Throughline referrals and other records, version 1',
})
