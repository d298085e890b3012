import { Wakes } from '../wakes.ts'

/** Rows by a text key, in the order they were first put in. Rows are values: replaced, never changed. */
export interface MemoryTable<Row> {
  get(key: string): Row | undefined
  has(key: string): boolean
  set(key: string, row: Row): void
  delete(key: string): boolean
  entries(): IterableIterator<[string, Row]>
  values(): IterableIterator<Row>
  readonly size: number
}

/**
 * Store and Register in memory. Transactions are synchronous and all or nothing. What a crash leaves
 * behind is what `copy` of the tables holds; a restarted process opens it anew with its own alarms.
 */
export class MemoryDatabase {
  readonly wakes = new Wakes()
  readonly #tables: Map<string, Map<string, unknown>>
  #undo: (() => void)[] | undefined
  #afterwards: (() => void)[] = []

  constructor(tables: Map<string, Map<string, unknown>> = new Map()) {
    this.#tables = tables
  }

  /** The table of that name, made when missing. Writes outside a transaction stand by themselves. */
  table<Row>(name: string): MemoryTable<Row> {
    let rows = this.#tables.get(name) as Map<string, Row> | undefined
    if (!rows) this.#tables.set(name, (rows = new Map()))
    const table = rows
    return {
      get: (key) => table.get(key),
      has: (key) => table.has(key),
      set: (key, row) => {
        this.#remember(table, key)
        table.set(key, row)
      },
      delete: (key) => {
        this.#remember(table, key)
        return table.delete(key)
      },
      entries: () => table.entries(),
      values: () => table.values(),
      get size() {
        return table.size
      },
    }
  }

  /** Runs the synchronous function; whatever it throws undoes all it wrote. */
  transaction<T>(work: () => T): T {
    if (this.#undo) throw new Error('a transaction is already open')
    const undo: (() => void)[] = []
    this.#undo = undo
    this.#afterwards = []
    let result: T
    try {
      result = work()
    } catch (error) {
      for (const step of undo.reverse()) step()
      throw error
    } finally {
      this.#undo = undefined
    }
    for (const work of this.#afterwards) work()
    return result
  }

  /** Runs once the open transaction has committed (now, when none is open); never after a rollback. */
  afterCommit(work: () => void): void {
    if (this.#undo) this.#afterwards.push(work)
    else work()
  }

  /** The same tables as another process sees them: alarms rung here do not ring there. */
  reopened(): MemoryDatabase {
    return new MemoryDatabase(this.#tables)
  }

  /** A backup: the tables as they are now. */
  copy(): MemoryDatabase {
    return new MemoryDatabase(
      new Map([...this.#tables].map(([name, rows]) => [name, new Map(rows)])),
    )
  }

  #remember(table: Map<string, unknown>, key: string): void {
    if (!this.#undo) return
    const before = table.get(key)
    const had = table.has(key)
    // Undone last first, so a later write of the same key cannot win over an earlier one.
    this.#undo.push(() => {
      if (had) table.set(key, before)
      else table.delete(key)
    })
  }
}
