import { z } from 'zod'
import { dataSets } from './ndtms-codes.ts'

const setting = z.enum([
  'COMMUNITY',
  'PRISON',
  'RESIDENTIAL',
  'INPATIENT',
  'PRIMARY_CARE',
  'YOUNG_PEOPLE',
  'OUTREACH',
])

/** How this edge behaves in one partnership. */
export const treatmentOptions = z.strictObject({
  /** What happens to an event about somebody nobody claims (design, decision 6). */
  unclaimed: z.enum(['drop', 'hold']).default('hold'),
  ndtms: z
    .strictObject({
      /** Of a file that does not say its data set, by its name, its columns or `?dataset=`. */
      dataSet: z.enum(dataSets).default('P'),
      /** Agencies whose rows are taken; empty: any. */
      agencies: z.array(z.string()).default([]),
      /** Codes that this area uses besides the published lists, by column. */
      moreCodes: z.record(z.string(), z.array(z.string())).default({}),
      /** What MODSET's codes mean here. */
      settings: z.record(z.string(), setting).default({}),
      /** Which of NALOXISS's codes mean "issued", and the form each stands for. */
      naloxone: z.record(z.string(), z.string().nullable()).default({ Y: null }),
    })
    .prefault({}),
  /** The 999 range of NHS numbers: made-up people only. */
  allowTestNhsNumbers: z.boolean().default(false),
  /** Whether services trace the NHS numbers they send; one that is not traced matches nobody. */
  nhsNumbersTraced: z.boolean().default(false),
  /** Largest CSV file, in bytes. It is never in memory whole. */
  fileLimit: z
    .int()
    .min(1024)
    .default(2 * 1024 * 1024 * 1024),
  /** Longest row of one, in bytes. */
  rowLimit: z
    .int()
    .min(256)
    .default(64 * 1024),
  /** How many rows are made durable at a time. */
  chunkRows: z.int().min(1).default(500),
  /** Largest JSON request, in bytes. */
  bodyLimit: z
    .int()
    .min(1024)
    .default(1024 * 1024),
  /** Most records in one JSON request. */
  recordsMax: z.int().min(1).default(1000),
})
export type TreatmentOptions = z.output<typeof treatmentOptions>

/** Options with the defaults filled in. */
export const treatmentDefaults = (given: z.input<typeof treatmentOptions> = {}): TreatmentOptions =>
  treatmentOptions.parse(given)
