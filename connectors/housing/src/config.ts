import { z } from 'zod'

/** How this edge behaves in one partnership. */
export const housingOptions = z.strictObject({
  /** What happens to an event about somebody nobody claims (design, decision 6). */
  unclaimed: z.enum(['drop', 'hold']).default('hold'),
  /** From how many weeks of rent owed a landlord's crossing is told. */
  arrearsWeeks: z.int().min(1).max(52).default(8),
  /** The housing authorities whose extracts are taken; empty takes every English one. */
  authorities: z.array(z.string().regex(/^E\d{8}$/)).default([]),
  /** The landlord's code in tenancy records for each owning organisation of CORE; its own where none is named. */
  landlords: z.record(z.string(), z.string()).default({}),
  /** The 999 range of NHS numbers: made-up people only. */
  allowTestNhsNumbers: z.boolean().default(false),
  /** Whether NHS numbers in housing records were traced; one that is not traced matches nobody. */
  nhsNumbersTraced: z.boolean().default(false),
  /** Largest JSON request, in bytes. */
  bodyLimit: z
    .int()
    .min(1024)
    .default(1024 * 1024),
  /** Most records in one JSON request. */
  recordsMax: z.int().min(1).default(1000),
  /** Largest CSV file, in bytes. */
  csvBytesMax: z
    .int()
    .min(1024)
    .default(256 * 1024 * 1024),
  /** Longest row of a CSV file, in bytes. */
  csvRowBytesMax: z
    .int()
    .min(1024)
    .default(64 * 1024),
})
export type HousingOptions = z.output<typeof housingOptions>

/** Options with the defaults filled in. */
export const housingDefaults = (given: z.input<typeof housingOptions> = {}): HousingOptions =>
  housingOptions.parse(given)
