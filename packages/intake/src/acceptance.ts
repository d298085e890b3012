import type { Accepted, Arrival, ArrivingEvent, Register } from '@throughline/consent'
import type { Ids } from '@throughline/domain'
import { HttpFault, type Logger, type Metrics } from '@throughline/service'
import { type Keys, keyRefOf, openRecord, type Random } from '@throughline/stream'
import { acceptSpans } from './accept-spans.ts'
import type { RecordFault } from './faults.ts'
import { intakeInstruments } from './instruments.ts'
import type { Inbound } from './message.ts'
import { dayKeys, type Mask, type Sealing, sealEvent, sealQuarantined } from './seal.ts'
import type { MaskChanges, Resolved, TranslatedEvent, Translation } from './translation.ts'

/** What the hub, or a connector's `main.ts`, hands to an edge. */
export interface IntakeDeps {
  readonly register: Register
  readonly keys: Keys
  readonly ids: Ids
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
  readonly partnership: string
}

/** What one record's sender is told (design, section 10). Never a value of what was sent. */
export type RecordResult =
  | {
      readonly outcome: 'published' | 'duplicate'
      readonly eventIds: readonly string[]
      readonly events: readonly string[]
      /** What looks wrong, and was taken all the same. */
      readonly warnings?: readonly RecordFault[]
    }
  | { readonly outcome: 'ignored'; readonly reason: string }
  | { readonly outcome: 'quarantined'; readonly reason: string; readonly at: readonly string[] }
  | { readonly outcome: 'rejected'; readonly errors: readonly RecordFault[] }

/**
 * Makes translated records durable, all or none, and only then says what became of each. Throws
 * `HttpFault` 503 when nothing could be kept.
 */
export type Accept = (
  inbound: readonly Inbound[],
  correlationId: string,
) => Promise<readonly RecordResult[]>

export interface AcceptanceOptions {
  /** The agency that the doors belong to. */
  readonly agency: string
  /** Reads a record again that waited for a reference, now that it is known; undefined where it still says nothing. */
  readonly retry?: (text: string, resolved: readonly Resolved[]) => Translation | undefined
  /** How events are masked while the agency's own masks are on somebody. */
  readonly mask?: Mask
}

/** The one way in, for every agency. */
export function acceptance(deps: IntakeDeps, { agency, retry, mask }: AcceptanceOptions): Accept {
  const { register, keys, ids, random, log, partnership } = deps
  const keyFor = dayKeys(keys)
  const count = counting(deps, agency)

  const acceptOnce = async (inbound: readonly Inbound[]): Promise<readonly Accepted[]> => {
    const keyOfDay = await keyFor(register.now())
    const sealing = { agency, partnership, ids, random, keyOfDay, ...(mask && { mask }) }
    const spans = acceptSpans(agency, inbound)
    return spans.within(() =>
      register.accept(
        inbound.map((one) => arrivalOf(one, { ...sealing, carried: spans.carriedBy(one) })),
      ),
    )
  }

  /** Records that waited for a reference are translated again, now that it is known. */
  const release = async (
    accepted: readonly Accepted[],
    inbound: readonly Inbound[],
  ): Promise<void> => {
    if (retry === undefined) return
    const resolved = inbound.flatMap(({ translation }) => translation.resolves)
    const unclaimed = inbound[0]?.unclaimed ?? 'hold'
    const ready: Inbound[] = []
    for (const { record } of accepted.flatMap((one) => ('released' in one && one.released) || [])) {
      const ref = keyRefOf(record)
      const key = ref === null ? undefined : (await keys.open([ref])).get(ref)
      if (key === undefined || key === 'erased') continue
      const { payload } = openRecord(record, key).value as { readonly payload: Uint8Array }
      const text = Buffer.from(payload).toString()
      const translation = retry(text, resolved)
      // What still says nothing by itself stays where it is until its time is over.
      if (translation?.outcome === 'published') {
        // In the trace of whatever has let it go on, which is the running one.
        ready.push({ translation, message: () => text, unclaimed })
      }
    }
    if (ready.length > 0) await acceptOnce(ready)
  }

  return async (inbound, correlationId) => {
    let accepted: readonly Accepted[]
    try {
      accepted = await acceptOnce(inbound)
    } catch (error) {
      log.error('acceptance failed', { ...codeOf(error), correlationId })
      throw new HttpFault(503, 'unavailable', 'Nothing was kept. Send it again in a moment.', {
        headers: { 'retry-after': '5' },
      })
    }
    const results = accepted.map((one, at) => resultOf(one, inbound[at]?.translation))
    inbound.forEach(({ translation }, at) => {
      count(translation, results[at])
      if (translation.typesDiffer === undefined) return
      const { attribute, body } = translation.typesDiffer
      log.warn('attribute and body differ', { route: attribute, point: body, correlationId })
    })
    try {
      await release(accepted, inbound)
    } catch (error) {
      // They keep waiting; what was accepted stands.
      log.warn('waiting records stay', { ...codeOf(error), correlationId })
    }
    return results
  }
}

