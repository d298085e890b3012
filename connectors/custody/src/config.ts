import { configFromEnv } from '@throughline/service'
import { z } from 'zod'

/** How this edge behaves in one partnership. */
export const custodyOptions = z.strictObject({
  partnership: z.string().min(1).default('testshire'),
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

const environment = z.object({
  CUSTODY_DATA: z.string().min(1),
  CUSTODY_PORT: z.coerce.number().int().min(0).max(65_535).default(8081),
  CUSTODY_HOST: z.string().default('127.0.0.1'),
  /** SHA-256 of the agency's bearer token, in hex. */
  CUSTODY_TOKEN_HASH: z.string().regex(/^[0-9a-f]{64}$/),
  CUSTODY_PARTNERSHIP: z.string().default('testshire'),
  CUSTODY_UNCLAIMED_PRISON: z.enum(['drop', 'hold']).default('hold'),
  CUSTODY_UNCLAIMED_POLICE: z.enum(['drop', 'hold']).default('drop'),
})

/** What `main.ts` needs, from the environment. */
export function readEnvironment() {
  const env = configFromEnv(environment)
  return {
    data: env.CUSTODY_DATA,
    port: env.CUSTODY_PORT,
    host: env.CUSTODY_HOST,
    tokenHash: env.CUSTODY_TOKEN_HASH,
    options: custodyDefaults({
      partnership: env.CUSTODY_PARTNERSHIP,
      unclaimed: { prison: env.CUSTODY_UNCLAIMED_PRISON, police: env.CUSTODY_UNCLAIMED_POLICE },
    }),
  }
}
