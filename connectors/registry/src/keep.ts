import { emptyStep, type Store, type Task } from '@throughline/stream'
import { type Book, type Changes, type Entry, noChanges, releasedEntries } from './book.ts'
import type { Changed } from './change.ts'

/** The registry as it stands, and the only way to change it. */
export interface Registry {
  book(): Promise<Book>
  /** Decides on the book as it is then, one after the other; what it changes is durable before it is answered. */
  change<T>(decide: (book: Book) => Changed<T>): Promise<T>
}

export interface RegistryDeps {
  /** The database in which processors keep their states: the registry is a task of its own there. */
  readonly store: Store
  /** The feeds whose topics exist. */
  readonly feeds: readonly string[]
  /** What is there from the start and for ever: the repository's schemas, unless told. */
  readonly released?: readonly Entry[]
}

const registryTask = { processor: 'schema-registry', generation: 1, partition: 0 } as const
const stateKey = 'changes'
const stateVersion = 1

interface Opened {
  readonly task: Task
  readonly book: Book
}

/** Nothing is opened or read before somebody asks. */
export function keepRegistry({ store, feeds, released }: RegistryDeps): Registry {
  let opened: Promise<Opened> | undefined
  let last: Promise<unknown> = Promise.resolve()

  async function open(): Promise<Opened> {
    const task = await store.open(registryTask)
    const { states } = await task.load([stateKey], [])
    const stored = states.get(stateKey)
    const changes = stored === undefined ? noChanges : read(stored.value)
    return { task, book: { ...changes, released: released ?? releasedEntries(feeds) } }
  }

  async function current(): Promise<Opened> {
    opened ??= open()
    try {
      return await opened
    } catch (error) {
      opened = undefined
      throw error
    }
  }

  async function decideAndKeep<T>(decide: (book: Book) => Changed<T>): Promise<T> {
    const { task, book } = await current()
    const decided = decide(book)
    if (decided.changes === undefined) return decided.answer
    const value = written(decided.changes)
    try {
      await task.commit({ ...emptyStep, states: [{ key: stateKey, value, stateVersion }] })
    } catch (error) {
      // Another process has taken it, or nobody knows what was kept: it is read anew.
      opened = undefined
      throw error
    }
    opened = Promise.resolve({ task, book: { ...decided.changes, released: book.released } })
    return decided.answer
  }

  return {
    book: async () => (await current()).book,
    change(decide) {
      const turn = last.then(() => decideAndKeep(decide))
      last = turn.catch(() => {})
      return turn
    },
  }
}

const written = ({ levels, modes, ...rest }: Changes): Uint8Array =>
  Buffer.from(JSON.stringify({ ...rest, levels: [...levels], modes: [...modes] }))

function read(bytes: Uint8Array): Changes {
  const { levels, modes, ...rest } = JSON.parse(Buffer.from(bytes).toString())
  return { ...rest, levels: new Map(levels), modes: new Map(modes) }
}
