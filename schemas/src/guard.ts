import type { AvroArray, AvroEnum, AvroLeaf, AvroRecord, AvroSchema } from './files.ts'
import { SchemaError, type SchemaRule } from './schema-error.ts'
import { isDate, isUtf8, isUuid } from './text.ts'

/** Longest record, framing included, that is written or read. Kafka's `max.message.bytes` must match. */
export const recordBytesMax = 4 * 1024 * 1024
/** Most items one array may hold. */
export const itemsMax = 10_000
/** How deep records may nest. Our own nest three deep; only a recursive schema gets near. */
export const depthMax = 32

/** Checks that bytes `[start, end)` are exactly one record of the schema, or throws `SchemaError`. */
export type Guard = (bytes: Uint8Array, start: number, end: number) => void

/**
 * Compiles a schema into a walk over bytes. avsc allocates what a header promises, follows any
 * depth and reads broken text as replacement characters, so nothing reaches it unwalked
 * (`AVRO-1` to `AVRO-15` of the assurance list). Throws `unsupported` for what we do not use:
 * maps, floats, zero-size array items, logical types without a check.
 */
export function guardOf(schema: AvroRecord): Guard {
  const walk = compile(schema, { names: new Map(), namespace: '', schema: schema.name })
  return (given, start, until) => {
    bytes = given
    at = start
    end = until
    depth = 0
    try {
      if (end > recordBytesMax) fail('length')
      walk.check()
      if (at !== end) fail('trailing-bytes')
    } catch (error) {
      if (error instanceof Refusal) throw new SchemaError(error.rule, schema.name, error.place())
      throw error
    } finally {
      bytes = nothing
    }
  }
}

// One walk at a time, and none is ever interrupted: module variables spare an object per record.
const nothing = new Uint8Array(0)
let bytes: Uint8Array = nothing
let at = 0
let end = 0
let depth = 0

/** Thrown inside a walk only; carries the path it collects on its way out. No stack: it is common under attack. */
class Refusal {
  readonly rule: SchemaRule
  readonly path: string[] = []

  constructor(rule: SchemaRule) {
    this.rule = rule
  }

  place(): string {
    return this.path.toReversed().join('.')
  }
}

function fail(rule: SchemaRule): never {
  throw new Refusal(rule)
}

interface Walk {
  check: () => void
  /** Fewest bytes a value takes; bounds an array's count by what is left. */
  bytesMin: number
}

interface Scope {
  readonly names: Map<string, Walk>
  readonly namespace: string
  readonly schema: string
}

function compile(schema: AvroSchema, scope: Scope): Walk {
  if (typeof schema === 'string') return named(schema, scope)
  if (isUnion(schema)) return union(schema, scope)
  switch (schema.type) {
    case 'record':
      return record(schema, scope)
    case 'enum':
      return enumeration(schema, scope)
    case 'array':
      return array(schema, scope)
    case 'boolean':
    case 'bytes':
    case 'int':
    case 'long':
    case 'string':
      return leaf(schema, scope)
    default:
      throw new SchemaError('unsupported', scope.schema)
  }
}

function leaf({ type, logicalType }: AvroLeaf, scope: Scope): Walk {
  const walk = logicalType === undefined ? leaves[type] : logicalTypes[`${type}/${logicalType}`]
  if (walk === undefined) throw new SchemaError('unsupported', scope.schema)
  return walk
}

const isUnion = (schema: AvroSchema): schema is readonly AvroSchema[] => Array.isArray(schema)

function named(name: string, scope: Scope): Walk {
  const walk =
    leaves[name] ?? scope.names.get(name) ?? scope.names.get(`${scope.namespace}.${name}`)
  if (walk === undefined) throw new SchemaError('unsupported', scope.schema)
  // A record that refers to itself is not compiled yet: its check is looked up when it runs.
  return walk.check === unfinished ? { check: () => walk.check(), bytesMin: 1 } : walk
}

const unfinished = (): never => fail('unsupported')

function define(schema: AvroRecord | AvroEnum, scope: Scope, walk: Walk): Scope {
  const namespace = schema.namespace ?? scope.namespace
  scope.names.set(`${namespace}.${schema.name}`, walk)
  return { ...scope, namespace }
}

function record(schema: AvroRecord, scope: Scope): Walk {
  // Defined before its fields are compiled, so that a schema may refer to itself.
  const walk: Walk = { check: unfinished, bytesMin: 0 }
  const inner = define(schema, scope, walk)
  const fields = schema.fields.map(({ type }) => compile(type, inner))
  const checks = fields.map(({ check }) => check)
  const names = schema.fields.map(({ name }) => name)
  const count = checks.length
  walk.bytesMin = fields.reduce((sum, { bytesMin }) => sum + bytesMin, 0)
  walk.check = () => {
    if (++depth > depthMax) fail('depth')
    let index = 0
    try {
      for (; index < count; index++) checks[index]?.()
    } catch (error) {
      if (error instanceof Refusal) error.path.push(names[index] ?? '')
      throw error
    }
    depth--
  }
  return walk
}

