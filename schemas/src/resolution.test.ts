import avro from 'avsc'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSchema } from './parse-schema.ts'
import { unreadable } from './resolution.ts'

const person = (...fields: readonly object[]) => ({ type: 'record', name: 'Person', fields })
const enumOf = (symbols: readonly string[], more: object = {}) => ({
  type: 'enum',
  name: 'Kind',
  symbols,
  ...more,
})
const fixed = (size: number, more: object = {}) => ({ type: 'fixed', name: 'Key', size, ...more })
const decimal = (precision: number, scale: number) => ({
  type: 'bytes',
  logicalType: 'decimal',
  precision,
  scale,
})
const age = { name: 'age', type: 'int' }
const maybe = (type: unknown) => ({ name: 'age', type: ['null', type], default: null })
const list = (next: object = {}) => ({
  type: 'record',
  name: 'Link',
  fields: [
    { name: 'value', type: 'int', ...next },
    { name: 'next', type: ['null', 'Link'], default: null },
  ],
})

type Case = readonly [says: string, reader: unknown, writer: unknown]

describe('a reader can read', () => {
  it.each<Case>([
    ['what is its own', person(age), person(age)],
    ['an int as a long', 'long', 'int'],
    ['an int, and a long, as a float', ['float'], ['int', 'long']],
    ['int, long and float as a double', 'double', ['int', 'long', 'float']],
    ['bytes as a string', 'string', 'bytes'],
    ['a string as bytes', 'bytes', 'string'],
    ['a record that has more than it asks for', person(), person(age)],
    ['a record that lacks what it has a default for', person({ ...age, default: 0 }), person()],
    [
      'a field under a former name',
      person({ ...age, aliases: ['years'] }),
      person({ ...age, name: 'years' }),
    ],
    [
      'a record under a former name',
      { ...person(age), aliases: ['Client'] },
      { ...person(age), name: 'Client' },
    ],
    [
      'a record from another namespace',
      { ...person(age), namespace: 'a' },
      { ...person(age), namespace: 'b' },
    ],
    ['a plain value where it takes more', ['null', 'string'], 'string'],
    ['a smaller union', ['null', 'string', 'int'], ['string', 'null']],
    ['a union whose branches it can all promote', 'long', ['int', 'long']],
    ['an enum that has fewer symbols', enumOf(['A', 'B']), enumOf(['B'])],
    [
      'a symbol it does not know, having a default',
      enumOf(['A'], { default: 'A' }),
      enumOf(['A', 'B']),
    ],
    ['fixed of its size', fixed(16), fixed(16)],
    [
      'items and values that it can promote',
      { type: 'array', items: 'long' },
      { type: 'array', items: 'int' },
    ],
    [
      'a map of what it can promote',
      { type: 'map', values: 'string' },
      { type: 'map', values: 'bytes' },
    ],
    [
      'a time that is a plain number to it',
      'long',
      { type: 'long', logicalType: 'timestamp-millis' },
    ],
    ['a decimal of its precision and scale', decimal(9, 2), decimal(9, 2)],
    ['records that hold records of their own kind', list(), list()],
  ])('%s', (_, reader, writer) => {
    expect(faults(reader, writer)).toEqual([])
  })
})

