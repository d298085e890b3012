import type avro from 'avsc'
import {
  type AvroSchema,
  latest,
  readCurrent,
  readReleased,
  type Version,
  versions,
} from './files.ts'
import { guardOf, recordBytesMax } from './guard.ts'
import { compiled, headerBytes, readerBetween } from './reader.ts'
import { SchemaError } from './schema-error.ts'

export interface Codec {
  /** Frames a value: byte 0, schema id (4 bytes, big-endian), Avro body. Throws `SchemaError`. */
  encode(value: object): Uint8Array
  /** Reads a framed record of this schema, whichever released version wrote it. Throws `SchemaError`. */
  decode(framed: Uint8Array): object
}

export interface Decoded {
  readonly schema: string
  readonly value: object
}

/**
 * The codec of one schema. An event's value carries `type`, which on the wire is the schema id: it is
 * checked on the way in and put back on the way out. Missing optional fields are written as null.
 */
export function codecFor(name: string): Codec {
  const known = codecs.get(name)
  if (known !== undefined) return known
  const codec = makeCodec(name)
  codecs.set(name, codec)
  return codec
}

/** Reads any framed record and says which schema it has. Throws `SchemaError`. */
export function decodeFramed(framed: Uint8Array): Decoded {
  const version = versionIn(framed)
  return { schema: version.name, value: readerOf(version)(framed) }
}

/** The schema's name, from the frame alone. Throws `SchemaError`. */
export const peekSchema = (framed: Uint8Array): string => versionIn(framed).name

const scratchBytes = 64 * 1024
const codecs = new Map<string, Codec>()
const versionById: ReadonlyMap<number, Version> = new Map(versions.map((it) => [it.id, it]))
const readers = new Map<number, (framed: Uint8Array) => object>()

// Shared by all codecs: encoding is synchronous, and what is returned is a copy.
let scratch = Buffer.allocUnsafeSlow(scratchBytes)

function makeCodec(name: string): Codec {
  const version = latest.get(name)
  if (version === undefined) throw new SchemaError('unknown-schema', 'frame')
  const write = writerOf(version)
  const read = readerOf(version)
  return {
    encode: write,
    decode(framed) {
      const found = versionIn(framed)
      if (found.name !== name) throw new SchemaError('wrong-schema', name)
      return found.id === version.id ? read(framed) : readerOf(found)(framed)
    },
  }
}

function versionIn(framed: Uint8Array): Version {
  if (framed.length < headerBytes) throw new SchemaError('length', 'frame')
  if (framed[0] !== 0) throw new SchemaError('magic-byte', 'frame')
  const version = versionById.get(
    at(framed, 1) * 2 ** 24 + at(framed, 2) * 2 ** 16 + at(framed, 3) * 2 ** 8 + at(framed, 4),
  )
  if (version === undefined) throw new SchemaError('unknown-schema', 'frame')
  return version
}

const at = (bytes: Uint8Array, index: number): number => bytes[index] ?? 0

function writerOf({ name, id }: Version): (value: object) => Uint8Array {
  const schema = readCurrent(name)
  const type = compiled(schema)
  const guard = guardOf(schema)
  const isEvent = schema.categories !== undefined
  const bytesFields = schema.fields.filter((it) => isBytes(it.type)).map((it) => it.name)
  return (value) => {
    if (isEvent && (value as { type?: unknown }).type !== name) {
      throw new SchemaError('wrong-schema', name, 'type')
    }
    const end = writeBody(type, bytesFields.length > 0 ? buffered(value, bytesFields) : value, name)
    scratch[0] = 0
    scratch.writeUInt32BE(id, 1)
    // What could not be read back is refused here, where somebody can still be told.
    guard(scratch, headerBytes, end)
    const framed = Buffer.allocUnsafe(end)
    scratch.copy(framed, 0, 0, end)
    if (scratch.length > scratchBytes) scratch = Buffer.allocUnsafeSlow(scratchBytes)
    return framed
  }
}

/** Writes behind the header and returns where it ends. */
function writeBody(type: avro.Type, value: object, name: string): number {
  try {
    const end = type.encode(value, scratch, headerBytes)
    if (end >= 0) return end
    // avsc answers by how much the buffer was short.
    const needed = scratch.length - end
    if (needed > recordBytesMax) throw new SchemaError('length', name)
    scratch = Buffer.allocUnsafeSlow(needed)
    return type.encode(value, scratch, headerBytes)
  } catch (error) {
    if (error instanceof SchemaError) throw error
    // avsc's own message quotes the value.
    throw new SchemaError('value', name, firstInvalid(type, value))
  }
}

/** Where a value does not fit, by field names alone. */
function firstInvalid(type: avro.Type, value: object): string {
  let at: string | undefined
  type.isValid(value, {
    errorHook: (path) => {
      at ??= path.join('.')
    },
  })
  return at ?? ''
}

function readerOf(version: Version): (framed: Uint8Array) => object {
  const known = readers.get(version.id)
  if (known !== undefined) return known
  const reader = makeReader(version)
  readers.set(version.id, reader)
  return reader
}

function makeReader(version: Version): (framed: Uint8Array) => object {
  const written = readReleased(version)
  // Today's schema file may be better documented than its released copy; in all else they are equal.
  const isLatest = latest.get(version.name)?.id === version.id
  return readerBetween(written, isLatest ? written : readCurrent(version.name))
}

const isBytes = (type: AvroSchema): boolean =>
  type === 'bytes' || (Array.isArray(type) && type.some(isBytes))

/** avsc takes bytes as Buffers only. Ours stand at the top of a record. */
function buffered(value: object, fields: readonly string[]): object {
  const copy: Record<string, unknown> = { ...value }
  for (const field of fields) {
    const bytes = copy[field]
    if (bytes instanceof Uint8Array && !Buffer.isBuffer(bytes)) {
      copy[field] = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }
  }
  return copy
}
