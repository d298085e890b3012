/**
 * A calendar day as agencies write it, as the number yyyymmdd: `2026-05-14` or `14/05/2026`. 0 where it is not a day
 * in one of these forms: a year of two digits, a spreadsheet's serial number and a month in words are not guessed at.
 */
export function dayIn(text: string): number {
  if (text.length !== 10) return 0
  const separator = text.charCodeAt(4)
  if (separator === hyphen && text.charCodeAt(7) === hyphen) {
    return checked(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10))
  }
  if (text.charCodeAt(2) === slash && text.charCodeAt(5) === slash) {
    return checked(digits(text, 6, 10), digits(text, 3, 5), digits(text, 0, 2))
  }
  return 0
}

const hyphen = 45
const slash = 47

function digits(text: string, from: number, to: number): number {
  let number = 0
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    number = number * 10 + digit
  }
  return number
}

function checked(year: number, month: number, day: number): number {
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return 0
  return year * 10_000 + month * 100 + day
}

const daysIn = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : month === 4 || month === 6 || month === 9 || month === 11
      ? 30
      : 31

/** `20260514` as `2026-05-14`. */
export function dayText(day: number): string {
  const text = String(day).padStart(8, '0')
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
}

/** `2026-05-14` as `20260514`. */
export const dayNumberOf = (date: string): number => Number(date.replaceAll('-', ''))

/** Whole years between two days. */
export const yearsBetween = (from: number, to: number): number => Math.floor((to - from) / 10_000)
