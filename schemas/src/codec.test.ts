import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codecFor, decodeFramed, peekSchema } from './codec.ts'
import { eventTypes } from './events.ts'
import { exampleOf } from './example.ts'
import { schemaNames, versions } from './files.ts'
import { SchemaError } from './schema-error.ts'

const frames = schemaNames.map((name) => codecFor(name).encode(exampleOf(name)))

describe('a record on the log', () => {
  it.each(schemaNames)('%s comes back as it was written', (name) => {
    const codec = codecFor(name)
    const framed = codec.encode(exampleOf(name))
    expect(codec.decode(framed)).toEqual(exampleOf(name))
    expect(decodeFramed(framed)).toEqual({ schema: name, value: exampleOf(name) })
    expect(peekSchema(framed)).toBe(name)
  })

  it('begins with byte 0 and its schema’s id, as Confluent’s deserialisers expect', () => {
    for (const { name, id } of versions) {
      const framed = Buffer.from(codecFor(name).encode(exampleOf(name)))
      expect([framed[0], framed.readUInt32BE(1)]).toEqual([0, id])
    }
  })

  it('is a copy: encoding the next record changes nothing in the last', () => {
    const codec = codecFor('ConsentChanged')
    const first = codec.encode({ personId: 'ann', version: 1, changedAt: 5 })
    codec.encode({ personId: 'bob', version: 2, changedAt: 6 })
    expect(codec.decode(first)).toEqual({ personId: 'ann', version: 1, changedAt: 5 })
  })

  it('may be longer than the buffer that is kept for encoding', () => {
    const codec = codecFor('QuarantinedRecord')
    const long = { ...exampleOf('QuarantinedRecord'), payload: Buffer.alloc(1_000_000, 7) }
    expect(codec.decode(codec.encode(long))).toEqual(long)
    const tooLong = { ...long, payload: Buffer.alloc(5_000_000) }
    expect(ruleOf(() => codec.encode(tooLong))).toBe('length')
    expect(codec.decode(codec.encode(long))).toEqual(long)
  })

  it('takes plain byte arrays as well as buffers', () => {
    const codec = codecFor('Sealed')
    const plain = { ...exampleOf('Sealed'), nonce: new Uint8Array(12).fill(3) }
    expect(codec.decode(new Uint8Array(codec.encode(plain)))).toEqual({
      ...plain,
      nonce: Buffer.alloc(12, 3),
    })
  })

  it('writes null for an optional field that was left out', () => {
    const { homeArea, ...rest } = exampleOf('ReleasedFromPrison') as { homeArea: string }
    const codec = codecFor('ReleasedFromPrison')
    expect(homeArea).toBe('E06009999')
    expect(codec.decode(codec.encode(rest))).toEqual({ ...rest, homeArea: null })
  })
})

describe('a value that does not fit', () => {
  const example = exampleOf('ReleasedFromPrison')

  it('is refused by field and rule, and its value is not repeated', () => {
    const refused = refusal(() =>
      codecFor('ReleasedFromPrison').encode({
        ...example,
        source: { partnership: 'testshire', agency: 'custody', system: 9_990_000_115 },
      }),
    )
    expect(refused).toMatchObject({
      rule: 'value',
      schema: 'ReleasedFromPrison',
      at: 'source.system',
    })
    expect(refused.message).not.toContain('999')
  })

  it.each<[string, object]>([
    ['a kind of release we do not know', { kind: 'ESCAPED' }],
    ['a missing required field', { confirmed: undefined }],
    ['a time as text', { occurredAt: '2025-11-18T09:12:44Z' }],
    ['a fraction of a millisecond', { occurredAt: 1.5 }],
    ['a person without a list of numbers', { identifiers: null }],
  ])('refuses %s', (_, change) => {
    const encode = () => codecFor('ReleasedFromPrison').encode({ ...example, ...change })
    expect(ruleOf(encode)).toBe('value')
  })

  it('AVRO-15: refuses to write what it would refuse to read', () => {
    const date = { ...exampleOf('ReleaseDateSet'), releaseDate: '2026-02-30' }
    expect(refusal(() => codecFor('ReleaseDateSet').encode(date))).toMatchObject({
      rule: 'logical-type',
      at: 'releaseDate',
    })
    const time = { ...example, occurredAt: 253_402_300_800_000 }
    expect(ruleOf(() => codecFor('ReleasedFromPrison').encode(time))).toBe('logical-type')
  })

  it('AVRO-11: refuses an event under another event’s name, though their fields agree', () => {
    const left = exampleOf('LeftForCourt')
    expect(ruleOf(() => codecFor('TransferredBetweenPrisons').encode(left))).toBe('wrong-schema')
    const framed = codecFor('SafeguardingConcernRaised').encode(
      exampleOf('SafeguardingConcernRaised'),
    )
    const decode = () => codecFor('ExploitationConcernRaised').decode(framed)
    expect(ruleOf(decode)).toBe('wrong-schema')
  })
})

