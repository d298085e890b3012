import { breakGlass, type Grant, type Purpose } from '@throughline/domain'
import type { FhirIssue } from '@throughline/service'
import type { ActiveConsent, Concept, FhirConsent, Permit, Read, Reference } from './resource.ts'
import type { Span } from './spans.ts'
import { type FhirPolicy, type FhirTerms, policyOf, recipientsOf } from './terms.ts'

/** What a Consent says, in the register's words. */
export type Word =
  | { readonly kind: 'ended' }
  | {
      readonly kind: 'said'
      /** When the person said it, as exactly as it was written. */
      readonly said: Span
      readonly noticeVersion: string
      /** None: everything is denied. */
      readonly grants: readonly Grant[]
    }

/** The purposes that a permit may have (v3-ActReason). Payment, operations and research are not carried. */
const purposes: Readonly<Record<string, Purpose>> = { TREAT: 'care-coordination', BTG: breakGlass }
const actReason = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
const recipientRole = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  code: 'IRCP',
}
const privacyScope = {
  system: 'http://terminology.hl7.org/CodeSystem/consentscope',
  code: 'patient-privacy',
}
const privacyConsent = { system: 'http://loinc.org', code: '59284-0' }

/**
 * Reads a Consent of the IHE privacy-consent shape: everything denied but what is permitted, one
 * level down, to named recipients, for a time. What the register could not keep to exactly is refused.
 */
export function translate(consent: FhirConsent, terms: FhirTerms): Read<Word> {
  if (consent.status !== 'active') return { ok: true, value: { kind: 'ended' } }
  const issues = [...aboutTheForm(consent), ...aboutTheGiver(consent)]
  const [policy, ...more] = consent.policy
  const known = policy && policyOf(terms, policy.uri)
  // A notice in another version asked for something else: the person has to be asked again.
  if (known === undefined) issues.push(at('policy[0].uri', 'policy-unknown'))
  if (more.length > 0) issues.push(at('policy[1]', 'one-policy'))
  const permits = permitsOf(consent, issues)
  const grants = permits.flatMap(({ permit, path }) =>
    grantsOf({ permit, path, consent, policy: known, terms, issues }),
  )
  if (issues.length > 0 || known === undefined) return { ok: false, issues: distinct(issues) }
  const { noticeVersion } = known
  return { ok: true, value: { kind: 'said', said: consent.dateTime, noticeVersion, grants } }
}

function aboutTheForm(consent: ActiveConsent): FhirIssue[] {
  const { scope, category, sourceReference, sourceAttachment, verification } = consent
  const issues: FhirIssue[] = []
  if (!isCoded(scope, privacyScope)) issues.push(at('scope', 'scope-not-privacy'))
  if (!category.some((one) => isCoded(one, privacyConsent)))
    issues.push(at('category', 'category-not-privacy'))
  if ((sourceReference === undefined) === (sourceAttachment === undefined))
    issues.push(at('source', 'one-source'))
  const unverified = verification.findIndex(({ verified }) => !verified)
  if (unverified >= 0) issues.push(at(`verification[${unverified}].verified`, 'not-verified'))
  return issues
}

/** Somebody else's word needs a check of whether they may give it, which no reference shows. */
function aboutTheGiver({ patient, performer }: ActiveConsent): FhirIssue[] {
  if (keyOf(patient) === undefined) return [at('patient', 'required')]
  return performer.flatMap((one, n) =>
    keyOf(one) === keyOf(patient) ? [] : [at(`performer[${n}]`, 'given-by-the-person')],
  )
}

interface PermitAt {
  readonly permit: Permit
  readonly path: string
}

/** The exceptions below a denial of everything. */
function permitsOf({ provision }: ActiveConsent, issues: FhirIssue[]): readonly PermitAt[] {
  if (provision.type === 'permit') {
    issues.push(at('provision.type', 'deny-first'))
    return []
  }
  for (const part of ['actor', 'purpose'] as const)
    if (provision[part].length > 0) issues.push(at(`provision.${part}`, 'deny-everything'))
  return provision.provision.flatMap((permit, n) => {
    const path = `provision.provision[${n}]`
    if (permit.type === 'permit') return [{ permit, path }]
    issues.push(at(`${path}.type`, 'permit-only'))
    return []
  })
}

interface Granting extends PermitAt {
  readonly consent: ActiveConsent
  readonly policy: FhirPolicy | undefined
  readonly terms: FhirTerms
  readonly issues: FhirIssue[]
}

