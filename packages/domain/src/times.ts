/**
 * Times as agencies write them and as people live them. Instants are milliseconds since the epoch;
 * days are Europe/London calendar days, `yyyy-mm-dd`.
 *
 * Clocks follow the rule in force since 1996: forward on the last Sunday of March and back on the
 * last Sunday of October, both at 01:00 UTC. The same rule is applied before 1996, where the real
 * one differed (October 1995 by a week, 1968–71 summer time all year), so an old local time may be
 * an hour out. Arithmetic only: `Intl` costs microseconds and this runs for each event.
 */

/** What a clock on a London wall shows. Months and days count from 1; what is missing is 0. */
export interface WallTime {
  readonly y: number
  readonly mo: number
  readonly d: number
  readonly h?: number
  readonly mi?: number
  readonly s?: number
  readonly ms?: number
}

/**
 * The instant at which London's clocks show `wall`. In October the hour from 01:00 exists twice and
 * the first one is taken (summer time: 01:30 on 25 October 2026 is 00:30Z); in March it does not
 * exist and the time moves forward by an hour. Both are marked, so that nobody takes them for exact.
 */
export function londonToInstant(wall: WallTime): {
  readonly at: number
  readonly precision: 'INSTANT' | 'AMBIGUOUS_HOUR'
} {
  const { y, mo, d, h = 0, mi = 0, s = 0, ms = 0 } = wall
  const local = dayNumber(y, mo, d) * dayMs + h * hourMs + mi * minuteMs + s * 1000 + ms
  const start = summerStarts(y)
  const end = summerEnds(y)
  if (local < start || local >= end + hourMs) return { at: local, precision: 'INSTANT' }
  // Read as winter time, a time in the missing hour is the same time on summer's clock an hour later.
  if (local < start + hourMs) return { at: local, precision: 'AMBIGUOUS_HOUR' }
  return { at: local - hourMs, precision: local < end ? 'INSTANT' : 'AMBIGUOUS_HOUR' }
}

/** The London calendar day of an instant, `yyyy-mm-dd`. */
export const londonDate = (at: number): string => dateText(londonDay(at))

/** What London's clocks show at an instant: `08:05`. */
export function londonClock(at: number): string {
  const shown = isSummer(at) ? at + hourMs : at
  const minutes = Math.floor((shown - Math.floor(shown / dayMs) * dayMs) / minuteMs)
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** The instant at which the London day of `at` began. */
export const startOfLondonDay = (at: number): number => instantOn(londonDay(at), 0, 0)

/** The instant of a London wall time on a day `yyyy-mm-dd`. */
export const londonTimeOn = (date: string, h: number, mi: number): number =>
  instantOn(dayOf(date), h, mi)

/** The day `n` days after `date` (before it, when negative). */
export const addDays = (date: string, n: number): string => dateText(dayOf(date) + n)

/** 09:00 in London, `days` days after the London day of `at`. Day-based clocks fire then (design, section 4). */
export const morningAfter = (at: number, days: number): number =>
  instantOn(londonDay(at) + days, 9, 0)

/** 17:00 in London on the `n`-th working day after the London day of `at`; for 0 on the first one that is not before it. */
export function workingDaysAfter(at: number, n: number): number {
  let day = londonDay(at)
  for (let left = n; left > 0; left--) {
    do day += 1
    while (!isWorkingDayNumber(day))
  }
  while (!isWorkingDayNumber(day)) day += 1
  return instantOn(day, 17, 0)
}

/** Monday to Friday, and no bank holiday in England and Wales. Takes `yyyy-mm-dd`. */
export const isWorkingDay = (date: string): boolean => isWorkingDayNumber(dayOf(date))

/**
 * Bank holidays in England and Wales of one year (`yyyy-mm-dd`, sorted): the yearly ones with their substitute
 * days, and the extra and moved ones known for 1999 to 2027.
 */
export const bankHolidays = (year: number): readonly string[] =>
  [...bankHolidayNumbers(year)].toSorted((a, b) => a - b).map(dateText)

export type TimestampRule =
  | 'timestamp-not-readable'
  | 'timestamp-impossible'
  | 'timestamp-two-zones'

export type TimestampAnswer =
  | {
      readonly ok: true
      readonly at: number
      readonly precision: 'INSTANT' | 'MINUTE' | 'DAY' | 'AMBIGUOUS_HOUR'
      /** As it was written: it may carry more digits than an instant keeps, and it decides identity. */
      readonly text: string
    }
  | { readonly ok: false; readonly rule: TimestampRule }

/**
 * Reads a timestamp in any shape that justice agencies send (formats/justice.md, section 12): ISO
 * with 0 to 9 fraction digits, with or without seconds, `Z`, `+01:00`, `+0100`,
 * `+01:00[Europe/London]`, one-digit months and days, or the text of a Java date. An offset is
 * believed, in winter too. `zoneless` says what a time without one means at that source; a day
 * without a time begins at its midnight there. Fractions are cut to milliseconds, never rounded up.
 */
export function readTimestamp(
  text: string,
  options: { readonly zoneless: 'london' | 'utc' },
): TimestampAnswer {
  const iso = text.length <= longestTimestamp ? isoShape.exec(text) : null
  if (iso === null) return readJavaDate(text)
  const [, y, mo, d, h, mi, s, fraction, zone] = iso
  if (!isDate(Number(y), Number(mo), Number(d))) return impossible
  const wall = {
    y: Number(y),
    mo: Number(mo),
    d: Number(d),
    h: Number(h ?? 0),
    mi: Number(mi ?? 0),
    s: Number(s ?? 0),
    ms: fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0')),
  }
  if (wall.h > 23 || wall.mi > 59 || wall.s > 59) return impossible
  const precision = h === undefined ? 'DAY' : s === undefined ? 'MINUTE' : 'INSTANT'
  if (zone === undefined && options.zoneless === 'london') {
    const { at, precision: certainty } = londonToInstant(wall)
    return { ok: true, at, precision: certainty === 'INSTANT' ? precision : certainty, text }
  }
  const offset = zone === undefined ? 0 : offsetOf(zone)
  if (offset === undefined) return impossible
  return { ok: true, at: wallAsUtc(wall) - offset, precision, text }
}

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const longestTimestamp = 64

const isoShape =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?((?:Z|[+-]\d{2}:?\d{2})(?:\[[A-Za-z_/+-]+\])?)?)?$/
const twoZones = /\dZ[+-]\d{2}:?\d{2}$|[+-]\d{2}:?\d{2}Z$/
const javaShape =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (BST|GMT|UTC) (\d{4})$/
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

