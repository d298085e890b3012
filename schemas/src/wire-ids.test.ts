import { describe, expect, it } from 'vitest'
import { codecFor, decodeFramed, peekSchema } from './codec.ts'
import { exampleOf } from './example.ts'
import type { SchemaIds } from './files.ts'
import { SchemaError } from './schema-error.ts'
import { faultsInIds, repositoryIds, wireIds } from './wire-ids.ts'

/** A registry that had a thousand schemas before ours came. */
const moved: SchemaIds = Object.fromEntries(
  Object.entries(repositoryIds).map(([name, versions]) => [
    name,
    Object.fromEntries(Object.entries(versions).map(([version, id]) => [version, id + 1_000])),
  ]),
)
const theirs = wireIds(moved)

describe('a registry that gave our schemas other ids', () => {
  const ours = codecFor('Sealed').encode(exampleOf('Sealed'))

  it('is spoken to in its own numbers, and read in ours', () => {
    const out = Buffer.from(theirs?.outward(ours) ?? [])
    expect(out.readUInt32BE(1)).toBe(1_101)
    expect(out.subarray(5)).toEqual(Buffer.from(ours).subarray(5))
    expect(Buffer.from(theirs?.inward(out) ?? [])).toEqual(Buffer.from(ours))
  })

  it('does not get its numbers into what we hold: both directions give copies', () => {
    const before = Buffer.from(ours)
    theirs?.outward(ours)
    theirs?.inward(ours)
    expect(Buffer.from(ours)).toEqual(before)
  })

  it('AVRO-10: cannot pass off a schema of somebody else’s as one of ours', () => {
    // 101 is Sealed to us and somebody else's to them.
    const strange = theirs?.inward(ours) ?? ours
    expect(() => peekSchema(strange)).toThrow(SchemaError)
    expect(() => decodeFramed(strange)).toThrow('unknown-schema')
  })

  it('leaves what is not framed to whoever decodes it', () => {
    for (const bytes of [[], [0, 0], [1, 0, 0, 0, 101, 7]]) {
      expect([...(theirs?.inward(Uint8Array.from(bytes)) ?? [])]).toEqual(bytes)
    }
  })
})

it('costs nothing where the registry’s ids are the repository’s', () => {
  expect(wireIds(repositoryIds)).toBeNull()
})

describe('a file of ids', () => {
  it('can be used when it has an id for everything that was released', () => {
    expect(faultsInIds(repositoryIds)).toEqual([])
    expect(faultsInIds(moved)).toEqual([])
  })

  it('cannot when one is missing, is no id, or is there twice', () => {
    const { Sealed: _, ...rest } = moved
    expect(faultsInIds(rest)).toEqual(['Sealed version 1: no id'])
    expect(faultsInIds({ ...moved, Sealed: { 1: 'x' } })).toEqual(['Sealed version 1: no id'])
    expect(faultsInIds({ ...moved, Sealed: { 1: 1_001 } })).toEqual(['two schemas have one id'])
    expect(faultsInIds(null)).toEqual(['is not an object'])
  })
})
