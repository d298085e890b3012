import { bodyOf, HttpFault, jsonBody, requireOperator } from '@throughline/service'
import type { SteppedClock } from '@throughline/stream'
import { Router } from 'express'
import { z } from 'zod'

const move = z.strictObject({ to: z.iso.datetime({ offset: true }) })

/**
 * `POST /dev/clock { to }`: moves a stepped clock (demo and tests only), stopping at every timer on the
 * way. Answers `{ now }` once the hub is quiet at that time. Never mounted on the machine's own clock.
 */
export function devClockRoutes(clock: SteppedClock, quiet: () => Promise<void>): Router {
  const routes = Router()
  let last = Promise.resolve()
  routes.post('/dev/clock', requireOperator(), jsonBody(), async (req, res) => {
    const parsed = move.safeParse(bodyOf(req))
    if (!parsed.success) throw new HttpFault(422, 'clock', 'to: an ISO time with its offset')
    const to = Date.parse(parsed.data.to)
    if (to < clock.now()) throw new HttpFault(422, 'clock', 'to: the clock never goes back')
    const moved = last.then(async () => {
      await quiet()
      await clock.advanceTo(to, quiet)
    })
    last = moved.catch(() => undefined)
    await moved
    res.json({ now: new Date(clock.now()).toISOString() })
  })
  return routes
}
