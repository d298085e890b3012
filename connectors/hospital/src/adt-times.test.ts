import { describe, expect, it } from 'vitest'
import { readHl7Time, versionAt } from './adt-times.ts'

const utc = (text: string): number => Date.parse(text)

describe('an HL7 time', () => {
  it.each([
    ['202611140231', '2026-11-14T02:31:00Z', 'MINUTE'],
    ['20261114023105', '2026-11-14T02:31:05Z', 'INSTANT'],
    ['20261114023105.1234', '2026-11-14T02:31:05.123Z', 'INSTANT'],
    ['20260714023105', '2026-07-14T01:31:05Z', 'INSTANT'],
    ['20261114', '2026-11-14T00:00:00Z', 'DAY'],
    ['20260714', '2026-07-13T23:00:00Z', 'DAY'],
    ['2026', '2026-01-01T00:00:00Z', 'YEAR'],
    ['202607', '2026-06-30T23:00:00Z', 'MONTH'],
    ['2026111402', '2026-11-14T02:00:00Z', 'UNKNOWN'],
    ['2025-05-05 23:23:28', '2025-05-05T22:23:28Z', 'INSTANT'],
    ['202610250030', '2026-10-24T23:30:00Z', 'MINUTE'],
    ['202610250130', '2026-10-25T00:30:00Z', 'AMBIGUOUS_HOUR'],
    ['202610250200', '2026-10-25T02:00:00Z', 'MINUTE'],
    ['202603290130', '2026-03-29T01:30:00Z', 'AMBIGUOUS_HOUR'],
    ['20240229', '2024-02-29T00:00:00Z', 'DAY'],
  ])('%s is %s', (text, instant, precision) => {
    expect(readHl7Time(text)).toEqual({ at: utc(instant), precision, text })
  })

  it.each([
    ['202607140231+0100', '2026-07-14T01:31:00Z', 'MINUTE'],
    ['202607140231+0000', '2026-07-14T02:31:00Z', 'MINUTE'],
    ['20260714023105.5-0500', '2026-07-14T07:31:05.5Z', 'INSTANT'],
    ['2026-11-17T15:30:00+00:00', '2026-11-17T15:30:00Z', 'INSTANT'],
    ['2026-11-17T15:30:00Z', '2026-11-17T15:30:00Z', 'INSTANT'],
  ])('%s is believed: %s', (text, instant, precision) => {
    expect(readHl7Time(text)).toEqual({ at: utc(instant), precision, text: null })
  })

  it.each([
    '',
    'x',
    '20261399',
    '20250229',
    '20260230',
    '00000000',
    '202611142400',
    '202611140260',
    '20261114023160',
    '202611140231+9900',
    '202611140231+0090',
    '0001',
    '1899',
    '20261',
    '202611140231Q',
    `2026${'1'.repeat(60)}`,
    '２０２６',
  ])('%s is none', (text) => {
    expect(readHl7Time(text)).toBeUndefined()
  })

  it('may have an offset that lies', () => {
    expect(readHl7Time('202607140231+0000', true)?.at).toBe(utc('2026-07-14T01:31:00Z'))
  })
})

it('puts messages in order by the second in which they were sent, for some decades', () => {
  expect(versionAt(utc('2026-11-14T04:12:05Z')) - versionAt(utc('2026-11-14T04:12:00Z'))).toBe(5)
  expect(versionAt(utc('1970-01-01T00:00:00Z'))).toBe(1)
  expect(versionAt(utc('9999-12-31T00:00:00Z'))).toBe(2 ** 31 - 1)
})
