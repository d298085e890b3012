import type { RequestHandler } from 'express'
import { contextOf } from './context.ts'
import { HttpFault } from './fault.ts'
import { nameOfPrincipal } from './principal.ts'

export interface QuotaOptions {
  readonly clock: { now(): number }
  /** Requests a second one caller may keep up. */
  readonly perSecond: number
  /** Requests one caller may make at once after a rest. */
  readonly burst: number
}

/**
 * A token bucket for each caller: who goes over gets 429 with Retry-After (seconds), and nobody else
 * notices (assurance.md, HTTP-22). Stands behind `identify`; whoever is nobody is refused elsewhere.
 */
export function quota({ clock, perSecond, burst }: QuotaOptions): RequestHandler {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return (req, _res, next) => {
    const { principal } = contextOf(req)
    if (principal === undefined) return next()
    const name = nameOfPrincipal(principal)
    const now = clock.now()
    const bucket = buckets.get(name) ?? { tokens: burst, at: now }
    buckets.set(name, bucket)
    bucket.tokens = Math.min(
      burst,
      bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * perSecond,
    )
    bucket.at = now
    if (bucket.tokens < 1) {
      const wait = Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond))
      throw new HttpFault(429, 'too-many-requests', 'Too many requests. Wait, then send again.', {
        headers: { 'retry-after': String(wait) },
      })
    }
    bucket.tokens -= 1
    next()
  }
}
