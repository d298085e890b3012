/** A schema whose names are resolved: what resolution, defaults and identity are decided on. */
export type AvroType = PrimitiveType | ArrayType | MapType | UnionType | NamedType
export type NamedType = RecordType | EnumType | FixedType

export type PrimitiveName = (typeof primitives)[number]

export const primitives = [
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
] as const

export interface Logical {
  readonly name: string
  /** Of decimals; null for every other logical type. */
  readonly precision: number | null
  readonly scale: number | null
}

export interface PrimitiveType {
  readonly kind: PrimitiveName
  readonly logical: Logical | null
}
export interface ArrayType {
  readonly kind: 'array'
  readonly items: AvroType
}
export interface MapType {
  readonly kind: 'map'
  readonly values: AvroType
}
export interface UnionType {
  readonly kind: 'union'
  readonly branches: readonly AvroType[]
}
interface Named {
  /** With its namespace. */
  readonly name: string
  /** With their namespaces. */
  readonly aliases: readonly string[]
}
export interface RecordType extends Named {
  readonly kind: 'record'
  readonly fields: readonly FieldType[]
}
export interface FieldType {
  readonly name: string
  readonly aliases: readonly string[]
  readonly type: AvroType
  /** Undefined where there is none. */
  readonly default: unknown
}
export interface EnumType extends Named {
  readonly kind: 'enum'
  readonly symbols: readonly string[]
  /** What a reader makes of a symbol it does not know; null where it cannot. */
  readonly default: string | null
}
export interface FixedType extends Named {
  readonly kind: 'fixed'
  readonly size: number
  readonly logical: Logical | null
}

export const isNamed = (type: AvroType): type is NamedType =>
  type.kind === 'record' || type.kind === 'enum' || type.kind === 'fixed'

export const isPrimitive = (type: AvroType): type is PrimitiveType =>
  (primitives as readonly string[]).includes(type.kind)

/** A name without its namespace: what Avro compares when one schema is read as another. */
export const simpleName = (name: string): string => name.slice(name.lastIndexOf('.') + 1)
