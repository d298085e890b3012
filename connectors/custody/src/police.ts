import { arrestSummonsNumber } from '@throughline/domain'
import { code, instant, recordVersion } from '@throughline/intake'
import { z } from 'zod'

/**
 * Police custody, our own format: no public one exists (formats/justice.md, sections 10.3 and 10.4).
 * Strict: a member nobody knows is a mistake to be told about. README.md explains each member;
 * police-custody.schema.json is drawn from here.
 */

const arrestNumber = z
  .string()
  .max(30)
  .superRefine((value, context) => {
    const checked = arrestSummonsNumber(value)
    if (!checked.ok) context.addIssue({ code: 'custom', params: { rule: checked.rule } })
  })
  .describe('Arrest summons number (POLE DS_073), checked by its letter.')

const person = z
  .strictObject({
    identifiers: z
      .array(
        z.strictObject({
          type: z.enum(['PNC', 'CRO', 'NOMS', 'NHS']).describe('Which number it is.'),
          value: z.string().min(1).max(20).describe('The number; checked by its letter or digit.'),
        }),
      )
      .min(1)
      .max(8)
      .describe('The numbers by which the person is known, the surest first.'),
  })
  .describe('Whom it is about (POLE P_002): numbers only, no name, birth date or address.')

const common = {
  formatVersion: z.literal(1).describe('Version of this format.'),
  force: code(
    /^[A-Z0-9]{2}$/,
    'Police force, the two characters that start its arrest summons numbers.',
  ),
  custodyReference: code(
    /^[A-Za-z0-9](?:[A-Za-z0-9/ .-]{0,38}[A-Za-z0-9])?$/,
    "The force's own custody record number.",
  ),
  sequence: z
    .int()
    .min(1)
    .max(999)
    .default(1)
    .describe('Which one, where a custody record has several of a kind, such as a second test.'),
  recordVersion,
  occurredAt: instant('When it happened.'),
  recordedAt: instant('When it was written into the custody record.').optional(),
  custodySuite: code(/^[A-Za-z0-9-]{1,20}$/, "The custody suite, by the force's code.").optional(),
  arrestSummonsNumber: arrestNumber.optional(),
  holdUntil: instant(
    'Nobody is told before this, such as while another arrest is under way.',
  ).optional(),
  restricted: z
    .boolean()
    .default(false)
    .describe('True: only those whom the force names are told.'),
  person,
}

const arrest = z
  .strictObject({
    ...common,
    recordType: z.literal('arrest'),
    arrest: z.strictObject({
      reason: code(
        /^[A-Z0-9_-]{1,30}$/,
        "Why (POLE DS_086), from the force's code list.",
      ).optional(),
      openPrescription: z
        .enum(['YES', 'NO', 'UNKNOWN'])
        .default('UNKNOWN')
        .describe(
          'Whether a prescription is open whose doses may now be missed, such as methadone.',
        ),
    }),
  })
  .describe('Somebody was arrested and brought into custody.')

const drugTest = z
  .strictObject({
    ...common,
    recordType: z.literal('drug-test'),
    drugTest: z
      .strictObject({
        grounds: z.enum(['TRIGGER_OFFENCE', 'INSPECTOR_AUTHORITY', 'NOT_STATED']),
        outcome: z.enum(['POSITIVE', 'NEGATIVE', 'NOT_TESTED', 'REFUSED', 'VOID']),
        substances: z
          .array(z.enum(['COCAINE', 'OPIATES', 'OTHER']))
          .max(3)
          .default([])
          .describe('What it was positive for; empty otherwise.'),
        assessment: z
          .strictObject({
            required: z.boolean().describe('True when the person must see a drugs worker.'),
            at: instant('When.').optional(),
          })
          .optional(),
      })
      .superRefine(({ outcome, substances }, context) => {
        if (outcome === 'POSITIVE' || substances.length === 0) return
        context.addIssue({
          code: 'custom',
          path: ['substances'],
          params: {
            rule: 'only-when-positive',
            message: 'Name substances only with a positive test.',
          },
        })
      }),
  })
  .describe('A saliva test for drugs was asked for in custody.')

const release = z
  .strictObject({
    ...common,
    recordType: z.literal('release'),
    release: z.strictObject({
      disposal: z
        .enum([
          'CHARGED',
          'BAILED',
          'RELEASED_UNDER_INVESTIGATION',
          'NO_FURTHER_ACTION',
          'OUT_OF_COURT',
          'REMANDED_TO_COURT',
        ])
        .describe('How custody ended.'),
      bailUntil: instant('When bail is to be answered.').optional(),
    }),
  })
  .describe('Somebody left police custody, or was taken on to court.')

export const policeRecord = z.discriminatedUnion('recordType', [arrest, drugTest, release])
export type PoliceRecord = z.output<typeof policeRecord>

/** The JSON Schema that forces check their records against. */
export const policeSchema = (): object => ({
  ...z.toJSONSchema(policeRecord, { io: 'input', target: 'draft-2020-12' }),
  title: 'Throughline police custody record, version 1',
})
