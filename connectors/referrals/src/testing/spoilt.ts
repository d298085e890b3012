import type { JsonValue } from '@throughline/service'
import fc from 'fast-check'
import { textOf } from './examples.ts'

/** Values that could be somebody's. Nothing of them may come back, whatever is done to a record. */
export const canaries = [
  'Corwin Fenwright-Canary',
  'Z9777ZZ',
  '9990237689',
  'canary@letters.example',
  '07700 900777',
  '2026-13-45T99:00:00Z',
  '<script>canary()</script>',
  "O'Brien'; DROP TABLE people",
] as const

const odd: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom(...canaries),
  fc.constantFrom<JsonValue>(null, true, 0, 1.5, -1, '', '  ', [], {}, ['x', {}]),
  fc.constantFrom(...canaries).map((value) => [value]),
  fc.constantFrom(...canaries).map((value) => ({ [value]: value, value })),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
)

/** Every place in a record, as a path. */
function places(value: JsonValue, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inside = Object.entries(value).flatMap(([name, one]) => places(one, [...path, name]))
  return [path, ...inside]
}

function withAt(value: JsonValue, path: readonly string[], put: JsonValue): JsonValue {
  const [first, ...rest] = path
  if (first === undefined) return put
  if (Array.isArray(value))
    return value.map((one, at) => (String(at) === first ? withAt(one, rest, put) : one))
  if (typeof value !== 'object' || value === null) return value
  const members = value as { readonly [member: string]: JsonValue }
  return { ...members, [first]: withAt(members[first] ?? null, rest, put) }
}

/** One of these examples with up to four of its places spoilt. */
export const spoilt = (names: readonly string[]): fc.Arbitrary<JsonValue> =>
  fc
    .tuple(
      fc.constantFrom(...names),
      fc.array(fc.tuple(fc.nat(1000), odd), { minLength: 1, maxLength: 4 }),
    )
    .map(([name, changes]) => {
      let record = JSON.parse(textOf(name)) as JsonValue
      for (const [at, put] of changes) {
        const known = places(record)
        record = withAt(record, known[at % known.length] ?? [], put)
      }
      return record
    })
