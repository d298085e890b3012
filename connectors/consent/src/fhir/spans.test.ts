import { describe, expect, it } from 'vitest'
import { spanOf } from './spans.ts'

const iso = (text: string): unknown => {
  const read = spanOf(text)
  return typeof read === 'string'
    ? read
    : [read.from, read.until].map((at) => new Date(at).toISOString())
}

describe('a date of FHIR is a day of London, and its end is within it', () => {
  it.each([
    ['2026-05-14', '2026-05-13T23:00:00.000Z', '2026-05-14T23:00:00.000Z'],
    ['2026-01-05', '2026-01-05T00:00:00.000Z', '2026-01-06T00:00:00.000Z'],
    // The clocks change: 23 and 25 hours.
    ['2026-03-29', '2026-03-29T00:00:00.000Z', '2026-03-29T23:00:00.000Z'],
    ['2026-10-25', '2026-10-24T23:00:00.000Z', '2026-10-26T00:00:00.000Z'],
    ['2027-05', '2027-04-30T23:00:00.000Z', '2027-05-31T23:00:00.000Z'],
    ['2028-02', '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
    ['2026-12', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['2027', '2027-01-01T00:00:00.000Z', '2028-01-01T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
    ['2026-05-14T10:00:00+01:00', '2026-05-14T09:00:00.000Z', '2026-05-14T09:00:01.000Z'],
    ['2026-05-14T10:00:00.25Z', '2026-05-14T10:00:00.250Z', '2026-05-14T10:00:00.251Z'],
  ])('%s', (text, from, until) => {
    expect(iso(text)).toEqual([from, until])
  })

  it.each([
    ['14/05/2026', 'timestamp-not-readable'],
    ['2026-5-14', 'timestamp-not-readable'],
    ['2026-05-14T10:00Z', 'timestamp-not-readable'],
    ['2026-05-14T10:00:00', 'timestamp-needs-offset'],
    ['2026-02-30', 'timestamp-impossible'],
    ['2026-13', 'timestamp-impossible'],
    ['2026-05-14T24:00:00Z', 'timestamp-impossible'],
    ['9999-12-31', 'timestamp-impossible'],
    ['0000', 'timestamp-impossible'],
  ])('%s is refused: %s', (text, rule) => {
    expect(iso(text)).toBe(rule)
  })
})
