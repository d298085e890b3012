import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDays,
  bankHolidays,
  isWorkingDay,
  londonDate,
  londonTimeOn,
  londonToInstant,
  morningAfter,
  readTimestamp,
  startOfLondonDay,
  workingDaysAfter,
} from './times.ts'

const utc = (text: string) => Date.parse(text)
const iso = (at: number) => new Date(at).toISOString()
const hour = 3_600_000

const wall = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  dateStyle: 'short',
  timeStyle: 'medium',
})
/** What the time-zone database says a London clock shows: `dd/mm/yyyy, hh:mm:ss`. */
const shown = (at: number) => wall.format(at)

const modern = fc.integer({ min: utc('1996-01-01T00:00:00Z'), max: utc('2100-12-31T23:59:59Z') })

describe('the clock on a London wall', () => {
  it('agrees with the time-zone database around every change from 1996 to 2100', () => {
    for (let y = 1996; y <= 2100; y++) {
      for (const mo of [3, 10]) {
        for (let d = 24; d <= 31; d++) {
          for (const h of [0, 3, 12]) {
            const { at, precision } = londonToInstant({ y, mo, d, h, mi: 30 })
            const two = (n: number) => String(n).padStart(2, '0')
            expect(shown(at)).toBe(`${two(d)}/${two(mo)}/${y}, ${two(h)}:30:00`)
            expect(precision).toBe('INSTANT')
          }
        }
      }
    }
  })

  it('takes the first of the two half past ones in October, and marks it', () => {
    const first = londonToInstant({ y: 2026, mo: 10, d: 25, h: 1, mi: 30 })
    expect(iso(first.at)).toBe('2026-10-25T00:30:00.000Z')
    expect(first.precision).toBe('AMBIGUOUS_HOUR')
  })

  it('moves the half past one that never was forward, and marks it', () => {
    const moved = londonToInstant({ y: 2026, mo: 3, d: 29, h: 1, mi: 30 })
    expect(iso(moved.at)).toBe('2026-03-29T01:30:00.000Z')
    expect(shown(moved.at)).toBe('29/03/2026, 02:30:00')
    expect(moved.precision).toBe('AMBIGUOUS_HOUR')
  })

  it('marks exactly the hour: not the millisecond before, not the one after', () => {
    const at = (mo: number, d: number, h: number, mi: number, s: number, ms: number) =>
      londonToInstant({ y: 2026, mo, d, h, mi, s, ms })
    expect(at(10, 25, 0, 59, 59, 999)).toEqual({
      at: utc('2026-10-24T23:59:59.999Z'),
      precision: 'INSTANT',
    })
    expect(at(10, 25, 1, 0, 0, 0)).toEqual({
      at: utc('2026-10-25T00:00:00Z'),
      precision: 'AMBIGUOUS_HOUR',
    })
    expect(at(10, 25, 1, 59, 59, 999)).toEqual({
      at: utc('2026-10-25T00:59:59.999Z'),
      precision: 'AMBIGUOUS_HOUR',
    })
    expect(at(10, 25, 2, 0, 0, 0)).toEqual({
      at: utc('2026-10-25T02:00:00Z'),
      precision: 'INSTANT',
    })
    expect(at(3, 29, 0, 59, 59, 999)).toEqual({
      at: utc('2026-03-29T00:59:59.999Z'),
      precision: 'INSTANT',
    })
    expect(at(3, 29, 1, 0, 0, 0)).toEqual({
      at: utc('2026-03-29T01:00:00Z'),
      precision: 'AMBIGUOUS_HOUR',
    })
    expect(at(3, 29, 2, 0, 0, 0)).toEqual({ at: utc('2026-03-29T01:00:00Z'), precision: 'INSTANT' })
  })

  it('knows the London day of any instant from 1996 to 2100', () => {
    fc.assert(
      fc.property(modern, (at) => {
        const [d = '', mo = '', y = ''] = shown(at).slice(0, 10).split('/')
        expect(londonDate(at)).toBe(`${y}-${mo}-${d}`)
      }),
    )
  })

  it('knows the London day in the last hour of UTC around every change', () => {
    for (let y = 1996; y <= 2100; y++) {
      for (const [month, d] of [24, 25, 26, 27, 28, 29, 30, 31].flatMap((day) => [
        ['03', day],
        ['10', day],
      ])) {
        const at = utc(`${y}-${month}-${d}T23:30:00Z`)
        const [day = '', mo = '', year = ''] = shown(at).slice(0, 10).split('/')
        expect(londonDate(at)).toBe(`${year}-${mo}-${day}`)
      }
    }
  })

  it('gives a summer day to the evening before in UTC', () => {
    expect(londonDate(utc('2026-06-14T22:59:59.999Z'))).toBe('2026-06-14')
    expect(londonDate(utc('2026-06-14T23:00:00Z'))).toBe('2026-06-15')
    expect(londonDate(utc('2026-01-14T23:59:59.999Z'))).toBe('2026-01-14')
    expect(londonDate(utc('1969-12-31T23:59:59.999Z'))).toBe('1969-12-31')
  })

  it('begins a day at midnight in London, in winter and in summer', () => {
    expect(iso(startOfLondonDay(utc('2026-06-14T12:00:00Z')))).toBe('2026-06-13T23:00:00.000Z')
    expect(iso(startOfLondonDay(utc('2026-12-14T12:00:00Z')))).toBe('2026-12-14T00:00:00.000Z')
    expect(iso(startOfLondonDay(utc('2026-10-25T12:00:00Z')))).toBe('2026-10-24T23:00:00.000Z')
  })

  it('never puts the start of a day after the instant, nor a day before it', () => {
    fc.assert(
      fc.property(modern, (at) => {
        const start = startOfLondonDay(at)
        expect(start).toBeLessThanOrEqual(at)
        expect(at - start).toBeLessThan(25 * hour)
        expect(londonDate(start)).toBe(londonDate(at))
        expect(londonDate(start - 1)).toBe(addDays(londonDate(at), -1))
      }),
    )
  })
})

