import { readFileSync } from 'node:fs'
import ids from '../ids.json' with { type: 'json' }

export type AvroSchema =
  | string
  | readonly AvroSchema[]
  | AvroRecord
  | AvroEnum
  | AvroArray
  | AvroLeaf

export interface AvroRecord {
  readonly type: 'record'
  readonly name: string
  readonly namespace?: string
  readonly doc?: string
  readonly categories?: readonly string[]
  readonly fields: readonly AvroField[]
}
export interface AvroField {
  readonly name: string
  readonly type: AvroSchema
  readonly default?: unknown
  readonly privacy?: string
  readonly doc?: string
}
export interface AvroEnum {
  readonly type: 'enum'
  readonly name: string
  readonly namespace?: string
  readonly doc?: string
  readonly symbols: readonly string[]
  readonly default?: string
}
export interface AvroArray {
  readonly type: 'array'
  readonly items: AvroSchema
}
/** A primitive with annotations. `values` lists what a string may say today; readers meet more. */
export interface AvroLeaf {
  readonly type: 'string' | 'int' | 'long' | 'bytes' | 'boolean'
  readonly logicalType?: string
  readonly values?: readonly string[]
}

/** An id for every released version of every schema, by name and version: `{ Sealed: { 1: 101 } }`. */
export type SchemaIds = Readonly<Record<string, Readonly<Record<string, number>>>>

export const idsByName: SchemaIds = ids

/** Names of all schemas: events first, in the order in which they were added. */
export const schemaNames: readonly string[] = Object.keys(idsByName)

export interface Version {
  readonly name: string
  readonly version: number
  readonly id: number
}

/** Every released version, oldest first within a name. */
export const versions: readonly Version[] = schemaNames.flatMap((name) =>
  Object.entries(idsByName[name] ?? {})
    .map(([version, id]) => ({ name, version: Number(version), id }))
    .toSorted((one, other) => one.version - other.version),
)

/** The version that is written today: the highest. */
export const latest: ReadonlyMap<string, Version> = new Map(
  versions.map((version) => [version.name, version]),
)

const root = new URL('..', import.meta.url)
const read = (path: string) => JSON.parse(readFileSync(new URL(path, root), 'utf8')) as AvroRecord

export const readCurrent = (name: string): AvroRecord => read(`avro/${name}.avsc`)

export const readReleased = ({ name, version }: Pick<Version, 'name' | 'version'>): AvroRecord =>
  read(`released/v${version}/${name}.avsc`)
