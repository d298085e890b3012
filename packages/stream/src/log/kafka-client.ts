import { createRequire } from 'node:module'
import { HubError } from '@throughline/domain'
import { type Admin, type Cluster, Kafka, type KafkaConfig, logLevel } from 'kafkajs'
import type { KafkaBroker } from './kafka-broker.ts'
import { type Fetched, type FetchOptions, fetchFrom, type Spot } from './kafka-fetch.ts'
import { asking, refusal, topicRefused } from './kafka-refused.ts'
import { unknownTopic } from './topic-drift.ts'

/** What the adapter says of the client's troubles: places and error names, never what a record holds. */
export interface KafkaLogger {
  warn(event: string, fields?: KafkaLogFields): void
}

export interface KafkaLogFields {
  readonly errorName?: string
  readonly point?: string
  readonly host?: string
  readonly port?: number
  readonly topic?: string
  readonly partition?: number
  readonly count?: number
}

export interface KafkaClientOptions {
  /** host:port of some of the brokers. */
  readonly brokers: readonly string[]
  readonly clientId: string
  /** Before every topic and group of ours: several hubs, or tests, may share the brokers. */
  readonly prefix?: string
  readonly ssl?: NonNullable<KafkaConfig['ssl']>
  readonly sasl?: NonNullable<KafkaConfig['sasl']>
  readonly socketFactory?: NonNullable<KafkaConfig['socketFactory']>
  /** How long a broker may take for a connection and for an answer, in ms. */
  readonly connectTimeoutMs?: number
  readonly requestTimeoutMs?: number
  readonly logger?: KafkaLogger
}

export const defaultRequestTimeoutMs = 9_000
const readCommitted = 1

/** A client of the brokers: where each partition's leader is. Made again after every error. */
export class KafkaClient {
  readonly prefix: string
  #connected: Promise<Connected> | undefined
  #address = 0
  readonly #kafka: Kafka
  readonly #options: KafkaClientOptions

  constructor(options: KafkaClientOptions) {
    this.#options = options
    this.prefix = options.prefix ?? ''
    calmRequestQueues()
    this.#kafka = new Kafka(kafkaConfig(options, () => this.#nextAddress()))
  }

  /**
   * One after the other, whoever asks. kafkajs would begin with the first each time, and stay with it
   * while it takes connections and closes them, as whoever stands before a dead broker does.
   */
  #nextAddress(): string[] {
    const { brokers } = this.#options
    const address = brokers[this.#address++ % brokers.length]
    return address === undefined ? [] : [address]
  }

