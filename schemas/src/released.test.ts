import { describe, expect, it } from 'vitest'
import { breaksBetween } from './compatibility.ts'
import { exampleOf } from './example.ts'
import { type AvroRecord, latest, readCurrent, readReleased, versions } from './files.ts'
import { compiled, readerBetween } from './reader.ts'

describe('released schemas', () => {
  it.each(versions)(
    '$name version $version can be read as today’s, and today’s as it',
    (version) => {
      const released = readReleased(version)
      const current = readCurrent(version.name)
      expect(breaksBetween(released, current)).toEqual([])
      expect(() => compiled(current).createResolver(compiled(released))).not.toThrow()
      expect(() => compiled(released).createResolver(compiled(current))).not.toThrow()
    },
  )

  it.each([...latest.values()])('$name is what was last released, but for its words', (version) => {
    expect(withoutWords(readCurrent(version.name))).toEqual(withoutWords(readReleased(version)))
  })
})

describe('a schema that grows', () => {
  const one = readCurrent('ReleasedFromPrison')
  const grown = changed((json) => {
    json.fields.push({ name: 'escort', type: ['null', 'string'], default: null })
    symbolsOf(json).push('DEPORTED')
  })

  it('is compatible both ways when a field is optional and an enum only gets longer', () => {
    expect(breaksBetween(one, grown)).toEqual([])
    expect(breaksBetween(grown, one)).toEqual([])
  })

  it('tells an older reader UNKNOWN for a kind of release that was added later', () => {
    const example = { ...exampleOf('ReleasedFromPrison'), kind: 'DEPORTED', escort: 'van' }
    expect(readerBetween(grown, one)(framed(grown, example))).toEqual({
      ...exampleOf('ReleasedFromPrison'),
      kind: 'UNKNOWN',
    })
  })

  it('gives a newer reader null for what an older record could not say', () => {
    const example = exampleOf('ReleasedFromPrison')
    expect(readerBetween(one, grown)(framed(one, example))).toEqual({ ...example, escort: null })
  })

  it.each<[string, (json: Changed) => void]>([
    ['a new field without default', (json) => json.fields.push({ name: 'escort', type: 'string' })],
    ['a field that stops being optional', (json) => fieldIn(json, 'prison', { type: 'string' })],
    ['another type', (json) => fieldIn(json, 'version', { type: 'long' })],
    ['a time that loses its unit', (json) => fieldIn(json, 'occurredAt', { type: 'long' })],
    ['a removed required field', (json) => json.fields.splice(1, 1)],
    ['another namespace', (json) => Object.assign(json, { namespace: 'throughline.prison.v1' })],
  ])('refuses %s', (_, change) => {
    expect(breaksBetween(one, changed(change))).not.toEqual([])
  })
})

interface Changed {
  fields: { name: string; type: unknown; default?: unknown }[]
}

function changed(change: (json: Changed) => void): AvroRecord {
  const json = structuredClone(readCurrent('ReleasedFromPrison')) as unknown as Changed
  change(json)
  return json as unknown as AvroRecord
}

function fieldIn(json: Changed, name: string, to: { type: unknown }): void {
  const field = json.fields.find((it) => it.name === name)
  if (field === undefined) throw new Error('no such field')
  delete field.default
  Object.assign(field, to)
}

function symbolsOf(json: Changed): string[] {
  const { type } = json.fields.find(({ name }) => name === 'kind') ?? {}
  return (type as { symbols: string[] }).symbols
}

const framed = (schema: AvroRecord, value: object) =>
  Buffer.concat([Buffer.alloc(5), compiled(schema).toBuffer(value)])

const words = new Set(['doc', 'privacy'])
const withoutWords = (schema: AvroRecord): unknown =>
  JSON.parse(JSON.stringify(schema, (key, value) => (words.has(key) ? undefined : value)))
