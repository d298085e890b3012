import type { JsonValue } from '@throughline/service'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseMessage } from './hl7/message.ts'
import { expectWritable } from './testing/events.ts'
import {
  fhirExample,
  fhirNames,
  hl7Names,
  textOf,
  translated,
  translatedFhir,
} from './testing/examples.ts'

// Values that could be somebody's. Nothing of them may come back in a reason or a place.
const canaries = [
  'Corwin Fenwright-Canary',
  'CANARY',
  '9990237689',
  '07700900777',
  '20261399',
  '202613',
  '<script>canary()</script>',
  '""',
  '~~~',
  '^^^NHS^NH',
  '__proto__',
  'constructor',
  '\u202Eyranac',
  '9'.repeat(300),
]

const names = ['MSH', 'EVN', 'PID', 'PV1', 'PV2', 'DG1', 'OBX', 'MRG', 'ZU1', 'ZU8', 'NK1', 'ZZZ']
const triggers = [
  'A01',
  'A02',
  'A03',
  'A04',
  'A05',
  'A08',
  'A11',
  'A12',
  'A13',
  'A28',
  'A31',
  'A38',
  'A40',
  'A47',
  'A99',
  '',
]

const value = fc.oneof(
  fc.constantFrom(...canaries),
  fc.constantFrom(
    'E',
    'I',
    '1',
    '4',
    '38',
    'Y',
    '2',
    'F',
    'D',
    '202611140405',
    'F10.2^x^I10',
    '9990000115^^^NHS',
  ),
  fc.string({ maxLength: 20 }),
)

/** Any message that has a header, made of any segments with any fields. */
const message = fc
  .record({
    trigger: fc.constantFrom(...triggers),
    segments: fc.array(
      fc.record({
        name: fc.constantFrom(...names),
        fields: fc.dictionary(fc.integer({ min: 1, max: 60 }).map(String), value, { maxKeys: 12 }),
      }),
      { maxLength: 12 },
    ),
  })
  .map(({ trigger, segments }) => {
    const lines = segments.map(({ name, fields }) => {
      const places = Array.from({ length: 61 }, (_, n) => (n === 0 ? name : (fields[n] ?? '')))
      return places.join('|')
    })
    return [`MSH|^~\\&|PAS|RZZ|||202611140412||ADT^${trigger}|1|P|2.4`, ...lines].join('\r')
  })

/** An example in which some fields are something else. */
const mutated = fc
  .tuple(
    fc.constantFrom(...hl7Names),
    fc.array(fc.tuple(fc.nat(500), value), { minLength: 1, maxLength: 5 }),
  )
  .map(([name, changes]) => {
    const lines = textOf(name)
      .split('\r')
      .map((line) => line.split('|'))
    for (const [at, put] of changes) {
      const line = lines[at % lines.length]
      // The header declares the delimiters, and stays.
      if (line === undefined || line.length < 2 || line[0] === 'MSH') continue
      line[1 + (at % (line.length - 1))] = put
    }
    return lines.map((line) => line.join('|')).join('\r')
  })

const safe = /^[a-z0-9-]*$/
const place = /^[A-Z][A-Z0-9]{2}(?:-\d{1,2})?$/

it.each([
  ['made of anything', message],
  ['an example, spoiled', mutated],
])('a message %s has one outcome, and no reason repeats it', (_, messages) => {
  fc.assert(
    fc.property(messages, (text) => {
      if (!parseMessage(text).ok) return
      const translation = translated(text)
      if (translation.outcome === 'published') {
        expect(translation.events.length).toBeGreaterThan(0)
        for (const one of translation.events) expectWritable(one)
      } else if (translation.outcome === 'rejected') expect.fail('a feed is never stopped')
      else {
        expect(translation.reason).toMatch(safe)
        if (translation.outcome === 'quarantined') {
          for (const at of translation.at) expect(at).toMatch(place)
        }
      }
      expect(translation).toEqual(translated(text))
    }),
    { numRuns: 1500 },
  )
})

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** Every place in a resource, as a path. */
function places(json: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof json !== 'object' || json === null) return [path]
  const inside = Object.entries(json).flatMap(([name, one]) => places(one, [...path, name]))
  return [path, ...inside]
}

function withAt(json: Json, path: readonly string[], put: Json): Json {
  const [first, ...rest] = path
  if (first === undefined) return put
  if (Array.isArray(json))
    return json.map((one, at) => (String(at) === first ? withAt(one, rest, put) : one))
  if (typeof json !== 'object' || json === null) return json
  return { ...json, [first]: withAt(json[first] ?? null, rest, put) }
}

const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom(...canaries),
  fc.constantFrom<Json>(null, true, 0, -1.5, 1e21, '', [], {}, [null], [{ code: 'CANARY' }]),
)

it('a resource, however spoiled, has one outcome, and no answer repeats it', () => {
  const spoiled = fc.tuple(
    fc.constantFrom(...fhirNames),
    fc.array(fc.tuple(fc.nat(2000), odd), { minLength: 1, maxLength: 4 }),
  )
  fc.assert(
    fc.property(spoiled, ([name, changes]) => {
      let body = fhirExample(name) as Json
      for (const [at, put] of changes) {
        const known = places(body)
        body = withAt(body, known[at % known.length] ?? [], put)
      }
      const translation = translatedFhir(body as JsonValue)
      if (translation.outcome === 'published') {
        for (const one of translation.events) expectWritable(one)
        return
      }
      const answer = JSON.stringify(
        translation.outcome === 'rejected' ? translation.errors : translation.reason,
      )
      for (const canary of canaries.filter((one) => one.length > 3)) {
        expect(answer).not.toContain(canary)
      }
    }),
    { numRuns: 1500 },
  )
})
