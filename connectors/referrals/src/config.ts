import { z } from 'zod'

const code = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/)

/** How this edge behaves in one partnership. */
export const referralOptions = z.strictObject({
  /** What happens to an event about somebody nobody claims (design, decision 6). A desk's copy needs no claim. */
  unclaimed: z.enum(['drop', 'hold']).default('hold'),
  /** Organisation codes of the services that keep an intake desk here. Others are not sent what a referral says. */
  desks: z.array(code).default([]),
  /** The 999 range of NHS numbers: made-up people only. */
  allowTestNhsNumbers: z.boolean().default(false),
  /** Whether senders trace the NHS numbers they send; one that is not traced matches nobody. */
  nhsNumbersTraced: z.boolean().default(false),
  /** Largest request, in bytes. */
  bodyLimit: z
    .int()
    .min(1024)
    .default(1024 * 1024),
  /** Most records in one request. */
  recordsMax: z.int().min(1).default(200),
})
export type ReferralOptions = z.output<typeof referralOptions>

/** Options with the defaults filled in. */
export const referralDefaults = (given: z.input<typeof referralOptions> = {}): ReferralOptions =>
  referralOptions.parse(given)
