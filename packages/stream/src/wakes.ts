/** One sleeper's alarm. It stays raised until the sleeper has seen it, so nobody finds it lowered too soon. */
export class Wake {
  #called = false
  #sleeper: (() => void) | undefined

  wake(): void {
    this.#called = true
    const sleeper = this.#sleeper
    this.#sleeper = undefined
    sleeper?.()
  }

  /** Resolves at the next call; undefined when it is raised already. One sleeper at a time. */
  sleep(): Promise<void> | undefined {
    if (this.#called) return undefined
    return new Promise((resolve) => {
      this.#sleeper = resolve
    })
  }

  /** Lowers it. The sleeper does so when awake, before it looks at what there is to do. */
  reset(): void {
    this.#called = false
  }

  get called(): boolean {
    return this.#called
  }
}

/**
 * Alarms by name between the parts of one process that share a database, so that nobody polls.
 * They carry no facts: who is woken reads the database. A lost alarm costs a safety poll's wait.
 */
export class Wakes {
  readonly #listeners = new Map<string, Set<() => void>>()
  readonly #wanted = new Map<string, number>()

  on(name: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  wake(name: string): void {
    for (const listener of this.#listeners.get(name) ?? []) listener()
  }

  /** Somebody's timer waits for this processor to have done everything received before `at` (ms). */
  want(processor: string, at: number): void {
    if ((this.#wanted.get(processor) ?? 0) < at) this.#wanted.set(processor, at)
    this.wake(wantedWake(processor))
  }

  /** The latest time anybody waits for, in ms. */
  wantedOf(processor: string): number {
    return this.#wanted.get(processor) ?? 0
  }
}

export const outboxWake = (task: { processor: string; generation: number; partition: number }) =>
  `outbox ${task.processor} ${task.generation} ${task.partition}`
export const doneWake = (processor: string) => `done ${processor}`
export const wantedWake = (processor: string) => `wanted ${processor}`
/** A step has written rows that pages read. */
export const viewsWake = 'views'
