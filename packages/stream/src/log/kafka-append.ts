import { HubError } from '@throughline/domain'
import type { Clock } from '../clock.ts'
import { partitionOf } from '../partition.ts'
import type { OutgoingRecord } from '../ports.ts'
import type { KafkaBroker } from './kafka-broker.ts'
import { hubErrorOf, isUnknownTopic, type KafkaClient } from './kafka-client.ts'
import { type Batch, type ProducerId, produceTo } from './kafka-produce.ts'
import { asking, isRefused, refusal, topicRefused } from './kafka-refused.ts'

interface Append {
  readonly records: readonly OutgoingRecord[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

interface OpenBatch extends Batch {
  readonly records: OutgoingRecord[]
  bytes: number
  firstSequence: number
}

interface Producer extends ProducerId {
  readonly sequences: Map<string, number>
}

/** The most of one batch, and so of one record: Kafka's own default, with room for what surrounds it. */
export const topicBytesMax = 1024 * 1024
/** Well below it: smaller batches are heard of sooner. */
const batchBytesMax = 512 * 1024
const bytesAtOnceMax = 4 * 1024 * 1024
/** About what its headers and lengths take. */
const recordBytesMin = 100
const pauseMs = 100
const unknownMsMax = 2_000
/** Without transactions it means nothing, but the request has the field. */
const transactionTimeout = 60_000

/**
 * Kafka's codes for what was refused before anything was written: unknown topic or partition, leader
 * not available, not the leader, replica not available, not enough replicas. It may go again as it is.
 */
const notWritten: ReadonlySet<number> = new Set([3, 5, 6, 9, 19])

/**
 * Appends in rounds: what arrives while one is under way goes together in the next. The producer is
 * idempotent, and thrown away after any error that leaves the outcome unknown.
 */
export class KafkaAppender {
  readonly #client: KafkaClient
  readonly #clock: Clock
  #waiting: Append[] = []
  #busy = false
  #running: Promise<void> = Promise.resolve()
  #producer: Producer | undefined
  /** A topic's partitions are fixed: another number is another topic. */
  readonly #counts = new Map<string, number>()

  constructor(client: KafkaClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  append(records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve()
    // Found here, it fails alone: the brokers would refuse everything that goes along with it.
    const large = records.find((record) => bytesOf(record) > topicBytesMax)
    if (large) return Promise.reject(tooLarge(large.topic))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ records, resolve, reject })
      if (!this.#busy) this.#running = this.#run()
    })
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#busy) await this.#running
  }

