import { z } from 'zod'

const odsCode = z.string().regex(/^[A-Z0-9]{3,10}$/)

/** A sender's own words and the national code (or letter) that each stands for; case does not matter. */
const words = z
  .record(z.string().min(1), z.string().min(1))
  .default({})
  .transform((given) => upperKeys(given))

/**
 * How one sender writes (formats/hospital.md, section 0: three specifications that disagree, and
 * exports that follow none). What is left out is as for senders without a profile.
 */
export const senderOptions = z.strictObject({
  /** MSH-3; left out, any application of the facility. */
  application: z.string().min(1).optional(),
  /** MSH-4; left out, any facility. */
  facility: z.string().min(1).optional(),
  /** ODS code of the trust; without it the one in MSH-4, a site's shortened to its trust's. */
  provider: odsCode.optional(),
  /** `as-asked`: CA where MSH-15 asks for an accept-level answer. `original`: always AA, AE or AR. */
  acknowledge: z.enum(['as-asked', 'original']).default('as-asked'),
  /** What happens to events about people nobody claims; without it as for the whole connector. */
  unclaimed: z.enum(['drop', 'hold']).optional(),
  /** Whether a number without a tracing status counts as traced. A status that is sent always wins. */
  nhsNumbersTraced: z.boolean().optional(),
  /** A local field that holds the NHS number, such as `ZPD-2`. */
  nhsNumberField: z
    .string()
    .regex(/^[A-Z][A-Z0-9]{2}-\d{1,2}$/)
    .optional(),
  /** Names, beside the trust's ODS code, under which its own numbers are issued (CX.4). */
  localAuthorities: z.array(z.string().min(1)).default([]),
  /** Some feeds stamp London time `+0000` in July: read the clock and leave the offset. */
  ignoreOffset: z.boolean().default(false),
  /** Character set of messages whose MSH-18 names none, in the words of HL7 table 0211, such as `8859/1`. */
  charset: z.string().default(''),
  /** Words in PV1-2, and the HL7 letter of each. */
  classes: words,
  /** Words in PV1-4. */
  admissionMethods: words,
  /** Words in PV1-14. */
  admissionSources: words,
  /** Words in PV1-36 and PV1-37. */
  destinations: words,
  /** What a single digit in PV1-36 or PV1-37 is: 1 to 5 mean two things, so nothing unless told. */
  dischargeDigits: z
    .strictObject({
      inpatient: z.enum(['method', 'unknown']).default('unknown'),
      emergency: z.enum(['disposal', 'unknown']).default('unknown'),
    })
    .prefault({}),
  /** The service to which each referral code (SNOMED CT) leads. */
  referralServices: z.record(z.string(), z.string().min(1)).default({}),
  /** Local codes in OBX-3 of the two alcohol questionnaires. */
  alcoholScores: z.record(z.string(), z.enum(['AUDIT_C', 'AUDIT'])).default({}),
  /** SNOMED CT codes that this partnership has checked to mean drugs or alcohol; they count as possible. */
  possibleCodes: z.array(z.string().regex(/^\d{6,18}$/)).default([]),
})
export type SenderOptions = z.output<typeof senderOptions>

export interface SendersOptions {
  readonly nhsNumbersTraced: boolean
  readonly senders?: readonly SenderOptions[]
}

/** A sender's ways with every default filled in. */
export interface SenderProfile
  extends Omit<SenderOptions, 'application' | 'facility' | 'provider' | 'nhsNumbersTraced'> {
  /** ODS code under which its events and its own numbers are known; null where it does not say who it is. */
  readonly provider: string | null
  /** One name per trust, whatever application or format speaks: all tell of the same visits. */
  readonly system: string
  readonly nhsNumbersTraced: boolean
}

/** The profile for MSH-3 and MSH-4 of a message; the first that fits, or what all senders share. */
export function profileOf(
  options: SendersOptions,
  sendingApplication: string,
  facility: string,
): SenderProfile {
  const found = options.senders?.find(
    (one) =>
      (one.application === undefined || one.application === sendingApplication) &&
      (one.facility === undefined || one.facility === facility),
  )
  const provider = found?.provider ?? trustOf(facility)
  const system = `hospital-${provider === null ? 'unknown' : provider.toLowerCase()}`
  const nhsNumbersTraced = found?.nhsNumbersTraced ?? options.nhsNumbersTraced
  return {
    ...(found === undefined ? everybody : merged(found)),
    provider,
    system,
    nhsNumbersTraced,
  }
}

/** A site's code (five characters) begins with its trust's (three). */
export function trustOf(facility: string): string | null {
  const code = facility.trim().toUpperCase()
  if (!odsShape.test(code)) return null
  return code.length === 5 ? code.slice(0, 3) : code
}

const odsShape = /^[A-Z0-9]{3,10}$/

/** Words that mean the same wherever they stand; a sender's own come on top. */
const commonWords = {
  classes: {
    INPATIENT: 'I',
    EMERGENCY: 'E',
    OUTPATIENT: 'O',
    'DAY CASE': 'I',
    DAYCASE: 'I',
    PREADMIT: 'P',
    NA: 'N',
  },
  // The words say which group it is and no more, so they become the group's least particular code.
  admissionMethods: { EMERGENCY: '2D', ELECTIVE: '11' },
  admissionSources: { USUAL: '19' },
  destinations: { HOME: '19', USUAL: '19' },
} as const

function upperKeys(given: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).map(([word, code]) => [word.toUpperCase(), code]))
}

const mergedBySender = new WeakMap<SenderOptions, SenderOptions>()

/** Made once for each sender: a profile is asked for with every message. */
function merged(sender: SenderOptions): SenderOptions {
  const known = mergedBySender.get(sender)
  if (known !== undefined) return known
  const made = {
    ...sender,
    classes: { ...commonWords.classes, ...sender.classes },
    admissionMethods: { ...commonWords.admissionMethods, ...sender.admissionMethods },
    admissionSources: { ...commonWords.admissionSources, ...sender.admissionSources },
    destinations: { ...commonWords.destinations, ...sender.destinations },
  }
  mergedBySender.set(sender, made)
  return made
}

const everybody = merged(senderOptions.parse({}))
