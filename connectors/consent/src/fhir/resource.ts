import type { FhirIssue, JsonValue } from '@throughline/service'
import { z } from 'zod'
import { faultsOf } from '../faults.ts'
import { isSpan, type Span, spanOf } from './spans.ts'

/**
 * FHIR R4 Consent, as far as it is read: tolerant around it, strict inside a provision. What limits a
 * permit and is read past would be a disclosure nobody agreed to.
 */
const text = z.string().min(1).max(500)
const id = z.string().regex(/^[A-Za-z0-9.-]{1,64}$/)
const instant = z
  .string()
  .max(40)
  .transform((written, context): Span => {
    const read = spanOf(written)
    if (isSpan(read)) return read
    context.addIssue({ code: 'custom', message: timeAdvice[read], params: { rule: read } })
    return z.NEVER
  })
const timeAdvice = {
  'timestamp-not-readable': 'Write a date, or a time with its seconds and offset.',
  'timestamp-needs-offset': 'Write a time with Z or an offset.',
  'timestamp-impossible': 'There is no such time, or it is too far away.',
} as const

const coding = z.object({ system: text.optional(), code: text.optional() })
const concept = z.object({ coding: z.array(coding).max(50).default([]) })
const identifier = z.object({ system: text.optional(), value: text.optional() })
const reference = z.object({ reference: text.optional(), identifier: identifier.optional() })
const period = z.strictObject({
  id: text.optional(),
  extension: z.unknown().optional(),
  start: instant.optional(),
  end: instant.optional(),
})
/** Parts that say nothing by FHIR's own rules: an extension that changes a meaning has another name. */
const silent = { id: text.optional(), extension: z.unknown().optional() }
const actor = z.strictObject({ ...silent, role: concept, reference })
const permit = z.strictObject({
  ...silent,
  type: z.enum(['deny', 'permit']),
  period: period.optional(),
  actor: z.array(actor).max(20).default([]),
  purpose: z.array(coding).max(20).default([]),
})
const root = permit.extend({ provision: z.array(permit).max(20).default([]) })

const patient = z.object({
  resourceType: z.literal('Patient'),
  id: text.optional(),
  identifier: z.array(identifier).max(50).default([]),
})
const contained = z
  .array(z.looseObject({ resourceType: text }))
  .max(20)
  .default([])
  .transform((all) => all.flatMap((one) => patient.safeParse(one).data ?? []))

const common = {
  resourceType: z.literal('Consent'),
  id,
  meta: z.object({ versionId: id.optional(), lastUpdated: instant.optional() }).default({}),
  contained,
  patient: reference,
}

/** Takes back what it once said: nothing else of it matters, so nothing else can be wrong with it. */
const ended = z.object({
  ...common,
  status: z.enum(['inactive', 'rejected', 'entered-in-error']),
})

const active = z.object({
  ...common,
  status: z.literal('active'),
  scope: concept,
  category: z.array(concept).min(1).max(20),
  dateTime: instant,
  performer: z.array(reference).min(1).max(20),
  organization: z.array(reference).min(1).max(20),
  sourceReference: z.object({}).optional(),
  sourceAttachment: z.object({}).optional(),
  policy: z
    .array(z.object({ uri: text }))
    .min(1)
    .max(20),
  verification: z
    .array(z.object({ verified: z.boolean() }))
    .max(50)
    .default([]),
  provision: root,
})

export type EndedConsent = z.output<typeof ended>
export type ActiveConsent = z.output<typeof active>
export type FhirConsent = EndedConsent | ActiveConsent
export type Reference = z.output<typeof reference>
export type Permit = z.output<typeof permit>
export type Concept = z.output<typeof concept>

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly FhirIssue[] }

/** Reads a Consent; what is wrong is named by place and rule, and nothing of it is repeated. */
export function readConsent(body: JsonValue): Read<FhirConsent> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return refused('', 'not-an-object', 'Send one resource as a JSON object.')
  const resource = body as { readonly [name: string]: JsonValue }
  if (resource['resourceType'] !== 'Consent')
    return refused('resourceType', 'consent-only', 'Send a Consent.')
  const other = ofAnotherRelease(resource)
  if (other !== undefined)
    return refused(other, 'fhir-r4-only', 'This is the shape of another release; send R4.')
  for (const name of changesMeaning)
    if (Object.hasOwn(resource, name))
      return refused(name, 'not-carried', 'The register cannot keep to this.')
  const { status } = resource
  if (status === undefined) return refused('status', 'required', 'This is missing.')
  const schema = status === 'active' ? active : ended
  const read = schema.safeParse(resource)
  if (read.success) return { ok: true, value: read.data }
  const issues = faultsOf(read.error).map(
    ({ path, rule, message }): FhirIssue =>
      path === 'status' && rule === 'code'
        ? { path, rule: 'status-not-carried', message: 'Send what was agreed, or is over.' }
        : rule === 'unknown-member'
          ? { path, rule: 'not-carried', message: 'The register cannot keep to this limit.' }
          : { path, rule, message },
  )
  return { ok: false, issues }
}

/** A rule may name a whole law; the register knows notices. The others change what all else means. */
const changesMeaning = ['modifierExtension', 'implicitRules', 'policyRule'] as const

/** R5 and STU3 name the person, the decision and the provisions otherwise. */
function ofAnotherRelease(resource: { readonly [name: string]: JsonValue }): string | undefined {
  if (Array.isArray(resource['provision'])) return 'provision'
  return ['subject', 'grantor', 'decision', 'except'].find((name) => Object.hasOwn(resource, name))
}

const refused = (path: string, rule: string, message: string): Read<never> => ({
  ok: false,
  issues: [{ path, rule, message }],
})
