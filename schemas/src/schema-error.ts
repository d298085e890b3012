/**
 * Why bytes are not a record we know, or a value does not fit its schema. A closed list: tests,
 * counters and parked records go by it.
 */
export type SchemaRule =
  | 'magic-byte'
  | 'unknown-schema'
  | 'wrong-schema'
  | 'length'
  | 'count'
  | 'block-size'
  | 'depth'
  | 'union-index'
  | 'enum-index'
  | 'boolean'
  | 'trailing-bytes'
  | 'varint'
  | 'int-range'
  | 'long-range'
  | 'utf8'
  | 'logical-type'
  | 'value'
  | 'unsupported'

/** Bytes or a value that a schema refuses. Names the rule and the field, never a value. */
export class SchemaError extends Error {
  readonly rule: SchemaRule
  readonly schema: string
  /** Path of the field, such as `identifiers.value`; empty when it is about the record as a whole. */
  readonly at: string

  constructor(rule: SchemaRule, schema: string, at = '') {
    super(`${schema}: ${rule}${at === '' ? '' : ` at ${at}`}`)
    this.name = 'SchemaError'
    this.rule = rule
    this.schema = schema
    this.at = at
  }
}
