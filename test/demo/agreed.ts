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

/** What somebody must have agreed to: of each of these agencies, each of these categories. */
export interface Needs {
  readonly sources: readonly string[]
  readonly categories: readonly string[]
}

/** Null when it may be told to somebody in that role at that instant; otherwise why not. */
export function refusal(
  agreed: Agreed | undefined,
  at: number,
  { sources, categories }: Needs,
  role: string,
): Refusal | null {
  const current = agreed?.versions.at(-1)
  if (current === undefined) return 'no-consent'
  if (current.state === 'withdrawn') return 'withdrawn'
  const grants = current.terms.grants.filter(({ purpose }) => purpose === 'care-coordination')
  if (grants.length === 0) return 'no-consent'
  // One after the other: the first that no grant covers says why. Some things ask for no category.
  for (const source of sources)
    for (const category of categories.length === 0 ? [null] : categories) {
      const reasons = grants.map((grant) => refusalOf(grant, at, source, category, role))
      if (!reasons.includes(null)) return nearest(reasons)
    }
  return null
}

/** Of several grants the one that came nearest says why not. */
const byNearness: readonly (Refusal | null)[] = [
  'source-not-granted',
  'category-not-granted',
  'recipient-not-granted',
  'not-yet',
  'expired',
]

const nearest = (reasons: readonly (Refusal | null)[]): Refusal | null =>
  byNearness.findLast((one) => reasons.includes(one)) ?? null

function refusalOf(
  grant: Grant,
  at: number,
  source: string,
  category: string | null,
  role: string,
): Refusal | null {
  if (!grant.sources.includes(source)) return 'source-not-granted'
  if (category !== null && !grant.categories.includes(category)) return 'category-not-granted'
  if (!grant.recipients.some((recipient) => recipient.role === role)) return 'recipient-not-granted'
  if (at < grant.from) return 'not-yet'
  return at < grant.until ? null : 'expired'
}

/** May an event reach this person's record at all? Somebody must be allowed to hear of it. */
export function mayFlow(agreed: Agreed, at: number, needs: Needs): Refusal | null {
  const grants = agreed.versions.at(-1)?.terms.grants ?? []
  const roles = new Set(grants.flatMap(({ recipients }) => recipients.map(({ role }) => role)))
  const refusals = [...roles].map((role) => refusal(agreed, at, needs, role))
  return refusals.includes(null) ? null : (refusals[0] ?? 'no-consent')
}

/** Since when the person has agreed without a break. */
export function agreedSince({ versions }: Agreed): number {
  const lastBreak = versions.findLastIndex(({ state }) => state === 'withdrawn')
  return versions[lastBreak + 1]?.at ?? Number.POSITIVE_INFINITY
}

/** Practitioners of the made-up partnership who are told things as a role, not by name. */
export const dutyReaders: Readonly<Record<string, Reader>> = {
  'duty-1': { id: 'duty:testshire-recovery', role: 'duty' },
  'rx-1': { id: 'prescriber:testshire-recovery', role: 'prescriber' },
}

export const asDuty = dutyReaders['duty-1'] as Reader
export const asPrescriber = dutyReaders['rx-1'] as Reader

/** As what this practitioner works with this person; null when they do not. */
export function roleWith(agreed: Agreed, practitioner: string): string | null {
  if (agreed.lead === practitioner || agreed.deputies.includes(practitioner))
    return 'lead-practitioner'
  if (agreed.team.includes(practitioner)) return 'peer-supporter'
  return null
}

export type Tier = Grant['tier']

const tiers: readonly Tier[] = ['involvement', 'headline', 'detail']

/**
 * How much may be read: of everything that it rests on the least, and for the team never more than that
 * somebody is in touch.
 */
export function tierFor(
  { grants }: Terms,
  at: number,
  { sources, categories }: Needs,
  role: string,
): Tier {
  const heard = sources.flatMap((source) =>
    (categories.length === 0 ? [null] : categories).map((category) => {
      const covering = grants.filter(
        (grant) =>
          grant.purpose === 'care-coordination' &&
          refusalOf(grant, at, source, category, role) === null,
      )
      return Math.max(...covering.map(({ tier }) => tiers.indexOf(tier)))
    }),
  )
  const least = role === 'peer-supporter' ? 0 : Math.min(...heard)
  return tiers[least] ?? 'involvement'
}
