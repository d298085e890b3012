import { agencies, categories, type RecipientRole, tiers } from '@throughline/domain'
import { z } from 'zod'

const code = z.string().regex(/^[a-z0-9][a-z0-9:./-]{0,63}$/)
const text = z.string().min(1).max(500)

/**
 * What this deployment's partners mean by their FHIR. A Consent says who and for what; the notice
 * that the person was shown, named by `Consent.policy.uri`, says what may be told and by whom.
 */
export const fhirTerms = z.strictObject({
  policies: z
    .array(
      z.strictObject({
        uri: text,
        noticeVersion: z.string().regex(/^[A-Za-z0-9.-]{1,32}$/),
        sources: z.array(z.enum(agencies)).min(1),
        categories: z.array(z.enum(categories)).min(1),
        tier: z.enum(tiers),
      }),
    )
    .default([]),
  /** Who is meant by a reference such as `Organization/123`, or by an identifier as `system|value`. */
  recipients: z
    .array(
      z.strictObject({
        reference: text,
        are: z.array(z.strictObject({ organisation: code, role: code })).min(1),
      }),
    )
    .default([]),
})

export type FhirTerms = z.output<typeof fhirTerms>
export type FhirPolicy = FhirTerms['policies'][number]

/** Nobody's FHIR is understood unless the deployment says what it means. */
export const noFhirTerms: FhirTerms = { policies: [], recipients: [] }

export const policyOf = ({ policies }: FhirTerms, uri: string): FhirPolicy | undefined =>
  policies.find((one) => one.uri === uri)

export const recipientsOf = (
  { recipients }: FhirTerms,
  key: string | undefined,
): readonly RecipientRole[] =>
  recipients.filter(({ reference }) => reference === key).flatMap(({ are }) => are)
