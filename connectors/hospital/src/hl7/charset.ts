import { isAscii } from 'node:buffer'

/** One message as text, and what had to be supposed for it. */
export interface Decoded {
  readonly text: string
  /** Nobody said which character set it is, and it is not UTF-8. */
  readonly guessed: boolean
  /**
   * The bytes are not what the message says they are: names in `text` may be wrong, and nobody may be
   * looked for by it.
   */
  readonly mismatch: boolean
}

/** HL7 table 0211, and what senders write instead. */
const labels: Readonly<Record<string, string>> = {
  UNICODE: 'utf-8',
  'UNICODE UTF-8': 'utf-8',
  'UTF-8': 'utf-8',
  UTF8: 'utf-8',
  // Windows machines say Latin-1 and send their own superset of it.
  '8859/1': 'windows-1252',
  'ISO-8859-1': 'windows-1252',
  LATIN1: 'windows-1252',
  'WINDOWS-1252': 'windows-1252',
  CP1252: 'windows-1252',
  ...Object.fromEntries(
    [2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16].map((n) => [`8859/${n}`, `iso-8859-${n}`]),
  ),
  // In table 0211 it is Latin-5, as ISO calls Turkish; decoders file it under its Windows superset.
  '8859/9': 'windows-1254',
}
const unsaid = new Set(['', 'ASCII', 'US-ASCII', 'ISO646'])

/**
 * Decodes one message by what its MSH-18 says (`declared`, its first repetition); a sender's profile stands in
 * where the message says nothing. Otherwise strict UTF-8, then windows-1252, marked as guessed. UTF-8 bytes
 * under another name, and other bytes under UTF-8's, are a mismatch (formats/hospital.md, section 7).
 */
export function decodeMessage(bytes: Uint8Array, declared: string, profiled = ''): Decoded {
  if (isAscii(bytes)) return sure(latin1(bytes))
  const named = declared.trim().toUpperCase()
  const label = unsaid.has(named) ? profiled.trim().toUpperCase() : named
  const utf8 = strictUtf8(bytes)
  if (unsaid.has(label)) {
    return utf8 === undefined ? { ...sure(windows1252.decode(bytes)), guessed: true } : sure(utf8)
  }
  const decoder = Object.hasOwn(labels, label) ? labels[label] : undefined
  if (decoder === 'utf-8' && utf8 !== undefined) return sure(utf8)
  // Text of a one-byte set that happens to be valid UTF-8 throughout does not occur in practice.
  if (decoder === undefined || decoder === 'utf-8' || utf8 !== undefined) {
    return { text: utf8 ?? windows1252.decode(bytes), guessed: false, mismatch: true }
  }
  return sure(new TextDecoder(decoder).decode(bytes))
}

const sure = (text: string): Decoded => ({ text, guessed: false, mismatch: false })

const windows1252 = new TextDecoder('windows-1252')
const fatalUtf8 = new TextDecoder('utf-8', { fatal: true })

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

function strictUtf8(bytes: Uint8Array): string | undefined {
  try {
    return fatalUtf8.decode(bytes)
  } catch {
    return undefined
  }
}
