import avro from 'avsc'
import type { AvroRecord } from './files.ts'
import { guardOf } from './guard.ts'
import { SchemaError } from './schema-error.ts'

/** Bytes before the Avro body: 0, then the schema's id. */
export const headerBytes = 5

/** A schema as avsc reads and writes it: optional fields are plain values or null. */
export const compiled = (schema: AvroRecord): avro.Type =>
  avro.Type.forSchema(structuredClone(schema) as avro.Schema, {
    omitRecordMethods: true,
    wrapUnions: 'never',
  })

/**
 * Reads framed bytes of one schema version as another: fields the writer did not know get their
 * defaults, symbols the reader does not know become UNKNOWN. An event gets its `type` back. Throws
 * `SchemaError`.
 */
export function readerBetween(
  writer: AvroRecord,
  reader: AvroRecord,
): (framed: Uint8Array) => object {
  const guard = guardOf(writer)
  const type = compiled(reader)
  const resolver = writer === reader ? undefined : type.createResolver(compiled(writer))
  const isEvent = reader.categories !== undefined
  return (framed) => {
    guard(framed, headerBytes, framed.length)
    const buffer = Buffer.isBuffer(framed)
      ? framed
      : Buffer.from(framed.buffer, framed.byteOffset, framed.byteLength)
    const decoded = type.decode(buffer, headerBytes, resolver) as Decoded
    // The guard has counted every byte; avsc and it disagreeing would be a defect of ours.
    if (decoded.offset !== buffer.length) throw new SchemaError('trailing-bytes', writer.name)
    if (isEvent) decoded.value.type = reader.name
    return decoded.value
  }
}

interface Decoded {
  readonly value: { type?: string }
  readonly offset: number
}