describe('a frame that is not ours', () => {
  it('is refused when empty, short, without the zero byte, or of an unknown schema', () => {
    const framed = codecFor('Sealed').encode(exampleOf('Sealed'))
    expect(ruleOf(() => decodeFramed(new Uint8Array(0)))).toBe('length')
    expect(ruleOf(() => decodeFramed(framed.subarray(0, 4)))).toBe('length')
    expect(ruleOf(() => decodeFramed(Uint8Array.of(1, ...framed.subarray(1))))).toBe('magic-byte')
    expect(ruleOf(() => peekSchema(Uint8Array.of(0, 255, 255, 255, 255, 0)))).toBe('unknown-schema')
    expect(ruleOf(() => codecFor('Nothing'))).toBe('unknown-schema')
  })
})

describe('damage', () => {
  it('never crashes: changed bytes decode, or are refused with a rule', () => {
    const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) })
    fc.assert(
      fc.property(
        fc.constantFrom(...frames),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        (frame, changes) => {
          const damaged = Buffer.from(frame)
          for (const { at, to } of changes) damaged[at % damaged.length] = to
          const outcome = attempt(damaged)
          // What is read can be written and read again: nothing half-read comes through.
          if (outcome !== undefined) {
            const again = codecFor(outcome.schema).encode(outcome.value)
            expect(decodeFramed(again)).toEqual(outcome)
          }
        },
      ),
      { numRuns: 3_000 },
    )
  })

  it('never crashes on any bytes behind any schema’s frame', () => {
    fc.assert(
      fc.property(fc.constantFrom(...frames), fc.uint8Array({ maxLength: 400 }), (frame, body) => {
        attempt(Buffer.concat([frame.subarray(0, 5), body]))
      }),
      { numRuns: 2_000 },
    )
  })

  it('refuses every record that was cut short', () => {
    for (const frame of frames) {
      for (let length = 0; length < frame.length; length++) {
        expect(attempt(frame.subarray(0, length))).toBeUndefined()
      }
    }
  })

  it('AVRO-8: refuses every record with a byte too many', () => {
    for (const frame of frames) {
      expect(ruleOf(() => decodeFramed(Buffer.concat([frame, Buffer.of(0)])))).toBe(
        'trailing-bytes',
      )
    }
  })
})

it('knows every event by its type', () => {
  expect(eventTypes).toContain('ReleasedFromPrison')
  expect(eventTypes).not.toContain('Sealed')
  expect(eventTypes).toHaveLength(52)
})

/** What was decoded, or undefined when it was refused; anything but a `SchemaError` is a crash. */
function attempt(framed: Uint8Array) {
  try {
    return decodeFramed(framed)
  } catch (error) {
    expect(error).toBeInstanceOf(SchemaError)
    return undefined
  }
}

function refusal(act: () => unknown): SchemaError {
  try {
    act()
  } catch (error) {
    if (error instanceof SchemaError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const ruleOf = (act: () => unknown) => refusal(act).rule