describe('days and mornings', () => {
  it('adds days across months, leap days and centuries', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29')
    expect(addDays('2100-02-28', 1)).toBe('2100-03-01')
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31')
    expect(addDays('2026-03-28', 21)).toBe('2026-04-18')
    fc.assert(
      fc.property(modern, fc.integer({ min: -20_000, max: 20_000 }), (at, n) => {
        const date = new Date(at).toISOString().slice(0, 10)
        const expected = new Date(utc(`${date}T00:00:00Z`) + n * 24 * hour)
        expect(addDays(date, n)).toBe(expected.toISOString().slice(0, 10))
      }),
    )
  })

  it('wakes at nine in London, though the clocks change in between', () => {
    expect(iso(morningAfter(utc('2026-03-20T23:30:00Z'), 21))).toBe('2026-04-10T08:00:00.000Z')
    expect(iso(morningAfter(utc('2026-10-20T10:00:00Z'), 7))).toBe('2026-10-27T09:00:00.000Z')
    expect(iso(morningAfter(utc('2026-06-14T23:30:00Z'), 1))).toBe('2026-06-16T08:00:00.000Z')
  })

  it('finds a time of day', () => {
    expect(iso(londonTimeOn('2026-07-01', 20, 0))).toBe('2026-07-01T19:00:00.000Z')
    expect(iso(londonTimeOn('2026-12-01', 20, 15))).toBe('2026-12-01T20:15:00.000Z')
  })
})

