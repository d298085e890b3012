import { retryFor } from '@throughline/domain'
import type { Clock } from '../clock.ts'
import type { Wake } from '../wakes.ts'

const firstWaitMs = 100
const longestWaitMs = 30_000

/** How long to wait before the next try, in ms: doubling, at most half a minute. */
export const backoffMs = (failures: number) =>
  Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures - 1, 20))

/** Counts the loops of a processor that are awake, so that somebody may ask whether all is quiet. */
export class Activity {
  #awake = 0
  #backingOff = 0

  /** Whether a loop is at work, or called by `wake` and free to answer. */
  busy(wake: Wake): boolean {
    return this.#awake > 0 || (wake.called && this.#backingOff === 0)
  }

  begin(): void {
    this.#awake += 1
  }

  end(): void {
    this.#awake -= 1
  }

  /** Something that only time or others can end: whoever waits for quiet need not wait for it. */
  async asleep(nap: Promise<void> | undefined): Promise<void> {
    if (!nap) return
    this.end()
    try {
      await nap
    } finally {
      this.begin()
    }
  }

  /** As `asleep`, before another try: a wake that is called meanwhile has to wait, too. */
  async backOff(nap: Promise<void>): Promise<void> {
    this.#backingOff += 1
    try {
      await this.asleep(nap)
    } finally {
      this.#backingOff -= 1
    }
  }
}

/**
 * Sleeps until the wake is called or the time comes; `at: null` waits for the wake alone. Undefined
 * when it has been called already. Reset the wake afterwards.
 */
export function sleepUntil(wake: Wake, clock: Clock, at: number | null): Promise<void> | undefined {
  const nap = wake.sleep()
  if (!nap || at === null) return nap
  const called = new AbortController()
  return Promise.race([nap, clock.until(at, called.signal)]).finally(() => called.abort())
}

/** Tries until it succeeds, the error is for good, or `stop` aborts (then undefined). */
export async function persistently<T>(
  work: () => Promise<T>,
  clock: Clock,
  activity: Activity,
  stop: AbortSignal,
): Promise<T | undefined> {
  for (let failures = 0; ; ) {
    if (stop.aborted) return undefined
    try {
      return await work()
    } catch (error) {
      if (retryFor(error) === 'never') throw error
      failures += 1
      await activity.backOff(clock.until(clock.now() + backoffMs(failures), stop))
    }
  }
}
