interface Kept<T> {
  value: T
  /** It stands while no transaction of this number or a higher one has changed anything. */
  horizon: number
}

/** Of some keys, the rows that stand unless something has changed `since`, and the keys of the others. */
export interface Standing<T> {
  readonly rows: ReadonlyMap<string, T>
  readonly since: number
  readonly others: readonly string[]
}

/** Rows that have been read: at least the `max` that were wanted last, at most twice as many. */
export class KeptRows<T> {
  readonly #max: number
  #recent = new Map<string, Kept<T>>()
  #before = new Map<string, Kept<T>>()

  constructor(max: number) {
    this.#max = max
  }

  get(key: string): T | undefined {
    return this.#find(key)?.value
  }

  /** Those stand that have been seen to be so since `lastChange`. */
  standing(keys: Iterable<string>, lastChange: number): Standing<T> {
    const rows = new Map<string, T>()
    const others: string[] = []
    let since = Number.MAX_SAFE_INTEGER
    for (const key of keys) {
      const kept = this.#find(key)
      if (kept === undefined || kept.horizon <= lastChange) others.push(key)
      else {
        rows.set(key, kept.value)
        if (kept.horizon < since) since = kept.horizon
      }
    }
    return { rows, since, others }
  }

  /** Whoever read it in an earlier snapshot comes too late. */
  put(key: string, value: T, horizon: number): void {
    const kept = this.#find(key)
    if (kept === undefined) this.#keep(key, { value, horizon })
    else if (kept.horizon <= horizon) {
      kept.value = value
      kept.horizon = horizon
    }
  }

  #find(key: string): Kept<T> | undefined {
    const recent = this.#recent.get(key)
    if (recent !== undefined) return recent
    const kept = this.#before.get(key)
    if (kept !== undefined) this.#keep(key, kept)
    return kept
  }

  #keep(key: string, row: Kept<T>): void {
    if (this.#recent.size >= this.#max) {
      this.#before = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(key, row)
  }
}
