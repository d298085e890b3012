import {
  countRefusals,
  createSealer,
  finishErasures,
  type HubPorts,
  openHub,
  prepareHubServices,
  readinessOf,
  startHousekeeping,
} from '@throughline/consent'
import { consentRoutes } from '@throughline/consent-edge'
import { inboxRoutes } from '@throughline/inbox'
import type { Door } from '@throughline/intake'
import { outcomesRoutes } from '@throughline/outcomes-edge'
import { referralDeskRoutes, referralOptions } from '@throughline/referrals'
import { registryBase, registryDialect, registryRoutes } from '@throughline/registry-edge'
import { topics } from '@throughline/schemas'
import {
  createApp,
  createAuth,
  createLogger,
  createMetrics,
  credentialsOf,
  directoryOf,
  feedsOf,
  type HealthCheck,
  healthRoutes,
  homeOf,
  type Listening,
  type Logger,
  listen,
  type Metrics,
  principalOf,
  quota,
} from '@throughline/service'
import {
  type Clock,
  type Fault,
  runtimeFigures,
  type SteppedClock,
  steppedClock,
  systemRandom,
  viewsWake,
  watchQuarantine,
} from '@throughline/stream'
import { type Request, Router } from 'express'
import { type HubConfig, type Launch, topicsOf } from './config.ts'
import { devClockRoutes } from './dev-clock.ts'
import { edgeRoutes, openDoors } from './edges.ts'
import { killAt } from './kill-at.ts'
import { operationsRoutes } from './operations.ts'
import { type Pipeline, startPipeline } from './pipeline.ts'

export interface Surroundings {
  /** The machine's clock: login sessions, quotas, permits. The hub's own clock is this one unless stepped. */
  readonly clock: Clock
  /** Milliseconds that never go back, for permits; without it, those of `clock`. */
  readonly monotonicMs?: () => number
  readonly sink: (line: string) => void
  /** Where everything is measured; the hub's own where nobody else looks. */
  readonly metrics?: Metrics
  /** See `killAt`; crash tests only. */
  readonly killAt?: string | undefined
}

export interface Hub extends AsyncDisposable {
  readonly port: number
  /** Where hospitals send HL7 over MLLP. */
  readonly mllpPort: number | null
  readonly url: string
  /** Resolves when nothing is left to do at the hub clock's present time. */
  idle(): Promise<void>
  /** Takes nothing new, finishes what is in flight, and closes the files. */
  close(): Promise<void>
}

/** The whole hub in one process: every edge, every decision, and their files. */
export async function startHub(launch: Launch, around: Surroundings): Promise<Hub> {
  const { config, place, dev, steppedFrom } = launch
  const stepped = steppedFrom === null ? null : steppedClock(steppedFrom)
  const clock = stepped ?? around.clock
  const log = createLogger({ clock: around.clock, sink: around.sink })
  const schedule = killAt(around.killAt)
  const { partnership } = config
  const housekeepingFault = (error: unknown) =>
    log.error('housekeeping failed', describe({ processor: 'housekeeping', partition: 0, error }))
  // Trying things out needs no deployment: elsewhere these are its steps.
  if (dev && !('data' in place))
    await prepareHubServices(place, {
      database: true,
      topics: topicsOf(config),
    })
  const hub = await openHub({
    place,
    partnership,
    makeKeys: dev,
    clock,
    random: systemRandom(),
    stepped: stepped !== null,
    onFault: housekeepingFault,
    ...(schedule && { schedule }),
  })
  try {
    return await startOn(hub, { launch, around, log, clock, stepped, housekeepingFault })
  } catch (error) {
    // Or its connections would keep a process alive that serves nobody.
    await hub[Symbol.asyncDispose]()
    throw error
  }
}

interface Starting {
  readonly launch: Launch
  readonly around: Surroundings
  readonly log: Logger
  readonly clock: Clock
  readonly stepped: SteppedClock | null
  readonly housekeepingFault: (error: unknown) => void
}

