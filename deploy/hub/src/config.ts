import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { fhirTerms } from '@throughline/consent-edge'
import { agencies, HubError, purposes } from '@throughline/domain'
import { hospitalOptions } from '@throughline/hospital'
import { type Topic, topicOf, topics, topicTemplates } from '@throughline/schemas'
import {
  databaseMember,
  feedsOf,
  kafkaMember,
  type NamedPlace,
  partnershipMembers,
  readServices,
  servicesOf,
} from '@throughline/service'
import { z } from 'zod'
import { edgeOptions } from './edges.ts'

const { partnership: code } = partnershipMembers
const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))

const agreement = z.strictObject({
  id: code,
  source: z.enum(agencies),
  purpose: z.enum(purposes),
  recipientOrganisation: code,
  from: instant,
  until: instant,
})

const processorNames = ['link', 'notify', 'story', 'outcomes', 'inbox'] as const

/** The one configuration file of a hub. Everything secret in it is a hash, or lies in a file that it names. */
const hubConfig = z.strictObject({
  ...partnershipMembers,
  host: z.string().default('127.0.0.1'),
  port: z.int().min(0).max(65535).default(8080),
  data: z.string().min(1),
  /** With `kafka`: a hub that has outgrown one machine. The key file stays in `data`. */
  database: databaseMember.optional(),
  kafka: kafkaMember.optional(),
  /** The ids of a registry of somebody else's, as `hub schemas register` wrote them. */
  schemaIds: z.string().min(1).optional(),
  /** On several machines: the processors that run in this process, where others run by themselves. */
  processors: z.array(z.enum(processorNames)).default([...processorNames]),
  edges: edgeOptions,
  agreements: z.array(agreement),
  /** What partners mean by the FHIR Consents they send. */
  fhirConsents: fhirTerms.optional(),
})

export type HubConfig = z.infer<typeof hubConfig>

/** Where the hub keeps what it keeps. */
function placeOf({ data, database, kafka, schemaIds }: HubConfig): NamedPlace {
  if (database && kafka) return servicesOf({ database, kafka, keys: data, schemaIds })
  if (!database && !kafka) return { data }
  throw new HubError('HUB_CONFIG_INVALID', 'database and kafka: both or neither')
}

/** Every topic of a hub, with those of its feeds. */
export const topicsOf = (config: HubConfig): readonly Topic[] => [
  ...topics,
  ...feedsOf(config).flatMap((feed) =>
    topicTemplates.map(({ name }) => topicOf(name.replace('<feed>', feed))),
  ),
]

export interface Launch {
  readonly config: HubConfig
  readonly place: NamedPlace
  readonly dev: boolean
  /** Set when the hub runs on a clock that only its harness moves (demo, tests). */
  readonly steppedFrom: number | null
}

export const hashOfToken = (token: string): string =>
  createHash('sha256').update(token).digest('hex')

/** Names each place and rule; never a value. */
export function readHubConfig(raw: unknown): HubConfig {
  const parsed = hubConfig.safeParse(raw)
  if (parsed.success) return parsed.data
  const places = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'file'}: ${issue.code}`,
  )
  throw new HubError('HUB_CONFIG_INVALID', `the configuration is not usable: ${places.join('; ')}`)
}

const options = {
  config: { type: 'string' },
  port: { type: 'string' },
  'mllp-port': { type: 'string' },
  data: { type: 'string' },
  dev: { type: 'boolean', default: false },
  clock: { type: 'string' },
} as const

/**
 * Reads the command line. With `--dev`, `devConfig` supplies the configuration and credentials; without it
 * a file must be named, and nothing has a default credential.
 */
export function readLaunch(
  args: readonly string[],
  devConfig: (data: string) => HubConfig,
): Launch {
  const { values } = parseArgs({ args: [...args], options, strict: true })
  const base = values.dev ? devConfig(values.data ?? 'data') : readConfigFile(values.config)
  const steppedFrom = values.clock === undefined ? null : Date.parse(values.clock)
  if (steppedFrom !== null && (!values.dev || Number.isNaN(steppedFrom))) {
    throw new HubError('HUB_CONFIG_INVALID', '--clock takes an ISO time, and only with --dev')
  }
  const config: HubConfig = {
    ...base,
    ...(values.port === undefined ? {} : { port: portNumber('--port', values.port) }),
    ...(values.data === undefined ? {} : { data: values.data }),
  }
  return {
    config: withMllpPort(config, values['mllp-port']),
    place: placeFor(config, values.dev),
    dev: values.dev,
    steppedFrom,
  }
}

/** To try things out there is no file that could name services: the environment may. */
export const placeFor = (config: HubConfig, dev: boolean): NamedPlace =>
  (dev ? readServices({ HUB_DATA: config.data, ...process.env }) : null) ?? placeOf(config)

/** Reads a configuration file; without a path, a missing or unreadable one, `HUB_CONFIG_INVALID`. */
export function readConfigFile(path: string | undefined): HubConfig {
  if (path === undefined) {
    throw new HubError(
      'HUB_CONFIG_INVALID',
      'name a configuration file with --config, or use --dev',
    )
  }
  if (!existsSync(path)) throw new HubError('HUB_CONFIG_INVALID', '--config: no such file')
  let raw: unknown
  try {
    raw = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw new HubError('HUB_CONFIG_INVALID', '--config: the file is not JSON')
  }
  return readHubConfig(raw)
}

function withMllpPort(config: HubConfig, written: string | undefined): HubConfig {
  if (written === undefined) return config
  const hospital = hospitalOptions.parse(config.edges['hospital'])
  const mllp = { ...hospital.mllp, port: portNumber('--mllp-port', written) }
  return { ...config, edges: { ...config.edges, hospital: { ...hospital, mllp } } }
}

function portNumber(option: string, text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new HubError('HUB_CONFIG_INVALID', `${option} takes a whole number from 0 to 65535`)
  }
  return port
}

/** Who deployment is to a schema registry that asks; null where it need not say. */
export function registryLogin(
  env: Readonly<Record<string, string | undefined>> = process.env,
): { readonly user: string; readonly password: string } | null {
  const { HUB_REGISTRY_USER: user = '', HUB_REGISTRY_PASSWORD: password } = env
  return password === undefined ? null : { user, password }
}
