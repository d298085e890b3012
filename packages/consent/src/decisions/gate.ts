import {
  type Agreement,
  allows,
  allowsBreakGlass,
  allowsLeadLookup,
  type Tier,
} from '@throughline/domain'
import type { Disclosure, DisclosureOutcome, Permit } from '../port.ts'
import {
  type AttemptRow,
  type AuditEntry,
  noWrites,
  type PersonRow,
  type ReferralRow,
  type Write,
  type Writes,
} from '../rows.ts'
import { referralPermit } from './referrals.ts'

/** How long a permit lives, in ms: S of assurance section 4, less than the 5 s of invariant C2. */
export const permitMs = 3000

/** When an attempt without an outcome is written down as `unknown` (invariant C4). */
export const silentMsMax = 60_000

export interface GateNeeds {
  /** In id order: the order in which an adapter locks them. */
  readonly people: readonly string[]
  readonly attempts: readonly string[]
  readonly referrals: readonly string[]
}

export interface GateRows {
  readonly people: ReadonlyMap<string, PersonRow>
  readonly agreements: readonly Agreement[]
  readonly attempts: ReadonlyMap<string, AttemptRow>
  readonly referrals: ReadonlyMap<string, ReferralRow>
}

/** The rows that a decision about these disclosures reads and locks. */
export const gateNeeds = (disclosures: readonly Disclosure[]): GateNeeds => ({
  people: [...new Set(disclosures.map(({ personId }) => personId))].toSorted(),
  attempts: disclosures.map(({ attemptId }) => attemptId),
  referrals: disclosures.flatMap(({ what }) => (isOfReferral(what) ? [what.id] : [])),
})

const isOfReferral = ({ kind }: Disclosure['what']): boolean =>
  kind === 'referral' || kind === 'referral-state'

/**
 * May each of these be shown now? Every answer, yes or no, leaves its audit entry in the same
 * transaction. `now` is the register's time, read after the people's rows were locked.
 */
export function decideGate(
  rows: GateRows,
  disclosures: readonly Disclosure[],
  now: number,
): { readonly answer: readonly Permit[]; readonly writes: Writes } {
  const permits: Permit[] = []
  const writes: Write[] = []
  const audit: AuditEntry[] = []
  const asked = new Set<string>()
  for (const disclosure of disclosures) {
    const { attemptId } = disclosure
    // One attempt, one intent: a second passage needs a new id.
    const known = rows.attempts.has(attemptId) || asked.has(attemptId)
    asked.add(attemptId)
    const decided = known ? ('attempt-known' as const) : permitFor(rows, disclosure, now)
    if (typeof decided === 'string') {
      permits.push({ attemptId, allowed: false, reason: decided })
      audit.push({ kind: 'refused', facts: { ...factsOf(disclosure), reason: decided } })
      continue
    }
    const { tier, until, consentVersion } = decided
    permits.push({ attemptId, allowed: true, tier, until, consentVersion })
    writes.push({ table: 'attempts', key: attemptId, row: decided })
    audit.push({
      kind: 'intending',
      facts: {
        ...factsOf(disclosure),
        tier,
        until,
        consentVersion,
        agreementIds: decided.agreementIds,
      },
    })
  }
  return { answer: permits, writes: { ...noWrites, rows: writes, audit } }
}

function permitFor(rows: GateRows, disclosure: Disclosure, now: number): AttemptRow | string {
  const { attemptId, personId, purpose, sources, categories, recipient, what } = disclosure
  const allowance = isOfReferral(what)
    ? ofReferral(rows, disclosure, now)
    : ofPerson(rows, disclosure, now)
  if (!allowance.ok) return allowance.reason
  return {
    attemptId,
    personId,
    at: now,
    until: Math.min(now + permitMs, allowance.until),
    purpose,
    sources,
    categories,
    tier: allowance.tier,
    recipient: recipient.practitionerId,
    organisation: recipient.organisation,
    role: recipient.role,
    kind: what.kind,
    id: what.id,
    consentVersion: allowance.consentVersion,
    agreementIds: allowance.agreementIds,
    outcome: null,
    outcomeAt: null,
  }
}

function ofPerson(rows: GateRows, disclosure: Disclosure, now: number): Allowance {
  const { personId, purpose, sources, categories, recipient, what, tier } = disclosure
  const person = rows.people.get(personId)
  if (!person) return { ok: false, reason: 'no-consent' }
  if (what.kind === 'lead') return allowsLeadLookup(person, rows.agreements, { recipient, now })
  if (what.kind === 'break-glass') return allowsBreakGlass(person, { recipient, now })
  const question = { purpose, sources, categories, recipient, tier, now }
  return allows(person, rows.agreements, { ...question, assignment: 'required' })
}

/** On the agreement that the referral carries: nothing of the register is asked. */
function ofReferral(rows: GateRows, disclosure: Disclosure, now: number): Allowance {
  const until = referralPermit(rows.referrals.get(disclosure.what.id), disclosure, now)
  if (typeof until === 'string') return { ok: false, reason: until }
  return { ok: true, tier: disclosure.tier, until, consentVersion: 0, agreementIds: [] }
}

type Allowance =
  | {
      readonly ok: true
      readonly tier: Tier
      readonly until: number
      readonly consentVersion: number
      readonly agreementIds: readonly string[]
    }
  | { readonly ok: false; readonly reason: string }

/** What the audit says of a disclosure: who, whom, by class; never what it said. */
const factsOf = ({
  attemptId,
  personId,
  purpose,
  sources,
  categories,
  recipient,
  what,
}: Disclosure) => ({
  attemptId,
  personId,
  purpose,
  sources,
  categories,
  recipient: recipient.practitionerId,
  organisation: recipient.organisation,
  role: recipient.role,
  what: what.kind,
  id: what.id,
})

/** The outcome entries of attempts that have none yet; the first one told stays. */
export function decideOutcome(
  attempts: ReadonlyMap<string, AttemptRow>,
  outcomes: readonly { readonly attemptId: string; readonly outcome: DisclosureOutcome }[],
  now: number,
): Writes {
  const told = new Map<string, Write>()
  const audit: AuditEntry[] = []
  for (const { attemptId, outcome } of outcomes) {
    const attempt = attempts.get(attemptId)
    if (!attempt || told.has(attemptId)) continue
    // `unknown` is what we write when nobody told us; whoever knows better later may say so.
    if (attempt.outcome !== null && attempt.outcome !== 'unknown') continue
    if (attempt.outcome === outcome) continue
    const row: AttemptRow = { ...attempt, outcome, outcomeAt: now }
    told.set(attemptId, { table: 'attempts', key: attemptId, row })
    audit.push({ kind: 'outcome', facts: { attemptId, personId: attempt.personId, outcome } })
  }
  return { ...noWrites, rows: [...told.values()], audit }
}
