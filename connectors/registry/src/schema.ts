import {
  type AvroType,
  canonicalText,
  type KnownTypes,
  type NamedType,
  parseSchema,
} from '@throughline/schemas'
import { JsonFault, type JsonValue, parseJson } from '@throughline/service'
import { type Book, type Entry, type Reference, requireVersion } from './book.ts'
import { refusal } from './faults.ts'

/** A schema as somebody sends it. */
export interface Posted {
  readonly text: string
  readonly references: readonly Reference[]
}

/** A schema that has been understood. */
export interface ReadSchema extends Posted {
  readonly type: AvroType
  /** Equal for two spellings of one schema. */
  readonly identity: string
}

const referencesDepthMax = 16

/** Reads a schema and what it refers to. 42201 says where it is no schema, never what stands there. */
export function readSchema(book: Book, { text, references }: Posted): ReadSchema {
  const json = jsonOf(text)
  const parsed = parseSchema(json, typesOf(book, references, 0))
  if ('refused' in parsed) throw refusal(42201, [parsed.refused])
  const identity = JSON.stringify([canonicalText(json), references.map(placeOf)])
  return { text, references, type: parsed.type, identity }
}

/** An entry never changes, nor may what it refers to go away: it is read once. */
export function readEntry(book: Book, entry: Entry): ReadSchema {
  const read = entriesRead.get(entry) ?? readSchema(book, entry)
  entriesRead.set(entry, read)
  return read
}

const entriesRead = new WeakMap<Entry, ReadSchema>()

/** The entry that holds this schema, however it is spelled. */
export const sameSchema = (
  book: Book,
  entries: readonly Entry[],
  { identity }: ReadSchema,
): Entry | undefined => entries.find((entry) => readEntry(book, entry).identity === identity)

/** The types of schemas that are referred to, and of those that they refer to. */
function typesOf(book: Book, references: readonly Reference[], depth: number): KnownTypes {
  if (depth > referencesDepthMax) throw refusal(42201, ['references nested too deeply'])
  const types = new Map<string, NamedType>()
  for (const reference of references) {
    const entry = referred(book, reference)
    const inner = typesOf(book, entry.references, depth + 1)
    const parsed = parseSchema(jsonOf(entry.text), inner)
    if ('refused' in parsed) throw refusal(42201, [parsed.refused])
    for (const [name, type] of [...inner, ...parsed.defined]) types.set(name, type)
  }
  return types
}

function referred(book: Book, { subject, version }: Reference): Entry {
  try {
    return requireVersion(book, subject, String(version), { deleted: true })
  } catch {
    throw refusal(42201, ['a reference to what is not registered'])
  }
}

const placeOf = ({ name, subject, version }: Reference) => [name, subject, version]

/** A schema is JSON, or the bare name of a type, which some clients send without quotes. */
function jsonOf(text: string): JsonValue {
  if (/^[a-z]+$/.test(text) && text !== 'null') return text
  try {
    const json = parseJson(text, { prototypeMembers: 'refuse' })
    return json === null ? 'null' : json
  } catch (error) {
    if (error instanceof JsonFault) throw refusal(42201, [`${error.rule} at ${error.at}`])
    throw error
  }
}
