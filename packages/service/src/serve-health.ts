import express from 'express'
import { readHealthPort } from './config.ts'
import { type HealthCheck, healthRoutes } from './health.ts'
import { type Listening, listen } from './listen.ts'
import type { Metrics } from './metrics.ts'

/** `/healthz`, `/readyz` and `/metrics` of a service that has no other door; null without `HUB_HTTP_PORT`. */
export async function serveHealth(
  checks: readonly HealthCheck[],
  metrics: Metrics,
): Promise<Listening | null> {
  const where = readHealthPort()
  if (where === null) return null
  const app = express().disable('x-powered-by')
  app.use(healthRoutes({ checks, metrics }))
  return listen({ app, ...where })
}
