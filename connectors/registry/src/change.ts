import {
  type CompatibilityLevel,
  compatibilityLevels,
  incompatibilities,
} from '@throughline/schemas'
import {
  type Book,
  type Changes,
  type Entry,
  entriesOf,
  isReleased,
  levelOf,
  type Mode,
  modeOf,
  modes,
  referringTo,
  requireSubject,
  requireVersion,
} from './book.ts'
import { refusal } from './faults.ts'
import { type Posted, type ReadSchema, readEntry, readSchema, sameSchema } from './schema.ts'

/** What a change leaves, and what is answered; no changes when there was nothing to do. */
export interface Changed<T> {
  readonly answer: T
  readonly changes?: Changes
}

/** The entry under which a schema is registered already: asking again changes nothing. 42201. */
export const registered = (book: Book, subject: string, posted: Posted): Entry | undefined =>
  sameSchema(book, entriesOf(book, subject), readSchema(book, posted))

/**
 * A next version. An equal schema keeps its id, wherever it is; one that was deleted comes back as a new
 * version. 42205 where nothing may be registered, 409 with each reason, 42201, 42208.
 */
export function register(book: Book, subject: string, posted: Posted): Changed<Entry> {
  const schema = readSchema(book, posted)
  const known = sameSchema(book, entriesOf(book, subject), schema)
  if (known !== undefined) return { answer: known }
  requireWritable(book, subject)
  if (!/^[^\p{Cc}]{1,255}$/u.test(subject)) throw refusal(42208)
  const earlier = entriesOf(book, subject)
  const faults = faultsAfter(book, levelOf(book, subject), schema, earlier)
  if (faults.length > 0) throw refusal(409, faults)
  const all = [...book.released, ...book.entries]
  const id = sameSchema(book, all, schema)?.id ?? book.lastId + 1
  const last = entriesOf(book, subject, { deleted: true }).at(-1)
  const { text, references } = posted
  const version = (last?.version ?? 0) + 1
  const entry = { subject, version, id, text, references, isDeleted: false }
  return {
    answer: entry,
    changes: {
      ...changesOf(book),
      entries: [...book.entries, entry],
      lastId: Math.max(book.lastId, id),
    },
  }
}

/** Why a schema may not follow these entries under a level; empty when it may. */
export const faultsAfter = (
  book: Book,
  level: CompatibilityLevel,
  schema: ReadSchema,
  earlier: readonly Entry[],
): readonly string[] =>
  incompatibilities(
    level,
    schema.type,
    earlier.map((entry) => readEntry(book, entry).type),
  )

/** Deletes one version, softly and then for good. 40406, 40407, 42206 where others refer to it. */
export function deleteVersion(
  book: Book,
  subject: string,
  version: string,
  permanent: boolean,
): Changed<number> {
  const entry = requireVersion(book, subject, version, { deleted: true })
  requireWritable(book, subject)
  if (!permanent && entry.isDeleted) throw refusal(40406)
  if (permanent && !entry.isDeleted) throw refusal(40407)
  return { answer: entry.version, changes: without(book, [entry], permanent) }
}

/** Deletes every version of a subject, softly and then for good. 40404, 40405, 42206. */
export function deleteSubject(
  book: Book,
  subject: string,
  permanent: boolean,
): Changed<readonly number[]> {
  const all = requireSubject(book, subject, { deleted: true })
  requireWritable(book, subject)
  const offered = entriesOf(book, subject)
  if (!permanent && offered.length === 0) throw refusal(40404)
  if (permanent && offered.length > 0) throw refusal(40405)
  const gone = permanent ? all : offered
  return { answer: gone.map(({ version }) => version), changes: without(book, gone, permanent) }
}

function without(book: Book, gone: readonly Entry[], permanent: boolean): Changes {
  const places = new Set(gone)
  const isNeeded = gone.some((entry) => referringTo(book, entry).some((one) => !places.has(one)))
  if (isNeeded) throw refusal(42206)
  const entries = permanent
    ? book.entries.filter((entry) => !places.has(entry))
    : book.entries.map((entry) => (places.has(entry) ? { ...entry, isDeleted: true } : entry))
  return { ...changesOf(book), entries }
}

/** Sets a level; `subject` '' is everybody's. 42203, 42205. */
export function setLevel(book: Book, subject: string, level: unknown): Changed<CompatibilityLevel> {
  const found = compatibilityLevels.find((one) => one === upperCased(level))
  if (found === undefined) throw refusal(42203)
  requireWritable(book, subject)
  return {
    answer: found,
    changes: { ...changesOf(book), levels: new Map([...book.levels, [subject, found]]) },
  }
}

/** Takes a level back, and gives what it was. 40401 where there is none (as Confluent's does), 42205. */
export function clearLevel(book: Book, subject: string): Changed<CompatibilityLevel> {
  const level = book.levels.get(subject)
  if (level === undefined) throw refusal(40401)
  requireWritable(book, subject)
  return {
    answer: level,
    changes: { ...changesOf(book), levels: withoutKey(book.levels, subject) },
  }
}

/** Sets a mode; `subject` '' is everybody's. 42204; 42205 for a subject of the repository. */
export function setMode(book: Book, subject: string, mode: unknown): Changed<Mode> {
  const found = modes.find((one) => one === upperCased(mode))
  if (found === undefined) throw refusal(42204)
  if (isReleased(book, subject) && found === 'READWRITE')
    throw refusal(42205, ['This subject is the repository’s.'])
  return {
    answer: found,
    changes: { ...changesOf(book), modes: new Map([...book.modes, [subject, found]]) },
  }
}

/** Takes a mode back, and gives what it was. 40401 where there is none. */
export function clearMode(book: Book, subject: string): Changed<Mode> {
  const mode = book.modes.get(subject)
  if (mode === undefined) throw refusal(40401)
  return { answer: mode, changes: { ...changesOf(book), modes: withoutKey(book.modes, subject) } }
}

function requireWritable(book: Book, subject: string): void {
  if (modeOf(book, subject) === 'READONLY') throw refusal(42205)
}

const changesOf = ({ entries, levels, modes: of, lastId }: Book): Changes => ({
  entries,
  levels,
  modes: of,
  lastId,
})

const withoutKey = <T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> =>
  new Map([...map].filter(([one]) => one !== key))

const upperCased = (value: unknown): unknown =>
  typeof value === 'string' ? value.toUpperCase() : value
