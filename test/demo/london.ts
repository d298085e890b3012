/**
 * London days and hours, worked out the slow way through `Intl`, so that the product's own time
 * arithmetic is checked by something that shares nothing with it. Instants are milliseconds.
 */

const bankHolidays = new Set(
  `2025-12-25 2025-12-26
  2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28
  2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-08-30 2027-12-27 2027-12-28`.split(
    /\s+/,
  ),
)

const wall = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/London',
  dateStyle: 'short',
  timeStyle: 'medium',
})

/** The calendar date in London, `yyyy-mm-dd`. */
export const dateIn = (at: number): string => wall.format(at).slice(0, 10)

/** The instant of a London clock time that exists once, such as 09:00, on a date some days on. */
export function clockTime(date: string, time: string, daysOn = 0): number {
  const day = daysAfter(date, daysOn)
  const asUtc = Date.parse(`${day}T${time}:00Z`)
  const summer = asUtc - 3_600_000
  return wall.format(summer) === `${day} ${time}:00` ? summer : asUtc
}

/** 17:00 London on the `n`-th working day after the date of `at`. */
export function workingDaysAfter(at: number, n: number): number {
  let day = dateIn(at)
  for (let left = n; left > 0; ) {
    day = daysAfter(day, 1)
    if (isWorkingDay(day)) left--
  }
  return clockTime(day, '17:00')
}

/** The start of the next London day. */
export const endOfDay = (at: number): number => clockTime(dateIn(at), '00:00', 1)

/** 20:00 London of the day of `at`, or of the next day when that is past. */
export function nextEightInTheEvening(at: number): number {
  const today = clockTime(dateIn(at), '20:00')
  return today >= at ? today : clockTime(dateIn(at), '20:00', 1)
}

function daysAfter(date: string, days: number): string {
  return new Date(Date.parse(`${date}T12:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

function isWorkingDay(date: string): boolean {
  const weekday = new Date(`${date}T12:00:00Z`).getUTCDay()
  return weekday !== 0 && weekday !== 6 && !bankHolidays.has(date)
}

/** The first instant of a London day. */
export const startOfDay = (date: string): number => clockTime(date, '00:00')
