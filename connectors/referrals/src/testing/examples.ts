import { readdirSync, readFileSync } from 'node:fs'
import { type JsonValue, parseJson } from '@throughline/service'

const folder = new URL('../../examples/', import.meta.url)

export interface ExpectedOutcome {
  readonly outcome: string
  readonly events?: readonly string[]
  readonly warnings?: readonly string[]
  readonly errors?: readonly string[]
  /** Whether a desk holds it afterwards. */
  readonly atDesk?: boolean
}

export const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
export const example = (name: string): JsonValue => parseJson(textOf(name))
export const outcomes = JSON.parse(textOf('outcomes.json')) as Readonly<
  Record<string, ExpectedOutcome>
>

export const exampleNames: readonly string[] = readdirSync(folder)
  .filter((name) => name !== 'outcomes.json' && name.endsWith('.json'))
  .toSorted()

/** An example with some of its members changed; a dotted path leads inside, `undefined` takes out. */
export function changed(name: string, changes: Readonly<Record<string, unknown>>): JsonValue {
  const copy = JSON.parse(textOf(name)) as Record<string, unknown>
  for (const [path, value] of Object.entries(changes)) {
    const parts = path.split('.')
    const last = parts.pop() as string
    let target = copy
    for (const part of parts) target = (target[part] ??= {}) as Record<string, unknown>
    if (value === undefined) delete target[last]
    else target[last] = value
  }
  return parseJson(JSON.stringify(copy))
}
