import { endReferrals, type Referral } from '@throughline/consent'
import { agencies } from '@throughline/domain'
import { type Accept, acceptance, type Inbound, type RecordResult } from '@throughline/intake'
import { HttpFault, type JsonValue } from '@throughline/service'
import type { KeyRef } from '@throughline/stream'
import type { ReferralDeps, Sender } from './deps.ts'
import { freshKeyRef, sealCopy } from './desk-copy.ts'
import { format, type Reading, translateOther } from './translate.ts'

/** A record's answer; of a referral with the id under which its sender may ask what became of it. */
export type ReferralResult = RecordResult & { readonly referralId?: string }

/** Takes records from one sender. Durable before it resolves; 503 when nothing could be kept. */
export type Submit = (
  records: readonly JsonValue[],
  sender: Sender,
  message: (at: number) => string,
  correlationId: string,
) => Promise<readonly ReferralResult[]>

/** The door and the form, both: what comes in goes through the one acceptance, with its desk copies. */
export function submitting(deps: ReferralDeps): Submit {
  const acceptFor = acceptances(deps)
  return async (records, sender, message, correlationId) => {
    const { options, ids, partnership, register } = deps
    const rules = { ...options, partnership, agency: sender.agency, now: register.now() }
    const readings = records.map((record) => translateOther(record, ids, rules))
    const { inbound, keys } = await prepared(deps, sender, readings, message).catch(unavailable)
    const results = await acceptFor(sender.agency)(inbound, correlationId)
    await tidy(deps, readings, results, keys)
    return results.map((result, at) => {
      const referralId = readings[at]?.copy && readings[at].referralId
      return referralId !== undefined && isTaken(result) ? { ...result, referralId } : result
    })
  }
}

/** One acceptance for each agency that a credential may stand for. */
export function acceptances(deps: ReferralDeps): (agency: Sender['agency']) => Accept {
  const all = new Map(agencies.map((agency) => [agency, acceptance(deps, { agency })]))
  return (agency) => all.get(agency) as Accept
}

const isTaken = ({ outcome }: RecordResult): boolean =>
  outcome === 'published' || outcome === 'duplicate'

const unavailable = (): never => {
  throw new HttpFault(503, 'unavailable', 'Nothing was kept. Send it again in a moment.', {
    headers: { 'retry-after': '5' },
  })
}

interface Prepared {
  readonly inbound: readonly Inbound[]
  /** The key made for each record's desk copy, where one was. */
  readonly keys: readonly (KeyRef | null)[]
}

async function prepared(
  deps: ReferralDeps,
  sender: Sender,
  readings: readonly Reading[],
  message: (at: number) => string,
): Promise<Prepared> {
  const inbound: Inbound[] = []
  const keys: (KeyRef | null)[] = []
  for (const [at, reading] of readings.entries()) {
    const { translation, keyRef } = await withDesk(deps, sender, reading)
    inbound.push({ translation, message: () => message(at), unclaimed: unclaimedOf(deps, reading) })
    keys.push(keyRef)
  }
  return { inbound, keys }
}

/** Whoever has agreed neither here nor on the register leaves nothing but a count. */
function unclaimedOf({ options }: ReferralDeps, { translation }: Reading): 'drop' | 'hold' {
  const notAgreed =
    translation.outcome === 'published' &&
    translation.events.some(({ event }) => event.type === 'ReferralMade' && !event.agreed)
  return notAgreed ? 'drop' : options.unclaimed
}

async function withDesk(
  deps: ReferralDeps,
  sender: Sender,
  { translation, referralId, copy }: Reading,
): Promise<{ readonly translation: Reading['translation']; readonly keyRef: KeyRef | null }> {
  const { register, keys, random } = deps
  if (referralId === undefined) return { translation, keyRef: null }
  const known = { referralId, sender: sender.name }
  const [held] = await register.referrals({ referralId })
  if (copy === undefined) {
    const by = byWhom(translation, held)
    if (by === null) return { translation, keyRef: null }
    const change = { kind: 'withdrawn', ...known, by } as const
    return { translation: { ...translation, referral: change }, keyRef: null }
  }
  const { version } = translation
  // What the desk has already needs no second key; the acceptance decides all the same.
  if (isKnown(held, version)) return { translation, keyRef: null }
  const key = await keys.create(freshKeyRef(random))
  const { referral, agreement } = copy.record
  const change = {
    kind: 'made',
    ...known,
    keyRef: key.ref,
    service: referral.toService,
    hears: agreement.referrerMayHear,
    sealed: sealCopy(referralId, version, copy, key, random),
  } as const
  return { translation: { ...translation, referral: change }, keyRef: key.ref }
}

const isKnown = (held: Referral | undefined, version: number): boolean =>
  held !== undefined && held.version >= version

/** Who takes a referral from its desk: also a correction by which the desk may no longer have it. */
function byWhom(
  translation: Reading['translation'],
  held: Referral | undefined,
): 'referrer' | 'person' | null {
  if (translation.outcome !== 'published') return null
  const [first] = translation.events
  if (first?.event.type !== 'EventWithdrawn') return held === undefined ? null : 'referrer'
  return first.event.reason === 'person-took-it-back' ? 'person' : 'referrer'
}

/** Destroys keys that came to nothing, and those of what was taken back. The sweep does what this leaves. */
async function tidy(
  { register, keys, log }: ReferralDeps,
  readings: readonly Reading[],
  results: readonly RecordResult[],
  made: readonly (KeyRef | null)[],
): Promise<void> {
  try {
    for (const [at, ref] of made.entries()) {
      if (ref !== null && results[at]?.outcome !== 'published') {
        await keys.destroy(ref, register.now())
      }
    }
    const ended = readings.some(({ referralId }) => referralId !== undefined)
    if (ended) await endReferrals(register, keys)
  } catch {
    // What was accepted stands, and the sender is told so.
    log.warn('keys stay for the sweep', { point: format })
  }
}
