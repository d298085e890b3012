import type { FactsOf, Happening } from './happening.ts'
import { dateIn, startOfDay } from './london.ts'
import { day } from './slots.ts'

export type Section = 'death' | 'home' | 'custody' | 'treatment' | 'hospital' | 'ahead' | 'people'

/** One line of the story's tables, as an event says it. */
export interface Said {
  readonly section: Section
  readonly text: string
  readonly headline: string
  /** What it is the latest word on; null for what has passed from the start. */
  readonly of: string | null
  readonly ends: readonly string[]
  /** Milliseconds; null until something newer is said. */
  readonly until: number | null
  readonly place: string | null
  /** Beside those of the event's type. */
  readonly alsoNeeds: readonly string[]
}

/** The lines of one type of event, first and second; none where nothing is to be told. */
export type Tell<T extends Happening['facts']['type']> = (
  facts: FactsOf<T>,
  happening: Happening,
) => readonly Said[]

export const said = (
  section: Section,
  headline: string,
  text: string,
  more: Partial<Said> = {},
): Said => ({
  section,
  text,
  headline,
  of: null,
  ends: [],
  until: null,
  place: null,
  alsoNeeds: [],
  ...more,
})

/** 182 days after the London day of `at`, to the end of that day. */
export const twentySixWeeks = (at: number): number => endOfDate(daysOn(dateIn(at), 182))
export const endOfDate = (date: string): number => startOfDay(daysOn(date, 1))

const daysOn = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T12:00:00Z`) + days * day).toISOString().slice(0, 10)

const longDate = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', dateStyle: 'long' })
const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  hour: '2-digit',
  minute: '2-digit',
})

/** As 12 January 2026. */
export const onDate = (at: number): string => longDate.format(at)
/** As 5 March 2026 at 10:00. */
export const onDateAt = (at: number): string => `${longDate.format(at)} at ${clock.format(at)}`
