const zone = { timeZone: 'Europe/London' } as const
const dayFormat = new Intl.DateTimeFormat('en-GB', { ...zone, day: 'numeric', month: 'long' })
const dayYearFormat = new Intl.DateTimeFormat('en-GB', {
  ...zone,
  day: 'numeric',
  month: 'long',
  year: 'numeric',
})
const monthFormat = new Intl.DateTimeFormat('en-GB', { ...zone, month: 'long', year: 'numeric' })
const weekdayFormat = new Intl.DateTimeFormat('en-GB', { ...zone, weekday: 'long' })
const timeFormat = new Intl.DateTimeFormat('en-GB', {
  ...zone,
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
const isoDayFormat = new Intl.DateTimeFormat('en-CA', {
  ...zone,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
})

const minute = 60_000
const hour = 60 * minute

/**
 * An instant as somebody at a desk in London says it: `today at 10:05`, `yesterday at 18:30`,
 * `Tuesday 18 November at 09:12`; with the year when it is another one.
 */
export function whenWords(at: number, now: number): string {
  return `${dayWords(at, now)} at ${timeFormat.format(at)}`
}

/** The day alone: `today`, `yesterday`, `tomorrow`, `Tuesday 18 November`. */
export function dayWords(at: number, now: number): string {
  const away = daysBetween(now, at)
  if (away === 0) return 'today'
  if (away === 1) return 'tomorrow'
  if (away === -1) return 'yesterday'
  const date = londonYear(at) === londonYear(now) ? dayFormat.format(at) : dayYearFormat.format(at)
  return `${weekdayFormat.format(at)} ${date}`
}

/** `November 2025`. */
export const monthWords = (at: number): string => monthFormat.format(at)

export interface Due {
  readonly text: string
  readonly overdue: boolean
}

/**
 * When something must be done by. A page may stand open for hours, so it says a time, not how long is
 * left. Midnight is said as the end of the day before.
 */
export function dueWords(dueAt: number, now: number): Due {
  const last = lastMoment(dueAt)
  if (dueAt <= now) return { text: `Overdue since ${whenWords(last, now)}`, overdue: true }
  const day = dayWords(last, now)
  const text = isMidnight(dueAt)
    ? `Due by the end of ${day}`
    : `Due ${day} by ${timeFormat.format(dueAt)}`
  return { text, overdue: false }
}

export const count = (many: number, word: string): string =>
  `${many} ${word}${many === 1 ? '' : 's'}`

const isMidnight = (at: number): boolean => timeFormat.format(at) === '00:00' && at % minute === 0
const lastMoment = (at: number): number => (isMidnight(at) ? at - minute : at)
const londonYear = (at: number): string => isoDayFormat.format(at).slice(0, 4)
const daysBetween = (from: number, to: number): number =>
  Math.round((dayNumber(to) - dayNumber(from)) / (24 * hour))
const dayNumber = (at: number): number => Date.parse(`${isoDayFormat.format(at)}T00:00:00Z`)
