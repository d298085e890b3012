import { type AvroType, isNamed, isPrimitive } from './avro-type.ts'
import type { AvroRecord } from './files.ts'
import { parseSchema } from './parse-schema.ts'
import { type FurtherRule, unreadable } from './resolution.ts'
import { SchemaError } from './schema-error.ts'

/** What a subject asks of the next version, as Confluent's registries name it. */
export const compatibilityLevels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const
export type CompatibilityLevel = (typeof compatibilityLevels)[number]

/**
 * Why a schema may not follow earlier ones under a level: places and rules, empty when it may. Backward:
 * it reads what they wrote; forward: they read what it writes; without TRANSITIVE only the last counts.
 */
export function incompatibilities(
  level: CompatibilityLevel,
  candidate: AvroType,
  earlier: readonly AvroType[],
): readonly string[] {
  const counted = level.endsWith('_TRANSITIVE') ? earlier : earlier.slice(-1)
  const isBackward = level.startsWith('BACKWARD') || level.startsWith('FULL')
  const isForward = level.startsWith('FORWARD') || level.startsWith('FULL')
  const faults = counted.flatMap((version) => [
    ...(isBackward ? unreadable(candidate, version).map((fault) => `backward, ${fault}`) : []),
    ...(isForward ? unreadable(version, candidate).map((fault) => `forward, ${fault}`) : []),
  ])
  return [...new Set(faults)]
}

/**
 * Why two versions of a schema of ours cannot stand beside each other: Avro's own rules both ways, and
 * ours, which are stricter. Empty when both ways work.
 */
export function breaksBetween(one: AvroRecord, other: AvroRecord): readonly string[] {
  const [left, right] = [typeOf(one), typeOf(other)]
  return [...unreadable(left, right, asWeDo), ...unreadable(right, left, asWeDo)]
}

function typeOf(schema: AvroRecord): AvroType {
  const parsed = parseSchema(schema)
  if ('refused' in parsed) throw new SchemaError('unsupported', schema.name)
  return parsed.type
}

/**
 * Our own rules: a full name is for ever, no number is widened, no time loses its unit, an enum is open,
 * and what is optional stays optional.
 */
const asWeDo: FurtherRule = (reader, writer) => {
  if (reader.kind === 'union' || writer.kind === 'union') {
    if (reader.kind !== 'union' || writer.kind !== 'union')
      return 'became optional or stopped being so'
    const [ours, theirs] = [reader, writer].map(({ branches }) => branches.map(shapeOf).join())
    return ours === theirs ? null : 'branches differ'
  }
  if (shapeOf(reader) !== shapeOf(writer)) return isNamed(reader) ? 'name changed' : 'type changed'
  if (reader.kind !== 'enum' || reader.default === 'UNKNOWN') return null
  return 'a new symbol would have no default'
}

function shapeOf(type: AvroType): string {
  if (isNamed(type)) return type.name
  const logical = isPrimitive(type) ? type.logical : null
  return logical === null ? type.kind : `${type.kind}/${logical.name}`
}
