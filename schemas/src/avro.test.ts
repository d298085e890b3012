import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { eventCategories, eventTypes } from './events.ts'
import {
  type AvroEnum,
  type AvroField,
  type AvroRecord,
  type AvroSchema,
  readCurrent,
  schemaNames,
  versions,
} from './files.ts'
import { consentCategories, privacyClasses } from './privacy.ts'
import { commonFields } from './write-types.ts'

const schemas = schemaNames.map((name) => readCurrent(name))
const events = eventTypes.map((name) => readCurrent(name))

describe('every schema', () => {
  it('has one file, named after its record, and an id', () => {
    const files = readdirSync(new URL('../avro', import.meta.url)).map((it) => it.split('.')[0])
    expect(new Set(files)).toEqual(new Set(schemaNames))
    expect(schemas.map(({ name }) => name)).toEqual(schemaNames)
  })

  it('can be read by somebody who never reads code: each record, enum and field says what it is', () => {
    const silent = [
      ...fieldsOf(schemas).filter(({ field }) => !isSentence(field.doc)),
      ...[...schemas, ...enumsIn(schemas)].filter(({ doc }) => !isSentence(doc)),
    ]
    expect(silent).toEqual([])
  })

  it('says what null means wherever a field may be null', () => {
    const silent = fieldsOf(schemas).filter(
      ({ field }) => Array.isArray(field.type) && !/\bnull\b/i.test(field.doc ?? ''),
    )
    expect(silent.map(({ at }) => at)).toEqual([])
  })

  it('gives each field a privacy class from the closed list', () => {
    const unclassed = fieldsOf(schemas).filter(
      ({ field }) => !((field.privacy ?? '') in privacyClasses),
    )
    expect(unclassed.map(({ at }) => at)).toEqual([])
  })

  it('makes a field optional in one way: null first, and null by default', () => {
    const odd = fieldsOf(schemas).filter(({ field }) =>
      Array.isArray(field.type)
        ? field.type.length !== 2 || field.type[0] !== 'null' || field.default !== null
        : field.default !== undefined,
    )
    expect(odd.map(({ at }) => at)).toEqual([])
  })

  it('reads a value from the future as UNKNOWN, because every enum has it as its default', () => {
    const closed = enumsIn(schemas).filter(
      (it) => it.default !== 'UNKNOWN' || !it.symbols.includes('UNKNOWN'),
    )
    expect(closed.map(({ name }) => name)).toEqual([])
  })

  it('AVRO-2, AVRO-14: uses neither maps nor floats nor array items without size', () => {
    const allowed = new Set([
      'array',
      'boolean',
      'bytes',
      'enum',
      'int',
      'long/timestamp-millis',
      'null',
      'record',
      'string',
      'string/iso-date',
    ])
    expect(typesIn(schemas).filter((it) => !allowed.has(it))).toEqual([])
  })
})

describe('every event', () => {
  it('begins with the same envelope, word for word', () => {
    expect(commonFields(events).map(({ name }) => name)).toEqual([
      'eventId',
      'version',
      'source',
      'occurredAt',
      'occurredAtPrecision',
      'occurredAtText',
      'recordedAt',
      'receivedAt',
      'identifiers',
      'objectRef',
      'handling',
    ])
  })

  it('asks only for consent categories that a person can grant', () => {
    const asked = new Set(Object.values(eventCategories).flat())
    expect(
      [...asked].filter((it) => !(consentCategories as readonly string[]).includes(it)),
    ).toEqual([])
  })

  it('carries nothing about health, home, offences or safety that its categories do not ask for', () => {
    const uncovered = events.flatMap((event) =>
      fieldsOf([event])
        .filter(({ field }) =>
          (consentCategories as readonly string[]).includes(field.privacy ?? ''),
        )
        .filter(({ field }) => !event.categories?.includes(field.privacy ?? ''))
        .map(({ at, field }) => `${at} needs ${field.privacy}`),
    )
    expect(uncovered).toEqual([])
  })

  it('is told of a death whatever categories are granted, so that nobody writes to the dead', () => {
    expect(eventCategories['DeathReported']).toEqual([])
  })
})

describe('what leaves for analysts', () => {
  it.each(['MeasureFigure', 'JourneyRow'])('%s holds no identifier, free text or date', (name) => {
    const found = fieldsOf([readCurrent(name)]).filter(
      ({ field }) =>
        ['identifier', 'reference', 'practitioner', 'free-text', 'time'].includes(
          field.privacy ?? '',
        ) || /timestamp|iso-date/.test(JSON.stringify(field.type)),
    )
    expect(found).toEqual([])
  })
})

describe('schema ids', () => {
  it('are small, positive and never shared', () => {
    const ids = versions.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.every((id) => Number.isInteger(id) && id > 0 && id < 10_000)).toBe(true)
  })
})

it('the README explains every privacy class in the same words, and no class that is gone', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| `([a-z-]+)` +\| (.+?) *\|$/gm)].map(([, name, text]) => [
    name,
    text,
  ])
  expect(Object.fromEntries(rows)).toEqual(privacyClasses)
})

const isSentence = (doc: string | undefined) => /^[A-Za-z0-9].{8,}[.]$/s.test(doc ?? '')

function fieldsOf(records: readonly AvroRecord[]): { at: string; field: AvroField }[] {
  return records.flatMap((record) =>
    record.fields.flatMap((field) => [
      { at: `${record.name}.${field.name}`, field },
      ...fieldsOf(recordsIn(field.type)),
    ]),
  )
}

function recordsIn(type: AvroSchema): AvroRecord[] {
  return nested(type).filter((it): it is AvroRecord => typeof it === 'object' && 'fields' in it)
}

function enumsIn(records: readonly AvroRecord[]): AvroEnum[] {
  return fieldsOf(records).flatMap(({ field }) =>
    nested(field.type).filter((it): it is AvroEnum => typeof it === 'object' && 'symbols' in it),
  )
}

function typesIn(records: readonly AvroRecord[]): string[] {
  return fieldsOf(records)
    .flatMap(({ field }) => nested(field.type))
    .flatMap((it) => {
      if (typeof it === 'string') return /\./.test(it) || /^[A-Z]/.test(it) ? [] : [it]
      if (!('type' in it)) return []
      const logical = 'logicalType' in it ? it.logicalType : undefined
      return [logical === undefined ? it.type : `${it.type}/${logical}`]
    })
}

/** The type itself and what it is made of, but not the insides of records. */
function nested(type: AvroSchema): Exclude<AvroSchema, readonly AvroSchema[]>[] {
  if (typeof type === 'string') return [type]
  if (isUnion(type)) return type.flatMap(nested)
  return type.type === 'array' ? [type, ...nested(type.items)] : [type]
}

const isUnion = (type: AvroSchema): type is readonly AvroSchema[] => Array.isArray(type)
