/**
 * Decoded states of one task, least recently used first out. Only the owner writes them, so they
 * hold while the task is owned and its commits are known to have succeeded. Plain text of people's
 * states must not linger: nothing is used or kept longer than a key may be, one minute.
 */
export class StateCache<S> {
  readonly #entries = new Map<string, { readonly state: S; readonly since: number }>()
  readonly #most: number
  #sweptAt = 0

  constructor(most: number) {
    this.#most = most
  }

  get(key: string, now: number): S | undefined {
    const entry = this.#entries.get(key)
    return entry && now - entry.since < keptMs ? entry.state : undefined
  }

  /** Keeps the time of the first read, so that a busy person's state is read anew as well. */
  set(key: string, state: S, now: number): void {
    const before = this.#entries.get(key)
    const since = before && now - before.since < keptMs ? before.since : now
    this.#entries.delete(key)
    this.#entries.set(key, { state, since })
    if (this.#entries.size > this.#most) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  sweep(now: number): void {
    if (now - this.#sweptAt < keptMs) return
    this.#sweptAt = now
    for (const [key, { since }] of this.#entries)
      if (now - since >= keptMs) this.#entries.delete(key)
  }
}

const keptMs = 60_000
