import { describe, expect, it } from 'vitest'
import { dueWords, whenWords } from './times.ts'

const at = (text: string): number => Date.parse(text)
const now = at('2025-11-18T10:05:00Z')

describe('when something happened', () => {
  it.each([
    ['2025-11-18T09:12:44Z', 'today at 09:12'],
    ['2025-11-17T23:59:59Z', 'yesterday at 23:59'],
    ['2025-11-19T09:00:00Z', 'tomorrow at 09:00'],
    ['2025-11-13T14:30:00Z', 'Thursday 13 November at 14:30'],
    ['2024-12-31T14:30:00Z', 'Tuesday 31 December 2024 at 14:30'],
  ])('%s is %s', (instant, words) => {
    expect(whenWords(at(instant), now)).toBe(words)
  })
  it('is told in London time, on the London day, in summer too', () => {
    expect(whenWords(at('2026-06-30T23:30:00Z'), at('2026-07-01T08:00:00Z'))).toBe('today at 00:30')
  })
})

describe('when something is due', () => {
  it.each([
    ['2025-11-18T12:05:00Z', 'Due today by 12:05'],
    ['2025-11-18T10:50:00Z', 'Due today by 10:50'],
    ['2025-11-19T00:00:00Z', 'Due by the end of today'],
    ['2025-11-20T17:00:00Z', 'Due Thursday 20 November by 17:00'],
    ['2025-11-18T10:05:00Z', 'Overdue since today at 10:05'],
    ['2025-11-18T00:00:00Z', 'Overdue since yesterday at 23:59'],
  ])('%s: %s', (instant, words) => {
    expect(dueWords(at(instant), now).text).toBe(words)
  })
})
