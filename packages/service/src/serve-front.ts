import { writeSync } from 'node:fs'
import { HubError } from '@throughline/domain'
import type { Express, Request, Router } from 'express'
import { z } from 'zod'
import { createApp, type Dialect } from './app.ts'
import { createAuth } from './auth.ts'
import { configFromEnv, configFromFile, readPlace } from './config.ts'
import type { Directory } from './directory.ts'
import { type HealthCheck, healthRoutes } from './health.ts'
import { listen } from './listen.ts'
import { createLogger, type Logger } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { credentialsOf, directoryOf, feedsOf, type Partnership } from './partnership.ts'
import type { NamedPlace } from './place.ts'
import { quota } from './quota.ts'
import type { RandomBytes } from './random.ts'
import { startTelemetry, type Telemetry } from './telemetry.ts'

/** What an outward edge works on, wherever that lies: closed when it stops. */
type FrontPorts = AsyncDisposable

/** What a process has of its machine. */
export interface Machine {
  readonly clock: { now(): number }
  readonly random: RandomBytes
  /** Milliseconds that never go back. */
  readonly monotonicMs: () => number
}

/** What an edge is given of the partnership and of its process. */
export interface FrontDeps<C extends Partnership> extends Pick<Machine, 'monotonicMs'> {
  readonly config: C
  readonly partnership: string
  readonly directory: Directory
  /** The feeds that are declared. */
  readonly feeds: readonly string[]
  readonly allowTestNhsNumbers: boolean
  readonly log: Logger
  readonly metrics: Metrics
  /** False once the session of this request has ended. */
  readonly stillSignedIn: (req: Request) => boolean
}

/** An outward edge as a process of its own: what it needs, serves and does beside. */
export interface Front<P extends FrontPorts, C extends Partnership> {
  readonly name: string
  /** Its members of the hub's configuration file. */
  readonly config: z.ZodType<C>
  open(place: { readonly place: NamedPlace; readonly partnership: string }): Promise<P>
  checks(ports: P, deps: FrontDeps<C>): readonly HealthCheck[]
  routes(ports: P, deps: FrontDeps<C>): Router
  readonly dialect?: Dialect
  /** Work beside the door, such as a projection: not ready before it has begun. */
  alongside?(ports: P, around: Alongside): Promise<Beside | undefined>
}

export interface Beside {
  stop(): Promise<void>
}

export interface Alongside {
  readonly metrics: Metrics
  /** Some of it has stopped, and needs a person. */
  readonly onFault: (error: unknown) => void
  /** The process is asked to end: what is waited for is not worth waiting for. */
  readonly signal: AbortSignal
}

const environment = z.object({
  /** The hub's configuration file: who may call, and who is who. Where things lie, the environment says. */
  HUB_CONFIG: z.string().min(1),
  EDGE_PORT: z.coerce.number().int().min(0).max(65_535).default(8081),
  EDGE_HOST: z.string().default('127.0.0.1'),
})

/**
 * Serves an outward edge until SIGTERM or SIGINT, for a `main.ts`. Who signs in here is signed in here
 * alone. An unusable configuration, or a place that cannot be had, goes to standard error by its code.
 */
export async function serveFront<P extends FrontPorts, C extends Partnership>(
  machine: Machine,
  front: Front<P, C>,
): Promise<void> {
  const metrics = createMetrics()
  const telemetry = await startTelemetry(front.name, { metrics, clock: machine.clock })
  try {
    const env = configFromEnv(environment)
    const config = configFromFile(front.config, env.HUB_CONFIG)
    const { place } = readPlace()
    const ports = await front.open({ place, partnership: config.partnership })
    try {
      await serveOn(ports, { machine, front, env, config, metrics, telemetry })
    } catch (error) {
      // Or its connections would keep a process alive that serves nobody.
      await ports[Symbol.asyncDispose]()
      throw error
    }
  } catch (error) {
    await telemetry.stop()
    if (!(error instanceof HubError)) throw error
    writeSync(process.stderr.fd, `${error.code}: ${error.message}\n`)
    process.exitCode = 1
  }
}

interface Serving<P extends FrontPorts, C extends Partnership> {
  readonly machine: Machine
  readonly front: Front<P, C>
  readonly env: z.output<typeof environment>
  readonly config: C
  readonly metrics: Metrics
  readonly telemetry: Telemetry
}

async function serveOn<P extends FrontPorts, C extends Partnership>(
  ports: P,
  serving: Serving<P, C>,
): Promise<void> {
  const { machine, front, env, metrics, telemetry } = serving
  const log = createLogger({
    clock: machine.clock,
    sink: (line) => process.stdout.write(`${line}\n`),
  })
  let faults = 0
  let begun = false
  const tasks = { name: 'tasks', check: () => begun && faults === 0 }
  const app = appOf(ports, serving, log, tasks)
  const listening = await listen({ app, port: env.EDGE_PORT, host: env.EDGE_HOST })
  const stopping = new AbortController()
  let beside: Beside | undefined
  const stop = async (): Promise<void> => {
    stopping.abort()
    await listening.close()
    await beside?.stop()
    await ports[Symbol.asyncDispose]()
    log.info('stopped')
    await telemetry.stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
  const onFault = (error: unknown): void => {
    faults += 1
    log.error('a task has stopped', { code: error instanceof HubError ? error.code : 'BUG' })
  }
  try {
    beside = await front.alongside?.(ports, { metrics, onFault, signal: stopping.signal })
  } catch (error) {
    await listening.close()
    throw error
  }
  if (stopping.signal.aborted) return
  begun = true
  log.info('listening', { host: env.EDGE_HOST, port: listening.port })
}

function appOf<P extends FrontPorts, C extends Partnership>(
  ports: P,
  { machine, front, config, metrics }: Serving<P, C>,
  log: Logger,
  tasks: HealthCheck,
): Express {
  const { clock, random, monotonicMs } = machine
  const { dialect } = front
  const auth = createAuth({
    credentials: credentialsOf(config),
    clock,
    random,
    basicUnder: dialect ? [dialect.under] : [],
  })
  const deps: FrontDeps<C> = {
    config,
    partnership: config.partnership,
    directory: directoryOf(config),
    feeds: feedsOf(config),
    allowTestNhsNumbers: config.allowTestNhsNumbers,
    log,
    metrics,
    monotonicMs,
    stillSignedIn: (req) => auth.stillSignedIn(req),
  }
  const checks = [...front.checks(ports, deps), tasks]
  return createApp({
    log,
    random,
    clock,
    auth,
    metrics,
    quota: quota({ clock, perSecond: 2_000, burst: 4_000 }),
    dialects: dialect ? [dialect] : [],
    routes: [healthRoutes({ checks, metrics }), front.routes(ports, deps)],
  })
}
