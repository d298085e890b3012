import { type Envelope, londonToInstant, type WallTime } from '@throughline/domain'

/** An instant and how well it is known; `text` as the sender wrote it. */
export interface When {
  readonly at: number
  readonly precision: Envelope['occurredAtPrecision']
  readonly text: string | null
}

/**
 * An HL7 time: `YYYY[MM[DD[HH[MM[SS[.S+]]]]]][+ZZZZ]`, and the ISO form that some feeds put in its place.
 * Without an offset it is the clock on the ward's wall, Europe/London; an offset is believed unless the
 * sender's is not (`ignoreOffset`). Undefined for what cannot be a time. Nothing larger than a minute is made
 * up: the precision says what was given.
 */
export function readHl7Time(text: string, ignoreOffset = false): When | undefined {
  const read = digitsIn(text) ?? partsIn(text)
  if (read === undefined) return undefined
  const { y, mo, d, h, mi, s, ms, zone, given } = read
  if (y < 1900 || mo < 1 || mo > 12 || d < 1 || d > daysIn(y, mo)) return undefined
  if (h > 23 || mi > 59 || s > 59) return undefined
  if (zone !== undefined && !ignoreOffset) {
    const offset = offsetMs(zone)
    if (offset === undefined) return undefined
    return { at: Date.UTC(y, mo - 1, d, h, mi, s, ms) - offset, precision: given, text: null }
  }
  const { at, precision } = londonToInstant(read)
  return { at, precision: precision === 'AMBIGUOUS_HOUR' ? precision : given, text }
}

interface Parts extends Required<WallTime> {
  readonly zone: string | undefined
  readonly given: When['precision']
}

/** The shapes that nearly all times have, 8, 12 or 14 digits, without the cost of a pattern. */
function digitsIn(text: string): Parts | undefined {
  const { length } = text
  if (length !== 12 && length !== 14 && length !== 8) return undefined
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) return undefined
  }
  return {
    y: pairAt(text, 0) * 100 + pairAt(text, 2),
    mo: pairAt(text, 4),
    d: pairAt(text, 6),
    h: length > 8 ? pairAt(text, 8) : 0,
    mi: length > 8 ? pairAt(text, 10) : 0,
    s: length > 12 ? pairAt(text, 12) : 0,
    ms: 0,
    zone: undefined,
    given: length === 8 ? 'DAY' : length === 12 ? 'MINUTE' : 'INSTANT',
  }
}

const pairAt = (text: string, at: number): number =>
  text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 48 * 11

function partsIn(text: string): Parts | undefined {
  const parts = text.length <= longest ? shape.exec(text) : null
  if (parts === null) return undefined
  const [, year, month = '1', day = '1', hour = '0', minute = '0', second = '0', fraction] = parts
  return {
    y: Number(year),
    mo: Number(month),
    d: Number(day),
    h: Number(hour),
    mi: Number(minute),
    s: Number(second),
    ms: fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0')),
    zone: parts[8],
    given: precisionOf(parts),
  }
}

const longest = 40
const shape =
  /^(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[ T]?(\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.(\d{1,9}))?)?)?)?)?)?(Z|[+-]\d\d:?\d\d)?$/

function precisionOf([, , month, day, hour, minute, second]: readonly (
  | string
  | undefined
)[]): When['precision'] {
  if (second !== undefined) return 'INSTANT'
  if (minute !== undefined) return 'MINUTE'
  // To the hour: our words have nothing for it.
  if (hour !== undefined) return 'UNKNOWN'
  if (day !== undefined) return 'DAY'
  return month === undefined ? 'YEAR' : 'MONTH'
}

function offsetMs(zone: string): number | undefined {
  if (zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  if (Number(zone.slice(-2)) > 59 || minutes > 18 * 60) return undefined
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000
}

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const daysIn = (y: number, mo: number): number =>
  mo === 2 && y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0) ? 29 : (monthDays[mo - 1] ?? 0)

const epochMs = Date.UTC(2000, 0, 1)
const versionMax = 2 ** 31 - 1

/**
 * The version of what a message says: the seconds from 2000 to when it was sent. Messages overtake each other,
 * a cancelled visit's number is used again, and only the sender's clock puts them in order (section 1). A
 * withdrawal takes back what was sent before it, and what is sent later holds again.
 */
export const versionAt = (sentAt: number): number =>
  Math.min(versionMax, Math.max(1, Math.floor((sentAt - epochMs) / 1000)))
