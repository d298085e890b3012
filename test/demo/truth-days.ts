import { day } from './slots.ts'

/** Days as yyyy-mm-dd, which sort as they follow, and quarters as 2026-Q1. */

export const daysAfter = (date: string, days: number): string =>
  new Date(noon(date) + days * day).toISOString().slice(0, 10)

export const daysBetween = (from: string, to: string): number =>
  Math.round((noon(to) - noon(from)) / day)

/** 31 August and six months are 28 February, or 29. */
export function sixMonthsAfter(date: string): string {
  const [year = 0, month = 0, dayOfMonth = 0] = date.split('-').map(Number)
  const lastOfMonth = new Date(Date.UTC(year, month + 6, 0)).getUTCDate()
  return new Date(Date.UTC(year, month + 5, Math.min(dayOfMonth, lastOfMonth)))
    .toISOString()
    .slice(0, 10)
}

export const quarterOf = (date: string): string =>
  `${date.slice(0, 4)}-Q${Math.ceil(Number(date.slice(5, 7)) / 3)}`

export const firstDayOf = (quarter: string): string =>
  `${quarter.slice(0, 4)}-${String(3 * Number(quarter.slice(6)) - 2).padStart(2, '0')}-01`

export const quartersAfter = (quarter: string, count: number): string => {
  const n = Number(quarter.slice(0, 4)) * 4 + Number(quarter.slice(6)) - 1 + count
  return `${Math.floor(n / 4)}-Q${(n % 4) + 1}`
}

export const lastDayOf = (quarter: string): string =>
  daysAfter(firstDayOf(quartersAfter(quarter, 1)), -1)

const noon = (date: string): number => Date.parse(`${date}T12:00:00Z`)
