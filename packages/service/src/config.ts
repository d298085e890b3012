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
