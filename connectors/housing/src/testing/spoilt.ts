import fc from 'fast-check'
import { letting, lettingsLog, textOf } from './examples.ts'

/** Values that could be somebody's. Nothing of them may come back, whatever is done to a record. */
export const canaries = [
  'Corwin Fenwright-Canary',
  'Z9777ZZ',
  '9990237689',
  'canary@letters.example',
  '07700 900777',
  '2026-13-45',
  '<script>canary()</script>',
  "O'Brien'; DROP TABLE people",
  '=CANARY(1)',
  '\u202Eyranac',
]

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom(...canaries),
  fc.constantFrom<Json>(null, true, 0, -1, 1.5, 1e300, '', '  ', [], {}, ['x'], 'x'.repeat(5000)),
  fc.constantFrom(...canaries).map((value) => [value]),
  fc.constantFrom(...canaries).map((value) => ({ [value]: value })),
)

/** Every place in a record, as a path. */
function places(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inside = Object.entries(value).flatMap(([name, one]) => places(one, [...path, name]))
  return [path, ...inside]
}

function withAt(value: Json, path: readonly string[], put: Json): Json {
  const [first, ...rest] = path
  if (first === undefined) return put
  if (Array.isArray(value)) {
    return value.map((one, at) => (String(at) === first ? withAt(one, rest, put) : one))
  }
  if (typeof value !== 'object' || value === null) return value
  return { ...value, [first]: withAt(value[first] ?? null, rest, put) }
}

/** An example with up to four of its places spoilt. */
export const spoiltRecord = (names: readonly string[]): fc.Arbitrary<Json> =>
  fc
    .tuple(
      fc.constantFrom(...names),
      fc.array(fc.tuple(fc.nat(1000), odd), { minLength: 1, maxLength: 4 }),
    )
    .map(([name, changes]) => {
      let record = JSON.parse(textOf(name)) as Json
      for (const [at, put] of changes) {
        const known = places(record)
        record = withAt(record, known[at % known.length] ?? [], put)
      }
      return record
    })

const oddText = fc.oneof(
  fc.constantFrom(...canaries),
  fc.constantFrom('"', ',', '\n', '\r', ';', '\t', '""', '|', '\uFEFF', '', 'x'.repeat(5000)),
  fc.string({ unit: 'binary', maxLength: 20 }),
)

/** A file with up to six of its places spoilt: something put in, and some of what stood there gone. */
const spoiltText = (files: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...files),
      fc.array(fc.tuple(fc.nat(), fc.nat(30), oddText), { minLength: 1, maxLength: 6 }),
    )
    .map(([file, changes]) =>
      changes.reduce((text, [place, gone, put]) => {
        const at = place % (text.length + 1)
        return text.slice(0, at) + put + text.slice(at + gone)
      }, file),
    )

export const spoiltExtract = spoiltText([textOf('hclic-style-duties.csv')])
export const spoiltLog = spoiltText([
  lettingsLog([letting, { ...letting, 13: 'TC-SYN-0008' }]),
  lettingsLog([letting], { withNumbers: false }),
])
