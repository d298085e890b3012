import { systemClock } from '@throughline/stream'
import fc from 'fast-check'

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

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
  '<script>canary()</script>',
  "O'Brien'; DROP TABLE people",
  '\u202Eyranac',
]

const canary = fc.constantFrom(...canaries)

/** What nobody expects in any place. */
const odd: fc.Arbitrary<Json> = fc.oneof(
  canary,
  fc.constantFrom<Json>(null, true, 0, -1, 1.5, 1e300, '', '  ', [], {}, [
    'x',
    { s3BucketName: 'b' },
  ]),
  fc.constantFrom('constructor', '__proto__', 'toString', 'x'.repeat(5000)),
  canary.map((value) => [value]),
  canary.map((value) => ({ value })),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
)

/** Every place in a message, as a path. */
function places(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inside = Object.entries(value).flatMap(([name, one]) => places(one, [...path, name]))
  return [path, ...inside]
}

function withAt(value: Json, path: readonly string[], put: Json): Json {
  const [first, ...rest] = path
  if (first === undefined) return put
  if (Array.isArray(value))
    return value.map((one, at) => (String(at) === first ? withAt(one, rest, put) : one))
  if (typeof value !== 'object' || value === null) return value
  return { ...value, [first]: withAt(value[first] ?? null, rest, put) }
}

/** One of these messages with one to four of its places overwritten. */
export const spoiltJson = (messages: readonly Json[]): fc.Arbitrary<Json> =>
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

/** One of these texts with pieces cut out and others put in. */
export const spoiltText = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(fc.tuple(fc.nat(), fc.nat(20), fc.string({ unit: 'binary', maxLength: 10 })), {
        maxLength: 4,
      }),
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
