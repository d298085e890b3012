import { processorMs, spoiltJson, testIds } from '@throughline/intake/testing'
import { JsonFault, parseJson } from '@throughline/service'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readReferralForm, recordFrom } from './form.ts'
import { example, exampleNames, textOf } from './testing/examples.ts'
import { morning } from './testing/office.ts'
import { translateOther } from './translate.ts'

const rules = {
  partnership: 'testshire',
  agency: 'other',
  desks: ['testshire-recovery'],
  allowTestNhsNumbers: true,
  nhsNumbersTraced: true,
  now: morning,
} as const
const numRuns = 10_000

/** No input may hold the others up for longer. */
function within<T>(work: () => T): T {
  const began = processorMs()
  const value = work()
  expect(processorMs() - began).toBeLessThan(1000)
  return value
}

it('10,000 spoilt records are published or rejected', () => {
  const outcomes = new Set<string>()
  fc.assert(
    fc.property(spoiltJson(exampleNames.map(example)), (record) => {
      const { translation } = within(() => translateOther(record, testIds, rules))
      outcomes.add(translation.outcome)
    }),
    { numRuns },
  )
  expect([...outcomes].toSorted()).toEqual(['published', 'rejected'])
})

it('10,000 spoilt texts are read, or refused by rule and place', () => {
  const text = fc
    .tuple(
      fc.constantFrom(...exampleNames),
      fc.array(fc.tuple(fc.nat(), fc.nat(20), fc.string({ unit: 'binary', maxLength: 10 })), {
        maxLength: 4,
      }),
    )
    .map(([name, changes]) =>
      changes.reduce((written, [place, gone, put]) => {
        const at = place % (written.length + 1)
        return written.slice(0, at) + put + written.slice(at + gone)
      }, textOf(name)),
    )
  fc.assert(
    fc.property(text, (written) =>
      within(() => {
        try {
          translateOther(parseJson(written, { prototypeMembers: 'refuse' }), testIds, rules)
        } catch (error) {
          expect(error).toBeInstanceOf(JsonFault)
        }
      }),
    ),
    { numRuns },
  )
})

it('10,000 forms, whatever is in their fields, are published or rejected', () => {
  const names = [
    'toService',
    'kind',
    'given',
    'family',
    'number-NHS',
    'number-PNC',
    'phone',
    'email',
    'dateOfBirth-day',
    'dateOfBirth-month',
    'dateOfBirth-year',
    'attendBy-day',
    'ok',
    'never',
    'reason',
    'condition',
    'note',
    'toReferral',
    'method',
    'mayHear',
    'isTheirOwn',
  ]
  const field = fc.tuple(fc.constantFrom(...names), fc.string({ unit: 'binary', maxLength: 12 }))
  const signed = {
    organisation: 'testshire-surgery',
    role: 'gp',
    reference: 'ab12',
    openedAt: morning,
  }
  fc.assert(
    fc.property(fc.array(field, { maxLength: 24 }), (fields) => {
      const form = readReferralForm(new URLSearchParams(fields))
      const { record } = recordFrom(form, signed)
      const written = JSON.parse(JSON.stringify(record)) as Parameters<typeof translateOther>[0]
      const { translation } = within(() => translateOther(written, testIds, rules))
      expect(['published', 'rejected']).toContain(translation.outcome)
    }),
    { numRuns },
  )
})