  async #run(): Promise<void> {
    this.#busy = true
    // Whoever appends in the same turn goes along.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const rounds = new Rounds()
      const together: Append[] = []
      while (this.#waiting.length > 0 && rounds.bytes < bytesAtOnceMax) {
        const append = this.#waiting.shift() as Append
        try {
          await this.#place(append.records, rounds)
          together.push(append)
        } catch (error) {
          append.reject(error)
        }
      }
      try {
        for (const round of rounds.all) await this.#send(round)
        for (const { resolve } of together) resolve()
      } catch (error) {
        this.#producer = undefined
        const reason = hubErrorOf(error)
        for (const { reject } of together) reject(reason)
      }
    }
    // In the same turn as the last look: whoever comes now finds nobody at work, and starts.
    this.#busy = false
  }

  /** All records, or none. */
  async #place(records: readonly OutgoingRecord[], rounds: Rounds): Promise<void> {
    for (const { topic } of records) {
      if (!this.#counts.has(topic)) this.#counts.set(topic, await this.#partitionsOf(topic))
    }
    for (const record of records) {
      rounds.add(record, partitionOf(record.key, this.#counts.get(record.topic) as number))
    }
  }

  /** A topic just made is not known to every broker at once. */
  async #partitionsOf(topic: string): Promise<number> {
    const until = this.#clock.now() + unknownMsMax
    for (;;) {
      try {
        return await this.#client.use((connected) => connected.partitionsOf(topic))
      } catch (error) {
        if (!isUnknownTopic(error) || this.#clock.now() >= until) throw error
        await this.#clock.until(this.#clock.now() + pauseMs)
      }
    }
  }

  /** Until every batch is written, or the time for one request is over. Throws when the outcome is unknown. */
  async #send(round: readonly OpenBatch[]): Promise<void> {
    const until = this.#clock.now() + this.#client.requestTimeoutMs
    for (let left = round; left.length > 0; ) {
      left = await this.#sendOnce(left)
      if (left.length === 0) return
      if (this.#clock.now() >= until) throw new HubError('HUB_LOG_UNAVAILABLE', 'no leader took it')
      await this.#clock.until(this.#clock.now() + pauseMs)
    }
  }

  /** Gives the batches that were certainly not written. */
  async #sendOnce(batches: readonly OpenBatch[]): Promise<readonly OpenBatch[]> {
    const refused: OpenBatch[] = []
    const byLeader = new Map<KafkaBroker, OpenBatch[]>()
    const first = batches[0]?.topic ?? ''
    const producer = await this.#client.use(() => this.#initialised(first)).catch(unlessRefused)
    if (!producer) return batches
    for (const batch of batches) {
      const leader = await this.#client
        .use((connected) => connected.leader(batch.topic, batch.partition))
        .catch(unlessRefused)
      if (!leader) refused.push(batch)
      else byLeader.set(leader, [...(byLeader.get(leader) ?? []), batch])
    }
    const outcomes = await Promise.allSettled(
      [...byLeader].map(([leader, theirs]) => this.#produce(leader, theirs, producer)),
    )
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') throw outcome.reason
      refused.push(...outcome.value)
    }
    return refused
  }

  /** Refused to whoever may write nothing at all. */
  async #initialised(topic: string): Promise<Producer> {
    if (this.#producer) return this.#producer
    const { producerId, producerEpoch } = await this.#client.use(async ({ cluster }) => {
      const broker = (await cluster.findControllerBroker()) as KafkaBroker
      return asking('write', topic, () => broker.initProducerId({ transactionTimeout }))
    })
    this.#producer = { producerId, producerEpoch, sequences: new Map() }
    return this.#producer
  }

  /** Gives the batches that were certainly not written. */
  async #produce(
    leader: KafkaBroker,
    batches: readonly OpenBatch[],
    producer: Producer,
  ): Promise<readonly OpenBatch[]> {
    const { prefix, requestTimeoutMs } = this.#client
    for (const batch of batches) number(batch, producer)
    return this.#client.use(async ({ cluster }) => {
      const codes = await produceTo(leader, producer, batches, {
        prefix,
        // The broker gives up first, so that its answer is heard.
        timeoutMs: requestTimeoutMs - 1_000,
        now: this.#clock.now(),
      })
      const denied = batches.find((_, i) => codes[i] === topicRefused)
      if (denied) throw refusal('write', denied.topic)
      const doubtful = codes.find((code) => code !== 0 && !notWritten.has(code))
      if (doubtful !== undefined) {
        throw new HubError('HUB_LOG_UNAVAILABLE', `a broker answered with code ${doubtful}`)
      }
      const refused = batches.filter((_, i) => codes[i] !== 0)
      if (refused.length > 0) await cluster.refreshMetadata()
      return refused
    })
  }
}

/** Whoever may not is not helped by another try. */
function unlessRefused(error: unknown): undefined {
  if (isRefused(error)) throw error
}

const bytesOf = ({ key, value }: OutgoingRecord) =>
  recordBytesMin + key.length + (value?.length ?? 0)

const tooLarge = (topic: string) =>
  new HubError('HUB_CONFIG_INVALID', `a record for ${topic} is larger than a topic takes`)

/** What is sent one after the other: in each round one batch at most of every partition. */
class Rounds {
  readonly all: OpenBatch[][] = []
  bytes = 0
  readonly #last = new Map<string, { readonly batch: OpenBatch; readonly round: number }>()

  add(record: OutgoingRecord, partition: number): void {
    const { topic } = record
    const bytes = bytesOf(record)
    const place = `${topic}/${partition}`
    const last = this.#last.get(place)
    this.bytes += bytes
    if (last && last.batch.bytes + bytes <= batchBytesMax) {
      last.batch.bytes += bytes
      last.batch.records.push(record)
      return
    }
    const round = last ? last.round + 1 : 0
    const batch = { topic, partition, records: [record], bytes, firstSequence: -1 }
    const batches = this.all[round]
    if (batches) batches.push(batch)
    else this.all.push([batch])
    this.#last.set(place, { batch, round })
  }
}

const sequencesMax = 2 ** 31

/** Once only: the same number each time it is sent is how a broker knows that it has it already. */
function number(batch: OpenBatch, { sequences }: Producer): void {
  if (batch.firstSequence >= 0) return
  const place = `${batch.topic}/${batch.partition}`
  batch.firstSequence = sequences.get(place) ?? 0
  sequences.set(place, (batch.firstSequence + batch.records.length) % sequencesMax)
}
