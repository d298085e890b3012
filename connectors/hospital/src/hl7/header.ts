import { type Delimiters, type Hl7Segment, parseMessage } from './message.ts'

/** A message's first line, byte for byte: each character of a field is one byte of it, whatever the character set. */
export interface Header {
  readonly delimiters: Delimiters
  readonly msh: Hl7Segment
  /** Where the message's other segments begin. */
  readonly bodyAt: number
}

export type HeaderRead =
  | { readonly ok: true; readonly header: Header }
  | { readonly ok: false; readonly reason: 'header-missing' | 'delimiters-invalid' }

/** Far more than any header; what has no line end is not read further. */
const headerBytesMax = 8192

/**
 * The header can be read before the character set is known, because that stands in MSH-18: everything that
 * divides it is ASCII.
 */
export function readHeader(bytes: Buffer): HeaderRead {
  const start = startOf(bytes)
  const end = lineEnd(bytes, start)
  const parsed = parseMessage(
    bytes.toString('latin1', start, Math.min(end, start + headerBytesMax)),
  )
  if (!parsed.ok) return parsed
  const { delimiters, segments } = parsed.message
  const msh = segments[0]
  if (msh === undefined) return { ok: false, reason: 'header-missing' }
  return { ok: true, header: { delimiters, msh, bodyAt: end } }
}

/** The end of a frame has no place inside one. */
const fileSeparator = 0x1c
const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Behind a byte order mark and empty lines. */
function startOf(bytes: Buffer): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  while (bytes[at] === carriageReturn || bytes[at] === lineFeed) at += 1
  return at
}

function lineEnd(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    if (bytes[at] === carriageReturn || bytes[at] === lineFeed) return at
  }
  return bytes.length
}

/** What we cannot take at all, by HL7 table 0357 and the field of MSH that it is about (0: the segment). */
export const refusals = {
  'header-missing': { code: '100', text: 'Segment sequence error', field: 0 },
  'delimiters-invalid': { code: '102', text: 'Data type error', field: 2 },
  'control-character': { code: '102', text: 'Data type error', field: 0 },
  'sender-not-allowed': { code: '103', text: 'Table value not found', field: 4 },
  'type-unknown': { code: '200', text: 'Unsupported message type', field: 9 },
  'trigger-unknown': { code: '201', text: 'Unsupported event code', field: 9 },
  'version-unknown': { code: '203', text: 'Unsupported version id', field: 12 },
} as const
export type Refusal = keyof typeof refusals

/** Why a message with this header is refused, if it is. `facilities`: who may send; none means all. */
export function refusalOf(
  bytes: Buffer,
  { msh }: Header,
  { facilities }: { readonly facilities: readonly string[] },
): Refusal | undefined {
  if (bytes.includes(fileSeparator)) return 'control-character'
  if (facilities.length > 0 && !facilities.includes(msh.text(4))) return 'sender-not-allowed'
  if (!/^2\.[3-8](?:\.\d+)*$/.test(msh.text(12))) return 'version-unknown'
  const { type, trigger } = kindOf(msh)
  if (isAcknowledgement(type)) return undefined
  if (type !== 'ADT') return 'type-unknown'
  // A01 to A62 are all the triggers that ADT has; most of them nobody here needs.
  return /^A(?:0[1-9]|[1-5]\d|6[0-2])$/.test(trigger) ? undefined : 'trigger-unknown'
}

/** An answer is never answered: two systems would go on for ever. */
export const isAcknowledgement = (type: string): boolean => type === 'ACK' || type === 'MCF'

/** MSH-9; the trigger is never taken from EVN-1, which contradicts it in converted feeds. */
export function kindOf(msh: Hl7Segment): {
  readonly type: string
  readonly trigger: string
} {
  const kind = msh.repetitions(9)[0]
  return {
    type: kind?.component(1).trim().toUpperCase() ?? '',
    trigger: kind?.component(2).trim().toUpperCase() ?? '',
  }
}
