import { Router } from 'express'
import { type Metrics, metricsText } from './metrics.ts'

/** Something the hub cannot work without. False, or a rejection, means not ready. */
export interface HealthCheck {
  readonly name: string
  readonly check: () => boolean | Promise<boolean>
}

/** `/healthz` (the process answers), `/readyz` (it can take work: 200 or 503, by check), `/metrics` (text). */
export function healthRoutes(options: {
  readonly checks: readonly HealthCheck[]
  readonly metrics: Metrics
}): Router {
  const routes = Router()
  routes.get('/healthz', (_req, res) => {
    res.json({ status: 'ok' })
  })
  routes.get('/readyz', async (_req, res) => {
    const checks = await Promise.all(
      options.checks.map(async ({ name, check }) => ({ name, ok: await passes(check) })),
    )
    const ready = checks.every(({ ok }) => ok)
    res.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not-ready', checks })
  })
  routes.get('/metrics', async (_req, res) => {
    res.type('text/plain; version=0.0.4').send(metricsText(await options.metrics.settled()))
  })
  return routes
}

async function passes(check: HealthCheck['check']): Promise<boolean> {
  try {
    return await check()
  } catch {
    return false
  }
}
