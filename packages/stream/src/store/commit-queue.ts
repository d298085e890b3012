import type { HubDatabase } from './sqlite-database.ts'

interface Waiting {
  /** Raises when the write must not happen. It only reads. */
  readonly check: () => void
  readonly write: () => void
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Lets the tasks of one process share transactions: whoever commits in one turn shares one fsync, and
 * a page that several of them touch is written once. Each write stands or falls by itself. There are
 * no savepoints: for each of them SQLite would set aside every page before its first change.
 */
export class CommitQueue {
  readonly #db: HubDatabase
  #waiting: Waiting[] = []

  constructor(db: HubDatabase) {
    this.#db = db
  }

  /** Resolves once it is durable. Raises what `check` or `write` raises; then nothing of it was written. */
  submit(check: () => void, write: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.push({ check, write, resolve, reject })
      // After all that can go on without input or output has gone on, and before anything else: so
      // everybody is in it, and no request comes between a step's reading and its writing.
      if (waiting === 1) process.nextTick(() => this.#flush())
    })
  }

  #flush(): void {
    let waiting: readonly Waiting[] = this.#waiting
    this.#waiting = []
    while (waiting.length > 0) {
      const refused = new Map<Waiting, unknown>()
      let writing: Waiting | undefined
      try {
        this.#db.transaction(() => {
          for (const one of waiting) {
            // On what those before it have written.
            if (isRefused(one, refused)) continue
            writing = one
            one.write()
            writing = undefined
          }
        })
      } catch (error) {
        if (writing === undefined) {
          for (const { reject } of waiting) reject(error)
          return
        }
        // All was rolled back. The others are written again, without the one that failed.
        writing.reject(error)
        waiting = waiting.filter((one) => one !== writing)
        continue
      }
      for (const one of waiting) {
        if (refused.has(one)) one.reject(refused.get(one))
        else one.resolve()
      }
      return
    }
  }
}

function isRefused(one: Waiting, refused: Map<Waiting, unknown>): boolean {
  try {
    one.check()
    return false
  } catch (error) {
    refused.set(one, error)
    return true
  }
}
