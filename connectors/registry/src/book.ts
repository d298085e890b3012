import { type CompatibilityLevel, repositorySubjects } from '@throughline/schemas'
import { refusal } from './faults.ts'

/** Another schema of this registry, by whose names a schema may use its types. */
export interface Reference {
  readonly name: string
  readonly subject: string
  readonly version: number
}

/** One version under one subject. */
export interface Entry {
  readonly subject: string
  readonly version: number
  readonly id: number
  readonly text: string
  readonly references: readonly Reference[]
  /** Softly: no longer offered, still found by its id. */
  readonly isDeleted: boolean
}

export const modes = ['READWRITE', 'READONLY'] as const
export type Mode = (typeof modes)[number]

/** What was done to the registry while it ran; the rest is in the repository. */
export interface Changes {
  readonly entries: readonly Entry[]
  /** By subject; '' is for all that have none. */
  readonly levels: ReadonlyMap<string, CompatibilityLevel>
  readonly modes: ReadonlyMap<string, Mode>
  readonly lastId: number
}

/** The whole registry. Entries are in the order of their versions within a subject. */
export interface Book extends Changes {
  /** The repository's: on the wire, so never changed, and never deleted. */
  readonly released: readonly Entry[]
}

/** Ids of the repository are below 10,000 for ever; what is tried out here begins far above. */
const firstOwnId = 1_000_001

export const noChanges: Changes = {
  entries: [],
  levels: new Map(),
  modes: new Map(),
  lastId: firstOwnId - 1,
}

/** What the repository brings, with the topics of these feeds. Reads its files. */
export const releasedEntries = (feeds: readonly string[]): readonly Entry[] =>
  repositorySubjects(feeds).map(({ subject, version, id, text }) => ({
    subject,
    version,
    id,
    text,
    references: [],
    isDeleted: false,
  }))

export interface Scope {
  readonly deleted?: boolean
}

export const isReleased = ({ released }: Book, subject: string): boolean =>
  released.some((entry) => entry.subject === subject)

/** Under a subject: the repository's, or else what was registered here. */
export function entriesOf(book: Book, subject: string, scope: Scope = {}): readonly Entry[] {
  const all = isReleased(book, subject) ? book.released : book.entries
  return all.filter((entry) => entry.subject === subject && (scope.deleted || !entry.isDeleted))
}

export function subjectsOf(book: Book, scope: Scope = {}): readonly string[] {
  const all = [...book.released, ...book.entries]
  const offered = all.filter(({ isDeleted }) => scope.deleted || !isDeleted)
  return [...new Set(offered.map(({ subject }) => subject))].toSorted()
}

/** As `entriesOf`; a subject that has none is 40401. */
export function requireSubject(book: Book, subject: string, scope: Scope = {}): readonly Entry[] {
  const entries = entriesOf(book, subject, scope)
  if (entries.length === 0) throw refusal(40401)
  return entries
}

/** One version, by its number or as `latest`: 42202, 40401, 40402. */
export function requireVersion(
  book: Book,
  subject: string,
  version: string,
  scope: Scope = {},
): Entry {
  const wanted = versionNumber(version)
  const entries = requireSubject(book, subject, scope)
  const found = wanted === 'latest' ? entries.at(-1) : entries.find((it) => it.version === wanted)
  if (found === undefined) throw refusal(40402)
  return found
}

/** A schema by its id, deleted or not: records that bear it may lie anywhere. 40403. */
export function requireId(book: Book, id: string): readonly Entry[] {
  const all = [...book.released, ...book.entries].filter((entry) => String(entry.id) === id)
  if (all.length === 0) throw refusal(40403)
  return all
}

export const levelOf = ({ levels }: Book, subject: string): CompatibilityLevel =>
  levels.get(subject) ?? levels.get('') ?? 'FULL_TRANSITIVE'

/** The repository's subjects are read-only whatever anybody says. */
export const modeOf = (book: Book, subject: string): Mode =>
  isReleased(book, subject)
    ? 'READONLY'
    : (book.modes.get(subject) ?? book.modes.get('') ?? 'READONLY')

/** Entries that refer to this one. */
export const referringTo = (book: Book, { subject, version }: Entry): readonly Entry[] =>
  book.entries.filter(({ references }) =>
    references.some((one) => one.subject === subject && one.version === version),
  )

export function versionNumber(text: string): number | 'latest' {
  if (text === 'latest' || text === '-1') return 'latest'
  const version = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0
  if (version < 1 || version >= 2 ** 31) throw refusal(42202)
  return version
}
