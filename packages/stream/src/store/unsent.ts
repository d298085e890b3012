import type { OutboxRow } from '../ports.ts'

/** The most records that are remembered: who is further behind reads them from the database. */
const recordsMax = 4_000

/**
 * The end of a task's outbox as its owner committed it, so that the relay need not read back what has
 * just been written. Only for an outbox that nobody else writes to.
 */
export class Unsent {
  #rows: readonly OutboxRow[] = []
  #records = 0
  /** Whether all that waits in the database is remembered as well. */
  #whole = false
  #forgotten = 0

  /** The first rows; undefined when some of those that wait may be in the database alone. */
  first(limit: number): readonly OutboxRow[] | undefined {
    return this.#whole ? this.#rows.slice(0, limit) : undefined
  }

  committed(row: OutboxRow): void {
    this.#rows = [...this.#rows, row]
    this.#records += row.records.length
    if (this.#records > recordsMax) this.forget()
  }

  /** Before the database is read; what it gives is for `read`. */
  reading(): number {
    return this.#forgotten
  }

  /** Told of what was read; fewer rows than the `limit` are all that waited at that moment. */
  read(rows: readonly OutboxRow[], limit: number, reading: number): void {
    if (rows.length >= limit || reading !== this.#forgotten) return
    const last = rows.at(-1)?.seq ?? -1n
    this.#keep([...rows, ...this.#rows.filter(({ seq }) => seq > last)])
    this.#whole = true
  }

  sent(upTo: bigint): void {
    this.#keep(this.#rows.filter(({ seq }) => seq > upTo))
  }

  /** What is in the database is no longer known. */
  forget(): void {
    this.#keep([])
    this.#whole = false
    this.#forgotten += 1
  }

  #keep(rows: readonly OutboxRow[]): void {
    this.#rows = rows
    this.#records = rows.reduce((sum, { records }) => sum + records.length, 0)
  }
}
