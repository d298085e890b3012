import {
  type CanonicalEvent,
  type Envelope,
  eventIdOf,
  type Identifier,
  type Ids,
  readTimestamp,
} from '@throughline/domain'
import type { JsonValue } from '@throughline/service'
import { hashesOf, unread } from '../house.ts'
import type { Read, TranslatedEvent, Translation } from '../translation.ts'
import { readDelivery } from './delivery.ts'
import {
  type EventType,
  eventTypeOf,
  type Family,
  knownTypeIn,
  typeAttribute,
} from './event-type.ts'
import { type JsonObject, type KnownMembers, unknownMembersOf } from './pieces.ts'

/** A domain event whose type is known, before its facts are looked at. */
export interface TypedEvent<M> {
  readonly read: Read
  readonly object: JsonObject
  readonly system: string
  readonly eventType: string
  readonly meaning: M
}

export interface DomainEvents<M> {
  readonly families: readonly Family<M>[]
  readonly known: KnownMembers
  readonly testEvents: 'ignore' | 'strip'
}

/**
 * One message of the HMPPS topic up to the point where its type says what it means; or what becomes
 * of it, where it does not get so far. Never throws.
 */
export function readDomainEvent<M>(
  message: JsonValue,
  ids: Ids,
  { families, known, testEvents }: DomainEvents<M>,
):
  | { readonly ok: true; readonly typed: TypedEvent<M> }
  | { readonly ok: false; readonly translation: Translation } {
  const { transport, attribute, content } = readDelivery(message)
  const whole = unread(
    { format: 'hmpps-domain-event', system: 'hmpps' },
    JSON.stringify(message),
    ids,
  )
  const settled = (translation: Translation) => ({ ok: false, translation }) as const
  if (content.kind === 'subscription') return settled(ignored(whole, 'subscription'))
  if (content.kind === 'pointer') return settled(quarantined(whole, 'fetch-later', []))
  if (content.kind === 'unreadable') return settled(quarantined(whole, content.reason, content.at))

  const { object } = content
  const read = { ...whole, unknownMembers: unknownMembersOf(object, known) }
  const written = object['eventType']
  const body = typeof written === 'string' && written.trim() !== '' ? written : undefined
  const places = transport === 'sns' ? [typeAttribute, 'eventType'] : ['eventType']
  const type = eventTypeOf({ attribute: attribute('eventType'), body, places, testEvents })
  if (!type.ok) return settled(untyped(read, type))
  const { eventType, differ } = type
  const found = knownTypeIn(families, eventType)
  if (found === undefined) {
    const at = body === undefined ? typeAttribute : 'eventType'
    return settled(quarantined(read, 'event-type-unknown', [at]))
  }
  const typed = { ...read, system: found.system, ...(differ && { typesDiffer: differ }) }
  return { ok: true, typed: { read: typed, object, eventType, ...found } }
}

const untyped = (read: Read, { reason, at }: Extract<EventType, { ok: false }>): Translation =>
  reason === 'test-event' ? ignored(read, reason) : quarantined(read, reason, at)

/** `1`, `"1"`, `"1.0"` and nothing at all are one version (section 1.2). */
export function isVersionOne(version: unknown): boolean {
  if (version === undefined || version === null || version === 1) return true
  return typeof version === 'string' && /^1(?:\.\d+)*$/.test(version)
}

/** When something happened, in the publisher's words and ours. */
export type When =
  | {
      readonly ok: true
      readonly at: number
      readonly text: string
      readonly precision: Envelope['occurredAtPrecision']
    }
  | { readonly ok: false; readonly reason: string; readonly at: string }

/** Reads the time at `path`; one without a zone is London's (section 12). */
export function whenAt(path: string, written: string | undefined): When {
  if (written === undefined) return { ok: false, reason: 'timestamp-missing', at: path }
  const read = readTimestamp(written, { zoneless: 'london' })
  if (!read.ok) return { ok: false, reason: 'timestamp-invalid', at: path }
  return { ok: true, at: read.at, precision: read.precision, text: written }
}

/** Milliseconds since 1970, London where there is no zone; null for nothing and for what cannot be read. */
export function instantOrNull(written: string | undefined): number | null {
  if (written === undefined) return null
  const read = readTimestamp(written, { zoneless: 'london' })
  return read.ok ? read.at : null
}

/** An event without what its record says for it. */
export type Draft = CanonicalEvent extends infer E
  ? E extends CanonicalEvent
    ? Omit<E, Exclude<keyof Envelope, 'objectRef' | 'identifiers'>>
    : never
  : never

export interface Completing {
  readonly ids: Ids
  readonly source: Envelope['source']
  readonly when: Extract<When, { ok: true }>
  /** When the source wrote it down or published it; null where it does not say. */
  readonly recordedAt: number | null
  /** With the system, what names the happening, whatever its version. */
  readonly naturalKey: string
  readonly version: number
  readonly twin?: TranslatedEvent['twin'] | undefined
}

/** The event with its envelope, but for what acceptance decides. */
export function completed(facts: Draft, about: Completing): TranslatedEvent {
  const { ids, source, when, twin } = about
  const envelope: Envelope = {
    eventId: eventIdOf(ids, source.system, about.naturalKey),
    version: about.version,
    source,
    occurredAt: when.at,
    occurredAtPrecision: when.precision,
    occurredAtText: saysMore(when.text) ? when.text : null,
    recordedAt: about.recordedAt,
    receivedAt: 0,
    identifiers: facts.identifiers as Identifier[],
    objectRef: facts.objectRef,
    handling: { holdUntil: null, restricted: false },
  }
  const event = { ...envelope, ...facts } as CanonicalEvent
  return { event, identifierHashes: hashesOf(ids, facts.identifiers), ...(twin && { twin }) }
}

/** HMAC of what events say; that they were published again, and when, changes nothing. */
export const contentOf = (ids: Ids, events: readonly TranslatedEvent[]): string =>
  ids.hmac(
    'content',
    JSON.stringify(events.map(({ event: { recordedAt: _publishedAgain, ...said } }) => said)),
  )

/** More than milliseconds, or no zone: the text tells what the instant cannot. */
const saysMore = (text: string): boolean =>
  /\.\d{4,}/.test(text) || !/(?:Z|[+-]\d{2}:?\d{2})(?:\[.*\])?$/.test(text)

export const ignored = (read: Read, reason: string) =>
  ({ ...read, outcome: 'ignored', reason }) as const

export const quarantined = (read: Read, reason: string, at: readonly string[]) =>
  ({ ...read, outcome: 'quarantined', reason, at }) as const
