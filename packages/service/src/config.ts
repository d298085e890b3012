import { readFileSync } from 'node:fs'
import { HubError } from '@throughline/domain'
import { z } from 'zod'
import {
  type NamedPlace,
  type NamedServices,
  placeEnvironment,
  placeIn,
  servicesIn,
} from './place.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A configuration, or `HUB_CONFIG_INVALID` naming each member and rule, never what was written there. */
export function readConfig<S extends z.ZodType>(schema: S, source: unknown): z.output<S> {
  const parsed = schema.safeParse(source)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(
    ({ path, code }) => `${path.join('.') || '(whole)'}: ${code}`,
  )
  throw new HubError('HUB_CONFIG_INVALID', `The configuration is not usable. ${faults.join('; ')}`)
}

/** From the environment. Only a `config.ts` calls this. */
export const configFromEnv = <S extends z.ZodType>(
  schema: S,
  env: Environment = process.env,
): z.output<S> => readConfig(schema, env)

/** From a JSON file. */
export function configFromFile<S extends z.ZodType>(schema: S, path: string): z.output<S> {
  let source: unknown
  try {
    source = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    const why = cause instanceof SyntaxError ? 'is not JSON' : 'cannot be read'
    throw new HubError('HUB_CONFIG_INVALID', `The configuration file ${why}.`)
  }
  return readConfig(schema, source)
}

const hubPlace = placeEnvironment.extend({
  HUB_PARTNERSHIP: z.string().min(1).default('testshire'),
})

/** Where a service that runs alone works, from the environment; `HUB_CONFIG_INVALID` names what is missing. */
export function readPlace(env?: Environment): {
  readonly place: NamedPlace
  readonly partnership: string
} {
  const found = configFromEnv(hubPlace, env)
  return { place: placeIn(found), partnership: found.HUB_PARTNERSHIP }
}

/** The services that the environment names, for a hub whose configuration names none. */
export const readServices = (env?: Environment): NamedServices | null =>
  servicesIn(configFromEnv(placeEnvironment, env))

const count = z.coerce.number().int().min(1)
const exporter = z.enum(['otlp', 'none']).default('otlp')
const samplers = ['always_on', 'always_off', 'traceidratio'] as const

/** OpenTelemetry's own variables, as its specification has them; of what an exporter does it reads more itself. */
const telemetry = z.object({
  OTEL_SDK_DISABLED: z.enum(['true', 'false']).default('false'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url().optional(),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: z.url().optional(),
  // The only one of three that needs no further library; every collector takes it at the same port.
  OTEL_EXPORTER_OTLP_PROTOCOL: z.literal('http/json').optional(),
  OTEL_TRACES_EXPORTER: exporter,
  OTEL_METRICS_EXPORTER: exporter,
  OTEL_TRACES_SAMPLER: z
    .enum([...samplers, ...samplers.map((name) => `parentbased_${name}` as const)])
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  OTEL_BSP_SCHEDULE_DELAY: count.default(5_000),
  OTEL_BSP_MAX_QUEUE_SIZE: count.default(2_048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: count.default(512),
  OTEL_METRIC_EXPORT_INTERVAL: count.default(60_000),
})

/** What is told of this process to a collector, and where; null addresses tell nothing. */
export interface TelemetryConfig {
  readonly tracesUrl: string | null
  readonly metricsUrl: string | null
  readonly sampler: z.output<typeof telemetry>['OTEL_TRACES_SAMPLER']
  readonly samplerRatio: number
  /** How long spans are gathered (ms), how many wait at most before more are dropped, how many go at once. */
  readonly spansDelayMs: number
  readonly spansWaitingMax: number
  readonly spansAtOnce: number
  readonly metricsEveryMs: number
}

/** Off unless the environment names an endpoint. An empty variable is one that is not set. */
export function readTelemetry(env: Environment = process.env): TelemetryConfig {
  const given = Object.entries(env).filter(([name, value]) => name.startsWith('OTEL_') && value)
  const found = configFromEnv(telemetry, Object.fromEntries(given))
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_SDK_DISABLED: off } = found
  const urlOf = (signal: string, own: string | undefined, by: 'otlp' | 'none'): string | null => {
    if (off === 'true' || by === 'none') return null
    if (own !== undefined) return own
    return all === undefined ? null : `${all.replace(/\/$/, '')}/v1/${signal}`
  }
  return {
    tracesUrl: urlOf(
      'traces',
      found.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
      found.OTEL_TRACES_EXPORTER,
    ),
    metricsUrl: urlOf(
      'metrics',
      found.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
      found.OTEL_METRICS_EXPORTER,
    ),
    sampler: found.OTEL_TRACES_SAMPLER,
    samplerRatio: found.OTEL_TRACES_SAMPLER_ARG,
    spansDelayMs: found.OTEL_BSP_SCHEDULE_DELAY,
    spansWaitingMax: found.OTEL_BSP_MAX_QUEUE_SIZE,
    spansAtOnce: found.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
    metricsEveryMs: found.OTEL_METRIC_EXPORT_INTERVAL,
  }
}

const health = z.object({
  HUB_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  HUB_HTTP_HOST: z.string().min(1).default('127.0.0.1'),
})

/** Where a processor answers for its health; null where the environment names no port. */
export function readHealthPort(
  env?: Environment,
): { readonly port: number; readonly host: string } | null {
  const { HUB_HTTP_PORT: port, HUB_HTTP_HOST: host } = configFromEnv(health, env)
  return port === undefined ? null : { port, host }
}
