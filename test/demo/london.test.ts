import { expect, it } from 'vitest'
import { clockTime, endOfDay, nextEightInTheEvening, workingDaysAfter } from './london.ts'

const at = Date.parse

it('knows that nine in the morning moves by an hour when the clocks change', () => {
  expect(clockTime('2026-03-28', '09:00')).toBe(at('2026-03-28T09:00:00Z'))
  expect(clockTime('2026-03-28', '09:00', 1)).toBe(at('2026-03-29T08:00:00Z'))
})

it('steps over Easter: one working day after Maundy Thursday is the Tuesday', () => {
  expect(workingDaysAfter(at('2026-04-02T10:00:00Z'), 1)).toBe(at('2026-04-07T16:00:00Z'))
})

it('takes the London date, so that half past eleven at night UTC in June belongs to tomorrow', () => {
  expect(workingDaysAfter(at('2026-06-10T23:30:00Z'), 1)).toBe(at('2026-06-12T16:00:00Z'))
  expect(endOfDay(at('2026-06-10T23:30:00Z'))).toBe(at('2026-06-11T23:00:00Z'))
})

it('waits for a van until eight that evening, or the next when it left later', () => {
  expect(nextEightInTheEvening(at('2026-06-10T07:00:00Z'))).toBe(at('2026-06-10T19:00:00Z'))
  expect(nextEightInTheEvening(at('2026-06-10T19:30:00Z'))).toBe(at('2026-06-11T19:00:00Z'))
})