  /** Connects over the first address behind which somebody answers. */
  async #overAddresses<T>(connect: () => Promise<T>): Promise<T> {
    for (let left = this.#options.brokers.length; ; left -= 1) {
      try {
        return await connect()
      } catch (error) {
        if (left <= 1 || !isShutDoor(error)) throw error
      }
    }
  }

  /** Connected; whoever asks disconnects it. `HUB_LOG_UNAVAILABLE`. */
  async admin(): Promise<Admin> {
    try {
      return await this.#overAddresses(async () => {
        const admin = this.#kafka.admin()
        try {
          await admin.connect()
          return admin
        } catch (error) {
          await admin.disconnect().catch(() => undefined)
          throw error
        }
      })
    } catch (error) {
      throw hubErrorOf(error)
    }
  }

  /** A second one with connections of its own: waiting for a broker's answer holds up its connection. */
  another(): KafkaClient {
    return new KafkaClient(this.#options)
  }

  get requestTimeoutMs(): number {
    return this.#options.requestTimeoutMs ?? defaultRequestTimeoutMs
  }

  warn(event: string, fields?: KafkaLogFields): void {
    this.#options.logger?.warn(event, fields)
  }

  /** `HUB_LOG_UNAVAILABLE` for what goes wrong and has no other name, and new connections the next time. */
  async use<T>(work: (connected: Connected) => Promise<T>): Promise<T> {
    const mine = (this.#connected ??= this.#overAddresses(() => connect(this.#kafka, this.prefix)))
    try {
      return await work(await mine)
    } catch (error) {
      if (this.#connected === mine) {
        this.#connected = undefined
        void disconnect(mine)
      }
      throw hubErrorOf(error)
    }
  }

  /** From the first record still held to the end of what may be read. */
  async bounds(topic: string, partition: number): Promise<{ start: bigint; end: bigint }> {
    return this.use(async (connected) => {
      const broker = await connected.leader(topic, partition)
      const offsetAt = async (timestamp: number) => {
        const { responses } = await broker.listOffsets({
          isolationLevel: readCommitted,
          topics: [{ topic: this.prefix + topic, partitions: [{ partition, timestamp }] }],
        })
        return BigInt(responses[0]?.partitions[0]?.offset ?? '')
      }
      const [start, end] = await Promise.all([offsetAt(-2), offsetAt(-1)])
      return { start, end }
    })
  }

  /** What follows the spot: at once, whether there is anything or not. */
  fetch(spot: Spot, options: Pick<FetchOptions, 'maxBytes'>): Promise<Fetched> {
    return this.use(async (connected) => {
      const leader = await connected.leader(spot.topic, spot.partition)
      const [fetched] = await fetchFrom(leader, [spot], {
        prefix: this.prefix,
        maxWaitMs: 0,
        ...options,
      })
      if (fetched?.error === 0) return fetched
      if (fetched?.error === topicRefused) throw refusal('read', spot.topic)
      throw new HubError('HUB_LOG_UNAVAILABLE', `a broker answered with code ${fetched?.error}`)
    })
  }

  async close(): Promise<void> {
    const mine = this.#connected
    this.#connected = undefined
    if (mine) await disconnect(mine)
  }
}

/** One set of connections, and what is known over them. */
export class Connected {
  readonly cluster: Cluster
  readonly #prefix: string
  readonly #known = new Set<string>()
  readonly #opening = new Map<object, Promise<unknown>>()

  constructor(cluster: Cluster, prefix: string) {
    this.cluster = cluster
    this.#prefix = prefix
  }

  /** `HUB_TOPIC_DRIFT` when there is no such topic, `HUB_LOG_REFUSED` when it is none of ours. */
  async partitionsOf(topic: string): Promise<number> {
    return (await this.#metadataOf(topic)).length
  }

  async leaderId(topic: string, partition: number): Promise<string> {
    const metadata = await this.#metadataOf(topic)
    const found = metadata.find(({ partitionId }) => partitionId === partition)
    if (!found) throw unknownTopic(`${topic}/${partition}`)
    return String(found.leader)
  }

  async leader(topic: string, partition: number): Promise<KafkaBroker> {
    return this.broker(await this.leaderId(topic, partition))
  }

  async broker(nodeId: string): Promise<KafkaBroker> {
    return this.#open((await this.cluster.findBroker({ nodeId })) as KafkaBroker)
  }

  async coordinator(group: string): Promise<KafkaBroker> {
    const groupId = this.#prefix + group
    try {
      return await this.#open((await this.cluster.findGroupCoordinator({ groupId })) as KafkaBroker)
    } catch (error) {
      await this.#askWhyNoCoordinator(group, groupId)
      throw error
    }
  }

  /** kafkajs asks every broker, and keeps to itself that they refused. */
  async #askWhyNoCoordinator(group: string, groupId: string): Promise<void> {
    const [nodeId] = this.cluster.getNodeIds()
    if (nodeId === undefined) return
    const broker = await this.broker(String(nodeId))
    await asking('join', group, () => broker.findGroupCoordinator({ groupId, coordinatorType: 0 }))
  }

  async #metadataOf(topic: string) {
    const name = this.#prefix + topic
    await asking('see', topic, async () => {
      if (!this.#known.has(name)) await this.cluster.addMultipleTargetTopics([name])
      this.#known.add(name)
      await this.cluster.refreshMetadataIfNecessary()
    })
    const metadata = this.cluster.findTopicPartitionMetadata(name)
    // Brokers name every topic that they are asked for, and say so when there is none. Where one is left
    // out, the answer is to an older question, which somebody else had asked.
    if (metadata.length === 0) throw notAskedFor(topic)
    return metadata
  }

  /** Two requests at once would each open the same connection, and mix up what they hear. */
  async #open(broker: KafkaBroker): Promise<KafkaBroker> {
    for (const connection of broker.connectionPool.pool) {
      if (connection.isConnected()) continue
      const opening = this.#opening.get(connection) ?? connection.connect()
      this.#opening.set(connection, opening)
      try {
        await opening
      } finally {
        this.#opening.delete(connection)
      }
    }
    return broker
  }
}

const notAskedFor = (topic: string) =>
  new HubError('HUB_LOG_UNAVAILABLE', `the brokers have not been asked for ${topic} yet`)

