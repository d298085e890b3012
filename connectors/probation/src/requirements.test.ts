import { expect, it } from 'vitest'
import { monthsOf, requirementOf, requirementRules } from './requirements.ts'

const rules = requirementRules.parse(undefined)

it.each([
  ['6 Months', 6],
  ['1 Years', 12],
  ['1 Years 6 Months', 18],
  ['1 year, 6 months', 18],
  ['26 Weeks', 6],
  ['180 Days', 6],
  ['9 M', 9],
  ['1 Y', 12],
  ['2 Weeks', null],
  ['0 Months', null],
  ['9999 Years', null],
  ['6', null],
  ['six months', null],
  ['£100.00', null],
  ['20/06/2025', null],
  [undefined, null],
])('a period of %s is %s months', (period, months) => {
  expect(monthsOf(period)).toBe(months)
})

it('the surest sign counts where signs differ', () => {
  const called = {
    resultTypeId: '9941E3D0-0E80-46C6-95C6-5B4F1A88C83D',
    cjsCode: '3109',
    description: 'Mental health treatment',
  }
  expect(requirementOf(called, rules)).toBe('ATR')
  expect(requirementOf({ ...called, resultTypeId: undefined }, rules)).toBe('DRR')
  expect(requirementOf({ description: called.description }, rules)).toBe('MHTR')
})

it.each([
  { resultText: 'ATRIUM - a place' },
  { resultText: 'Directed to ATR - not a heading' },
  { cjsCode: '3146' },
  { cjsCode: '3101' },
  { description: '' },
  {},
])('nothing is made of %o', (called) => {
  expect(requirementOf(called, rules)).toBeUndefined()
})

it('rules are strict, so that a slip is noticed', () => {
  for (const rule of [
    { requirement: 'AAR' },
    { requirement: 'DRR', cjsCodes: ['3109 '] },
    { requirement: 'DRR', shortCode: 'DRR' },
  ]) {
    expect(requirementRules.safeParse([rule]).success).toBe(false)
  }
})
