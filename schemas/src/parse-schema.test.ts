import { describe, expect, it } from 'vitest'
import { canonicalText } from './canonical.ts'
import { readReleased, versions } from './files.ts'
import { parseSchema } from './parse-schema.ts'

const record = (...fields: readonly unknown[]) => ({ type: 'record', name: 'Person', fields })

describe('a schema', () => {
  it.each(versions)('$name version $version is one', (version) => {
    expect(parseSchema(readReleased(version))).toHaveProperty('type.kind', 'record')
  })

  it('may refer to what was defined before it, and to itself, by short or full name', () => {
    const kind = { type: 'enum', name: 'Kind', symbols: ['A'] }
    const fields = [
      { name: 'first', type: kind },
      { name: 'second', type: 'county.Kind' },
      { name: 'parent', type: ['null', 'Person'] },
    ]
    const parsed = parseSchema({ ...record(...fields), namespace: 'county' })
    expect([...('defined' in parsed ? parsed.defined.keys() : [])]).toEqual([
      'county.Person',
      'county.Kind',
    ])
  })

  it('may refer to types of schemas that it names', () => {
    const address = parseSchema({ type: 'fixed', name: 'county.Address', size: 4 })
    const person = { ...record({ name: 'home', type: 'Address' }), namespace: 'county' }
    expect(parseSchema(person)).toHaveProperty('refused')
    const known = 'defined' in address ? address.defined : undefined
    expect(parseSchema(person, known)).toHaveProperty('type.fields.0.type.size', 4)
  })

  it.each<[string, unknown, string]>([
    ['nothing', null, 'schema: is not a schema'],
    ['a number', 7, 'schema: is not a schema'],
    ['an unknown type', 'text', 'schema: names a type that is not defined before it'],
    [
      'a type that comes later',
      record(
        { name: 'a', type: 'Kind' },
        { name: 'b', type: { type: 'fixed', name: 'Kind', size: 1 } },
      ),
      'Person.a: names a type that is not defined before it',
    ],
    ['a record without a name', { type: 'record', fields: [] }, 'schema: no valid name'],
    ['a name with a hyphen', { type: 'fixed', name: 'a-b', size: 1 }, 'schema: no valid name'],
    [
      'the name of a primitive',
      { type: 'fixed', name: 'string', size: 1 },
      'schema: the name of a primitive type',
    ],
    ['a record without fields', { type: 'record', name: 'Person' }, 'Person: no list of fields'],
    ['a field without a name', record({ type: 'int' }), 'Person: a field without a valid name'],
    [
      'two fields of one name',
      record({ name: 'a', type: 'int' }, { name: 'a', type: 'int' }),
      'Person: two fields of one name',
    ],
    ['a field without a type', record({ name: 'a' }), 'Person.a: is not a schema'],
    [
      'a default of another type',
      record({ name: 'a', type: 'int', default: 'x' }),
      'Person.a: its default is not of its type',
    ],
    [
      'an int that is too large as a default',
      record({ name: 'a', type: 'int', default: 2 ** 31 }),
      'Person.a: its default is not of its type',
    ],
    [
      'a default that no branch takes',
      record({ name: 'a', type: ['null', 'int'], default: 'x' }),
      'Person.a: its default is not of its type',
    ],
    ['a union within a union', ['null', ['int']], 'schema: a union within a union'],
    [
      'two branches of one type',
      ['int', { type: 'int', logicalType: 'date' }],
      'schema: two branches of one type',
    ],
    ['a symbol twice', { type: 'enum', name: 'Kind', symbols: ['A', 'A'] }, 'Kind: a symbol twice'],
    [
      'an open enum without that symbol',
      { type: 'enum', name: 'Kind', symbols: ['A'], default: 'B' },
      'Kind: its default is not one of its symbols',
    ],
    ['fixed without a size', { type: 'fixed', name: 'Key' }, 'Key: no size'],
    [
      'one name twice',
      record({ name: 'a', type: { type: 'fixed', name: 'Person', size: 1 } }),
      'Person.a: a name that is defined already',
    ],
    ['arrays of nothing', { type: 'array' }, 'schema[]: is not a schema'],
    [
      'AVRO-16: more types than anybody means',
      Array.from({ length: 501 }, (_, n) => ({ type: 'fixed', name: `F${n}`, size: 1 })),
      'schema: too many named types',
    ],
    [
      'AVRO-16: more fields than anybody means',
      record(...Array.from({ length: 2_001 }, (_, n) => ({ name: `f${n}`, type: 'int' }))),
      'Person: no list of fields',
    ],
    [
      'AVRO-7: types within types without end',
      Array.from({ length: 70 }).reduce<unknown>((items) => ({ type: 'array', items }), 'int'),
      'nested too deeply',
    ],
  ])('is not %s', (_, json, why) => {
    const parsed = parseSchema(json)
    expect('refused' in parsed ? parsed.refused : '').toContain(why)
  })
})

describe('two spellings of one schema', () => {
  const one = {
    type: 'record',
    name: 'Person',
    namespace: 'county',
    doc: 'Somebody.',
    fields: [
      {
        name: 'home',
        type: { type: 'fixed', name: 'Address', size: 4 },
        default: '\u0000\u0000\u0000\u0000',
      },
      { name: 'work', type: ['null', 'Address'] },
      { name: 'kind', type: { type: 'string', values: ['A', 'B'] } },
    ],
  }
  const text = canonicalText(one)

  it.each<[string, object]>([
    ['in another order of attributes', Object.fromEntries(Object.entries(one).toReversed())],
    ['with the namespace in the name', { ...one, name: 'county.Person', namespace: 'elsewhere' }],
    [
      'with full names where short ones do',
      {
        ...one,
        fields: one.fields.with(1, { name: 'work', type: ['null', 'county.Address'] } as never),
      },
    ],
    [
      'with a primitive as an object',
      {
        ...one,
        fields: one.fields.with(1, { name: 'work', type: [{ type: 'null' }, 'Address'] } as never),
      },
    ],
    [
      'with the default order and no aliases',
      {
        ...one,
        aliases: [],
        fields: one.fields.with(1, {
          name: 'work',
          type: ['null', 'Address'],
          order: 'ascending',
        } as never),
      },
    ],
  ])('are one: %s', (_, other) => {
    expect(canonicalText(other)).toBe(text)
  })

  it.each<[string, object]>([
    ['other words', { ...one, doc: 'A person.' }],
    ['another namespace', { ...one, namespace: 'elsewhere' }],
    ['other metadata', { ...one, categories: ['health'] }],
    [
      'no default',
      {
        ...one,
        fields: one.fields.with(0, {
          name: 'home',
          type: { type: 'fixed', name: 'Address', size: 4 },
        } as never),
      },
    ],
    [
      'other values of a text',
      {
        ...one,
        fields: one.fields.with(2, { name: 'kind', type: { type: 'string', values: ['A'] } }),
      },
    ],
    ['another order of fields', { ...one, fields: one.fields.toReversed() }],
  ])('are two: %s', (_, other) => {
    expect(canonicalText(other)).not.toBe(text)
  })
})
