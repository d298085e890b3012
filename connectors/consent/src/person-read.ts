import type { Disclosure, Permit, PersonRecord } from '@throughline/consent'
import { HubError } from '@throughline/domain'
import { notFound } from '@throughline/service'
import { type Keeper, keptBy } from './consents.ts'
import type { ConsentDeps } from './deps.ts'

/** How long a permit lives on our own clock, from before the gate was asked (assurance, section 4). */
const permitLifeMs = 3000

/** Shows one person's own record to whoever keeps it; to anybody else it is not there. */
export async function personRead(
  deps: ConsentDeps,
  keeper: Keeper,
  personId: string,
  prepare: (record: PersonRecord) => Promise<() => void>,
): Promise<void> {
  const record = await keptBy(deps, keeper, personId)
  await peopleRead(deps, keeper, [record], ([shown]) => {
    if (shown === undefined) throw notFound()
    return prepare(shown)
  })
}

/**
 * Shows people's own records to whoever keeps them. A practitioner passes the gate as for any other
 * reading, so that the person can see that it was read; the register's staff are no recipients.
 * `prepare` may wait; what it gives back writes the answer, in one turn, while the permits live.
 */
export async function peopleRead(
  deps: ConsentDeps,
  keeper: Keeper,
  records: readonly PersonRecord[],
  prepare: (records: readonly PersonRecord[]) => Promise<() => void>,
): Promise<void> {
  if (keeper.kind === 'register' || records.length === 0) {
    const write = await prepare(records)
    write()
    return
  }
  const { id, organisation, role } = keeper
  const asked = records.map(({ personId }) => ({
    personId,
    purpose: 'care-coordination' as const,
    recipient: { practitionerId: id, organisation, role },
    what: { kind: 'person' as const, id: personId },
  }))
  await gatedRead(deps, asked, (allowed) =>
    prepare(records.filter(({ personId }) => allowed.has(personId))),
  )
}

/** What one practitioner is about to read of one person, that rests on nothing an agency said. */
export type Reading = Pick<Disclosure, 'personId' | 'purpose' | 'recipient' | 'what'>

/**
 * Passes the gate for each reading, and writes down what came of it. `prepare` is given the people who
 * may be shown; what it gives back writes the answer, in one turn, while the permits live.
 */
export async function gatedRead(
  deps: ConsentDeps,
  readings: readonly Reading[],
  prepare: (allowed: ReadonlySet<string>) => Promise<() => void>,
): Promise<void> {
  const { register, monotonicMs } = deps
  const since = monotonicMs()
  const permits = await permitsFor(deps, readings)
  const settle = (outcome: 'delivered' | 'unused') =>
    register.outcome(permits.map(({ attemptId }) => ({ attemptId, outcome })))
  const allowed = new Set(permits.map(({ personId }) => personId))
  const write = await prepare(allowed).catch(async (error: unknown) => {
    await settle('unused')
    throw error
  })
  const inTime = monotonicMs() - since < permitLifeMs
  if (!inTime || permits.some(({ until }) => register.now() >= until)) {
    await settle('unused')
    throw new HubError('HUB_REGISTER_UNAVAILABLE', 'a permit ran out before the page was ready')
  }
  write()
  await settle('delivered')
}

type Held = Extract<Permit, { readonly allowed: true }> & { readonly personId: string }

async function permitsFor(
  { register, random }: ConsentDeps,
  readings: readonly Reading[],
): Promise<readonly Held[]> {
  const asked = readings.map((reading) => ({
    ...reading,
    attemptId: Buffer.from(random(18)).toString('base64url'),
    sources: [],
    categories: [],
    tier: 'involvement' as const,
  }))
  const permits = await register.gate(asked)
  return permits.flatMap((permit) => {
    const personId = asked.find(({ attemptId }) => attemptId === permit.attemptId)?.personId
    return permit.allowed && personId !== undefined ? [{ ...permit, personId }] : []
  })
}