/** One grant for each purpose of a permit. */
function grantsOf({ permit, path, consent, policy, terms, issues }: Granting): readonly Grant[] {
  const before = issues.length
  const { from, until } = timeOf(consent, permit, path, issues)
  if (permit.actor.length === 0) issues.push(at(`${path}.actor`, 'recipients-named'))
  if (permit.purpose.length === 0) issues.push(at(`${path}.purpose`, 'purpose-named'))
  const recipients = permit.actor.flatMap(({ role, reference }, n) => {
    const place = `${path}.actor[${n}]`
    if (!isCoded(role, recipientRole)) issues.push(at(`${place}.role`, 'recipient-role'))
    const meant = recipientsOf(terms, keyOf(reference))
    if (meant.length === 0) issues.push(at(`${place}.reference`, 'recipient-unknown'))
    return meant
  })
  const found = permit.purpose.map(({ system, code = '' }, n) => {
    const known = system === actReason && Object.hasOwn(purposes, code)
    const purpose = known ? purposes[code] : undefined
    if (purpose === undefined) issues.push(at(`${path}.purpose[${n}]`, 'purpose-not-carried'))
    return purpose
  })
  if (found.includes(breakGlass))
    permit.actor.forEach(({ reference }, n) => {
      if (reference.reference?.startsWith('Group/') !== true)
        issues.push(at(`${path}.actor[${n}].reference`, 'break-glass-group'))
    })
  if (policy === undefined || issues.length > before) return []
  return [...new Set(found)].flatMap((purpose) => {
    if (purpose === undefined) return []
    const { sources, categories } = policy
    const tier = purpose === breakGlass ? 'involvement' : policy.tier
    const grant = { purpose, sources, recipients: distinct(recipients), categories, tier }
    return [{ ...grant, from, until, lookBackDays: 0 }]
  })
}

/** A permit lasts while its own period and the whole consent's both do; the person's word begins it. */
function timeOf(
  { dateTime, provision }: ActiveConsent,
  { period }: Permit,
  path: string,
  issues: FhirIssue[],
): Span {
  const { start = dateTime, end } = provision.period ?? {}
  const ends = [end, period?.end].flatMap((one) => (one === undefined ? [] : [one.until]))
  const from = Math.max(start.from, period?.start?.from ?? start.from)
  const until = Math.min(...ends)
  if (ends.length === 0) issues.push(at('provision.period.end', 'required'))
  else if (until <= from) {
    const whose = period === undefined ? 'provision' : path
    issues.push(at(`${whose}.period.end`, 'until-after-from'))
  }
  return { from, until }
}

/** Whom a reference means, as text; undefined where it names nobody. */
export const keyOf = ({ reference, identifier }: Reference): string | undefined =>
  reference ??
  (identifier?.system !== undefined && identifier.value !== undefined
    ? `${identifier.system}|${identifier.value}`
    : undefined)

const isCoded = (
  { coding }: Concept,
  wanted: { readonly system: string; readonly code: string },
): boolean => coding.some(({ system, code }) => system === wanted.system && code === wanted.code)

const distinct = <T>(all: readonly T[]): readonly T[] => [
  ...new Map(all.map((one) => [JSON.stringify(one), one])).values(),
]

const at = (path: string, rule: keyof typeof advice): FhirIssue => ({
  path,
  rule,
  message: advice[rule],
})

const advice = {
  required: 'This element is required.',
  'scope-not-privacy': 'Send a consent about privacy.',
  'category-not-privacy': 'Name the category LOINC 59284-0.',
  'one-source': 'Name the one document in which the person agreed.',
  'not-verified': 'This has not been verified with the person.',
  'given-by-the-person': 'Here a consent is given by the person themselves.',
  'policy-unknown': 'The notice under this policy is not one of ours: ask the person again.',
  'one-policy': 'Name one policy.',
  'deny-first': 'Deny everything first; then permit who may be told.',
  'deny-everything': 'The first denial is of everything; limits stand in the permits.',
  'permit-only': 'Below a denial of everything there are only permits.',
  'recipients-named': 'Name who may be told; nobody means everybody in FHIR.',
  'recipient-role': 'A recipient has the role IRCP.',
  'recipient-unknown': 'Nobody here is known under this reference.',
  'purpose-named': 'Name what it is for.',
  'purpose-not-carried': 'Only TREAT and BTG are carried here.',
  'break-glass-group': 'Only a named group looks in an emergency.',
  'until-after-from': 'The end must not be before the start.',
} as const
