import type { Clock, Duty } from '@throughline/stream'
import { endReferrals } from './end-referrals.ts'
import type { HubPorts } from './hub-ports.ts'

/** How often what has expired is deleted (ms). */
const sweepEveryMs = 3_600_000

/** The first time, so that a hub that starts again first does what waits (ms). */
const firstSweepAfterMs = 60_000

/** A clock that only a harness moves stops at every time somebody waits for: once a day is enough there. */
const sweepEveryMsStepped = 86_400_000

/**
 * Deletes what the hub promised not to keep: day keys after seven days, referrals that nobody decided, log
 * records past their topic's retention, receipts, and the index of what came in. Runs a minute after the
 * start and then on the hub's clock.
 */
export function startHousekeeping(
  hub: Pick<HubPorts, 'register' | 'keys' | 'sweep'>,
  {
    clock,
    stepped,
    onFault,
  }: { clock: Clock; stepped: boolean; onFault: (error: unknown) => void },
): Duty {
  const stopping = new AbortController()
  const every = stepped ? sweepEveryMsStepped : sweepEveryMs

  async function sweep(): Promise<void> {
    try {
      await endReferrals(hub.register, hub.keys)
      await hub.sweep()
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