describe('working days in England and Wales', () => {
  // As published for England and Wales.
  const published: Record<number, string> = {
    2002: '01-01 03-29 04-01 05-06 06-03 06-04 08-26 12-25 12-26',
    2011: '01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27',
    2012: '01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26',
    2020: '01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28',
    2021: '01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28',
    2022: '01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27',
    2023: '01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26',
    2024: '01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26',
    2025: '01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26',
    2026: '01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28',
    2027: '01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28',
  }
  it.each(Object.entries(published))('knows the bank holidays of %s', (year, days) => {
    expect(bankHolidays(Number(year))).toEqual(days.split(' ').map((day) => `${year}-${day}`))
  })

  it('counts neither weekends nor bank holidays', () => {
    expect(isWorkingDay('2026-12-24')).toBe(true)
    expect(isWorkingDay('2026-12-25')).toBe(false)
    expect(isWorkingDay('2026-12-26')).toBe(false)
    expect(isWorkingDay('2026-12-28')).toBe(false)
    expect(isWorkingDay('2026-12-29')).toBe(true)
  })

  it('is due at five in the afternoon of the working day', () => {
    const due = (at: string, n: number) => iso(workingDaysAfter(utc(at), n))
    expect(due('2026-06-12T10:00:00Z', 1)).toBe('2026-06-15T16:00:00.000Z')
    expect(due('2026-06-13T10:00:00Z', 1)).toBe('2026-06-15T16:00:00.000Z')
    expect(due('2026-12-24T23:59:00Z', 1)).toBe('2026-12-29T17:00:00.000Z')
    expect(due('2026-04-02T22:59:00Z', 2)).toBe('2026-04-08T16:00:00.000Z')
    expect(due('2026-03-25T09:00:00Z', 5)).toBe('2026-04-01T16:00:00.000Z')
    expect(due('2026-06-13T10:00:00Z', 0)).toBe('2026-06-15T16:00:00.000Z')
    expect(due('2026-06-12T10:00:00Z', 0)).toBe('2026-06-12T16:00:00.000Z')
  })
})