describe('a reader cannot read', () => {
  it.each<[...Case, fault: string]>([
    ['a long as an int', 'int', 'long', 'schema: long is not read as int'],
    [
      'a number as text',
      person({ ...age, type: 'string' }),
      person(age),
      'Person.age: int is not read as string',
    ],
    [
      'a record that lacks what it needs',
      person(age),
      person(),
      'Person.age: is not written, and has no default',
    ],
    [
      'a field under a new name',
      person(age),
      person({ ...age, aliases: ['years'], name: 'years' }),
      'Person.age: is not written, and has no default',
    ],
    [
      'a field under two of its names',
      person({ ...age, aliases: ['years'] }),
      person(age, { ...age, name: 'years' }),
      'Person.age: is written under two of its names',
    ],
    [
      'a record of another name',
      person(age),
      { ...person(age), name: 'Client' },
      'Person: name changed',
    ],
    [
      'what may be null, where it needs a value',
      person(age),
      person(maybe('int')),
      'Person.age: null is not read as int',
    ],
    [
      'a branch it does not have',
      ['null', 'int'],
      ['null', 'string'],
      'schema: no branch reads string',
    ],
    [
      'a symbol it does not know, without a default',
      enumOf(['A']),
      enumOf(['A', 'B']),
      'Kind: symbols are missing, and there is no default',
    ],
    ['fixed of another size', fixed(16), fixed(8), 'Key: size changed'],
    [
      'a record as an enum',
      enumOf(['A']),
      { ...person(), name: 'Kind' },
      'Kind: record is not read as enum',
    ],
    [
      'items that it cannot promote',
      { type: 'array', items: 'int' },
      { type: 'array', items: 'long' },
      'schema[]: long is not read as int',
    ],
    [
      'a list as a map',
      { type: 'map', values: 'int' },
      { type: 'array', items: 'int' },
      'schema: array is not read as map',
    ],
    ['a decimal of another scale', decimal(9, 2), decimal(9, 3), 'schema: another decimal'],
    [
      'a fixed decimal of another precision',
      fixed(4, { logicalType: 'decimal', precision: 5 }),
      fixed(4, { logicalType: 'decimal', precision: 6 }),
      'Key: another decimal',
    ],
    [
      'records of their own kind, when the innermost has changed',
      list(),
      list({ type: 'string' }),
      'Link.value: string is not read as int',
    ],
  ])('%s', (_, reader, writer, fault) => {
    expect(faults(reader, writer)).toContain(fault)
  })

  it('a branch that only seemed to fit while records that refer to each other were compared', () => {
    const pair = (type: string) => ({
      type: 'record',
      name: 'A',
      fields: [
        {
          name: 'b',
          type: ['null', { type: 'record', name: 'B', fields: [{ name: 'a', type: 'A' }] }],
        },
        { name: 'value', type },
      ],
    })
    expect(faults(pair('int'), pair('string'))).not.toEqual([])
    expect(faults(['null', pair('int')], pair('string'))).toEqual([
      'schema: no branch reads record',
    ])
  })

  it('in any time at all, when fifty records refer to each other and only the innermost differs', () => {
    const names = Array.from({ length: 50 }, (_, n) => `R${n}`)
    const knot = (innermost: string) =>
      names.reduceRight<unknown>((inner, name, n) => {
        const back = names.slice(0, n).map((to) => ({ name: `to${to}`, type: ['null', to] }))
        return { type: 'record', name, fields: [...back, { name: 'inner', type: inner }] }
      }, innermost)
    expect(faults(knot('int'), knot('int'))).toEqual([])
    expect(faults(knot('int'), knot('string'))).toContain('R49.inner: string is not read as int')
  })
})

describe('another implementation', () => {
  const leaf = fc.constantFrom(
    'null',
    'boolean',
    'int',
    'long',
    'float',
    'double',
    'string',
    'bytes',
  )
  const union = fc.uniqueArray(leaf, { minLength: 1, maxLength: 3 })
  const type = fc.oneof(
    leaf,
    union,
    leaf.map((items) => ({ type: 'array', items })),
  )
  const record = fc
    .uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c'), type }), {
      selector: ({ name }) => name,
    })
    .map((fields) => person(...fields))

  it('agrees about what can be read', () => {
    fc.assert(
      fc.property(record, record, (reader, writer) => {
        expect(faults(reader, writer).length === 0).toBe(avscReads(reader, writer))
      }),
      { numRuns: 2_000 },
    )
  })
})

function avscReads(reader: object, writer: object): boolean {
  try {
    const [one, other] = [reader, writer].map((it) =>
      avro.Type.forSchema(structuredClone(it) as avro.Schema, { wrapUnions: true }),
    )
    one?.createResolver(other as avro.Type)
    return true
  } catch {
    return false
  }
}

function faults(reader: unknown, writer: unknown): readonly string[] {
  const [one, other] = [reader, writer].map((json) => parseSchema(json))
  if (one === undefined || other === undefined || 'refused' in one || 'refused' in other) {
    throw new Error(`not a schema: ${JSON.stringify([one, other])}`)
  }
  return unreadable(one.type, other.type)
}
