import { code, instant, recordVersion } from '@throughline/intake'
import { z } from 'zod'

/**
 * Contacts, missed doses and naloxone, in our own format: no public one exists, and a monthly file tells them too
 * late. Strict: a member nobody knows is a mistake to be told about. README.md explains each member;
 * treatment-contacts.schema.json is drawn from here.
 */

const reference = /^[A-Za-z0-9](?:[A-Za-z0-9/ ._-]{0,58}[A-Za-z0-9])?$/

const person = z
  .strictObject({
    identifiers: z
      .array(
        z.strictObject({
          type: z.enum(['NHS', 'NDTMS', 'NOMS']).describe('Which number it is.'),
          value: z
            .string()
            .min(1)
            .max(40)
            .describe('The number; an NHS number by its check digit.'),
          issuer: code(
            /^[A-Z0-9]{1,10}$/,
            'Who gave an NDTMS client reference; the provider unless said otherwise.',
          ).optional(),
        }),
      )
      .min(1)
      .max(4)
      .describe('The numbers by which the person is known, the surest first.'),
  })
  .describe('Whom it is about: numbers only, no name, birth date or address.')

const common = {
  formatVersion: z.literal(1).describe('Version of this format.'),
  provider: code(/^[A-Z0-9]{1,10}$/, 'Agency code of the treatment service, as in NDTMS.'),
  recordReference: code(
    reference,
    "The service's own number of this record; with `provider` it is what makes it the same one.",
  ),
  recordVersion,
  episodeReference: code(
    reference,
    "The service's own number of the episode (EPISODID).",
  ).optional(),
  occurredAt: instant('When it happened; for missed doses when the last of them was due.'),
  recordedAt: instant('When it was written into the record.').optional(),
  holdUntil: instant('Nobody is told before this.').optional(),
  restricted: z
    .boolean()
    .default(false)
    .describe('True: only those whom the service names are told.'),
  person,
}

const contact = z
  .strictObject({
    ...common,
    recordType: z.literal('contact'),
    contact: z.strictObject({
      attendance: z.enum(['ATTENDED', 'MISSED']).describe('Whether the person came.'),
    }),
  })
  .describe('An appointment took place, or was missed.')

const dosesMissed = z
  .strictObject({
    ...common,
    recordType: z.literal('doses-missed'),
    dosesMissed: z.strictObject({
      days: z.int().min(1).max(60).describe('How many days in a row were missed.'),
      reportedBy: z.enum(['PHARMACY', 'SERVICE']).describe('Who noticed.'),
    }),
  })
  .describe('A person missed doses of a supervised medicine.')

const naloxone = z
  .strictObject({
    ...common,
    recordType: z.literal('naloxone-supplied'),
    naloxone: z
      .strictObject({
        form: z.enum(['NASAL', 'INJECTABLE']).optional().describe('Which kit it is.'),
      })
      .default({}),
  })
  .describe('The person was given naloxone to take home.')

export const contactRecord = z.discriminatedUnion('recordType', [contact, dosesMissed, naloxone])
export type ContactRecord = z.output<typeof contactRecord>

/** The JSON Schema that services check their records against. */
export const contactsSchema = (): object => ({
  ...z.toJSONSchema(contactRecord, { io: 'input', target: 'draft-2020-12' }),
  title: 'Throughline treatment contacts, version 1',
})
