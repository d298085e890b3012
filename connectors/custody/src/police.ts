import { arrestSummonsNumber, readTimestamp } from '@throughline/domain'
import { z } from 'zod'

/**
 * Police custody, our own format: no public one exists (formats/justice.md, sections 10.3 and 10.4).
 * Strict: a member nobody knows is a mistake to be told about. README.md explains each member;
 * police-custody.schema.json is drawn from here.
 */

const code = (pattern: RegExp, doc: string) => z.string().regex(pattern).describe(doc)

const instant = (doc: string) =>
  z
    .string()
    .max(40)
    .superRefine((value, context) => {
      const read = readTimestamp(value, { zoneless: 'utc' })
      const rule = !read.ok
        ? read.rule
        : /(?:Z|[+-]\d{2}:?\d{2})$/.test(value)
          ? null
          : 'timestamp-needs-offset'
      if (rule !== null) context.addIssue({ code: 'custom', params: { rule } })
    })
    .describe(`${doc} With seconds or without, and with Z or an offset.`)

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
  recordVersion: z
    .int()
    .min(1)
    .max(9999)
    .default(1)
    .describe('1 when first told; higher when corrected. The highest is the one that holds.'),
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
          params: { rule: 'only-when-positive' },
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

/** One mistake: where, which rule, and what to do. Never what was written there. */
export interface RecordFault {
  readonly path: string
  readonly rule: string
  readonly message: string
}

const advice: Readonly<Record<string, string>> = {
  'not-an-object': 'Send one record as a JSON object.',
  required: 'This member is required.',
  type: 'This member has another type.',
  'unknown-member': 'This format has no such member.',
  'not-in-list': 'Use a value from the list in the schema.',
  size: 'This is too short, too long, too small or too large.',
  shape: 'This does not have the shape that the schema asks for.',
  'timestamp-needs-offset': 'Write the time with Z or an offset.',
  'timestamp-not-readable': 'Write the time as yyyy-mm-ddThh:mm:ssZ.',
  'timestamp-impossible': 'There is no such time.',
  'timestamp-two-zones': 'Write one offset only.',
  'only-when-positive': 'Name substances only with a positive test.',
  'in-future': 'This is later than now.',
}

export const fault = (path: string, rule: string): RecordFault => ({
  path,
  rule,
  message: advice[rule] ?? 'This number does not pass its check.',
})

/** What zod found, in our own words: its messages may quote what was written. */
export function faultsOf(error: z.ZodError): readonly RecordFault[] {
  return error.issues.flatMap((issue) => {
    const path = pathText(issue.path)
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => fault(pathText([...issue.path, key]), 'unknown-member'))
      case 'invalid_type':
        return [fault(path, issue.path.length === 0 ? 'not-an-object' : 'type')]
      case 'invalid_value':
      case 'invalid_union':
        return [fault(path, issue.path.length === 0 ? 'not-an-object' : 'not-in-list')]
      case 'too_small':
      case 'too_big':
        return [fault(path, 'size')]
      case 'custom':
        return [fault(path, String(issue.params?.['rule'] ?? 'shape'))]
      case 'invalid_format':
      case 'not_multiple_of':
      case 'invalid_element':
      case 'invalid_key':
        return [fault(path, 'shape')]
    }
  })
}

/** Names of members are the sender's words too: only what can be a name of ours or a slip of it is repeated. */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) =>
      typeof part === 'number' || /^[A-Za-z][A-Za-z_-]{0,39}$/.test(String(part))
        ? String(part)
        : '(other)',
    )
    .join('.')
}
