import { HubError } from '@throughline/domain'
import type { Clock } from '../clock.ts'
import { partitionOf } from '../partition.ts'
import type { OutgoingRecord } from '../ports.ts'
import type { KafkaBroker } from './kafka-broker.ts'
import { hubErrorOf, type KafkaClient, kafkaErrorType } from './kafka-client.ts'

interface Append {
  readonly records: readonly OutgoingRecord[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Records of one partition that go in one request, and their place in the producer's count of them. */
interface Batch {
  readonly topic: string
  readonly partition: number
  readonly records: OutgoingRecord[]
  bytes: number
  firstSequence: number
}

interface Producer {
  readonly producerId: string
  readonly producerEpoch: number
  readonly sequences: Map<string, number>
}

/** Well below what a broker takes in one batch (1 MiB unless configured otherwise). */
const batchBytesMax = 512 * 1024
const roundBytesMax = 4 * 1024 * 1024
const pauseMs = 100
/** Without transactions it means nothing, but the request has the field. */
const transactionTimeout = 60_000

/** Refused before anything was written: the same request may go again, to whoever leads by then. */
const notWritten: ReadonlySet<string> = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'NOT_ENOUGH_REPLICAS',
  'BROKER_NOT_AVAILABLE',
  'REPLICA_NOT_AVAILABLE',
])

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

  constructor(client: KafkaClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  append(records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve()
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
      const batches: Batch[][] = []
      const together: Append[] = []
      for (let bytes = 0; this.#waiting.length > 0 && bytes < roundBytesMax; ) {
        const append = this.#waiting.shift() as Append
        try {
          bytes += await this.#place(append.records, batches)
          together.push(append)
        } catch (error) {
          append.reject(error)
        }
      }
      try {
        for (const round of batches) await this.#send(round)
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

  /** Puts all records, or none, into rounds that hold one batch of each partition. Gives their bytes. */
  async #place(records: readonly OutgoingRecord[], rounds: Batch[][]): Promise<number> {
    const counts = new Map<string, number>()
    for (const { topic } of records) {
      if (!counts.has(topic)) counts.set(topic, await this.#partitionsOf(topic))
    }
    let total = 0
    for (const record of records) {
      const partition = partitionOf(record.key, counts.get(record.topic) as number)
      const bytes = 100 + record.key.length + (record.value?.length ?? 0)
      total += bytes
      batchFor(rounds, record.topic, partition, bytes).records.push(record)
    }
    return total
  }

  /** A topic just made is not known to every broker at once. */
  async #partitionsOf(topic: string): Promise<number> {
    const until = this.#clock.now() + 1_000
    for (;;) {
      try {
        return await this.#client.use((connected) => connected.partitionsOf(topic))
      } catch (error) {
        if (this.#clock.now() >= until) throw error
        if (!(error instanceof HubError) || error.code !== 'HUB_TOPIC_DRIFT') throw error
        await this.#clock.until(this.#clock.now() + pauseMs)
      }
    }
  }

  /** Until every batch is written, or the time for one request is over. Throws when the outcome is unknown. */
  async #send(round: readonly Batch[]): Promise<void> {
    const until = this.#clock.now() + this.#client.requestTimeoutMs
    for (let left = round; left.length > 0; ) {
      left = await this.#sendOnce(left)
      if (left.length === 0) return
      if (this.#clock.now() >= until) throw new HubError('HUB_LOG_UNAVAILABLE', 'no leader took it')
      await this.#clock.until(this.#clock.now() + pauseMs)
    }
  }

  /** Gives the batches that were certainly not written. */
  async #sendOnce(batches: readonly Batch[]): Promise<readonly Batch[]> {
    const refused: Batch[] = []
    const byLeader = new Map<KafkaBroker, Batch[]>()
    const producer = await this.#client.use(() => this.#initialised()).catch(() => undefined)
    if (!producer) return batches
    for (const batch of batches) {
      const leader = await this.#client
        .use((connected) => connected.leader(batch.topic, batch.partition))
        .catch(() => undefined)
      if (!leader) refused.push(batch)
      else byLeader.set(leader, [...(byLeader.get(leader) ?? []), batch])
    }
    const outcomes = await Promise.allSettled(
      [...byLeader].map(([leader, theirs]) => this.#produce(leader, theirs, producer)),
    )
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'rejected') throw outcome.reason
      if (!outcome.value) refused.push(...([...byLeader.values()][i] as Batch[]))
    }
    return refused
  }

  async #initialised(): Promise<Producer> {
    if (this.#producer) return this.#producer
    const { producerId, producerEpoch } = await this.#client.use(async ({ cluster }) => {
      const broker = (await cluster.findControllerBroker()) as KafkaBroker
      return broker.initProducerId({ transactionTimeout })
    })
    this.#producer = { producerId, producerEpoch, sequences: new Map() }
    return this.#producer
  }

  /** Whether they were written; false when they certainly were not. */
  async #produce(
    leader: KafkaBroker,
    batches: readonly Batch[],
    producer: Producer,
  ): Promise<boolean> {
    const { prefix, requestTimeoutMs } = this.#client
    const topicData = batches.map((batch) => ({
      topic: prefix + batch.topic,
      partitions: [
        {
          partition: batch.partition,
          firstSequence: sequenceOf(batch, producer),
          messages: batch.records.map(messageOf),
        },
      ],
    }))
    return this.#client.use(async ({ cluster }) => {
      try {
        // The broker gives up first, so that its answer is heard.
        const timeout = requestTimeoutMs - 1_000
        const { producerId, producerEpoch } = producer
        const request = { producerId, producerEpoch, acks: -1, timeout, topicData }
        await leader.produce(request as unknown as Parameters<KafkaBroker['produce']>[0])
        return true
      } catch (error) {
        if (!notWritten.has(kafkaErrorType(error))) throw error
        await cluster.refreshMetadata()
        return false
      }
    })
  }
}

function batchFor(rounds: Batch[][], topic: string, partition: number, bytes: number): Batch {
  const mine = (batch: Batch) => batch.topic === topic && batch.partition === partition
  const last = rounds.findLastIndex((round) => round.some(mine))
  const open = rounds[last]?.find(mine)
  if (open && open.bytes + bytes <= batchBytesMax) {
    open.bytes += bytes
    return open
  }
  const batch: Batch = { topic, partition, records: [], bytes, firstSequence: -1 }
  const round = rounds[last + 1]
  if (round) round.push(batch)
  else rounds.push([batch])
  return batch
}

const sequencesMax = 2 ** 31

/** The same one each time a batch is sent: that is how a broker knows it has it already. */
function sequenceOf(batch: Batch, { sequences }: Producer): number {
  if (batch.firstSequence < 0) {
    const place = `${batch.topic}/${batch.partition}`
    batch.firstSequence = sequences.get(place) ?? 0
    sequences.set(place, (batch.firstSequence + batch.records.length) % sequencesMax)
  }
  return batch.firstSequence
}

const messageOf = ({ key, value, id, headers }: OutgoingRecord) => ({
  key,
  value: value && Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  headers: { ...headers, eid: id },
})
