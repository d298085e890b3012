import { londonDate } from '../times.ts'

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

/** The London day of an instant, as people say it: `18 November`. */
export function dayInWords(at: number): string {
  const [, month = '', day = ''] = londonDate(at).split('-')
  return `${Number(day)} ${months[Number(month) - 1]}`
}
