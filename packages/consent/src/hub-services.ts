import {
  type Clock,
  clockSkewMs,
  createPostgresStore,
  createPostgresViews,
  type KafkaAccess,
  type KafkaLogger,
  type Log,
  logWithIds,
  logWithKnownEnds,
  migratePostgres,
  nodeIds,
  openKafkaAccess,
  openKafkaLog,
  openPostgres,
  PostgresTurns,
  type Random,
  readSchemaIds,
  type Schedule,
  type TopicSpec,
} from '@throughline/stream'
import { verifyAuditPages } from './audit/verify.ts'
import type { HubPorts } from './hub-ports.ts'
import { makeMissingKeyFile, readKeyFile } from './keys/key-file.ts'
import { createPostgresKeys } from './keys/postgres-keys.ts'
import { createPostgresRegister } from './postgres.ts'

/** Where a hub on several machines has what it keeps. */
export interface HubServices {
  /** `postgres://…`, of the primary. */
  readonly databaseUrl: string
  /** Of each process at most, beside two that it keeps. 10 unless said otherwise. */
  readonly databaseConnections?: number | undefined
  readonly kafka: {
    /** host:port of some of the brokers. */
    readonly brokers: readonly string[]
    /** SCRAM-SHA-512, where the brokers ask who we are. */
    readonly sasl?: { readonly username: string; readonly password: string } | undefined
    /** TLS: certificates (PEM) to trust; empty for those that the system trusts. */
    readonly tls?: { readonly ca?: string | undefined } | undefined
    /** Of the topics that deployment makes. 3 unless said otherwise. */
    readonly replication?: number | undefined
    /** Before every topic and group, where several hubs share the brokers. */
    readonly prefix?: string | undefined
  }
  /** The folder of the key file: never in the database, nor in its backups. */
  readonly keys: string
  /** What `hub schemas register` wrote; without it, records bear the repository's own ids. */
  readonly schemaIds?: string | undefined
}

export interface HubServicesOptions {
  readonly place: HubServices
  readonly partnership: string
  readonly makeKeys: boolean
  readonly clock: Clock
  readonly random: Random
  readonly schedule?: Schedule
  /** The clock is moved by hand, by whoever waits until this, the only process, is quiet. */
  readonly stepped?: boolean
  readonly onFault?: (error: unknown) => void
  readonly logger?: KafkaLogger
}

const safetyPollMs = 1000

/**
 * Connects to the services of a hub on several machines: state, register, inbox and wrapped keys in
 * PostgreSQL, the log on Kafka. Asserts that the database is migrated; makes no topics.
 */
export async function openHubServices(options: HubServicesOptions): Promise<HubPorts> {
  const { place, partnership, clock, random, stepped = false, schedule } = options
  const { databaseUrl: url, databaseConnections: connectionsMax, keys: directory } = place
  if (options.makeKeys) makeMissingKeyFile({ directory, random, partnerships: [partnership] })
  const file = readKeyFile(directory)
  const ids = nodeIds(file.hmacKey(partnership))
  const schemaIds = place.schemaIds === undefined ? null : readSchemaIds(place.schemaIds)
  const db = await openPostgres({
    url,
    ...(connectionsMax !== undefined && { connectionsMax }),
    ...(schedule && { schedule }),
    persistent: stepped,
  })
  const turns = new PostgresTurns(url, options.onFault)
  const kafka = await openKafkaLog(kafkaOptions(options))
  const numbered = schemaIds === null ? kafka : logWithIds(kafka, schemaIds)
  const log = stepped ? logWithKnownEnds(numbered) : numbered
  const keys = createPostgresKeys({ db, file, clock, random })
  const store = createPostgresStore({ db, clock })
  try {
    const register = await createPostgresRegister({ db, clock })
    await register.abandonPermits()
    return {
      clock,
      random,
      ids,
      log,
      keys,
      store,
      register,
      turns,
      views: createPostgresViews({ db }),
      safetyPollMs: stepped ? null : safetyPollMs,
      async sweep() {
        await register.abandonPermits()
        await register.sweep()
        await keys.destroyExpiredDayKeys(register.now())
        await store.sweep()
      },
      verifyAudit: () =>
        verifyAuditPages({
          pages: register.auditPages,
          partnership,
          publicKey: file.auditPublicKey,
        }),
      clockSkewMs: () => clockSkewMs(db, clock),
      [Symbol.asyncDispose]: () => close(),
    }
  } catch (error) {
    await close()
    throw error
  }

  async function close(): Promise<void> {
    await turns[Symbol.asyncDispose]()
    await log[Symbol.asyncDispose]()
    keys[Symbol.dispose]()
    await db.close()
  }
}

/** The deployment's step: brings the database's tables up to date, and makes the topics that are missing. */
export async function prepareHubServices(
  place: HubServices,
  what: { readonly database?: boolean; readonly topics?: readonly TopicSpec[] },
): Promise<void> {
  if (what.database === true) await migratePostgres(place.databaseUrl)
  if (what.topics === undefined) return
  await using log: Log = await openKafkaLog({ ...kafkaOptions({ place }), makesTopics: true })
  await log.ensureTopics(what.topics)
}

/** The deployment's hand on who may do what on the brokers. */
export const openHubAccess = (place: HubServices): Promise<KafkaAccess> =>
  openKafkaAccess(kafkaOptions({ place }))

function kafkaOptions({ place, logger }: Pick<HubServicesOptions, 'place' | 'logger'>) {
  const { brokers, sasl, tls, replication, prefix } = place.kafka
  return {
    brokers,
    clientId: 'throughline',
    makesTopics: false,
    ...(prefix !== undefined && { prefix }),
    ...(replication !== undefined && { replicationFactor: replication }),
    ...(sasl && { sasl: { mechanism: 'scram-sha-512' as const, ...sasl } }),
    ...(tls && { ssl: tls.ca === undefined ? true : { ca: [tls.ca] } }),
    ...(logger && { logger }),
  }
}
