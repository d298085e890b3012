import { examplesIn } from '@throughline/intake/testing'
import type { JsonValue } from '@throughline/service'

interface ExpectedOutcome {
  readonly outcome: string
  readonly reason?: string
  readonly at?: readonly string[]
  readonly events?: readonly string[]
}

const examples = examplesIn<ExpectedOutcome>(new URL('../../examples/', import.meta.url))
export const { example, exampleNames, outcomes, textOf } = examples

/** A message with some of its members changed: see `examplesIn`. */
export const changed = (...asked: Parameters<typeof examples.changed>) =>
  examples.changed(...asked) as Record<string, JsonValue>

/** The door that an example goes to. */
export const pathOf = (name: string): string =>
  `/intake/probation/${name.startsWith('court-') ? 'hearings' : 'domain-events'}`

/** A message inside its notification, with attributes such as `eventType`. */
export const notified = (
  message: unknown,
  attributes: Readonly<Record<string, string>> = {},
): Record<string, JsonValue> => ({
  Type: 'Notification',
  MessageId: '00000000-0000-4000-8000-000000000099',
  Message: JSON.stringify(message),
  MessageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, Value]) => [name, { Type: 'String', Value }]),
  ),
})
