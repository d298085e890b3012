import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Router,
} from 'express'
import helmet from 'helmet'
import type { Auth } from './auth.ts'
import { contextOf, startContext } from './context.ts'
import { HttpFault, notFound } from './fault.ts'
import type { Logger } from './log.ts'
import { createMetrics, type Instrument, type Metrics } from './metrics.ts'
import { assetRoutes, page } from './pages.ts'
import { nameOfPrincipal } from './principal.ts'
import { type RandomBytes, randomText } from './random.ts'
import { serverSpan } from './server-span.ts'

export interface AppOptions {
  readonly log: Logger
  readonly random: RandomBytes
  readonly clock: { now(): number }
  readonly auth: Auth
  /** Stands behind `identify`; see `quota`. */
  readonly quota?: RequestHandler
  readonly metrics?: Metrics
  readonly routes: readonly Router[]
  /** Host names (without port) that may be asked for; any when left out. */
  readonly hosts?: readonly string[]
  /** How somebody else's API says no, under a path of its own. */
  readonly dialects?: readonly Dialect[]
}

/** The form of refusals where clients that nobody here wrote expect another than ours. */
export interface Dialect {
  /** The path with which its routes begin. */
  readonly under: string
  readonly contentType: string
  body(fault: HttpFault): object
}

/**
 * The hub's web application: who is calling is known before any body is read, nothing is stored by
 * browsers, scripts run only with the response's nonce, and no answer shows a stack or a value.
 */
export function createApp(options: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  // Nobody in front of us is believed about who is calling (assurance.md, HTTP-21).
  app.set('trust proxy', false)
  app.set('query parser', 'simple')
  app.use(begin(options))
  app.use(securityHeaders())
  app.use(refuseAmbiguous(options.hosts))
  app.use('/assets', assetRoutes())
  app.use((_req, res, next) => {
    res.set('cache-control', 'no-store')
    next()
  })
  app.use(options.auth.identify)
  if (options.quota !== undefined) app.use(options.quota)
  app.use(options.auth.routes)
  for (const routes of options.routes) app.use(routes)
  app.use(() => {
    throw notFound()
  })
  app.use(refusal(options.log, options.dialects ?? []))
  return app
}

export const httpInstruments = {
  duration: {
    name: 'http.server.request.duration',
    unit: 's',
    description: 'Time to answer a request.',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 1, 5],
  },
} as const satisfies Record<string, Instrument>

function begin({ random, clock, log, metrics = createMetrics() }: AppOptions): RequestHandler {
  const seconds = metrics.histogram(httpInstruments.duration)
  return (req, res, next) => {
    const context = { correlationId: randomText(random, 9), cspNonce: randomText(random, 18) }
    startContext(req, context)
    const startedAt = clock.now()
    const span = serverSpan(req)
    const answeredOrGone = (): void => {
      const route = routeOf(req)
      const durationMs = clock.now() - startedAt
      const { principal } = contextOf(req)
      const caller = principal === undefined ? 'nobody' : nameOfPrincipal(principal)
      seconds.observe(durationMs / 1000, {
        'http.route': route,
        'http.request.method': req.method,
        'http.response.status_code': String(res.statusCode),
      })
      const { correlationId } = context
      const { method } = req
      log.info('answered', {
        route,
        method,
        status: res.statusCode,
        durationMs,
        caller,
        correlationId,
      })
      span.end({ route, status: res.statusCode, caller: principal?.kind ?? 'nobody' })
    }
    span.within(() => {
      res.on('close', () => span.within(answeredOrGone))
      next()
    })
  }
}

/** The declared route, never the address: an address can hold whatever its sender liked. */
const routeOf = (req: Request): string => {
  const path: unknown = (req.route as { path?: unknown } | undefined)?.path
  return typeof path === 'string' ? path.replaceAll(':', '') : 'other'
}

function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'", (req) => `'nonce-${contextOf(req as Request).cspNonce}'`],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    // A form's Origin would be hidden from ourselves too under the stricter `no-referrer`.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  })
}

const onlyOnce = new Set(['host', 'authorization', 'content-type', 'content-encoding', 'cookie'])

/** A header that two readers could understand differently is refused, and so is a host we are not. */
function refuseAmbiguous(hosts: readonly string[] | undefined): RequestHandler {
  return (req, _res, next) => {
    const seen = new Set<string>()
    for (let at = 0; at < req.rawHeaders.length; at += 2) {
      const name = (req.rawHeaders[at] ?? '').toLowerCase()
      if (onlyOnce.has(name) && seen.has(name)) {
        throw new HttpFault(400, 'header-repeated', 'A header that may come once came twice.')
      }
      seen.add(name)
    }
    if (hosts !== undefined && !hosts.includes(req.hostname)) {
      throw new HttpFault(400, 'host', 'This is not the host you asked for.')
    }
    next()
  }
}

const titles: Readonly<Record<number, string>> = {
  401: 'Sign in',
  403: 'You cannot do this',
  404: 'Page not found',
  413: 'That is too much at once',
  429: 'Too many requests',
  503: 'Try again in a moment',
}

/** The last handler: what we refused on purpose is said; anything else is only counted and logged by name. */
function refusal(log: Logger, dialects: readonly Dialect[]): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const fault = faultOf(error)
    if (fault.status >= 500) log.error('request failed', { ...nameOf(error), ...correlation(req) })
    if (res.headersSent) {
      next(error)
      return
    }
    res.set('cache-control', 'no-store').set(fault.headers)
    const dialect = dialects.find(({ under }) => req.path.startsWith(`${under}/`))
    if (dialect !== undefined) {
      res
        .status(fault.status)
        .type(dialect.contentType)
        .send(JSON.stringify(dialect.body(fault)))
      return
    }
    if (req.accepts(['json', 'html']) === 'html') {
      const title = titles[fault.status] ?? 'Something went wrong'
      page(res, 'error.njk', { title, message: fault.message }, fault.status)
      return
    }
    const { code, message, at } = fault
    res.status(fault.status).json({ error: { code, message, ...(at !== undefined && { at }) } })
  }
}

const correlation = (req: Request) => ({ correlationId: contextOf(req).correlationId })

function nameOf(error: unknown): { errorName?: string; code?: string } {
  if (!(error instanceof Error)) return {}
  const code = (error as { code?: unknown }).code
  return { errorName: error.name, ...(typeof code === 'string' && { code }) }
}

function faultOf(error: unknown): HttpFault {
  if (error instanceof HttpFault) return error
  const { code, status } = (error ?? {}) as { code?: unknown; status?: unknown }
  // The databases and keys are named by HubError codes; whoever sent should try again.
  if (typeof code === 'string' && /^HUB_\w+_UNAVAILABLE$/.test(code)) {
    return new HttpFault(503, 'unavailable', 'Nothing was kept. Send it again in a moment.', {
      headers: { 'retry-after': '5' },
    })
  }
  // Express itself refuses addresses that cannot be decoded.
  if (status === 400 || status === 404)
    return new HttpFault(400, 'address', 'The address is not valid.')
  return new HttpFault(500, 'fault', 'Something went wrong here. It has been recorded.')
}
