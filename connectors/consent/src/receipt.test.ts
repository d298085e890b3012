import { expect, it } from 'vitest'
import { consentSchema } from './body.ts'
import { receiptOf } from './receipt.ts'
import { corwin } from './testing/people.ts'

const { grants, taken } = consentSchema.parse(corwin)
const receipt = receiptOf({
  personId: 'p-1',
  version: 3,
  state: 'given',
  grants,
  taken,
  organisations: () => 'Testshire Recovery',
})

it('gives the person every grant of the ledger, and nothing that is not in it', () => {
  expect(receipt.grants.map(({ words: _words, ...grant }) => grant)).toEqual(grants)
})

it('says each grant in plain words', () => {
  expect(
    Object.fromEntries(receipt.grants[0]?.words.map(({ term, text }) => [term, text]) ?? []),
  ).toEqual({
    Why: 'So that the people who support you can work together.',
    'Who may be told': 'The lead practitioner at Testshire Recovery.',
    'Who may tell them':
      'Police custody and prisons, probation and the courts, hospitals, housing services and drug and alcohol treatment services.',
    'About what':
      'Where you are (such as coming into or leaving prison), police, court, prison or probation, your health and hospital visits, drug and alcohol treatment, your home and your safety.',
    'How much': 'The details.',
    From: '5 January 2026 at 09:00',
    Until: 'The end of 4 January 2027.',
    'Things from before you agreed': 'None.',
  })
})

it('says that stopping is possible and costs no help', () => {
  expect(receipt.text.join(' ')).toContain('Stopping costs you no help')
})

it('says that nothing is shared any more once sharing has been stopped', () => {
  const stopped = receiptOf({ ...receipt, state: 'withdrawn', taken, organisations: String })
  expect(stopped.text[0]).toContain('nothing more is shared')
})
