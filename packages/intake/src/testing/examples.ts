import { readdirSync, readFileSync } from 'node:fs'
import { type JsonValue, parseJson } from '@throughline/service'

/** The JSON examples in an edge's folder, and in its `outcomes.json` what is expected of each. */
export function examplesIn<Expected>(folder: URL) {
  const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
  const exampleNames: readonly string[] = readdirSync(folder)
    .filter((name) => name !== 'outcomes.json' && name.endsWith('.json'))
    .toSorted()
  return {
    exampleNames,
    textOf,
    outcomes: JSON.parse(textOf('outcomes.json')) as Readonly<Record<string, Expected>>,
    example: (name: string): JsonValue => parseJson(textOf(name)),
    /** An example with some of its members changed; a dotted path leads inside, `undefined` takes out. */
    changed: (name: string, changes: Readonly<Record<string, unknown>>): JsonValue => {
      const copy = JSON.parse(textOf(name)) as Record<string, unknown>
      for (const [path, value] of Object.entries(changes)) changeAt(copy, path.split('.'), value)
      return parseJson(JSON.stringify(copy))
    },
  }
}

function changeAt(inside: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path
  if (rest.length > 0) changeAt((inside[first] ??= {}) as Record<string, unknown>, rest, value)
  else if (value === undefined) delete inside[first]
  else inside[first] = value
}
