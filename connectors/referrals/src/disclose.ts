import { type Disclosure, type Referral, subjectOf } from '@throughline/consent'
import { HubError } from '@throughline/domain'
import type { Principal } from '@throughline/service'
import type { ReferralDeskDeps } from './deps.ts'

export type Reader = Disclosure['recipient']
export type Practitioner = Extract<Principal, { readonly kind: 'practitioner' }>

export const readerOf = ({ id, organisation, role }: Practitioner): Reader => ({
  practitionerId: id,
  organisation,
  role,
})

/** How long a permit lives on our own clock, from before the gate was asked (assurance, section 4). */
const permitLifeMs = 3000

export interface Ask {
  readonly referral: Referral
  /** What it says, to a desk; or what became of it, to its sender. */
  readonly kind: 'referral' | 'referral-state'
}

/**
 * Shows referrals on the agreement that each carries: the gate is asked for every one and writes its
 * audit entry. `prepare` may wait and gets what was allowed; what it gives back writes the answer, in one
 * turn, while the permits live.
 */
export async function disclosed(
  { register, random, monotonicMs }: ReferralDeskDeps,
  recipient: Reader,
  asks: readonly Ask[],
  prepare: (allowed: readonly Ask[]) => Promise<() => void>,
): Promise<void> {
  const since = monotonicMs()
  const asked = asks.map((ask) => ({
    ask,
    attemptId: Buffer.from(random(18)).toString('base64url'),
  }))
  const answers =
    asks.length === 0
      ? []
      : await register.gate(
          asked.map(({ ask, attemptId }) => disclosureOf(ask, attemptId, recipient)),
        )
  const permits = answers.filter((permit) => permit.allowed)
  const settle = (outcome: 'delivered' | 'unused') =>
    register.outcome(permits.map(({ attemptId }) => ({ attemptId, outcome })))
  const allowed = new Set(permits.map(({ attemptId }) => attemptId))
  const shown = asked.filter(({ attemptId }) => allowed.has(attemptId)).map(({ ask }) => ask)
  const write = await prepare(shown).catch(async (error: unknown) => {
    await settle('unused')
    throw error
  })
  const inTime = permits.length === 0 || monotonicMs() - since < permitLifeMs
  if (!inTime || permits.some(({ until }) => register.now() >= until)) {
    await settle('unused')
    throw new HubError('HUB_REGISTER_UNAVAILABLE', 'a permit ran out before the page was ready')
  }
  write()
  await settle('delivered')
}

const disclosureOf = (
  { referral, kind }: Ask,
  attemptId: string,
  recipient: Reader,
): Disclosure => ({
  attemptId,
  personId: subjectOf(referral.referralId),
  purpose: 'care-coordination',
  sources: [referral.agency],
  categories: ['health', 'substance-use'],
  tier: kind === 'referral' ? 'detail' : 'involvement',
  recipient,
  what: { kind, id: referral.referralId },
})
