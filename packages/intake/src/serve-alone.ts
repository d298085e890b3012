import { type HubPorts, openHub, readinessOf } from '@throughline/consent'
import { HubError } from '@throughline/domain'
import {
  configFromEnv,
  createApp,
  createAuth,
  createLogger,
  createMetrics,
  healthRoutes,
  type Logger,
  listen,
  type Metrics,
  readConfig,
  readPlace,
  startTelemetry,
  type Telemetry,
} from '@throughline/service'
import { type Clock, systemClock, systemRandom } from '@throughline/stream'
import { z } from 'zod'
import type { Edge } from './edge.ts'

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'not JSON' })
    return z.NEVER
  }
})

const environment = z.object({
  EDGE_PORT: z.coerce.number().int().min(0).max(65_535).default(8081),
  EDGE_HOST: z.string().default('127.0.0.1'),
  /** SHA-256 of the agency's bearer token, in hex. */
  EDGE_TOKEN_HASH: z.string().regex(/^[0-9a-f]{64}$/),
  EDGE_OPTIONS: json.optional(),
})

/**
 * An edge as a process of its own, on a hub's data directory, until SIGTERM or SIGINT; the hub relays
 * what it accepts. For a `main.ts`; configured by the environment.
 */
export async function serveAlone<O extends z.ZodType>(edge: Edge<O>): Promise<void> {
  const clock = systemClock()
  const log = createLogger({ clock, sink: (line) => process.stdout.write(`${line}\n`) })
  const metrics = createMetrics()
  const telemetry = await startTelemetry(edge.agency, { metrics, clock })
  try {
    await serve(edge, clock, { log, metrics, telemetry })
  } catch (error) {
    await telemetry.stop()
    if (!(error instanceof HubError)) throw error
    process.stderr.write(`${error.code}: ${error.message}\n`)
    process.exitCode = 1
  }
}

interface Told {
  readonly log: Logger
  readonly metrics: Metrics
  readonly telemetry: Telemetry
}

async function serve<O extends z.ZodType>(edge: Edge<O>, clock: Clock, told: Told): Promise<void> {
  const env = configFromEnv(environment)
  const options = readConfig(edge.options, env.EDGE_OPTIONS ?? {})
  const random = systemRandom()
  const { place, partnership } = readPlace()
  const hub = await openHub({ place, partnership, makeKeys: false, clock, random })
  try {
    await serveOn(hub, { edge, env, options, partnership, ...told })
  } catch (error) {
    // Or its connections would keep a process alive that serves nobody.
    await hub[Symbol.asyncDispose]()
    throw error
  }
}

interface Serving<O extends z.ZodType> extends Told {
  readonly edge: Edge<O>
  readonly env: z.output<typeof environment>
  readonly options: z.output<O>
  readonly partnership: string
}

async function serveOn<O extends z.ZodType>(hub: HubPorts, serving: Serving<O>): Promise<void> {
  const { edge, env, options, partnership, log, metrics, telemetry } = serving
  const { register, keys, ids, clock, random } = hub
  const deps = { register, keys, ids, clock, random, log, metrics, partnership }
  const principal = { kind: 'agency', agency: edge.agency } as const
  const auth = createAuth({
    credentials: [{ tokenHash: env.EDGE_TOKEN_HASH, principal }],
    clock,
    random,
  })
  // Of the log it needs nothing: the hub relays what it accepts.
  const checks = readinessOf(hub, { topics: [] })
  const routes = [healthRoutes({ checks, metrics }), edge.routes(deps, options)]
  const app = createApp({ log, random, clock, auth, metrics, routes })
  const listening = await listen({ app, port: env.EDGE_PORT, host: env.EDGE_HOST })
  log.info('listening', { host: env.EDGE_HOST, port: listening.port })
  const other = await edge.alongside?.(deps, options)
  const stop = async (): Promise<void> => {
    await Promise.all([listening.close(), other?.close()])
    await hub[Symbol.asyncDispose]()
    log.info('stopped')
    await telemetry.stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
}
