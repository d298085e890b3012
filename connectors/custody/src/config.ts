import { z } from 'zod'

/** How this edge behaves in one partnership. */
export const custodyOptions = z.strictObject({
  /** What happens to an event about somebody nobody claims (design, decision 6). */
  unclaimed: z
    .strictObject({
      prison: z.enum(['drop', 'hold']).default('hold'),
      police: z.enum(['drop', 'hold']).default('drop'),
    })
    .prefault({}),
  /** `test.` and `dummy.` before an event type: not real, or (`strip`) a rehearsal that counts. */
  testEvents: z.enum(['ignore', 'strip']).default('ignore'),
  /** The 999 range of NHS numbers: made-up people only. */
  allowTestNhsNumbers: z.boolean().default(false),
  /** Whether the force traces the NHS numbers it sends; one that is not traced matches nobody. */
  nhsNumbersTraced: z.boolean().default(false),
  /** Largest request, in bytes. */
  bodyLimit: z
    .int()
    .min(1024)
    .default(1024 * 1024),
  /** Most records in one request. */
  recordsMax: z.int().min(1).default(1000),
})
export type CustodyOptions = z.output<typeof custodyOptions>

/** Options with the defaults filled in. */
export const custodyDefaults = (given: z.input<typeof custodyOptions> = {}): CustodyOptions =>
  custodyOptions.parse(given)
