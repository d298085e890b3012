import type { Grant, Purpose, Tier } from '@throughline/domain'
import { categories, grantPurposes, tiers } from '@throughline/domain'
import { z } from 'zod'

/**
 * The house format of `POST /consents` and `PUT /consents/{personId}` (design, section 10). Strict:
 * an unknown member is refused, because a grant that we misread is a disclosure nobody agreed to.
 */
export interface ConsentBody {
  readonly identifiers: readonly BodyIdentifier[]
  readonly lead: string
  readonly deputies: readonly string[]
  readonly team: readonly { readonly practitionerId: string; readonly tier: Tier }[]
  readonly grants: readonly Grant[]
  readonly taken: Taken
  readonly safeContact: SafeContact
  readonly displayName: string
  readonly ownWords: string
}

export interface BodyIdentifier {
  readonly type: string
  readonly value: string
  readonly issuer?: string
}

/** How the person's agreement was taken. `at` is the practitioner's clock, milliseconds. */
export interface Taken {
  readonly by: string
  readonly at: number
  readonly setting: string
  readonly method: string
  readonly noticeVersion: string
}

/** Shown before any number. `reviewBy` is a Europe/London calendar day, `yyyy-mm-dd`. */
export interface SafeContact {
  readonly ok: readonly string[]
  readonly never: readonly string[]
  readonly reviewBy: string | null
}

export interface WithdrawalBody {
  readonly purposes: readonly Purpose[]
  readonly by: string
  readonly reason: string | null
}

export interface AssignmentBody {
  readonly practitionerId: string
  readonly relation: 'lead' | 'deputy' | 'team'
  readonly tier: Tier
}

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const code = z.string().regex(/^[a-z0-9][a-z0-9:./-]{0,63}$/)
const practitionerId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9:._-]{0,63}$/)
const freeText = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => !hasControls(text), {
      message: 'Leave out control characters.',
      params: { rule: 'plain-text' },
    })
const tier = z.enum(tiers)
const list = <T extends z.ZodType>(of: T, most: number) =>
  z
    .array(of)
    .max(most)
    .refine((all) => new Set(all.map((one) => JSON.stringify(one))).size === all.length, {
      message: 'Name each only once.',
      params: { rule: 'no-repeats' },
    })

const grant = z
  .strictObject({
    purpose: z.enum(grantPurposes),
    // Agencies are this deployment's configuration; a source nobody knows simply never matches.
    sources: list(code, 20).min(1),
    recipients: list(z.strictObject({ organisation: code, role: code }), 20).min(1),
    categories: list(z.enum(categories), categories.length).min(1),
    tier,
    from: instant,
    until: instant,
    lookBackDays: z.int().min(0).max(7).default(0),
  })
  .refine((one) => !(one.until <= one.from), {
    path: ['until'],
    message: 'The end must be after the start.',
    params: { rule: 'until-after-from' },
  })

/** Numbers as they stand on a letter or card: at least one, none twice. */
export const writtenIdentifiers = list(
  z.strictObject({
    type: z.string().regex(/^[A-Z_]{2,30}$/),
    value: z.string().min(1).max(60),
    issuer: z.string().min(1).max(40).optional(),
  }),
  20,
).min(1)

const consentBody = z.strictObject({
  identifiers: writtenIdentifiers,
  lead: practitionerId,
  deputies: list(practitionerId, 20).default([]),
  team: list(z.strictObject({ practitionerId, tier: tier.default('involvement') }), 50).default([]),
  grants: list(grant, 20).min(1),
  taken: z.strictObject({
    by: practitionerId,
    at: instant,
    setting: code,
    method: code,
    noticeVersion: z.string().regex(/^[A-Za-z0-9.-]{1,32}$/),
  }),
  safeContact: z
    .strictObject({
      ok: list(code, 20).default([]),
      never: list(code, 20).default([]),
      reviewBy: z.iso.date().nullable().default(null),
    })
    .refine(({ ok, never }) => !ok.some((way) => never.includes(way)), {
      path: ['never'],
      message: 'A way to reach the person cannot be both safe and never.',
      params: { rule: 'safe-or-never' },
    })
    .prefault({}),
  displayName: freeText(200).refine((name) => name.trim() !== '', {
    message: 'Give the name the person goes by.',
    params: { rule: 'required' },
  }),
  ownWords: freeText(2000).default(''),
})

const withdrawalBody = z.strictObject({
  purposes: list(z.enum(grantPurposes), grantPurposes.length).min(1),
  by: practitionerId.default('person'),
  reason: freeText(1000).nullable().default(null),
})

const assignmentBody = z.strictObject({
  practitionerId,
  relation: z.enum(['lead', 'deputy', 'team']),
  tier: tier.default('detail'),
})

// What the schemas read, in the words of the types above.
export const consentSchema = consentBody as unknown as z.ZodType<ConsentBody>
export const withdrawalSchema: z.ZodType<WithdrawalBody> = withdrawalBody
export const assignmentSchema: z.ZodType<AssignmentBody> = assignmentBody

/** Control characters but tabs and line ends, and the bidirectional overrides that disguise text. */
const hasControls = (text: string): boolean =>
  /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(text.replaceAll(/[\t\n\r]/g, ''))
