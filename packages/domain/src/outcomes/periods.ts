import { addDays } from '../times.ts'

/** Calendar periods of a release. Days are London days, `yyyy-mm-dd`; quarters are `yyyy-Qn`. */

/** The four quarters that a release covers, and up to which day it knows what happened. */
export interface Frame {
  readonly asOf: string
  /** Oldest first; the release's own quarter is the last. */
  readonly quarters: readonly string[]
  /** First and last day; the last quarter may still be running. */
  readonly from: string
  readonly to: string
}

export function frameOf(quarter: string, asOf: string): Frame {
  const quarters = [-3, -2, -1, 0].map((by) => shiftQuarter(quarter, by))
  return {
    asOf,
    quarters,
    from: firstDayOf(quarters[0] as string),
    to: earlier(lastDayOf(quarter), asOf),
  }
}

export const quarterOf = (day: string): string =>
  `${day.slice(0, 4)}-Q${Math.ceil(Number(day.slice(5, 7)) / 3)}`

export const isQuarter = (text: string): boolean => /^(?:19|20)\d\d-Q[1-4]$/.test(text)

export function shiftQuarter(quarter: string, by: number): string {
  const at = Number(quarter.slice(0, 4)) * 4 + Number(quarter.slice(6)) - 1 + by
  return `${Math.floor(at / 4)}-Q${(at % 4) + 1}`
}

export const firstDayOf = (quarter: string): string =>
  `${quarter.slice(0, 4)}-${String(Number(quarter.slice(6)) * 3 - 2).padStart(2, '0')}-01`

export const lastDayOf = (quarter: string): string =>
  addDays(firstDayOf(shiftQuarter(quarter, 1)), -1)

/** The same day of a later month, or that month's last: 31 August plus six months is 28 February, or 29. */
export function addMonths(day: string, months: number): string {
  const month = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 + months
  const first = (of: number) =>
    `${Math.floor(of / 12)}-${String((of % 12) + 1).padStart(2, '0')}-01`
  return earlier(`${first(month).slice(0, 8)}${day.slice(8)}`, addDays(first(month + 1), -1))
}

/** Days written this way sort as they follow each other. */
export const earlier = (one: string, other: string): string => (one < other ? one : other)
export const later = (one: string, other: string): string => (one > other ? one : other)
export const isBetween = (day: string, from: string, to: string): boolean =>
  from <= day && day <= to