function enumeration(schema: AvroEnum, scope: Scope): Walk {
  const count = schema.symbols.length
  const check = () => {
    const index = readLong()
    if (index < 0 || index >= count) fail('enum-index')
  }
  const walk: Walk = { check, bytesMin: 1 }
  define(schema, scope, walk)
  return walk
}

function union(branches: readonly AvroSchema[], scope: Scope): Walk {
  const checks = branches.map((branch) => compile(branch, scope).check)
  const check = () => {
    const branch = checks[readLong()]
    if (branch === undefined) fail('union-index')
    branch()
  }
  return { check, bytesMin: 1 }
}

function array(schema: AvroArray, scope: Scope): Walk {
  const item = compile(schema.items, scope)
  const checkItem = item.check
  if (item.bytesMin === 0) throw new SchemaError('unsupported', scope.schema)
  const check = () => {
    let total = 0
    for (;;) {
      let count = readLong()
      if (count === 0) return
      let blockEnd = -1
      if (count < 0) {
        count = -count
        blockEnd = readLength() + at
      }
      total += count
      if (total > itemsMax || count * item.bytesMin > end - at) fail('count')
      for (let left = count; left > 0; left--) checkItem()
      if (blockEnd !== -1 && at !== blockEnd) fail('block-size')
    }
  }
  return { check, bytesMin: 1 }
}

function readByte(): number {
  if (at >= end) fail('length')
  return bytes[at++] ?? 0
}

/** A zig-zag varint. Beyond 2^53 a number cannot hold it, and avsc would return a neighbour. */
function readLong(): number {
  const first = readByte()
  if (first < 0x80) return (first >>> 1) ^ -(first & 1)
  let value = first & 0x7f
  let scale = 128
  let byte = first
  for (let length = 1; byte >= 0x80; length++) {
    if (length === 10) fail('varint')
    byte = readByte()
    value += (byte & 0x7f) * scale
    scale *= 128
  }
  // Zig-zag doubles the value: an odd one past 2^53 has already lost its last bit, which is the sign.
  if (value > ((first & 1) === 0 ? 2 ** 54 - 2 : 2 ** 53 - 1)) fail('long-range')
  return (first & 1) === 0 ? value / 2 : -(value + 1) / 2
}

function readInt(): number {
  const value = readLong()
  if (value !== (value | 0)) fail('int-range')
  return value
}

/** A length that the rest of the bytes can hold. */
function readLength(): number {
  const length = readLong()
  if (length < 0 || length > end - at) fail('length')
  return length
}

function readText(holds: (text: Uint8Array, from: number, to: number) => boolean): void {
  const to = readLength() + at
  if (!isUtf8(bytes, at, to)) fail('utf8')
  if (!holds(bytes, at, to)) fail('logical-type')
  at = to
}

const leaves: Readonly<Record<string, Walk>> = {
  null: { check: () => {}, bytesMin: 0 },
  boolean: {
    check: () => {
      if (readByte() > 1) fail('boolean')
    },
    bytesMin: 1,
  },
  int: { check: readInt, bytesMin: 1 },
  long: { check: readLong, bytesMin: 1 },
  bytes: {
    check: () => {
      at = readLength() + at
    },
    bytesMin: 1,
  },
  string: {
    check: () => {
      const to = readLength() + at
      if (!isUtf8(bytes, at, to)) fail('utf8')
      at = to
    },
    bytesMin: 1,
  },
}

// The years 1 to 9999: what every database and every date library of a consumer can hold.
const millisMin = Date.parse('0001-01-01T00:00:00.000Z')
const millisMax = Date.parse('9999-12-31T23:59:59.999Z')

const logicalTypes: Readonly<Record<string, Walk>> = {
  'long/timestamp-millis': {
    check: () => {
      const millis = readLong()
      if (millis < millisMin || millis > millisMax) fail('logical-type')
    },
    bytesMin: 1,
  },
  'int/date': {
    check: () => {
      const millis = readInt() * 86_400_000
      if (millis < millisMin || millis > millisMax) fail('logical-type')
    },
    bytesMin: 1,
  },
  'string/iso-date': { check: () => readText(isDate), bytesMin: 1 },
  'string/uuid': { check: () => readText(isUuid), bytesMin: 1 },
}
