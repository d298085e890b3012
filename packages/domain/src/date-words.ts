import { londonClock, londonDate } from './times.ts'

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

const dayAndMonth = ([, month, day]: readonly string[]): string =>
  `${Number(day)} ${months[Number(month) - 1]}`

/** A day `yyyy-mm-dd` as people say it: `18 November 2025`. */
export function dateInWords(date: string): string {
  const parts = date.split('-')
  return `${dayAndMonth(parts)} ${parts[0]}`
}

/** The London day of an instant, without its year: `18 November`. */
export const dayInWords = (at: number): string => dayAndMonth(londonDate(at).split('-'))

/** An instant as London's clocks show it: `5 March 2026 at 10:00`. */
export const momentInWords = (at: number): string =>
  `${dateInWords(londonDate(at))} at ${londonClock(at)}`
