import { endReferrals, type HubFiles } from '@throughline/consent'
import type { Clock } from '@throughline/stream'

/** How often what has expired is deleted (ms). */
const sweepEveryMs = 3_600_000

/** The first time, so that a hub that starts again first does what waits (ms). */
const firstSweepAfterMs = 60_000

/** A clock that only a harness moves stops at every time somebody waits for: once a day is enough there. */
const sweepEveryMsStepped = 86_400_000

export interface Housekeeping {
  stop(): Promise<void>
}

/**
 * Deletes what the hub promised not to keep: day keys after seven days, referrals that nobody decided, log
 * records past their topic's retention, receipts, and the index of what came in. Runs a minute after the
 * start and then on the hub's clock.
 */
export function startHousekeeping(
  files: HubFiles,
  {
    clock,
    stepped,
    onFault,
  }: { clock: Clock; stepped: boolean; onFault: (error: unknown) => void },
): Housekeeping {
  const stopping = new AbortController()
  const every = stepped ? sweepEveryMsStepped : sweepEveryMs

  async function sweep(): Promise<void> {
    try {
      const now = files.register.now()
      await endReferrals(files.register, files.keys)
      files.register.sweep()
      files.keys.destroyExpiredDayKeys(now)
      await files.log.enforceRetention()
      await files.store.sweep()
    } catch (error) {
      onFault(error)
    }
  }

  async function run(): Promise<void> {
    await clock.until(clock.now() + firstSweepAfterMs, stopping.signal)
    while (!stopping.signal.aborted) {
      await sweep()
      await clock.until(clock.now() + every, stopping.signal)
    }
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}
