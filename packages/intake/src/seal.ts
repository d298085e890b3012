import type { Ids } from '@throughline/domain'
import { type CanonicalEvent, HubError, recordIdOf, recordKeyOf } from '@throughline/domain'
import {
  type KeyRef,
  type Keys,
  type OpenedKey,
  type OutgoingRecord,
  type Random,
  sealRecord,
} from '@throughline/stream'
import type { Carried } from './accept-spans.ts'
import type { Inbound } from './message.ts'
import type { TranslatedEvent } from './translation.ts'

/** The topic to which an agency's events go; what other sources than the five tell goes to `other`. */
export const topicOf = (agency: string): string => `agency.${agency}.v1`

const quarantineTopic = 'quarantine.v1'

/** The key of the day (UTC) on which something was received. */
export type KeyOfDay = (receivedAt: number) => OpenedKey

const dayMs = 86_400_000
const dayOf = (at: number): number => Math.floor(at / dayMs)
const dayRef = (at: number): KeyRef => `day:${new Date(at).toISOString().slice(0, 10)}`
const nearMidnightMs = 60_000
const cachedMsMax = 60_000

/**
 * Day keys, made when a day begins. They are opened before acceptance, because sealing happens inside its
 * transaction, where nothing may be waited for; near midnight the next day's too.
 */
export function dayKeys(keys: Keys): (now: number) => Promise<KeyOfDay> {
  const cache = new Map<KeyRef, { readonly key: OpenedKey; readonly until: number }>()
  const open = async (ref: KeyRef, now: number): Promise<OpenedKey> => {
    const cached = cache.get(ref)
    if (cached !== undefined && cached.until > now) return cached.key
    const key = await keys.create(ref)
    cache.clear()
    cache.set(ref, { key, until: now + cachedMsMax })
    return key
  }
  return async (now) => {
    const opened = new Map<number, OpenedKey>()
    for (const at of [now, now + nearMidnightMs]) {
      if (!opened.has(dayOf(at))) opened.set(dayOf(at), await open(dayRef(at), now))
    }
    return (receivedAt) => {
      const key = opened.get(dayOf(receivedAt))
      if (key === undefined) throw new HubError('HUB_KEY_UNAVAILABLE', 'the day has changed')
      return key
    }
  }
}

export interface Sealing {
  readonly agency: string
  readonly partnership: string
  readonly ids: Ids
  readonly random: Random
  readonly keyOfDay: KeyOfDay
  readonly mask?: Mask
  /** Goes with the records, beside what is sealed. */
  readonly carried: Carried
}

/** An event as its agency lets it leave while these masks are on. */
export type Mask = (event: CanonicalEvent, masks: ReadonlySet<string>) => CanonicalEvent

interface Final {
  readonly eventId: string
  readonly version: number
  readonly receivedAt: number
  readonly masks?: readonly string[]
}

/** An event as it goes to its agency's topic, under its final identity. */
export function sealEvent(
  { event, identifierHashes }: TranslatedEvent,
  { masks, ...final }: Final,
  { agency, ids, random, keyOfDay, mask, carried }: Sealing,
): OutgoingRecord {
  const told = masks === undefined || mask === undefined ? event : mask(event, new Set(masks))
  const record = sealRecord({
    topic: topicOf(agency),
    // One source's events about one person stay in order.
    key: recordKeyOf(identifierHashes) ?? final.eventId,
    id: recordIdOf(ids, final.eventId, final.version),
    schema: event.type,
    value: { ...told, ...final },
    sealUnder: keyOfDay(final.receivedAt),
    agency,
    receivedAt: final.receivedAt,
    identifierHashes,
    random,
  })
  return carrying(record, carried)
}

const carrying = (record: OutgoingRecord, headers: Carried): OutgoingRecord =>
  headers === undefined ? record : { ...record, headers }

/** A message that cannot be used yet, whole, for whoever repairs the reason. */
export function sealQuarantined(
  { translation, message, contentType = 'application/json' }: Inbound,
  because: { readonly reason: string; readonly at: readonly string[] },
  receivedAt: number,
  { agency, partnership, ids, random, keyOfDay, carried }: Sealing,
): OutgoingRecord {
  const { system, format, naturalKey, version } = translation
  const payload = Buffer.from(message() as Uint8Array)
  // The same key with other content is another record in quarantine.
  const text = payload.toString('latin1')
  const id = ids.hmac('quarantined', system, naturalKey, String(version), text)
  const record = sealRecord({
    topic: quarantineTopic,
    key: system,
    id,
    schema: 'QuarantinedRecord',
    value: {
      recordId: id,
      source: { partnership, agency, system },
      format,
      receivedAt,
      reason: because.reason,
      at: because.at,
      contentType,
      payload,
    },
    sealUnder: keyOfDay(receivedAt),
    agency,
    receivedAt,
    identifierHashes: [],
    random,
  })
  return carrying(record, carried)
}
