/** Wall time in milliseconds, and waiting. Injected everywhere; no decision reads the system's clock. */
export interface Clock {
  now(): number
  /** Resolves once `now() >= at`, or when `signal` aborts, whichever comes first. */
  until(at: number, signal?: AbortSignal): Promise<void>
}

const timeoutMsMax = 2 ** 31 - 1

/** The machine's clock. */
export function systemClock(): Clock {
  const now = () => Date.now()
  return {
    now,
    until: (at, signal) =>
      new Promise((resolve) => {
        let timeout: NodeJS.Timeout | undefined
        const finish = () => {
          clearTimeout(timeout)
          signal?.removeEventListener('abort', finish)
          resolve()
        }
        // Timers may fire a millisecond early, and cannot wait longer than 24 days at a time.
        const wait = () => {
          const left = at - now()
          if (left <= 0) return finish()
          timeout = setTimeout(wait, Math.min(left, timeoutMsMax))
        }
        if (signal?.aborted) return resolve()
        signal?.addEventListener('abort', finish)
        wait()
      }),
  }
}

/** Milliseconds that only rise, whatever happens to the time of day: to take durations by. */
export const monotonicMs = (): number => performance.now()

const machine = systemClock()

/**
 * Waits in the machine's own time, in ms, or until `signal` aborts: for connections and what else lives
 * by it even where the hub's clock is moved by hand. Nothing is decided by it.
 */
export const machinePause = (ms: number, signal?: AbortSignal): Promise<void> =>
  machine.until(machine.now() + ms, signal)

export interface SteppedClock extends Clock {
  /**
   * Moves to `at` (ms; never back), stopping at every time somebody waits for, in order. `settle` is
   * awaited at each stop; without it a few turns of the microtask queue are given.
   */
  advanceTo(at: number, settle?: () => Promise<void>): Promise<void>
  /** The earliest time anybody waits for, or null. */
  nextAt(): number | null
}

/** A clock that only its owner moves: the demo, the simulation and tests. */
export function steppedClock(start: number): SteppedClock {
  let time = start
  const waiting = new Set<{ readonly at: number; readonly resolve: () => void }>()
  const nextAt = () => {
    let next: number | null = null
    for (const { at } of waiting) if (next === null || at < next) next = at
    return next
  }
  const stopAt = async (at: number, settle: () => Promise<void>) => {
    time = Math.max(time, at)
    for (const waiter of waiting) {
      if (waiter.at > time) continue
      waiting.delete(waiter)
      waiter.resolve()
    }
    await settle()
  }
  return {
    now: () => time,
    nextAt,
    until: (at, signal) =>
      new Promise((resolve) => {
        if (at <= time || signal?.aborted) return resolve()
        const waiter = { at, resolve: done }
        function done() {
          waiting.delete(waiter)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        signal?.addEventListener('abort', done)
        waiting.add(waiter)
      }),
    async advanceTo(at, settle = fewTurns) {
      for (let next = nextAt(); next !== null && next <= at; next = nextAt()) {
        await stopAt(next, settle)
      }
      await stopAt(at, settle)
    },
  }
}

async function fewTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}