const impossible = { ok: false, rule: 'timestamp-impossible' } as const

/** Delius puts Java's own text into some members: `Fri Jun 14 09:06:52 BST 2024`. */
function readJavaDate(text: string): TimestampAnswer {
  const java = text.length <= longestTimestamp ? javaShape.exec(text) : null
  if (java === null) {
    const rule = twoZones.test(text.slice(-16)) ? 'timestamp-two-zones' : 'timestamp-not-readable'
    return { ok: false, rule }
  }
  const [, weekday, month = '', d, h, mi, s, zone, y] = java
  const wall = {
    y: Number(y),
    mo: months.indexOf(month) + 1,
    d: Number(d),
    h: Number(h),
    mi: Number(mi),
    s: Number(s),
    ms: 0,
  }
  if (!isDate(wall.y, wall.mo, wall.d) || wall.h > 23 || wall.mi > 59 || wall.s > 59) {
    return impossible
  }
  if (weekdays[weekdayOf(dayNumber(wall.y, wall.mo, wall.d))] !== weekday) return impossible
  const at = wallAsUtc(wall) - (zone === 'BST' ? hourMs : 0)
  return { ok: true, at, precision: 'INSTANT', text }
}

/** Milliseconds east of Greenwich of `Z`, `+01:00` or `+0100`, or undefined for an offset no place has. */
function offsetOf(zone: string): number | undefined {
  if (zone.charCodeAt(0) === zulu) return 0
  const h = Number(zone.slice(1, 3))
  const mi = Number(zone.charCodeAt(3) === colon ? zone.slice(4, 6) : zone.slice(3, 5))
  if (mi > 59 || h * 60 + mi > 18 * 60) return undefined
  return (zone.charCodeAt(0) === minus ? -1 : 1) * (h * hourMs + mi * minuteMs)
}

const zulu = 90
const colon = 58
const minus = 45

const wallAsUtc = (wall: Required<WallTime>): number =>
  dayNumber(wall.y, wall.mo, wall.d) * dayMs +
  wall.h * hourMs +
  wall.mi * minuteMs +
  wall.s * secondMs +
  wall.ms

/** Days since 1 January 1970, in the Gregorian calendar carried back for ever. */
function dayNumber(y: number, mo: number, d: number): number {
  // Years begin in March here, so that the leap day is the last day of one.
  const year = mo <= 2 ? y - 1 : y
  const era = Math.floor(year / 400)
  const yearOfEra = year - era * 400
  const dayOfYear = Math.floor((153 * (mo > 2 ? mo - 3 : mo + 9) + 2) / 5) + d - 1
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100)
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468
}

