import {
  type AvroType,
  type EnumType,
  type FieldType,
  type FixedType,
  isNamed,
  type Logical,
  type NamedType,
  type PrimitiveName,
  primitives,
  type RecordType,
} from './avro-type.ts'
import { isDefaultOf } from './default-value.ts'

/** Types that may be named without being defined: those of schemas that are referred to. */
export type KnownTypes = ReadonlyMap<string, NamedType>

export type ParsedSchema =
  | { readonly type: AvroType; readonly defined: KnownTypes }
  /** Where and why it is no Avro schema; never what was written there. */
  | { readonly refused: string }

/** Most named types of one schema, and most fields of one record (assurance.md, AVRO-16). */
const namedMax = 500
const fieldsMax = 2_000
const depthMax = 64

/**
 * Reads a schema as the Avro specification has it (1.12: names, defaults, unions, enums, fixed, logical
 * types). Attributes it does not know are metadata. Takes JSON that has been parsed.
 */
export function parseSchema(json: unknown, known: KnownTypes = new Map()): ParsedSchema {
  const reading: Reading = { types: new Map(known), defined: new Map() }
  try {
    const type = typeOf(json, { at: 'schema', namespace: '', depth: 0 }, reading)
    // A default can only be held against its type once all it refers to has been read.
    for (const defined of reading.defined.values()) checkDefaults(defined)
    return { type, defined: reading.defined }
  } catch (error) {
    if (error instanceof Refused) return { refused: error.message }
    throw error
  }
}

interface Reading {
  readonly types: Map<string, NamedType>
  readonly defined: Map<string, NamedType>
}

interface Place {
  readonly at: string
  readonly namespace: string
  readonly depth: number
}

type Json = Readonly<Record<string, unknown>>

class Refused extends Error {}

function refuse(at: string, rule: string): never {
  throw new Refused(`${at}: ${rule}`)
}

const simple = /^[A-Za-z_]\w{0,255}$/
const dotted = /^[A-Za-z_]\w{0,255}(\.[A-Za-z_]\w{0,255}){0,31}$/

function typeOf(json: unknown, place: Place, reading: Reading): AvroType {
  if (place.depth > depthMax) refuse(place.at, 'nested too deeply')
  const inside = { ...place, depth: place.depth + 1 }
  if (typeof json === 'string') return reference(json, place, reading)
  if (Array.isArray(json)) return union(json, inside, reading)
  if (!isObject(json)) refuse(place.at, 'is not a schema')
  const { type } = json
  switch (type) {
    case 'record':
      return record(json, inside, reading)
    case 'enum':
      return enumeration(json, inside, reading)
    case 'fixed':
      return fixed(json, inside, reading)
    case 'array':
      return { kind: 'array', items: typeOf(json['items'], at(inside, '[]'), reading) }
    case 'map':
      return { kind: 'map', values: typeOf(json['values'], at(inside, '{}'), reading) }
    default:
      if (isPrimitiveName(type)) return { kind: type, logical: logicalOf(json) }
      return typeOf(type, inside, reading)
  }
}

const at = (place: Place, more: string): Place => ({ ...place, at: `${place.at}${more}` })

function reference(name: string, place: Place, { types }: Reading): AvroType {
  if (isPrimitiveName(name)) return { kind: name, logical: null }
  const found = types.get(fullName(name, place.namespace)) ?? types.get(name)
  return found ?? refuse(place.at, 'names a type that is not defined before it')
}

function union(json: readonly unknown[], place: Place, reading: Reading): AvroType {
  const branches = json.map((branch) => typeOf(branch, place, reading))
  if (branches.some(({ kind }) => kind === 'union')) refuse(place.at, 'a union within a union')
  const names = branches.map((branch) => (isNamed(branch) ? branch.name : branch.kind))
  if (new Set(names).size !== names.length) refuse(place.at, 'two branches of one type')
  return { kind: 'union', branches }
}

/** Defined before its fields are read, so that a schema may refer to itself. */
function record(json: Json, place: Place, reading: Reading): RecordType {
  const fields: FieldType[] = []
  const type: RecordType = { kind: 'record', ...named(json, place), fields }
  define(type, place, reading)
  const { fields: given } = json
  if (!Array.isArray(given) || given.length > fieldsMax) refuse(type.name, 'no list of fields')
  const inside = { ...place, namespace: namespaceOf(type.name) }
  for (const field of given) fields.push(fieldOf(field, type.name, inside, reading))
  const names = fields.map(({ name }) => name)
  if (new Set(names).size !== names.length) refuse(type.name, 'two fields of one name')
  return type
}

