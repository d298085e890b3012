import {
  type CanonicalEvent,
  type Ids,
  type Input,
  type Notice,
  type PractitionerAction,
  personEventIdOf,
} from '@throughline/domain'
import type { Topic } from '@throughline/schemas'
import type { Codec } from '../codec.ts'
import type { KeyRef, OpenedKey } from '../keys.ts'
import type { OutgoingRecord } from '../ports.ts'
import { type OpenedRecord, openSealed, type SealedFields } from '../sealed.ts'

export type RecordInput = Exclude<Input, { kind: 'timer' }>

/** Where a record came from; parked records have been on the log once, too. */
export interface PlacedRecord extends OutgoingRecord {
  readonly partition: number
  readonly offset: bigint
}

/** Why a record can never be understood. A code: it is stored and shown. */
export type Unreadable =
  | 'undecodable'
  | 'schema-unexpected'
  | 'damaged'
  | 'key-mismatch'
  | 'tombstone'

/** How records are understood: their bytes, and what may be on their topics. */
export interface Reading {
  readonly codec: Codec
  readonly topicOf: (name: string) => Topic
}

/** A record whose outside has been read. What is sealed still needs its key. */
export type Outside =
  | { readonly kind: 'sealed'; readonly keyRef: KeyRef; readonly sealed: SealedFields }
  | { readonly kind: 'plain'; readonly schema: string; readonly value: object }
  | { readonly kind: 'unreadable'; readonly reason: Unreadable }
  /** A deletion on a compacted topic: nothing to do. */
  | { readonly kind: 'nothing' }

export function readOutside(record: OutgoingRecord, { codec, topicOf }: Reading): Outside {
  const topic = topicOf(record.topic)
  if (record.value === null) {
    return topic.cleanup === 'compact' ? { kind: 'nothing' } : unreadable('tombstone')
  }
  try {
    const { schema, value } = codec.decode(record.value)
    if (!topic.schemas.includes(schema)) return unreadable('schema-unexpected')
    if (schema !== 'Sealed') return { kind: 'plain', schema, value }
    const sealed = value as SealedFields
    return { kind: 'sealed', keyRef: sealed.keyRef, sealed }
  } catch {
    return unreadable('undecodable')
  }
}

export interface ReadRecord {
  readonly input: RecordInput
  /** What was sealed in it, as it was framed; null where nothing was. */
  readonly framed: Uint8Array | null
}

/** The input that the record is, once the key of a sealed one is at hand. */
export function readInput(
  record: PlacedRecord,
  outside: Extract<Outside, { kind: 'sealed' | 'plain' }>,
  key: OpenedKey | undefined,
  { codec, topicOf }: Reading,
  ids: Ids,
): ReadRecord | Unreadable {
  if (outside.kind === 'plain') {
    return readFrom(inputOf(record, { ...outside, identifierHashes: [] }, ids), null)
  }
  let opened: ReturnType<typeof openSealed>
  try {
    opened = openSealed(record, outside.sealed, key as OpenedKey, codec)
  } catch {
    return 'damaged'
  }
  if (!topicOf(record.topic).carries.includes(opened.schema)) return 'schema-unexpected'
  if (outside.keyRef.startsWith('person:') && outside.keyRef !== `person:${record.key}`) {
    return 'key-mismatch'
  }
  return readFrom(inputOf(record, opened, ids), opened.framed)
}

const readFrom = (
  input: RecordInput | Unreadable,
  framed: Uint8Array | null,
): ReadRecord | Unreadable => (typeof input === 'string' ? input : { input, framed })

type Content = Pick<OpenedRecord, 'schema' | 'value' | 'identifierHashes' | 'purposes'>

function inputOf(
  record: PlacedRecord,
  { schema, value, identifierHashes, purposes }: Content,
  ids: Ids,
): RecordInput | Unreadable {
  const { personId = record.key } = value as { personId?: string }
  // Whoever keys a record wrongly would have it folded into somebody else's state.
  if (personId !== record.key) return 'key-mismatch'
  switch (schema) {
    case 'ConsentChanged': {
      const { version, changedAt } = value as { version: number; changedAt: number }
      return { kind: 'consent-changed', personId, version, changedAt }
    }
    case 'PractitionerAction':
      return { kind: 'action', action: value as PractitionerAction }
    case 'PractitionerNotice':
      return { kind: 'notice', notice: value as Notice }
    case 'PersonStory':
      return { kind: 'story', personId, story: value }
  }
  const event = value as CanonicalEvent
  if (record.topic === 'person.events.v1') {
    const personEventId = personEventIdOf(ids, event.eventId, personId)
    const input = { kind: 'person-event', personEventId, personId, event } as const
    return purposes === undefined ? input : { ...input, purposes }
  }
  const { topic, partition } = record
  const at = { topic, partition, offset: String(record.offset) }
  return { kind: 'event', event, identifierHashes, at }
}

const unreadable = (reason: Unreadable) => ({ kind: 'unreadable', reason }) as const
