/** The five characters by which one message is divided; '' where its MSH-2 declares none. */
export interface Delimiters {
  readonly field: string
  readonly component: string
  readonly repetition: string
  readonly escape: string
  readonly subcomponent: string
}

/**
 * Text as the sender meant it (HL7 2.x chapter 2, "use of escape sequences"). What an escape gives is data and
 * never read again as structure. Unknown and local sequences stay as they stand, and so does a lone escape
 * character: free text carries paths of network drives.
 */
export function unescape(text: string, delimiters: Delimiters): string {
  const { escape } = delimiters
  if (escape === '' || !text.includes(escape)) return text
  let out = ''
  let at = 0
  while (at < text.length) {
    const start = text.indexOf(escape, at)
    const end = start === -1 ? -1 : text.indexOf(escape, start + 1)
    if (end === -1) break
    const meant = meaningOf(text.slice(start + 1, end), delimiters)
    out += text.slice(at, start) + (meant ?? escape)
    // Where it was no escape, the character that seemed to end it may begin a real one.
    at = meant === undefined ? start + 1 : end + 1
  }
  return out + text.slice(at)
}

const local = /^[CMPZ.][\w.+-]*$/
const hex = /^X(?:[0-9A-Fa-f]{2})+$/

function meaningOf(sequence: string, delimiters: Delimiters): string | undefined {
  switch (sequence) {
    case 'F':
      return delimiters.field
    case 'S':
      return delimiters.component
    case 'T':
      return delimiters.subcomponent
    case 'R':
      return delimiters.repetition
    case 'E':
      return delimiters.escape
    case '.br':
      return '\n'
    case 'H':
    case 'N':
      // Highlighting on and off: nothing to read.
      return ''
  }
  if (hex.test(sequence)) return fromHex(sequence.slice(1))
  if (local.test(sequence)) return delimiters.escape + sequence + delimiters.escape
  return undefined
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const windows1252 = new TextDecoder('windows-1252')

/** Senders mean bytes of the message's character set; what is valid UTF-8 by accident hardly ever occurs. */
function fromHex(digits: string): string {
  const bytes = Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16),
  )
  try {
    return utf8.decode(bytes)
  } catch {
    return windows1252.decode(bytes)
  }
}