function fieldOf(json: unknown, owner: string, place: Place, reading: Reading): FieldType {
  if (!isObject(json)) refuse(owner, 'a field is not an object')
  const { name, aliases = [] } = json
  if (!isName(name, simple)) refuse(owner, 'a field without a valid name')
  const here = `${owner}.${name}`
  if (!isNames(aliases, simple)) refuse(here, 'aliases that are no names')
  const type = typeOf(json['type'], { ...place, at: here }, reading)
  return { name, aliases, type, default: json['default'] }
}

function checkDefaults(type: NamedType): void {
  if (type.kind !== 'record') return
  for (const field of type.fields) {
    if (field.default === undefined || isDefaultOf(field.type, field.default)) continue
    refuse(`${type.name}.${field.name}`, 'its default is not of its type')
  }
}

function enumeration(json: Json, place: Place, reading: Reading): EnumType {
  const { symbols, default: open } = json
  const name = named(json, place)
  if (!isNames(symbols, simple)) refuse(name.name, 'symbols that are no names')
  if (new Set(symbols).size !== symbols.length) refuse(name.name, 'a symbol twice')
  if (open !== undefined && !symbols.includes(open as string)) {
    refuse(name.name, 'its default is not one of its symbols')
  }
  const type: EnumType = { kind: 'enum', ...name, symbols, default: (open as string) ?? null }
  return define(type, place, reading)
}

function fixed(json: Json, place: Place, reading: Reading): FixedType {
  const { size } = json
  const name = named(json, place)
  if (!isWhole(size)) refuse(name.name, 'no size')
  return define({ kind: 'fixed', ...name, size, logical: logicalOf(json) }, place, reading)
}

function named(json: Json, place: Place): { name: string; aliases: readonly string[] } {
  const { name, namespace, aliases = [] } = json
  if (!isName(name, dotted)) refuse(place.at, 'no valid name')
  if (namespace !== undefined && namespace !== '' && !isName(namespace, dotted)) {
    refuse(place.at, 'no valid namespace')
  }
  const full = fullName(name, namespace ?? place.namespace)
  if (isPrimitiveName(full)) refuse(place.at, 'the name of a primitive type')
  if (!isNames(aliases, dotted)) refuse(full, 'aliases that are no names')
  return { name: full, aliases: aliases.map((alias) => fullName(alias, namespaceOf(full))) }
}

function define<T extends NamedType>(type: T, place: Place, { types, defined }: Reading): T {
  if (types.has(type.name)) refuse(place.at, 'a name that is defined already')
  if (defined.size >= namedMax) refuse(place.at, 'too many named types')
  types.set(type.name, type)
  defined.set(type.name, type)
  return type
}

/** What is not understood is left out: a reader then takes the type beneath it (specification). */
function logicalOf(json: Json): Logical | null {
  const { logicalType: name, precision, scale = 0 } = json
  if (typeof name !== 'string') return null
  if (name !== 'decimal') return { name, precision: null, scale: null }
  return isWhole(precision) && precision > 0 && isWhole(scale) && scale <= precision
    ? { name, precision, scale }
    : null
}

/** A name as it is known everywhere: with its namespace, unless it has one or is a primitive's. */
export const fullName = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' || isPrimitiveName(name) ? name : `${namespace}.${name}`

export const namespaceOf = (name: string): string =>
  name.slice(0, Math.max(0, name.lastIndexOf('.')))

export const isPrimitiveName = (name: unknown): name is PrimitiveName =>
  (primitives as readonly unknown[]).includes(name)

const isObject = (json: unknown): json is Json =>
  typeof json === 'object' && json !== null && !Array.isArray(json)
const isName = (name: unknown, form: RegExp): name is string =>
  typeof name === 'string' && form.test(name)
const isNames = (names: unknown, form: RegExp): names is readonly string[] =>
  Array.isArray(names) && names.every((name) => isName(name, form))
const isWhole = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0
