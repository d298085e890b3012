import { canaries, spoiltJson, spoiltText, tenThousand } from '@throughline/intake/testing'
import { JsonFault, type JsonValue, parseJson } from '@throughline/service'
import { expect, it } from 'vitest'
import { ids } from './testing/desk.ts'
import { example, exampleNames, textOf } from './testing/examples.ts'
import { recordsOf, translate } from './translate.ts'
import { translatePolice } from './translate-police.ts'

const partnership = 'testshire'
const police = {
  partnership,
  allowTestNhsNumbers: true,
  nhsNumbersTraced: true,
  now: Date.UTC(2026, 3, 1),
}
const ofPolice = (name: string) => name.startsWith('police-')
const prisonNames = exampleNames.filter((name) => !ofPolice(name))

const toPrison = (payload: JsonValue) =>
  translate(recordsOf(payload), ids, { partnership, testEvents: 'ignore' })
const toPolice = (payload: JsonValue) => translatePolice([payload], ids, police)

it('10,000 spoilt domain events have an outcome each, and none is rejected', () => {
  tenThousand(spoiltJson(prisonNames.map(example)), (message) => {
    for (const translation of toPrison(message)) {
      expect(['published', 'ignored', 'quarantined']).toContain(translation.outcome)
      const why = JSON.stringify([
        'reason' in translation ? translation.reason : '',
        'at' in translation ? translation.at : '',
      ])
      for (const canary of canaries) expect(why).not.toContain(canary)
    }
  })
})

it('10,000 spoilt SNS notifications have an outcome each', () => {
  const event = textOf('prisoner-released-home.json')
  const notification = example('sns-notification-prisoner-received.json') as Record<string, string>
  const inside = { ...notification, Message: event, MessageAttributes: {} }
  const asText = spoiltText([event]).map((Message) => ({ ...notification, Message }))
  for (const given of [spoiltJson([notification, inside]), asText]) {
    tenThousand(given, (message) => {
      for (const { outcome } of toPrison(message))
        expect(['published', 'ignored', 'quarantined']).toContain(outcome)
    })
  }
})

it('10,000 spoilt records of police custody are published or rejected', () => {
  const seen = new Set<string>()
  tenThousand(spoiltJson(exampleNames.filter(ofPolice).map(example)), (record) => {
    for (const { outcome } of toPolice(record)) seen.add(outcome)
  })
  expect([...seen].toSorted()).toEqual(['published', 'rejected'])
})

it('10,000 spoilt texts are read, or refused by rule and place', () => {
  tenThousand(spoiltText(exampleNames.map(textOf)), (text) => {
    try {
      const payload = parseJson(text)
      toPrison(payload)
      toPolice(payload)
    } catch (error) {
      expect(error).toBeInstanceOf(JsonFault)
    }
  })
})
