import { createCipheriv, createDecipheriv } from 'node:crypto'
import { HubError, type Purpose } from '@throughline/domain'
import { avroCodec, type Codec } from './codec.ts'
import type { KeyRef, OpenedKey } from './keys.ts'
import type { OutgoingRecord, ViewRow } from './ports.ts'
import type { Random } from './random.ts'

/** The clear fields of a sealed record; all of them, and the topic, are additional data of the cipher. */
export interface SealedFields {
  readonly recordId: string
  readonly agency: string
  readonly receivedAt: number
  readonly keyRef: KeyRef
  readonly keyVersion: number
  readonly identifierHashes: readonly string[]
  readonly purposes: readonly Purpose[] | null
  readonly nonce: Uint8Array
  readonly ciphertext: Uint8Array
}

export interface RecordToSeal {
  readonly topic: string
  readonly key: string
  readonly id: string
  /** Name of the schema of `value`. */
  readonly schema: string
  readonly value: object
  readonly sealUnder: OpenedKey
  readonly agency: string
  /** When the hub accepted what this rests on, in ms on the register's clock. */
  readonly receivedAt: number
  readonly identifierHashes: readonly string[]
  /** What alone it may be used for; left out where nothing limits it. */
  readonly purposes?: readonly Purpose[]
  readonly random: Random
}

export interface OpenedRecord {
  readonly schema: string
  readonly value: object
  readonly recordId: string
  readonly agency: string
  readonly receivedAt: number
  readonly identifierHashes: readonly string[]
  readonly purposes?: readonly Purpose[]
}

const nonceBytes = 12
const tagBytes = 16
const cipher = 'aes-256-gcm'

/** Encodes the value, seals it under the key, and gives the record that may lie on a personal topic. */
export function sealRecord(plain: RecordToSeal, codec: Codec = avroCodec): OutgoingRecord {
  return sealEncoded(plain, codec.encode(plain.schema, plain.value), codec)
}

/** As `sealRecord`, for a value that is already framed. */
export function sealEncoded(
  plain: Omit<RecordToSeal, 'schema' | 'value'>,
  framed: Uint8Array,
  codec: Codec = avroCodec,
): OutgoingRecord {
  const clear = {
    recordId: plain.id,
    agency: plain.agency,
    receivedAt: plain.receivedAt,
    keyRef: plain.sealUnder.ref,
    keyVersion: plain.sealUnder.version,
    identifierHashes: plain.identifierHashes,
    purposes: plain.purposes ?? null,
  }
  const nonce = plain.random(nonceBytes)
  const ciphertext = encrypt(plain.sealUnder, nonce, boundTo(plain.topic, clear), framed)
  // avsc takes Buffers for bytes.
  const value = codec.encode('Sealed', { ...clear, nonce: bufferOf(nonce), ciphertext })
  return { topic: plain.topic, key: plain.key, id: plain.id, value }
}

/** Which key opens the record; null for one that is not sealed. */
export function keyRefOf(record: OutgoingRecord, codec: Codec = avroCodec): KeyRef | null {
  if (record.value === null) return null
  const { schema, value } = codec.decode(record.value)
  return schema === 'Sealed' ? (value as SealedFields).keyRef : null
}

/**
 * Opens and decodes a sealed record. What does not open under its own key, or is not the record it
 * says, is `HUB_LOG_ENTRY_DAMAGED`.
 */
export function openRecord(
  record: OutgoingRecord,
  opened: OpenedKey,
  codec: Codec = avroCodec,
): OpenedRecord {
  const outer = record.value && codec.decode(record.value)
  if (outer?.schema !== 'Sealed') throw damaged('it is not sealed')
  const { framed: _, ...content } = openSealed(record, outer.value as SealedFields, opened, codec)
  return content
}

/**
 * As `openRecord`, for a record whose outside has been decoded already. With the value as it was framed:
 * whoever sends it on as it is need not encode it again.
 */
export function openSealed(
  record: OutgoingRecord,
  sealed: SealedFields,
  key: OpenedKey,
  codec: Codec = avroCodec,
): OpenedRecord & { readonly framed: Uint8Array } {
  if (sealed.recordId !== record.id) throw damaged('its id is not the sealed one')
  if (sealed.keyRef !== key.ref || sealed.keyVersion !== key.version) {
    throw damaged('it was sealed under another key')
  }
  const aad = boundTo(record.topic, sealed)
  const framed = decrypt(key, sealed.nonce, aad, sealed.ciphertext)
  const { schema, value } = codec.decode(framed)
  const { recordId, agency, receivedAt, identifierHashes, purposes } = sealed
  const opened = { schema, value, framed, recordId, agency, receivedAt, identifierHashes }
  return purposes === null ? opened : { ...opened, purposes }
}

