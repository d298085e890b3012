import { codecFor, decodeFramed } from '@throughline/schemas'

/** How values become bytes. `encode` frames: byte 0, schema id, body. */
export interface Codec {
  encode(schema: string, value: object): Uint8Array
  /** Raises when the bytes are not what they say; the message names no value. */
  decode(bytes: Uint8Array): { readonly schema: string; readonly value: object }
}

/** The schemas of this repository, guarded before they are decoded. */
export const avroCodec: Codec = {
  encode: (schema, value) => codecFor(schema).encode(value),
  decode: decodeFramed,
}