describe('timestamps as agencies write them', () => {
  const read = (text: string, zoneless: 'london' | 'utc' = 'london') =>
    readTimestamp(text, { zoneless })
  const instant = (text: string, zoneless: 'london' | 'utc' = 'london') => {
    const answer = read(text, zoneless)
    return answer.ok ? `${iso(answer.at)} ${answer.precision}` : answer.rule
  }

  it.each([
    ['2024-06-14T09:06:52+01:00', '2024-06-14T08:06:52.000Z INSTANT'],
    ['2024-06-14T09:06:52.1+01:00', '2024-06-14T08:06:52.100Z INSTANT'],
    ['2024-06-14T09:06:52.12+01:00', '2024-06-14T08:06:52.120Z INSTANT'],
    ['2024-06-14T09:06:52.123+01:00', '2024-06-14T08:06:52.123Z INSTANT'],
    ['2024-06-14T09:06:52.12399+01:00', '2024-06-14T08:06:52.123Z INSTANT'],
    ['2024-06-14T09:06:52.123999+01:00', '2024-06-14T08:06:52.123Z INSTANT'],
    ['2024-06-14T09:06:52.1239999+01:00', '2024-06-14T08:06:52.123Z INSTANT'],
    ['2024-06-14T09:06:52.12399999+01:00', '2024-06-14T08:06:52.123Z INSTANT'],
    ['2024-06-14T09:06:52.123999999+01:00', '2024-06-14T08:06:52.123Z INSTANT'],
    ['2024-01-14T09:06:52Z', '2024-01-14T09:06:52.000Z INSTANT'],
    ['2024-01-14T09:06:52.5Z', '2024-01-14T09:06:52.500Z INSTANT'],
    ['2024-01-14T09:06:52+01:00', '2024-01-14T08:06:52.000Z INSTANT'],
    ['2024-01-14T09:06:52-05:30', '2024-01-14T14:36:52.000Z INSTANT'],
    ['2024-06-14T09:06:52+0100', '2024-06-14T08:06:52.000Z INSTANT'],
    ['2024-06-14T09:06:52+01:00[Europe/London]', '2024-06-14T08:06:52.000Z INSTANT'],
    ['2024-01-14T09:06:52Z[Europe/London]', '2024-01-14T09:06:52.000Z INSTANT'],
    ['2024-09-02T16:15', '2024-09-02T15:15:00.000Z MINUTE'],
    ['2024-09-02T16:15+01:00', '2024-09-02T15:15:00.000Z MINUTE'],
    ['2024-09-02T16:15:30', '2024-09-02T15:15:30.000Z INSTANT'],
    ['2024-12-02 16:15:30', '2024-12-02T16:15:30.000Z INSTANT'],
    ['2026-10-25T01:30:00', '2026-10-25T00:30:00.000Z AMBIGUOUS_HOUR'],
    ['2026-10-25T01:30', '2026-10-25T00:30:00.000Z AMBIGUOUS_HOUR'],
    ['2026-10-25T01:30:00Z', '2026-10-25T01:30:00.000Z INSTANT'],
    ['2026-03-29T01:30:00', '2026-03-29T01:30:00.000Z AMBIGUOUS_HOUR'],
    ['2024-6-4T09:06:52Z', '2024-06-04T09:06:52.000Z INSTANT'],
    ['2024-06-14', '2024-06-13T23:00:00.000Z DAY'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z INSTANT'],
    ['Fri Jun 14 09:06:52 BST 2024', '2024-06-14T08:06:52.000Z INSTANT'],
    ['Sun Jan 14 09:06:52 GMT 2024', '2024-01-14T09:06:52.000Z INSTANT'],
    ['2010-05-01T09:00:00+01:00', '2010-05-01T08:00:00.000Z INSTANT'],
  ])('reads %s as %s', (text, expected) => {
    expect(instant(text)).toBe(expected)
  })

  it('takes a time without a zone for UTC where the source means that', () => {
    expect(instant('2024-09-02T16:15:30', 'utc')).toBe('2024-09-02T16:15:30.000Z INSTANT')
    expect(instant('2026-10-25T01:30:00', 'utc')).toBe('2026-10-25T01:30:00.000Z INSTANT')
    expect(instant('2024-06-14', 'utc')).toBe('2024-06-14T00:00:00.000Z DAY')
  })

  it('keeps the text, which may say more than an instant can', () => {
    const text = '2024-06-14T09:06:52.123456789+01:00'
    expect(read(text)).toMatchObject({ ok: true, text })
  })

  it.each([
    ['2024-06-14T09:06:52Z+01:00', 'timestamp-two-zones'],
    ['2024-06-14T09:06:52+01:00Z', 'timestamp-two-zones'],
    ['{createdDate}', 'timestamp-not-readable'],
    ['', 'timestamp-not-readable'],
    ['2024-06-14T09', 'timestamp-not-readable'],
    ['2024-06-14T9:06:52', 'timestamp-not-readable'],
    ['2024-06-14T09:06:52.', 'timestamp-not-readable'],
    ['2024-06-14T09:06:52.1234567890Z', 'timestamp-not-readable'],
    ['2024-06-14[Europe/London]', 'timestamp-not-readable'],
    ['14/06/2024', 'timestamp-not-readable'],
    ['44927', 'timestamp-not-readable'],
    [' 2024-06-14T09:06:52Z', 'timestamp-not-readable'],
    ['2024-06-14T09:06:52Z'.padEnd(10_000, '0'), 'timestamp-not-readable'],
    ['2024-13-01T00:00:00Z', 'timestamp-impossible'],
    ['2024-00-01T00:00:00Z', 'timestamp-impossible'],
    ['2025-02-29T00:00:00Z', 'timestamp-impossible'],
    ['2100-02-29T00:00:00Z', 'timestamp-impossible'],
    ['2024-04-31T00:00:00', 'timestamp-impossible'],
    ['2024-04-00', 'timestamp-impossible'],
    ['2024-06-14T24:00:00Z', 'timestamp-impossible'],
    ['2024-06-14T23:60:00Z', 'timestamp-impossible'],
    ['2024-06-14T23:59:60Z', 'timestamp-impossible'],
    ['2024-06-14T09:06:52+19:00', 'timestamp-impossible'],
    ['2024-06-14T09:06:52+01:60', 'timestamp-impossible'],
    ['Fri Jun 31 09:06:52 BST 2024', 'timestamp-impossible'],
    ['Thu Jun 14 09:06:52 BST 2024', 'timestamp-impossible'],
    ['Fri Jun 14 09:06:52 CEST 2024', 'timestamp-not-readable'],
  ])('refuses %s: %s', (text, rule) => {
    expect(read(text)).toEqual({ ok: false, rule })
  })

  it('reads back every instant that JavaScript writes', () => {
    fc.assert(
      fc.property(modern, (at) => {
        expect(read(iso(at))).toEqual({ ok: true, at, precision: 'INSTANT', text: iso(at) })
      }),
    )
  })

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => {
        const answer = read(text)
        if (answer.ok) expect(Number.isSafeInteger(answer.at)).toBe(true)
      }),
    )
  })
})