/** What a sealed state or view body belongs to; bound into the cipher, so it cannot be moved. */
export interface StatePlace {
  readonly processor: string
  readonly key: string
  readonly stateVersion: number
}

/** Seals bytes of a state: key version (4 bytes), nonce, ciphertext with its tag. */
export function sealState(
  place: StatePlace,
  plain: Uint8Array,
  sealUnder: OpenedKey,
  random: Random,
): Uint8Array {
  const nonce = random(nonceBytes)
  const aad = placeAad(place, sealUnder.version)
  const bytes = encrypt(sealUnder, nonce, aad, plain, 4 + nonceBytes)
  bytes.writeUInt32BE(sealUnder.version, 0)
  bytes.set(nonce, 4)
  return bytes
}

/** Undoes `sealState`; anything else than what was sealed for this place is `HUB_LOG_ENTRY_DAMAGED`. */
export function openState(place: StatePlace, sealed: Uint8Array, opened: OpenedKey): Uint8Array {
  const bytes = bufferOf(sealed)
  if (bytes.length < 4 + nonceBytes + tagBytes) throw damaged('a state is too short')
  const aad = placeAad(place, bytes.readUInt32BE(0))
  return decrypt(opened, bytes.subarray(4, 4 + nonceBytes), aad, bytes.subarray(4 + nonceBytes))
}

/** Seals what a view's row shows; `openViewBody` gives it back. */
export function sealViewBody(
  row: Pick<ViewRow, 'view' | 'id' | 'version'>,
  content: object,
  sealUnder: OpenedKey,
  random: Random,
): Uint8Array {
  return sealState(viewPlace(row), Buffer.from(JSON.stringify(content)), sealUnder, random)
}

/** The content of a view's row, opened under `person:<personId>`. Ask the register's gate first. */
export function openViewBody(
  row: Pick<ViewRow, 'view' | 'id' | 'version' | 'body'>,
  opened: OpenedKey,
): unknown {
  return JSON.parse(bufferOf(openState(viewPlace(row), row.body, opened)).toString())
}

const viewPlace = (row: Pick<ViewRow, 'view' | 'id' | 'version'>): StatePlace => ({
  processor: `view:${row.view}`,
  key: row.id,
  stateVersion: row.version,
})

const placeAad = ({ processor, key, stateVersion }: StatePlace, keyVersion: number) =>
  JSON.stringify([processor, key, stateVersion, keyVersion])

// JSON of an array keeps every boundary between the fields.
const boundTo = (topic: string, clear: Omit<SealedFields, 'nonce' | 'ciphertext'>) =>
  JSON.stringify([
    topic,
    clear.recordId,
    clear.agency,
    clear.receivedAt,
    clear.keyRef,
    clear.keyVersion,
    clear.identifierHashes,
    // Nothing for none: what was sealed before there were any opens still.
    ...(clear.purposes === null ? [] : [clear.purposes]),
  ])

/** Ciphertext and tag, behind `room` bytes that the caller fills. */
function encrypt(
  under: OpenedKey,
  nonce: Uint8Array,
  aad: string,
  plain: Uint8Array,
  room = 0,
): Buffer {
  const sealing = createCipheriv(cipher, under.key, nonce)
  sealing.setAAD(Buffer.from(aad))
  const body = sealing.update(plain)
  // GCM is a stream: `final` only makes the tag, and gives nothing more.
  sealing.final()
  // By hand: `Buffer.concat` costs half as much as all of the cipher.
  const sealed = Buffer.allocUnsafe(room + body.length + tagBytes)
  sealed.set(body, room)
  sealed.set(sealing.getAuthTag(), room + body.length)
  return sealed
}

function decrypt(under: OpenedKey, nonce: Uint8Array, aad: string, sealed: Uint8Array): Buffer {
  try {
    const end = sealed.length - tagBytes
    const opening = createDecipheriv(cipher, under.key, nonce, { authTagLength: tagBytes })
    opening.setAAD(Buffer.from(aad))
    opening.setAuthTag(sealed.subarray(end))
    const body = opening.update(sealed.subarray(0, end))
    // GCM is a stream: `final` only checks the tag, and gives nothing more.
    opening.final()
    return body
  } catch {
    throw damaged('it does not open')
  }
}

const damaged = (rule: string) => new HubError('HUB_LOG_ENTRY_DAMAGED', `a sealed entry: ${rule}`)

const bufferOf = (bytes: Uint8Array) =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
