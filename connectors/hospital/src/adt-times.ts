import { type Envelope, londonToInstant } from '@throughline/domain'

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
  const parts = text.length <= longest ? shape.exec(text) : null
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second, fraction, zone] = parts
  const y = Number(year)
  const mo = month === undefined ? 1 : Number(month)
  const d = day === undefined ? 1 : Number(day)
  const h = Number(hour ?? 0)
  const mi = Number(minute ?? 0)
  const s = Number(second ?? 0)
  if (y < 1900 || mo < 1 || mo > 12 || d < 1 || d > daysIn(y, mo) || h > 23 || mi > 59 || s > 59)
    return undefined
  const ms = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'))
  const given = second !== undefined ? 'INSTANT' : precisionOf(month, day, hour, minute)
  if (zone !== undefined && !ignoreOffset) {
    const offset = offsetMs(zone)
    if (offset === undefined) return undefined
    return { at: Date.UTC(y, mo - 1, d, h, mi, s, ms) - offset, precision: given, text: null }
  }
  const { at, precision } = londonToInstant({ y, mo, d, h, mi, s, ms })
  // Only a time of day can fall into the hour that exists twice.
  const twice = precision === 'AMBIGUOUS_HOUR' && hour !== undefined
  return { at, precision: twice ? 'AMBIGUOUS_HOUR' : given, text }
}

const longest = 40
const shape =
  /^(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[ T]?(\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.(\d{1,9}))?)?)?)?)?)?(Z|[+-]\d\d:?\d\d)?$/

function precisionOf(
  month: string | undefined,
  day: string | undefined,
  hour: string | undefined,
  minute: string | undefined,
): When['precision'] {
  if (minute !== undefined) return 'MINUTE'
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
