/** A row as a snapshot showed it: it stands while no transaction of this number or a higher one has changed anything. */
export interface Kept<T> {
  readonly value: T
  readonly horizon: number
}

/** Rows that have been read: at least the `max` that were wanted last, at most twice as many. */
export class KeptRows<T> {
  readonly #max: number
  #recent = new Map<string, Kept<T>>()
  #before = new Map<string, Kept<T>>()

  constructor(max: number) {
    this.#max = max
  }

  get(key: string): Kept<T> | undefined {
    const recent = this.#recent.get(key)
    if (recent !== undefined) return recent
    const kept = this.#before.get(key)
    if (kept !== undefined) this.#keep(key, kept)
    return kept
  }

  /** Whoever read it in an earlier snapshot comes too late. */
  put(key: string, value: T, horizon: number): void {
    const kept = this.get(key)
    if (kept === undefined || kept.horizon <= horizon) this.#keep(key, { value, horizon })
  }

  #keep(key: string, row: Kept<T>): void {
    if (this.#recent.size >= this.#max && !this.#recent.has(key)) {
      this.#before = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(key, row)
  }
}
