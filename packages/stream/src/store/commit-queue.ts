import type { HubDatabase } from './sqlite-database.ts'

interface Waiting {
  readonly write: () => void
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Lets the tasks of one process share transactions: whoever commits in one turn shares one fsync, and
 * a page that several of them touch is written once. Each write stands or falls by itself.
 */
export class CommitQueue {
  readonly #db: HubDatabase
  #waiting: Waiting[] = []

  constructor(db: HubDatabase) {
    this.#db = db
  }

  /** Resolves once it is durable. Raises what `write` raises; then nothing of it was written. */
  submit(write: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.push({ write, resolve, reject })
      // After all that can go on without input or output has gone on, and before anything else: so
      // everybody is in it, and no request comes between a step's reading and its writing.
      if (waiting === 1) process.nextTick(() => this.#flush())
    })
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    const failed = new Map<Waiting, unknown>()
    try {
      this.#db.transaction(() => {
        for (const one of waiting) this.#write(one, failed)
      })
    } catch (error) {
      for (const { reject } of waiting) reject(error)
      return
    }
    for (const one of waiting) {
      if (failed.has(one)) one.reject(failed.get(one))
      else one.resolve()
    }
  }

  #write(one: Waiting, failed: Map<Waiting, unknown>): void {
    this.#db.prepare('SAVEPOINT step').run()
    try {
      one.write()
    } catch (error) {
      failed.set(one, error)
      this.#db.prepare('ROLLBACK TO step').run()
    }
    this.#db.prepare('RELEASE step').run()
  }
}
