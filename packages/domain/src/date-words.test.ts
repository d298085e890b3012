import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dateInWords, dayInWords, momentInWords } from './date-words.ts'

const zone = { timeZone: 'Europe/London' } as const
const day = { ...zone, day: 'numeric', month: 'long' } as const
const time = { ...zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const

it('says a day as people do', () => {
  expect(dateInWords('2025-11-08')).toBe('8 November 2025')
})

it('says every moment as a clock and a calendar in London show it', () => {
  const words = new Intl.DateTimeFormat('en-GB', day)
  const wordsWithYear = new Intl.DateTimeFormat('en-GB', { ...day, year: 'numeric' })
  const clock = new Intl.DateTimeFormat('en-GB', time)
  const sameAt = (at: number) => {
    expect(dayInWords(at)).toBe(words.format(at))
    expect(momentInWords(at)).toBe(`${wordsWithYear.format(at)} at ${clock.format(at)}`)
  }
  const years = { min: Date.UTC(1997, 0, 1), max: Date.UTC(2099, 11, 31) }
  fc.assert(fc.property(fc.integer(years), sameAt))
  // The two days of 2026 on which the clocks change, by the minute.
  for (const change of [Date.UTC(2026, 2, 29), Date.UTC(2026, 9, 25)])
    for (let minute = -60; minute < 180; minute += 1) sameAt(change + minute * 60_000)
})