function civil(day: number): { y: number; mo: number; d: number } {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const month = Math.floor((5 * dayOfYear + 2) / 153)
  const mo = month < 10 ? month + 3 : month - 9
  const y = yearOfEra + era * 400 + (mo <= 2 ? 1 : 0)
  return { y, mo, d: dayOfYear - Math.floor((153 * month + 2) / 5) + 1 }
}

/** 0 is Sunday. Day 0, 1 January 1970, was a Thursday. */
const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7

const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const isLeap = (y: number): boolean => y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0)
const isDate = (y: number, mo: number, d: number): boolean =>
  mo >= 1 &&
  mo <= 12 &&
  d >= 1 &&
  d <= (mo === 2 && isLeap(y) ? 29 : (daysInMonth[mo - 1] as number))

const lastSundayAtOne = (y: number, mo: number): number => {
  const last = dayNumber(y, mo, 31)
  return (last - weekdayOf(last)) * dayMs + hourMs
}
const summerStarts = (y: number): number => lastSundayAtOne(y, 3)
const summerEnds = (y: number): number => lastSundayAtOne(y, 10)

function londonDay(at: number): number {
  const day = Math.floor(at / dayMs)
  // Before 23:00 UTC it is the same day in London all the year.
  if (at - day * dayMs < 23 * hourMs) return day
  return isSummer(at) ? day + 1 : day
}

function isSummer(at: number): boolean {
  const { y } = civil(Math.floor(at / dayMs))
  return at >= summerStarts(y) && at < summerEnds(y)
}

const instantOn = (day: number, h: number, mi: number): number =>
  londonToInstant({ ...civil(day), h, mi }).at

const dayOf = (date: string): number =>
  dayNumber(Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10)))

function dateText(day: number): string {
  const { y, mo, d } = civil(day)
  return `${String(y).padStart(4, '0')}-${two(mo)}-${two(d)}`
}

const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`)

function isWorkingDayNumber(day: number): boolean {
  const weekday = weekdayOf(day)
  return weekday !== 0 && weekday !== 6 && !bankHolidayNumbers(civil(day).y).has(day)
}

const holidaysByYear = new Map<number, ReadonlySet<number>>()

function bankHolidayNumbers(year: number): ReadonlySet<number> {
  const known = holidaysByYear.get(year)
  if (known !== undefined) return known
  const easter = easterSunday(year)
  const holidays = new Set([easter - 2, easter + 1])
  const christmas = dayNumber(year, 12, 25)
  // One after the other, so that two holidays on a weekend move to two different days.
  for (const day of [dayNumber(year, 1, 1), christmas, christmas + 1]) {
    holidays.add(substitute(day, holidays))
  }
  const moved = movedHolidays[year]
  holidays.add(moved?.earlyMay ?? mondayFrom(dayNumber(year, 5, 1)))
  holidays.add(moved?.spring ?? mondayFrom(dayNumber(year, 5, 25)))
  holidays.add(mondayFrom(dayNumber(year, 8, 25)))
  for (const day of extraHolidays[year] ?? []) holidays.add(day)
  holidaysByYear.set(year, holidays)
  return holidays
}

function substitute(day: number, taken: ReadonlySet<number>): number {
  let instead = day
  while (weekdayOf(instead) === 0 || weekdayOf(instead) === 6 || taken.has(instead)) instead += 1
  return instead
}

const mondayFrom = (day: number): number => day + ((8 - weekdayOf(day)) % 7)

/** Jubilees and the 75 years of peace moved a holiday to another day of the same year. */
const movedHolidays: Readonly<Record<number, { earlyMay?: number; spring?: number }>> = {
  2002: { spring: dayNumber(2002, 6, 4) },
  2012: { spring: dayNumber(2012, 6, 4) },
  2020: { earlyMay: dayNumber(2020, 5, 8) },
  2022: { spring: dayNumber(2022, 6, 2) },
}

/** The millennium, jubilees, a wedding, a funeral, a coronation. None is proclaimed for 2024 to 2027. */
const extraHolidays: Readonly<Record<number, readonly number[]>> = {
  1999: [dayNumber(1999, 12, 31)],
  2002: [dayNumber(2002, 6, 3)],
  2011: [dayNumber(2011, 4, 29)],
  2012: [dayNumber(2012, 6, 5)],
  2022: [dayNumber(2022, 6, 3), dayNumber(2022, 9, 19)],
  2023: [dayNumber(2023, 5, 8)],
}

/** The anonymous Gregorian computus (Nature, 1876). */
function easterSunday(y: number): number {
  const a = y % 19
  const b = Math.floor(y / 100)
  const c = y % 100
  const g = Math.floor((8 * b + 13) / 25)
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const month = Math.floor((h + l - 7 * m + 114) / 31)
  return dayNumber(y, month, ((h + l - 7 * m + 114) % 31) + 1)
}
