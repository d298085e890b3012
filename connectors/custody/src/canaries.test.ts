import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openDesk } from './testing/desk.ts'
import { exampleNames, textOf } from './testing/examples.ts'

// Values that could be somebody's. Nothing of them may come back, whatever is done to a message.
const canaries = [
  'Corwin Fenwright-Canary',
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

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom(...canaries),
  fc.constantFrom<Json>(null, true, 0, 1.5, '', '  ', [], {}, ['x', { s3BucketName: 'b' }]),
  fc.constantFrom(...canaries).map((value) => [value]),
  fc.constantFrom(...canaries).map((value) => ({ value })),
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

const mutated = fc
  .tuple(
    fc.constantFrom(...exampleNames),
    fc.array(fc.tuple(fc.nat(1000), odd), { minLength: 1, maxLength: 4 }),
  )
  .map(([name, changes]) => {
    let message = JSON.parse(textOf(name)) as Json
    for (const [at, put] of changes) {
      const known = places(message)
      message = withAt(message, known[at % known.length] ?? [], put)
    }
    return { name, message }
  })

it('HTTP-26: no value comes back in an answer or a log, and nothing breaks, whatever is sent', async () => {
  await using custody = await openDesk()
  await fc.assert(
    fc.asyncProperty(mutated, async ({ name, message }) => {
      const route = `/intake/custody/${name.startsWith('police-') ? 'police' : 'domain-events'}`
      const before = custody.lines.length
      const { status, text, results } = await custody.post(route, message)
      expect([202, 400, 413, 422]).toContain(status)
      expect(status === 400 || status === 413 || results.length > 0).toBe(true)
      const told = text + custody.lines.slice(before).join('\n')
      for (const canary of canaries) expect(told).not.toContain(canary)
    }),
    { numRuns: 400 },
  )
  expect(custody.metrics.text()).not.toMatch(/anary|Z9777ZZ|0237689/)
})