async function startOn(hub: HubPorts, starting: Starting): Promise<Hub> {
  const { launch, around, log, clock, stepped, housekeepingFault } = starting
  const { config } = launch
  const { partnership } = config
  // A stepped clock is only a start: what the register has seen is never undone.
  if (stepped !== null) await stepped.advanceTo(hub.register.now())
  await agree(hub, config)
  // Before anything is read: a stop in the middle of an erasure, or keys put back from a copy.
  await finishErasures(hub.register, hub.keys)
  const faults: Fault[] = []
  const metrics = around.metrics ?? createMetrics()
  const monotonicMs = around.monotonicMs ?? (() => around.clock.now())
  const figures = runtimeFigures({ meters: metrics, clock, monotonicMs })
  watchQuarantine(metrics, hub.log)
  const pipeline = await startPipeline({ ...hub, runs: config.processors, figures }, (fault) => {
    faults.push(fault)
    log.error('a task has stopped', describe(fault))
  })
  const sealing = await hub.turns.take('seal', async () => {
    const sealer = createSealer({
      register: hub.register,
      partnership,
      key: hub.keys.file.auditKey,
      // Sealing waits a second of the machine's time, whatever clock decides.
      clock: around.clock,
      onFault: housekeepingFault,
    })
    return { stop: async () => sealer[Symbol.dispose]() }
  })
  const housekeeping = await hub.turns.take('keep house', async () =>
    startHousekeeping(hub, { clock, stepped: stepped !== null, onFault: housekeepingFault }),
  )
  const { http, doors } = await serve({
    launch,
    around,
    hub,
    metrics,
    pipeline,
    log,
    faults,
    stepped,
    clock,
  })

  async function close(): Promise<void> {
    await Promise.all([http, ...doors.values()].map((door) => door.close()))
    await housekeeping.stop()
    await pipeline.stop()
    await sealing.stop()
    await hub[Symbol.asyncDispose]()
  }
  return {
    port: http.port,
    mllpPort: doors.get('hospital')?.port ?? null,
    url: http.url,
    idle: () => pipeline.idle(),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The institutions' agreements stand in the configuration; the register holds them, dated. */
async function agree({ register }: HubPorts, config: HubConfig): Promise<void> {
  for (const { id, ...rest } of config.agreements) {
    await register.change({
      kind: 'put-agreement',
      agreement: { agreementId: id, ...rest },
      by: 'configuration',
    })
  }
}

interface Serving {
  readonly launch: Launch
  readonly around: Surroundings
  readonly hub: HubPorts
  readonly metrics: Metrics
  readonly pipeline: Pipeline
  readonly log: Logger
  readonly faults: readonly Fault[]
  readonly stepped: SteppedClock | null
  readonly clock: Clock
}

async function serve(
  serving: Serving,
): Promise<{ readonly http: Listening; readonly doors: ReadonlyMap<string, Door> }> {
  const { launch, around, hub, metrics, pipeline, log, faults, stepped, clock } = serving
  const { config } = launch
  const { views, keys, ids, random } = hub
  const register = countRefusals(hub.register, metrics)
  const auth = createAuth({
    credentials: credentialsOf(config),
    clock: around.clock,
    random,
    basicUnder: [registryBase],
  })
  const directory = directoryOf(config)
  const { partnership } = config
  const feeds = feedsOf(config)
  const deps = { register, views, keys, clock, ids, random, log, metrics, partnership, directory }
  const pages = {
    ...deps,
    monotonicMs: around.monotonicMs ?? (() => around.clock.now()),
    onChange: (listener: () => void) => hub.store.wakes.on(viewsWake, listener),
    allowTestNhsNumbers: config.allowTestNhsNumbers,
    stillSignedIn: (req: Request) => auth.stillSignedIn(req),
  }
  const checks: readonly HealthCheck[] = [
    ...readinessOf(hub, { topics, stepped: stepped !== null }),
    { name: 'tasks', check: () => faults.length === 0 },
  ]
  const app = createApp({
    log,
    random,
    clock: around.clock,
    auth,
    metrics,
    quota: quota({ clock: around.clock, perSecond: 2_000, burst: 4_000 }),
    dialects: [registryDialect],
    routes: [
      healthRoutes({ checks, metrics }),
      ...edgeRoutes(deps, config.edges),
      consentRoutes({ ...pages, fhirTerms: config.fhirConsents }),
      inboxRoutes(pages),
      referralDeskRoutes({ ...pages, options: referralOptions.parse(config.edges['other']) }),
      operationsRoutes(deps),
      outcomesRoutes({ ...deps, store: hub.store, events: hub.log, feeds }),
      registryRoutes({ store: hub.store, feeds }),
      frontDoor(),
      ...(stepped === null ? [] : [devClockRoutes(stepped, () => pipeline.idle())]),
    ],
  })
  const http = await listen({ app, port: config.port, host: config.host })
  return { http, doors: await openDoors(deps, config.edges) }
}

function frontDoor(): Router {
  const routes = Router()
  routes.get('/', (req, res) => {
    const principal = principalOf(req)
    res.redirect(303, principal === undefined ? '/sign-in' : homeOf(principal))
  })
  return routes
}

function describe({ processor, partition, error }: Fault) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'BUG'
  return { processor, code, partition }
}
