import type { Disclosure, Permit, Register } from '@throughline/consent'
import { HubError } from '@throughline/domain'

/** What a read of a page needs of the outside. `monotonicMs` never goes back and is no wall clock. */
export interface Reading {
  readonly register: Register
  readonly attemptId: () => string
  readonly monotonicMs: () => number
}

export type Allowed = Extract<Permit, { readonly allowed: true }>
export type Ask = Omit<Disclosure, 'attemptId'>

export interface Prepared<T, R> {
  /** The items that are really shown; the audit tells them from those merely asked for. */
  readonly used: ReadonlySet<T>
  readonly result: R
}

type Granted<T> = readonly (readonly [item: T, permit: Allowed])[]

/** How long a permit lives on our own clock, from before the gate was asked (assurance, section 4). */
export const permitLifeMs = 3000
const triesMax = 3

/**
 * Asks the gate for each item, prepares what was allowed, and writes it while the permits live.
 * `prepare` may wait; `write` may not: it runs in the same turn as the check of the permits. What was
 * refused never reaches `prepare`. Permits that ran out are recorded as unused, and the gate is asked
 * again; after three times, or when anything fails, nothing is written.
 */
export async function disclose<T, R>(
  reading: Reading,
  asks: readonly (readonly [item: T, ask: Ask])[],
  prepare: (allowed: Granted<T>) => Promise<Prepared<T, R>>,
  write: (result: R) => void,
): Promise<void> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const since = reading.monotonicMs()
    const allowed = await permitted(reading, asks)
    const { used, result } = await prepare(allowed).catch(async (error: unknown) => {
      await settle(reading, allowed, nothing)
      throw error
    })
    if (stillLive(reading, allowed, since)) {
      write(result)
      await settle(reading, allowed, used)
      return
    }
    await settle(reading, allowed, nothing)
  }
  throw new HubError('HUB_REGISTER_UNAVAILABLE', 'permits ran out before the page was ready')
}

const nothing: ReadonlySet<never> = new Set()

/** A permit ends after 3 s of our own clock, and when the grant or agreement under it ends. */
const stillLive = <T>(
  { register, monotonicMs }: Reading,
  allowed: Granted<T>,
  since: number,
): boolean =>
  allowed.length === 0 ||
  (monotonicMs() - since < permitLifeMs && allowed.every(([, { until }]) => register.now() < until))

async function permitted<T>(
  { register, attemptId }: Reading,
  asks: readonly (readonly [item: T, ask: Ask])[],
): Promise<Granted<T>> {
  if (asks.length === 0) return []
  const items = new Map(asks.map(([item, ask]) => [attemptId(), { item, ask }]))
  const permits = await register.gate(
    [...items].map(([id, { ask }]) => ({ ...ask, attemptId: id })),
  )
  return permits.flatMap((permit) => {
    const asked = items.get(permit.attemptId)
    return permit.allowed && asked !== undefined ? [[asked.item, permit] as const] : []
  })
}

async function settle<T>(
  { register }: Reading,
  allowed: Granted<T>,
  used: ReadonlySet<T>,
): Promise<void> {
  if (allowed.length === 0) return
  await register.outcome(
    allowed.map(([item, { attemptId }]) => ({
      attemptId,
      outcome: used.has(item) ? ('delivered' as const) : ('unused' as const),
    })),
  )
}
