import { HubError } from '@throughline/domain'
import { type Clock, systemClock } from '../clock.ts'
import type {
  Bounds,
  Consumer,
  Log,
  LogRecord,
  OutgoingRecord,
  TaskOwner,
  TopicSpec,
} from '../ports.ts'
import { KafkaAppender } from './kafka-append.ts'
import { hubErrorOf, KafkaClient, type KafkaClientOptions } from './kafka-client.ts'
import { startKafkaConsumer } from './kafka-consumer.ts'
import { ensureKafkaTopics } from './kafka-topics.ts'
import { unknownTopic } from './topic-drift.ts'

export interface KafkaLogOptions extends KafkaClientOptions {
  /** Of the topics that are made; they then need all but one of them to be in sync. 3 unless said otherwise. */
  readonly replicationFactor?: number
  /** Whether missing topics are made. Where deployment makes them, a missing one is `HUB_TOPIC_DRIFT`. */
  readonly makesTopics?: boolean
  /** After so long without a word a member is thought dead, and its partitions go to others; in ms. */
  readonly sessionTimeoutMs?: number
  /** The most records given to an owner at once. */
  readonly batchMax?: number
  /** For sessions and pauses, which are the machine's own time even where the hub's clock is moved by hand. */
  readonly clock?: Clock
}

/**
 * The log of a hub on several machines: Kafka 2.3 or later, spoken to through kafkajs. At least once,
 * in order for each partition. Does not connect before it is used.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<Log> {
  return new KafkaLog(options)
}

/** Look-back wants one record: what is read first is small, and what follows grows. */
const firstReadBytes = 16 * 1024
const readBytesMax = 4 * 1024 * 1024

class KafkaLog implements Log {
  readonly #options: KafkaLogOptions
  readonly #clock: Clock
  readonly #client: KafkaClient
  readonly #appendClient: KafkaClient
  readonly #appender: KafkaAppender
  readonly #consumers = new Set<Consumer>()

  constructor(options: KafkaLogOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock()
    this.#client = new KafkaClient(options)
    this.#appendClient = this.#client.another()
    this.#appender = new KafkaAppender(this.#appendClient, this.#clock)
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    const { replicationFactor = 3, makesTopics = true } = this.#options
    if (!makesTopics) await this.#assertThere(topics)
    return ensureKafkaTopics(this.#client, topics, replicationFactor, this.#clock)
  }

  async #assertThere(topics: readonly TopicSpec[]): Promise<void> {
    const admin = await this.#client.admin()
    try {
      const there = new Set(await admin.listTopics())
      const missing = topics.find(({ name }) => !there.has(this.#client.prefix + name))
      if (missing) throw unknownTopic(missing.name)
    } catch (error) {
      throw hubErrorOf(error)
    } finally {
      await admin.disconnect().catch(() => undefined)
    }
  }

  append(records: readonly OutgoingRecord[]): Promise<void> {
    return this.#appender.append(records)
  }

  async consume(group: string, topics: readonly string[], owner: TaskOwner): Promise<Consumer> {
    const consumer = await startKafkaConsumer({
      client: this.#client,
      clock: this.#clock,
      group,
      topics,
      owner,
      sessionTimeoutMs: this.#options.sessionTimeoutMs ?? 6_000,
      batchMax: this.#options.batchMax ?? 1_000,
    })
    this.#consumers.add(consumer)
    return consumer
  }

  async *read(topic: string, partition: number, from: bigint): AsyncIterable<readonly LogRecord[]> {
    const { end } = await this.bounds(topic, partition)
    let maxBytes = firstReadBytes
    for (let next = from; next < end; maxBytes = Math.min(maxBytes * 8, readBytesMax)) {
      const fetched = await this.#client.fetch({ topic, partition, offset: next }, { maxBytes })
      const wanted = fetched.records.filter(({ offset }) => offset < end)
      if (fetched.next === next) throw unreadable(topic, partition)
      if (wanted.length > 0) yield wanted
      next = fetched.next
    }
  }

  bounds(topic: string, partition: number): Promise<Bounds> {
    return this.#client.bounds(topic, partition)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer[Symbol.asyncDispose]()))
    await this.#appender.idle()
    await Promise.all([this.#client.close(), this.#appendClient.close()])
  }
}

const unreadable = (topic: string, partition: number) =>
  new HubError('HUB_LOG_UNAVAILABLE', `${topic}/${partition} gave nothing where it holds something`)
