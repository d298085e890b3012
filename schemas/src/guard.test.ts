import { describe, expect, it } from 'vitest'
import type { AvroRecord, AvroSchema } from './files.ts'
import { depthMax, guardOf, itemsMax } from './guard.ts'
import { compiled, readerBetween } from './reader.ts'
import { SchemaError } from './schema-error.ts'

const long: AvroSchema = 'long'
const numbers: AvroSchema = { type: 'array', items: 'long' }

describe('bytes that were made to hurt', () => {
  it('AVRO-1: an array header of 5 bytes that promises two thousand million numbers', () => {
    expect(refusal(numbers, varint(2 ** 31))).toEqual({ rule: 'count', at: 'field' })
  })

  it('AVRO-1: more items than we take, though the bytes are there', () => {
    const many = Buffer.concat([varint(itemsMax + 1), Buffer.alloc(itemsMax + 2)])
    expect(refusal(numbers, many)).toMatchObject({ rule: 'count' })
    const allowed = Buffer.concat([varint(itemsMax), Buffer.alloc(itemsMax + 1)])
    expect(refusal(numbers, allowed)).toBeUndefined()
  })

  it('AVRO-1: more items than we take, in many small blocks', () => {
    const block = Buffer.concat([varint(100), Buffer.alloc(100)])
    const blocks = Buffer.concat([...Array<Buffer>(itemsMax / 100 + 1).fill(block), Buffer.of(0)])
    expect(refusal(numbers, blocks)).toMatchObject({ rule: 'count' })
  })

  it.each<[string, AvroSchema]>([
    ['null', 'null'],
    ['an empty record', { type: 'record', name: 'Nothing', fields: [] }],
  ])('AVRO-2: a schema whose array items have no size (%s) is not compiled', (_, items) => {
    expect(refusal({ type: 'array', items }, Buffer.of(0))).toMatchObject({ rule: 'unsupported' })
  })

  it.each([
    ['too short', 1, 'block-size'],
    ['too long', 3, 'block-size'],
    ['beyond the end', 100, 'length'],
    ['negative', -1, 'length'],
  ])('AVRO-3: a negative block count with a byte size that lies (%s)', (_, size, rule) => {
    const lying = Buffer.concat([varint(-2), varint(size), Buffer.of(2, 4), Buffer.of(0, 0, 0)])
    expect(refusal(numbers, lying)).toMatchObject({ rule })
  })

  it('AVRO-3: a negative block count with an honest byte size is ordinary Avro', () => {
    const honest = Buffer.concat([varint(-2), varint(2), Buffer.of(2, 4), Buffer.of(0)])
    expect(read(numbers, honest)).toEqual({ field: [1, 2] })
  })

  it.each<AvroSchema>(['string', 'bytes'])(
    'AVRO-4: %s of length 2^30, or of negative length',
    (type) => {
      expect(refusal(type, varint(2 ** 30))).toMatchObject({ rule: 'length' })
      expect(refusal(type, Buffer.concat([varint(-1), Buffer.from('a')]))).toMatchObject({
        rule: 'length',
      })
    },
  )

  it('AVRO-5: a number of eleven bytes, or one that never ends', () => {
    expect(refusal(long, Buffer.from([...Array(10).fill(0x80), 0]))).toMatchObject({
      rule: 'varint',
    })
    expect(refusal(long, Buffer.alloc(9, 0xff))).toMatchObject({ rule: 'length' })
    expect(read(long, Buffer.from([...Array(9).fill(0x80), 0]))).toEqual({ field: 0 })
  })

  it('AVRO-6: a branch or a symbol that does not exist', () => {
    for (const index of [2, -1, 2 ** 40]) {
      expect(refusal(['null', 'long'], varint(index))).toMatchObject({ rule: 'union-index' })
    }
    const kind: AvroSchema = { type: 'enum', name: 'Kind', symbols: ['A', 'UNKNOWN'] }
    for (const index of [2, -1, 2 ** 40]) {
      expect(refusal(kind, varint(index))).toMatchObject({ rule: 'enum-index' })
    }
  })

  it('AVRO-7: a record nested 200,000 deep', () => {
    const list = {
      type: 'record',
      name: 'Link',
      fields: [{ name: 'next', type: ['null', 'Link'] }],
    }
    const deep = Buffer.alloc(200_001, 2)
    deep[200_000] = 0
    expect(refusal(list as AvroSchema, deep)).toMatchObject({ rule: 'depth' })
    const shallow = Buffer.alloc(depthMax - 1, 2)
    shallow[depthMax - 2] = 0
    expect(refusal(list as AvroSchema, shallow)).toBeUndefined()
  })

  it('AVRO-8: a byte left over', () => {
    expect(refusal(long, Buffer.of(2, 0))).toMatchObject({ rule: 'trailing-bytes', at: '' })
  })

  it.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['half a character', [0xe2, 0x82]],
    ['a byte that never occurs', [0xff]],
  ])('AVRO-12: text that is not UTF-8 (%s), which avsc would read as a replacement', (_, bytes) => {
    const text = Buffer.concat([varint(bytes.length + 1), Buffer.from('a'), Buffer.from(bytes)])
    expect(refusal('string', text)).toMatchObject({ rule: 'utf8' })
  })

  it('AVRO-12: text in any script is text', () => {
    const name = Buffer.from('Siân Ó Briain, 王芳 🙂')
    expect(read('string', Buffer.concat([varint(name.length), name]))).toEqual({
      field: name.toString(),
    })
  })

  it('AVRO-13: a number that JavaScript cannot hold, where avsc throws or returns its neighbour', () => {
    expect(refusal(long, Buffer.from([...Array(9).fill(0xff), 1]))).toMatchObject({
      rule: 'long-range',
    })
    expect(refusal(long, varint(-(2n ** 52n) - 1n))).toMatchObject({ rule: 'long-range' })
    for (const value of [2n ** 52n + 1n, -(2n ** 52n)]) {
      expect(read(long, varint(value))).toEqual({ field: Number(value) })
    }
    expect(refusal('int', varint(2 ** 31))).toMatchObject({ rule: 'int-range' })
  })

  it('AVRO-14: a schema with a map is not compiled, so no key can be a prototype', () => {
    const map = { type: 'map', values: 'long' } as unknown as AvroSchema
    expect(refusal(map, Buffer.of(0))).toMatchObject({ rule: 'unsupported' })
  })

  it('AVRO-15: a day, an instant or a UUID that cannot be', () => {
    const date = { type: 'int', logicalType: 'date' } as AvroSchema
    const instant = { type: 'long', logicalType: 'timestamp-millis' } as AvroSchema
    const uuid = { type: 'string', logicalType: 'uuid' } as AvroSchema
    expect(refusal(date, varint(10 ** 9))).toMatchObject({ rule: 'logical-type' })
    expect(refusal(instant, varint(9 * 10 ** 15))).toMatchObject({ rule: 'logical-type' })
    expect(refusal(uuid, text('not-a-uuid'))).toMatchObject({ rule: 'logical-type' })
    expect(refusal(uuid, text('0190cafe-0000-7000-8000-000000000417'))).toBeUndefined()
  })

  it.each([
    ['2026-02-28', true],
    ['2024-02-29', true],
    ['2026-02-29', false],
    ['1900-02-29', false],
    ['2026-13-01', false],
    ['2026-00-10', false],
    ['2026-1-1', false],
    ['2026-01-01T00:00', false],
    ['0000-01-01', false],
  ])('AVRO-15: the day %s exists: %s', (day, exists) => {
    const date = { type: 'string', logicalType: 'iso-date' } as AvroSchema
    expect(refusal(date, text(day)) === undefined).toBe(exists)
  })

  it('AVRO-15: a decimal, or a logical type nobody checks, is not compiled', () => {
    const decimal = { type: 'bytes', logicalType: 'decimal' } as AvroSchema
    expect(refusal(decimal, Buffer.of(0))).toMatchObject({ rule: 'unsupported' })
  })

  it('a truth that is neither true nor false', () => {
    expect(refusal('boolean', Buffer.of(2))).toMatchObject({ rule: 'boolean' })
  })

  it('names the field, however deep, and never its value', () => {
    const inner = { type: 'record', name: 'Inner', fields: [{ name: 'value', type: 'string' }] }
    const schema = { type: 'array', items: inner } as AvroSchema
    const refused = refusal(schema, Buffer.from([2, 4, 0x41, 0xff, 0]))
    expect(refused).toEqual({ rule: 'utf8', at: 'field.value' })
  })
})

const recordOf = (type: AvroSchema): AvroRecord => ({
  type: 'record',
  name: 'Test',
  fields: [{ name: 'field', type }],
})

/** How the bytes are refused as a record with one field of the type; undefined when they are taken. */
function refusal(type: AvroSchema, body: Buffer): { rule: string; at: string } | undefined {
  try {
    guardOf(recordOf(type))(body, 0, body.length)
    return undefined
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error
    return { rule: error.rule, at: error.at }
  }
}

/** Guarded and then read by avsc. */
function read(type: AvroSchema, body: Buffer): object {
  const schema = recordOf(type)
  expect(compiled(schema)).toBeDefined()
  return { ...readerBetween(schema, schema)(Buffer.concat([Buffer.alloc(5), body])) }
}

function varint(value: number | bigint): Buffer {
  let left = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  const bytes: number[] = []
  while (left >= 0x80n) {
    bytes.push(Number(left & 0x7fn) | 0x80)
    left >>= 7n
  }
  return Buffer.from([...bytes, Number(left)])
}

const text = (value: string) => Buffer.concat([varint(value.length), Buffer.from(value)])
