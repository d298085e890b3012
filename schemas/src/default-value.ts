import type { AvroType } from './avro-type.ts'

const intMax = 2 ** 31 - 1
// JSON numbers are doubles: beyond this a long was already another one when we read it.
const longMax = Number.MAX_SAFE_INTEGER

/**
 * Whether a JSON value may stand as the default of a type. A union takes what any of its branches takes
 * (specification 1.12); bytes and fixed are text whose characters are their bytes.
 */
export function isDefaultOf(type: AvroType, value: unknown): boolean {
  switch (type.kind) {
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'int':
      return isWithin(value, intMax)
    case 'long':
      return isWithin(value, longMax)
    case 'float':
    case 'double':
      return typeof value === 'number' || ['NaN', 'Infinity', '-Infinity'].includes(String(value))
    case 'string':
      return typeof value === 'string'
    case 'bytes':
      return isByteText(value)
    case 'fixed':
      return isByteText(value) && value.length === type.size
    case 'enum':
      return type.symbols.includes(value as string)
    case 'array':
      return Array.isArray(value) && value.every((item) => isDefaultOf(type.items, item))
    case 'map':
      return isObject(value) && Object.values(value).every((it) => isDefaultOf(type.values, it))
    case 'union':
      return type.branches.some((branch) => isDefaultOf(branch, value))
    case 'record':
      return (
        isObject(value) &&
        type.fields.every(({ name, type: inner, default: otherwise }) =>
          Object.hasOwn(value, name) ? isDefaultOf(inner, value[name]) : otherwise !== undefined,
        )
      )
  }
}

const isWithin = (value: unknown, max: number): boolean =>
  Number.isInteger(value) && Number(value) >= -max - 1 && Number(value) <= max

const isByteText = (value: unknown): value is string =>
  typeof value === 'string' && Buffer.from(value, 'latin1').toString('latin1') === value

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
