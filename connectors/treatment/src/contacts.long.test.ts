import { canaries, spoiltJson, spoiltText, tenThousand, testIds } from '@throughline/intake/testing'
import { JsonFault, type JsonValue, parseJson } from '@throughline/service'
import { expect, it } from 'vitest'
import { example } from './testing/desk.ts'
import { translateContact } from './translate-contacts.ts'

const options = {
  partnership: 'testshire',
  allowTestNhsNumbers: true,
  nhsNumbersTraced: true,
  now: Date.UTC(2026, 10, 16, 9),
}
const texts = ['contact-attended', 'contact-missed', 'doses-missed', 'naloxone-supplied'].map(
  (name) => example(`${name}.json`),
)
const read = (record: JsonValue) => translateContact(record, testIds, options)

it('10,000 spoilt contacts, doses and naloxone are published, or rejected without a value', () => {
  const seen = new Set<string>()
  tenThousand(spoiltJson(texts.map((text) => parseJson(text))), (record) => {
    const translation = read(record)
    seen.add(translation.outcome)
    if (translation.outcome !== 'rejected') return
    const told = JSON.stringify(translation.errors)
    for (const canary of canaries) expect(told).not.toContain(canary)
  })
  expect([...seen].toSorted()).toEqual(['published', 'rejected'])
})

it('10,000 spoilt texts are read, or refused by rule and place', () => {
  tenThousand(spoiltText(texts), (text) => {
    try {
      read(parseJson(text, { prototypeMembers: 'refuse' }))
    } catch (error) {
      expect(error).toBeInstanceOf(JsonFault)
    }
  })
})