async function connect(kafka: Kafka, prefix: string): Promise<Connected> {
  const cluster = clusterOf(kafka)
  await cluster.connect()
  await cluster.refreshMetadata()
  return new Connected(cluster, prefix)
}

/** Whoever waits for an answer still gets it: kafkajs lets requests end first. */
async function disconnect(connected: Promise<Connected>): Promise<void> {
  const cluster = await connected.then(({ cluster }) => cluster).catch(() => undefined)
  await cluster?.disconnect().catch(() => undefined)
}

/**
 * kafkajs gives its cluster to those who assign partitions: the one public door to it. Its own
 * consumer is not used: it moves an offset that is out of range by itself, lets one slow partition
 * hold up all, and gives partitions away before their batches are done.
 */
function clusterOf(kafka: Kafka): Cluster {
  const found: Cluster[] = []
  kafka.consumer({
    groupId: 'never-joined',
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        found.push(cluster)
        return {
          name: 'none',
          version: 0,
          assign: async () => [],
          protocol: () => ({ name: 'none', metadata: Buffer.alloc(0) }),
        }
      },
    ],
  })
  return found[0] as Cluster
}

interface RequestQueue {
  readonly pending: readonly unknown[]
  scheduleCheckPendingRequests: (this: RequestQueue) => void
}

const { prototype: queue } = createRequire(import.meta.url)(
  'kafkajs/src/network/requestQueue/index.js',
) as { readonly prototype: RequestQueue }
const scheduleCheck = queue.scheduleCheckPendingRequests

/**
 * Every connection of kafkajs 2.2.4 looks at its empty queue each millisecond for as long as it lives,
 * after waits of a negative time that Node warns of. It need only look when something is waiting.
 */
function calmRequestQueues(): void {
  queue.scheduleCheckPendingRequests = calmCheck
}

function calmCheck(this: RequestQueue): void {
  if (this.pending.length > 0) scheduleCheck.call(this)
}

function kafkaConfig(options: KafkaClientOptions, brokers: () => string[]): KafkaConfig {
  const { clientId, ssl, sasl, socketFactory, logger } = options
  return {
    brokers,
    clientId,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
    ...(socketFactory === undefined ? {} : { socketFactory }),
    connectionTimeout: options.connectTimeoutMs ?? 3_000,
    requestTimeout: options.requestTimeoutMs ?? defaultRequestTimeoutMs,
    // Enough to try every broker once; what takes longer is the runtime's to try again.
    retry: { retries: 3, initialRetryTime: 50, maxRetryTime: 500 },
    logLevel: logger ? logLevel.WARN : logLevel.NOTHING,
    logCreator:
      () =>
      ({ namespace, log }) => {
        // Its texts may quote what it was given, so only the place is passed on.
        const [host, port] = String(log['broker'] ?? '').split(':')
        const where = host && port ? { host, port: Number(port) } : {}
        logger?.warn('kafka client', { point: namespace, ...where })
      },
  }
}

/** Somebody took the connection and closed it before a broker had answered. */
const isShutDoor = (error: unknown): boolean =>
  causesOf(error).some(({ name }) => name === 'KafkaJSConnectionClosedError')

/** An error, what caused it, and so on. */
function* causesOf(error: unknown): Generator<Error> {
  for (let one = error; one instanceof Error; one = one.cause) yield one
}

export const kafkaErrorType = (error: unknown): string =>
  error instanceof Error && 'type' in error ? String(error.type) : ''

export const isUnknownTopic = (error: unknown): boolean =>
  error instanceof HubError && error.code === 'HUB_TOPIC_DRIFT'

export function hubErrorOf(error: unknown): HubError {
  if (error instanceof HubError) return error
  if (kafkaErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return unknownTopic('asked for')
  return new HubError('HUB_LOG_UNAVAILABLE', troubleIn(error), { cause: error })
}

/** Node's and OpenSSL's codes of a certificate that is not taken. */
const certificateRefused = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|ERR_TLS/

/** What somebody has to put right, where that can be told. The client's own words may quote what it was given. */
function troubleIn(error: unknown): string {
  for (const one of causesOf(error)) {
    if (one.name === 'KafkaJSSASLAuthenticationError')
      return 'the brokers do not take the user name and password of this service'
    if ('code' in one && certificateRefused.test(String(one.code)))
      return 'nobody whom this service trusts vouches for the brokers’ certificate'
  }
  return 'the brokers did not answer as expected'
}
