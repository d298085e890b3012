import { readFileSync } from 'node:fs'
import { HubError } from '@throughline/domain'
import { z } from 'zod'

/** The services of a hub on several machines, as a configuration names them. */
export type NamedServices = ReturnType<typeof servicesOf>

/** Where a hub keeps what it keeps: a data directory, or services. */
export type NamedPlace = { readonly data: string } | NamedServices

const broker = z.string().regex(/^[A-Za-z0-9.-]+:[0-9]{1,5}$/, 'host:port')

/** How many connections a process has at most, beside the two that it keeps for alarms and turns. */
const connections = z.coerce.number().int().min(1).max(100).optional()

/** PostgreSQL, by its address or by a file that holds it, for it may hold a password. */
export const databaseMember = z.union([
  z.strictObject({ url: z.url({ protocol: /^postgres(ql)?$/ }), connections }),
  z.strictObject({ urlFile: z.string().min(1), connections }),
])

/** Kafka: brokers, and how they know us and we them. Secrets lie in files. */
export const kafkaMember = z.strictObject({
  brokers: z.array(broker).min(1),
  /** Of the topics that deployment makes. */
  replication: z.int().min(1).max(9).optional(),
  /** SCRAM-SHA-512. */
  sasl: z.strictObject({ username: z.string().min(1), passwordFile: z.string().min(1) }).optional(),
  /** TLS, trusting the system's certificates, or those in the file `ca` (PEM). */
  tls: z.boolean().optional(),
  ca: z.string().min(1).optional(),
  /** Before every topic and group, where several hubs share the brokers. */
  prefix: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,63}$/)
    .optional(),
})

export interface ServiceMembers {
  readonly database: z.output<typeof databaseMember>
  readonly kafka: z.output<typeof kafkaMember>
  /** The folder of the key file. */
  readonly keys: string
  /** What `hub schemas register` wrote. */
  readonly schemaIds?: string | undefined
}

/** The services that a configuration names, with the secrets read from where it says. */
export function servicesOf({ database, kafka, keys, schemaIds }: ServiceMembers) {
  const { brokers, replication, sasl, tls = false, ca, prefix } = kafka
  return {
    databaseUrl: 'url' in database ? database.url : secretIn(database.urlFile, 'database.urlFile'),
    databaseConnections: database.connections,
    kafka: {
      brokers,
      replication,
      prefix,
      sasl: sasl && {
        username: sasl.username,
        password: secretIn(sasl.passwordFile, 'kafka.sasl.passwordFile'),
      },
      tls: tls || ca !== undefined ? { ca: ca && secretIn(ca, 'kafka.ca') } : undefined,
    },
    keys,
    schemaIds,
  }
}

function secretIn(path: string, member: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    throw new HubError('HUB_CONFIG_INVALID', `${member}: the file cannot be read`)
  }
}

const given = z.string().min(1).optional()

/** What in the environment says where a hub's place is. */
export const placeEnvironment = z.object({
  /** A data directory: log, state, register and keys of one machine. */
  HUB_DATA: given,
  HUB_DATABASE_URL: given,
  HUB_DATABASE_URL_FILE: given,
  HUB_DATABASE_CONNECTIONS: connections,
  HUB_KAFKA_BROKERS: given,
  HUB_KAFKA_USERNAME: given,
  HUB_KAFKA_PASSWORD_FILE: given,
  HUB_KAFKA_TLS: z.enum(['0', '1']).optional(),
  HUB_KAFKA_CA_FILE: given,
  HUB_KAFKA_REPLICATION: z.coerce.number().int().min(1).max(9).optional(),
  HUB_KAFKA_PREFIX: given,
  HUB_KEYS: given,
  HUB_SCHEMA_IDS: given,
})
export type PlaceEnvironment = z.output<typeof placeEnvironment>

/** The services that the environment names; null where it names none. Half of them: `HUB_CONFIG_INVALID`. */
export function servicesIn(env: PlaceEnvironment): NamedServices | null {
  const { HUB_DATABASE_URL: url, HUB_DATABASE_URL_FILE: urlFile, HUB_KAFKA_BROKERS: listed } = env
  if (url === undefined && urlFile === undefined && listed === undefined) return null
  const keys = env.HUB_KEYS ?? env.HUB_DATA
  if (keys === undefined) throw missing('HUB_KEYS')
  const { HUB_KAFKA_USERNAME: username, HUB_KAFKA_PASSWORD_FILE: passwordFile } = env
  if ((username === undefined) !== (passwordFile === undefined)) {
    throw missing(username === undefined ? 'HUB_KAFKA_USERNAME' : 'HUB_KAFKA_PASSWORD_FILE')
  }
  const where = url === undefined ? { urlFile } : { url }
  const database = databaseMember.safeParse({ ...where, connections: env.HUB_DATABASE_CONNECTIONS })
  if (!database.success) throw missing('HUB_DATABASE_URL')
  const kafka = kafkaMember.safeParse({
    brokers: (listed ?? '').split(','),
    replication: env.HUB_KAFKA_REPLICATION,
    sasl: username && { username, passwordFile },
    tls: env.HUB_KAFKA_TLS === '1',
    ca: env.HUB_KAFKA_CA_FILE,
    prefix: env.HUB_KAFKA_PREFIX,
  })
  if (!kafka.success) throw missing('HUB_KAFKA_BROKERS')
  return servicesOf({
    database: database.data,
    kafka: kafka.data,
    keys,
    schemaIds: env.HUB_SCHEMA_IDS,
  })
}

/** The place that the environment names: services, or else a data directory. */
export function placeIn(env: PlaceEnvironment): NamedPlace {
  const services = servicesIn(env)
  if (services !== null) return services
  if (env.HUB_DATA === undefined) throw missing('HUB_DATA')
  return { data: env.HUB_DATA }
}

const missing = (name: string): HubError =>
  new HubError('HUB_CONFIG_INVALID', `The configuration is not usable. ${name}: missing or wrong`)
