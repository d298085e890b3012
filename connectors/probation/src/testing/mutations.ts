import fc from 'fast-check'
import { exampleNames, textOf } from './examples.ts'

/** Values that could be somebody's. Nothing of them may come back, whatever is done to a message. */
export const canaries = [
  'Corwin Fenwright-Canary',
  'Q977777',
  'Z9777ZZ',
  '1931/9999412Q',
  'canary@letters.example',
  '07700 900777',
  '2026-13-45T99:00:00Z',
  '<script>canary()</script>',
  '\u202Eyranac',
]

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom(...canaries),
  fc.constantFrom<Json>(null, true, 0, -1, 1.5, '', '  ', [], {}, ['x', { s3BucketName: 'b' }]),
  fc.constantFrom('constructor', '__proto__', 'toString', 'hasOwnProperty'),
  fc.constantFrom(...canaries).map((value) => [value]),
  fc.constantFrom(...canaries).map((value) => ({ value })),
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

/** An example with up to four of its places overwritten, sometimes in a notification. */
export const mutated: fc.Arbitrary<{ readonly name: string; readonly message: Json }> = fc
  .tuple(
    fc.constantFrom(...exampleNames),
    fc.array(fc.tuple(fc.nat(1000), odd), { minLength: 1, maxLength: 4 }),
    fc.boolean(),
  )
  .map(([name, changes, wrapped]) => {
    let message = JSON.parse(textOf(name)) as Json
    if (wrapped) message = { Type: 'Notification', Message: message, MessageAttributes: {} }
    for (const [at, put] of changes) {
      const known = places(message)
      message = withAt(message, known[at % known.length] ?? [], put)
    }
    return { name, message }
  })
