import type { JsonValue } from '@throughline/service'
import { systemClock } from '@throughline/stream'
import fc from 'fast-check'

/** Values that could be somebody's. Nothing of them may come back, whatever is done to a message. */
export const canaries: readonly string[] = [
  'Corwin Fenwright-Canary',
  'Q977777',
  'Z9777ZZ',
  '9990237689',
  '1931/9999412Q',
  'canary@letters.example',
  '07700 900777',
  '2026-13-45T99:00:00Z',
  '=CANARY(1)',
  '<script>canary()</script>',
  "O'Brien'; DROP TABLE people",
  '\u202Eyranac',
]

const canary = fc.constantFrom(...canaries)

/** What nobody expects in any place. */
const odd: fc.Arbitrary<JsonValue> = fc.oneof(
  canary,
  fc.constantFrom<JsonValue>(null, true, 0, -1, 1.5, 1e300, '', '  ', [], {}, [
    'x',
    { s3BucketName: 'b' },
  ]),
  fc.constantFrom('constructor', '__proto__', 'toString', 'x'.repeat(5000)),
  canary.map((value) => [value]),
  canary.map((value) => ({ [value]: value, value })),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>,
)

/** Every place in a message, as a path. */
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

/** One of these messages with one to four of its places overwritten. */
export const spoiltJson = (messages: readonly JsonValue[]): fc.Arbitrary<JsonValue> =>
  fc
    .tuple(
      fc.constantFrom(...messages),
      fc.array(fc.tuple(fc.nat(1000), odd), { minLength: 1, maxLength: 4 }),
    )
    .map(([message, changes]) =>
      changes.reduce((spoilt, [at, put]) => {
        const known = places(spoilt)
        return withAt(spoilt, known[at % known.length] ?? [], put)
      }, message),
    )

/** What CSV and ER7 are made of, what may be somebody's, and anything else. */
const oddText = fc.oneof(
  canary,
  fc.constantFrom('"', ',', '\n', '\r', ';', '\t', '""', '|', '\uFEFF', '', 'x'.repeat(5000)),
  fc.string({ unit: 'binary', maxLength: 20 }),
)

/** One of these texts with pieces cut out and others put in. */
export const spoiltText = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(fc.tuple(fc.nat(), fc.nat(30), oddText), { minLength: 1, maxLength: 6 }),
    )
    .map(([text, changes]) =>
      changes.reduce((written, [place, gone, put]) => {
        const at = place % (written.length + 1)
        return written.slice(0, at) + put + written.slice(at + gone)
      }, text),
    )

/**
 * Gives each of 10,000 inputs to a parser, one after the other. Throws where one took a second, or
 * whatever the parser throws.
 */
export function tenThousand<T>(inputs: fc.Arbitrary<T>, parse: (input: T) => void): void {
  const clock = systemClock()
  let slowestMs = 0
  fc.assert(
    fc.property(inputs, (input) => {
      const startedAt = clock.now()
      parse(input)
      slowestMs = Math.max(slowestMs, clock.now() - startedAt)
    }),
    { numRuns: 10_000 },
  )
  if (slowestMs >= 1000) throw new Error(`one input took ${Math.round(slowestMs)} ms`)
}
