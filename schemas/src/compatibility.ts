import type { AvroArray, AvroEnum, AvroField, AvroRecord, AvroSchema } from './files.ts'

/**
 * Why records of the one version cannot be read as the other, in either direction: places and rules.
 * Stricter than avsc, which overlooks logical types, widens numbers one way and lets an enum's name go
 * by. Empty when both ways work.
 */
export function breaksBetween(one: AvroRecord, other: AvroRecord): readonly string[] {
  const scope = { one: new Map<string, Named>(), other: new Map<string, Named>() }
  return breaksInNamed(one, other, one.name, scope)
}

type Named = AvroRecord | AvroEnum

interface Scope {
  readonly one: Map<string, Named>
  readonly other: Map<string, Named>
}

function breaksIn(one: AvroSchema, other: AvroSchema, at: string, scope: Scope): readonly string[] {
  const left = resolved(one, scope.one)
  const right = resolved(other, scope.other)
  if (isUnion(left) || isUnion(right)) {
    if (!isUnion(left) || !isUnion(right)) return [`${at}: became optional or stopped being so`]
    if (left.length !== right.length) return [`${at}: branches differ`]
    return left.flatMap((branch, index) => breaksIn(branch, right[index] ?? 'null', at, scope))
  }
  if (isNamed(left) && isNamed(right)) return breaksInNamed(left, right, at, scope)
  if (isArray(left) && isArray(right)) return breaksIn(left.items, right.items, `${at}[]`, scope)
  return leafOf(left) === leafOf(right) ? [] : [`${at}: type changed`]
}

function breaksInNamed(one: Named, other: Named, at: string, scope: Scope): readonly string[] {
  scope.one.set(one.name, one)
  scope.other.set(other.name, other)
  if (one.name !== other.name || one.namespace !== other.namespace) return [`${at}: name changed`]
  if (one.type === 'enum' && other.type === 'enum') {
    const isOpen = ({ symbols, default: open }: AvroEnum) =>
      open === 'UNKNOWN' && symbols.includes('UNKNOWN')
    return isOpen(one) && isOpen(other) ? [] : [`${at}: a new symbol would have no default`]
  }
  if (one.type !== 'record' || other.type !== 'record') return [`${at}: type changed`]
  return [
    ...one.fields.flatMap((field) => {
      const same = other.fields.find(({ name }) => name === field.name)
      return same === undefined
        ? missing(field, at)
        : breaksIn(field.type, same.type, `${at}.${field.name}`, scope)
    }),
    ...other.fields
      .filter(({ name }) => !one.fields.some((field) => field.name === name))
      .flatMap((field) => missing(field, at)),
  ]
}

const missing = (field: AvroField, at: string): readonly string[] =>
  field.default === undefined ? [`${at}.${field.name}: on one side only, without a default`] : []

const isUnion = (schema: AvroSchema): schema is readonly AvroSchema[] => Array.isArray(schema)
const isNamed = (schema: AvroSchema): schema is Named =>
  typeof schema === 'object' && 'type' in schema && ['record', 'enum'].includes(schema.type)
const isArray = (schema: AvroSchema): schema is AvroArray =>
  typeof schema === 'object' && 'type' in schema && schema.type === 'array'

const resolved = (schema: AvroSchema, names: Map<string, Named>): AvroSchema =>
  typeof schema === 'string'
    ? (names.get(schema.slice(schema.lastIndexOf('.') + 1)) ?? schema)
    : schema

function leafOf(schema: AvroSchema): string {
  if (typeof schema === 'string') return schema
  if (isUnion(schema) || isNamed(schema) || isArray(schema)) return 'compound'
  return schema.logicalType === undefined ? schema.type : `${schema.type}/${schema.logicalType}`
}
