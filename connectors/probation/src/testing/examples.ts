import { readdirSync, readFileSync } from 'node:fs'
import { type JsonValue, parseJson } from '@throughline/service'

const folder = new URL('../../examples/', import.meta.url)

export interface ExpectedOutcome {
  readonly outcome: string
  readonly reason?: string
  readonly at?: readonly string[]
  readonly events?: readonly string[]
}

export const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
export const example = (name: string): JsonValue => parseJson(textOf(name))
export const outcomes = JSON.parse(textOf('outcomes.json')) as Readonly<
  Record<string, ExpectedOutcome>
>

export const exampleNames: readonly string[] = readdirSync(folder)
  .filter((name) => name !== 'outcomes.json' && name.endsWith('.json'))
  .toSorted()

/** The door that an example goes to. */
export const pathOf = (name: string): string =>
  `/intake/probation/${name.startsWith('court-') ? 'hearings' : 'domain-events'}`

/** A message with some of its members changed; a dotted path leads inside, `undefined` takes out. */
export function changed(
  name: string,
  changes: Readonly<Record<string, unknown>>,
): Record<string, JsonValue> {
  const copy = JSON.parse(textOf(name)) as Record<string, unknown>
  for (const [path, value] of Object.entries(changes)) {
    const parts = path.split('.')
    const last = parts.pop() as string
    let target = copy
    for (const part of parts) target = target[part] as Record<string, unknown>
    if (value === undefined) delete target[last]
    else target[last] = value
  }
  return parseJson(JSON.stringify(copy)) as Record<string, JsonValue>
}

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
