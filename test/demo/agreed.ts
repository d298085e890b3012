import type { Grant, Terms } from './plan.ts'

/** What the truth knows of one person's agreement. Written from the design, not from the product. */
export interface Agreed {
  readonly versions: Version[]
  lead: string
  readonly deputies: readonly string[]
  readonly team: readonly string[]
}

export interface Version {
  readonly at: number
  readonly state: 'given' | 'withdrawn'
  readonly terms: Terms
}

/** Somebody who might be told: who they are, and as what. */
export interface Reader {
  readonly id: string
  readonly role: string
}

export type Refusal =
  | 'no-consent'
  | 'source-not-granted'
  | 'category-not-granted'
  | 'recipient-not-granted'
  | 'not-yet'
  | 'expired'
  | 'withdrawn'

/** Null when it may be told to somebody in that role at that instant; otherwise why not. */
export function refusal(
  agreed: Agreed | undefined,
  at: number,
  categories: readonly string[],
  role: string,
): Refusal | null {
  const current = agreed?.versions.at(-1)
  if (current === undefined) return 'no-consent'
  if (current.state === 'withdrawn') return 'withdrawn'
  const grants = current.terms.grants.filter(({ purpose }) => purpose === 'care-coordination')
  if (grants.length === 0) return 'no-consent'
  const reasons = grants.map((grant) => refusalOf(grant, at, categories, role))
  return reasons.includes(null) ? null : (reasons[0] ?? null)
}

function refusalOf(
  grant: Grant,
  at: number,
  categories: readonly string[],
  role: string,
): Refusal | null {
  if (!grant.sources.includes('custody')) return 'source-not-granted'
  if (!categories.every((category) => grant.categories.includes(category)))
    return 'category-not-granted'
  if (!grant.recipients.some((recipient) => recipient.role === role)) return 'recipient-not-granted'
  if (at < grant.from) return 'not-yet'
  return at < grant.until ? null : 'expired'
}

/** May custody's events reach this person's record at all, for any purpose? */
export function mayFlow(agreed: Agreed, at: number): Refusal | null {
  const current = agreed.versions.at(-1)
  if (current === undefined) return 'no-consent'
  if (current.state === 'withdrawn') return 'withdrawn'
  const { grants } = current.terms
  const fromCustody = grants.filter(({ sources }) => sources.includes('custody'))
  if (fromCustody.length === 0) return 'source-not-granted'
  if (fromCustody.some(({ from, until }) => from <= at && at < until)) return null
  return fromCustody.every(({ from }) => at < from) ? 'not-yet' : 'expired'
}

/** Practitioners of the made-up partnership who are told things as a role, not by name. */
export const dutyReaders: Readonly<Record<string, Reader>> = {
  'duty-1': { id: 'duty:testshire-recovery', role: 'duty' },
  'rx-1': { id: 'prescriber:testshire-recovery', role: 'prescriber' },
}

/** As what this practitioner works with this person; null when they do not. */
export function roleWith(agreed: Agreed, practitioner: string): string | null {
  if (agreed.lead === practitioner || agreed.deputies.includes(practitioner))
    return 'lead-practitioner'
  if (agreed.team.includes(practitioner)) return 'peer-supporter'
  return null
}

export type Tier = Grant['tier']

/** How much may be read: the grant's tier, and for the team never more than that somebody is in touch. */
export const tierFor = (terms: Terms, role: string): Tier =>
  role === 'peer-supporter' ? 'involvement' : (terms.grants[0] as Grant).tier
