import type { Clock, KeyRef, OpenedKey } from '@throughline/stream'

/** How long an unwrapped key may stay in memory (design, section 5). */
const cachedMsMax = 60_000

const keptMax = 50_000

interface Kept {
  readonly opened: OpenedKey
  readonly until: number
}

/** Unwrapped keys, for a minute at most. */
export class KeyCache {
  readonly #clock: Clock
  readonly #kept = new Map<KeyRef, Kept>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get(ref: KeyRef): OpenedKey | undefined {
    const kept = this.#kept.get(ref)
    if (kept === undefined) return undefined
    const now = this.#clock.now()
    // A clock that went back must not lengthen what is kept.
    if (now < kept.until && now >= kept.until - cachedMsMax) return kept.opened
    this.#kept.delete(ref)
    return undefined
  }

  keep(opened: OpenedKey): OpenedKey {
    if (this.#kept.size >= keptMax) this.clear()
    this.#kept.set(opened.ref, { opened, until: this.#clock.now() + cachedMsMax })
    return opened
  }

  drop(ref: KeyRef): void {
    this.#kept.delete(ref)
  }

  clear(): void {
    this.#kept.clear()
  }
}
