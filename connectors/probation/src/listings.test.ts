import type { JsonObject } from '@throughline/intake'
import { expect, it } from 'vitest'
import { readLedsRecord, readLibraCase } from './listings.ts'
import { requirementRules } from './requirements.ts'
import { changed, example } from './testing/examples.ts'

const libra = 'court-libra-court-case.json'
const leds = 'court-leds-asn-query-disposals.json'
const rules = requirementRules.parse(undefined)

it('a court list is on London’s clock, writes the day first, and has checked police numbers', () => {
  expect(readLibraCase(example(libra) as JsonObject)).toEqual({
    startsAt: Date.parse('2025-06-20T08:01:00Z'),
    born: '1931-04-05',
    court: 'B99ZZ',
    numbers: [
      { type: 'PNC', value: '1931/9999412X', issuer: null, verified: true },
      { type: 'CRO', value: '999412/31U', issuer: null, verified: true },
    ],
  })
})

it('what cannot be right on a court list is told apart, and nothing throws', () => {
  const odd = changed(libra, {
    defendantDob: '31/02/1931',
    sessionStartTime: 'morning',
    pnc: '1931/9999412A',
    cro: null,
  })
  expect(readLibraCase(odd)).toMatchObject({
    startsAt: null,
    born: null,
    numbers: [{ type: 'PNC', verified: false }],
  })
  expect(readLibraCase(changed(libra, { defendantDob: '' })).born).toBeNull()
})

it('a police disposal says which requirement by its national code, a number here', () => {
  expect(readLedsRecord(example(leds) as JsonObject, rules)).toEqual({
    arrest: '2400QQ0000000991237E',
    numbers: [{ type: 'PNC', value: '1931/9999412X', issuer: null, verified: true }],
    disposals: [{ code: '3109', requirement: 'DRR', months: 6 }],
  })
})

it('an arrest number whose letter does not hold names no arrest', () => {
  expect(readLedsRecord(changed(leds, { asn: '24/00QQ/00/00000991237A' }), rules).arrest).toBeNull()
})
