import { hash } from 'node:crypto'
import type { Ids } from '@throughline/domain'

const blockBytes = 64
const digestBytes = 32
const idCharacters = 27

/**
 * Ids over Node's one-shot hash. The HMAC is written out (RFC 2104) over pads that are made once:
 * measured at a fifth of the cost of `createHmac`, and link asks for several a record.
 */
export function nodeIds(hmacKey: Uint8Array): Ids {
  const inner = padded(hmacKey, 0x36)
  const outer = padded(hmacKey, 0x5c)
  let room = grown(inner, 1024)
  const last = grown(outer, digestBytes)

  return {
    hmac(label, ...parts) {
      const text = joined(label, parts)
      const needed = blockBytes + text.length * 3
      if (needed > room.length) room = grown(inner, needed)
      const end = blockBytes + room.write(text, blockBytes, 'utf8')
      last.write(hash('sha256', room.subarray(0, end), 'binary'), blockBytes, 'binary')
      return hash('sha256', last, 'base64url').slice(0, idCharacters)
    },
    hash: (label, ...parts) =>
      hash('sha256', joined(label, parts), 'base64url').slice(0, idCharacters),
  }
}

/** Each part behind its length, so that no two lists of parts give one text. */
function joined(label: string, parts: readonly string[]): string {
  let text = `${label.length}:${label}`
  for (const part of parts) text += `${part.length}:${part}`
  return text
}

function padded(key: Uint8Array, filler: number): Buffer {
  const short = key.length > blockBytes ? hash('sha256', key, 'buffer') : key
  const block = Buffer.alloc(blockBytes, filler)
  for (const [i, byte] of short.entries()) block[i] = (block[i] as number) ^ byte
  return block
}

function grown(block: Buffer, room: number): Buffer {
  const buffer = Buffer.alloc(blockBytes + room)
  block.copy(buffer)
  return buffer
}