function counting({ metrics }: IntakeDeps, agency: string) {
  const answered = metrics.counter(intakeInstruments.records)
  const unknown = metrics.counter(intakeInstruments.unknownMembers)
  return ({ format, unknownMembers }: Translation, result: RecordResult | undefined): void => {
    if (result === undefined) return
    const reason = 'reason' in result ? result.reason : ''
    answered.add({ agency, format, outcome: result.outcome, reason })
    if (unknownMembers > 0) unknown.add({ agency, format }, unknownMembers)
  }
}

type Because = { readonly reason: string; readonly at: readonly string[] }

function arrivalOf(inbound: Inbound, sealing: Sealing): Arrival {
  const { translation, unclaimed } = inbound
  const keep = (because: Because) => (receivedAt: number) =>
    sealQuarantined(inbound, because, receivedAt, sealing)
  return {
    agency: sealing.agency,
    system: translation.system,
    naturalKey: translation.naturalKey,
    version: translation.version,
    contentHash: translation.contentHash,
    verdict: verdictOf(translation, unclaimed, keep, sealing),
    conflict: keep({ reason: 'conflict', at: [] }),
    resolves: translation.resolves.map(({ reference }) => reference),
    ...(translation.masks && { masks: masksOf(translation.masks) }),
    ...(translation.referral && { referral: translation.referral }),
  }
}

const masksOf = ({ identifierHashes, changes, at }: MaskChanges) => ({
  identifiers: identifierHashes,
  changes,
  at,
})

function verdictOf(
  translation: Translation,
  unclaimed: Inbound['unclaimed'],
  keep: (because: Because) => (receivedAt: number) => ReturnType<typeof sealQuarantined>,
  sealing: Sealing,
): Arrival['verdict'] {
  switch (translation.outcome) {
    case 'published': {
      const { events, retells } = translation
      return {
        outcome: 'published',
        unclaimed,
        events: events.map((one) => arrivingOf(one, sealing)),
        ...(retells && {
          retells: {
            ends: retells.ends,
            withdrawals: (missing) =>
              retells.withdrawals(missing).map((one) => arrivingOf(one, sealing)),
          },
        }),
      }
    }
    case 'ignored':
      return { outcome: 'ignored', reason: translation.reason }
    case 'quarantined': {
      const { reason, at, waitsFor } = translation
      return {
        outcome: 'quarantined',
        reason,
        at,
        ...(waitsFor !== undefined && { waitsFor }),
        record: keep({ reason, at }),
      }
    }
    case 'rejected':
      return { outcome: 'rejected', reason: translation.errors[0]?.rule ?? 'rejected' }
  }
}

const arrivingOf = (one: TranslatedEvent, sealing: Sealing): ArrivingEvent => ({
  type: one.event.type,
  eventId: one.event.eventId,
  version: one.event.version,
  identifiers: one.identifierHashes,
  ...(one.twin && { twin: one.twin }),
  record: (final) => sealEvent(one, final, sealing),
})

/** Exactly the members that senders rely on, whatever else acceptance knows. */
function resultOf(accepted: Accepted, translation: Translation | undefined): RecordResult {
  switch (accepted.outcome) {
    case 'published':
    case 'duplicate': {
      const { outcome, eventIds, events } = accepted
      const warnings = translation?.warnings
      return { outcome, eventIds, events, ...(warnings && { warnings }) }
    }
    case 'ignored':
      return { outcome: 'ignored', reason: accepted.reason }
    case 'quarantined':
      return { outcome: 'quarantined', reason: accepted.reason, at: accepted.at }
    case 'rejected':
      return {
        outcome: 'rejected',
        errors: translation?.outcome === 'rejected' ? translation.errors : [],
      }
  }
}

function codeOf(error: unknown): { readonly code?: string; readonly errorName?: string } {
  if (!(error instanceof Error)) return {}
  const { code } = error as { code?: unknown }
  return { errorName: error.name, ...(typeof code === 'string' && { code }) }
}
