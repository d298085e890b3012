import type { AvroEnum, AvroField, AvroRecord, AvroSchema } from './files.ts'
import { consentCategories } from './privacy.ts'

/**
 * The events as TypeScript: interfaces, enums as unions, and the consent categories of each. The file
 * imports nothing. Throws when two schemas define one name differently.
 */
export function writeTypes(events: readonly AvroRecord[]): string {
  const envelope = commonFields(events)
  const defined = new Map<string, string>()
  const parts = [
    '// Generated from schemas/avro by `npm run generate`. Do not edit.',
    ...definitions(envelope, defined),
    interfaceOf('Envelope', 'What comes first in every event.', envelope),
    ...events.flatMap((event) => eventOf(event, envelope.length, defined)),
    unionOf(
      'CanonicalEvent',
      events.map(({ name }) => name),
    ),
    "export type EventType = CanonicalEvent['type']",
    unionOf('EventCategory', consentCategories.map(quoted)),
    categoriesOf(events),
  ]
  return `${parts.join('\n\n')}\n`
}

const lineLengthMax = 100
const quoted = (text: string) => `'${text}'`
const isUnion = (type: AvroSchema): type is readonly AvroSchema[] => Array.isArray(type)

/** The fields with which every event begins: the envelope. */
export function commonFields(events: readonly AvroRecord[]): readonly AvroField[] {
  const [first, ...others] = events
  if (first === undefined) return []
  const differs = first.fields.findIndex((field, index) =>
    others.some(({ fields }) => JSON.stringify(fields[index]) !== JSON.stringify(field)),
  )
  return differs === -1 ? first.fields : first.fields.slice(0, differs)
}

function eventOf(event: AvroRecord, from: number, defined: Map<string, string>): readonly string[] {
  const fields = event.fields.slice(from)
  const type = `  type: ${quoted(event.name)}`
  const heading = `${comment(event.doc ?? '', '')}export interface ${event.name} extends Envelope {`
  const lines = [heading, type, ...fields.map(fieldOf), '}']
  return [...definitions(fields, defined), lines.join('\n')]
}

/** The named types that fields use for the first time, inner ones first. */
function definitions(fields: readonly AvroField[], defined: Map<string, string>): string[] {
  return fields.flatMap(({ type }) => definitionsIn(type, defined))
}

function definitionsIn(type: AvroSchema, defined: Map<string, string>): string[] {
  if (typeof type === 'string') return []
  if (isUnion(type)) return type.flatMap((branch) => definitionsIn(branch, defined))
  if (type.type === 'array') return definitionsIn(type.items, defined)
  if (type.type === 'record') {
    return [
      ...definitions(type.fields, defined),
      ...once(type.name, interfaceOf(type.name, type.doc ?? '', type.fields), defined),
    ]
  }
  return type.type === 'enum' ? once(type.name, enumOf(type), defined) : []
}

function once(name: string, text: string, defined: Map<string, string>): string[] {
  const known = defined.get(name)
  if (known === text) return []
  if (known !== undefined) throw new Error(`${name} is defined in two ways`)
  defined.set(name, text)
  return [text]
}

const enumOf = ({ name, doc, symbols }: AvroEnum): string =>
  comment(doc ?? '', '') + unionOf(name, symbols.map(quoted))

function interfaceOf(name: string, doc: string, fields: readonly AvroField[]): string {
  return [`${comment(doc, '')}export interface ${name} {`, ...fields.map(fieldOf), '}'].join('\n')
}

const fieldOf = ({ name, type, doc }: AvroField): string =>
  `${comment(doc ?? '', '  ')}  ${name}: ${typeOf(type)}`

function typeOf(type: AvroSchema): string {
  if (typeof type === 'string') return primitives[type] ?? type.slice(type.lastIndexOf('.') + 1)
  // The null branch comes first in Avro, so that null can be the default; in TypeScript it reads last.
  if (isUnion(type)) {
    const last = (branch: AvroSchema) => (branch === 'null' ? 1 : 0)
    return type
      .toSorted((one, other) => last(one) - last(other))
      .map(typeOf)
      .join(' | ')
  }
  if (type.type === 'array') {
    const items = typeOf(type.items)
    return items.includes('|') ? `(${items})[]` : `${items}[]`
  }
  if (type.type === 'record' || type.type === 'enum') return type.name
  return primitives[type.type] ?? type.type
}

const primitives: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  string: 'string',
  bytes: 'Uint8Array',
}

function unionOf(name: string, members: readonly string[]): string {
  const line = `export type ${name} = ${members.join(' | ')}`
  if (line.length <= lineLengthMax) return line
  return [`export type ${name} =`, ...members.map((member) => `  | ${member}`)].join('\n')
}

function categoriesOf(events: readonly AvroRecord[]): string {
  const entries = events.map(
    ({ name, categories = [] }) => `  ${name}: [${categories.map(quoted).join(', ')}],`,
  )
  return [
    '/** The consent categories each event needs; all must be granted. Empty: any grant in force will do. */',
    'export const eventCategories: Readonly<Record<EventType, readonly EventCategory[]>> = {',
    ...entries,
    '}',
  ].join('\n')
}

/** A doc comment, wrapped. */
function comment(doc: string, indent: string): string {
  if (doc === '') return ''
  const whole = `${indent}/** ${doc} */\n`
  if (whole.length <= lineLengthMax + 1) return whole
  const lines = ['']
  for (const word of doc.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (`${indent} * ${line} ${word}`.length > lineLengthMax) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`
}
