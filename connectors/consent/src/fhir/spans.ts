import { addDays, londonTimeOn, readTimestamp } from '@throughline/domain'

/** All instants that a FHIR date or time may mean: half-open, milliseconds. */
export interface Span {
  readonly from: number
  readonly until: number
}

export type SpanRule = 'timestamp-not-readable' | 'timestamp-needs-offset' | 'timestamp-impossible'

const shape = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?)?)?)?$/

/**
 * Reads an R4 dateTime: a year, a month or a day is London's, from its first midnight to its last; a
 * time carries its offset and lasts as long as its last digit. So the end of a period, which FHIR
 * counts as within it, is `until`.
 */
export function spanOf(text: string): Span | SpanRule {
  const [, y = '', mo, d, time, fraction, zone] = shape.exec(text) ?? []
  if (y === '') return 'timestamp-not-readable'
  // Whoever means "for ever" writes such years; a consent has an end that somebody can live to see.
  if (y < '1900' || y > '2199') return 'timestamp-impossible'
  if (time !== undefined && zone === undefined) return 'timestamp-needs-offset'
  const first = `${y}-${mo ?? '01'}-${d ?? '01'}`
  const read = readTimestamp(time === undefined ? first : text, { zoneless: 'london' })
  if (!read.ok) return 'timestamp-impossible'
  const { at } = read
  if (time !== undefined) return { from: at, until: at + (fraction === undefined ? 1000 : 1) }
  const next =
    d !== undefined
      ? addDays(first, 1)
      : mo !== undefined
        ? addDays(`${first.slice(0, 8)}28`, 4)
            .slice(0, 8)
            .concat('01')
        : `${Number(y) + 1}-01-01`
  return { from: at, until: londonTimeOn(next, 0, 0) }
}

export const isSpan = (read: Span | SpanRule): read is Span => typeof read !== 'string'
