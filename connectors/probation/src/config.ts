import { z } from 'zod'
import { requirementRules } from './requirements.ts'

/** How this edge behaves in one partnership. */
export const probationOptions = z.strictObject({
  /** What happens to an event about somebody nobody claims (design, decision 6). */
  unclaimed: z.enum(['drop', 'hold']).default('hold'),
  /** `test.` and `dummy.` before an event type: not real, or (`strip`) a rehearsal that counts. */
  testEvents: z.enum(['ignore', 'strip']).default('ignore'),
  /** Which requirements and court results are treatment requirements. */
  requirements: requirementRules,
  /** Registers that tell somebody who meets the person how to stay safe; no other is carried. */
  registers: z
    .array(z.string().regex(/^[A-Z0-9]{1,10}$/))
    .default(['RHRH', 'RMRH', 'MAPP', 'ADVP', 'REG30', 'SPO', 'RCPR']),
  /** When a recall may be told: once prison has received the person, or as soon as probation raises it. */
  recalls: z.enum(['after-reception', 'at-once']).default('after-reception'),
  /** Largest request, in bytes. */
  bodyLimit: z
    .int()
    .min(1024)
    .default(1024 * 1024),
  /** Most records in one request. */
  recordsMax: z.int().min(1).default(1000),
})
export type ProbationOptions = z.output<typeof probationOptions>

/** Options with the defaults filled in. */
export const probationDefaults = (given: z.input<typeof probationOptions> = {}): ProbationOptions =>
  probationOptions.parse(given)
