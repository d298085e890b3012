import type { Consumer } from '../ports.ts'
import type { KafkaClient } from './kafka-client.ts'
import { fetchFrom, type Spot } from './kafka-fetch.ts'
import { GroupMember } from './kafka-group.ts'
import { KafkaReader, type KafkaReaderOptions } from './kafka-reader.ts'

export interface KafkaConsumerOptions extends KafkaReaderOptions {
  readonly client: KafkaClient
  readonly group: string
}

/** How long a broker waits for news: rather short while somebody has no room, but will soon. */
const quietWaitMs = 250
const pressedWaitMs = 20
const partitionBytesMax = 512 * 1024
const pauseMs = 200

/** Joins the group and gives out its records. Resolves once its first partitions are assigned. */
export async function startKafkaConsumer(options: KafkaConsumerOptions): Promise<Consumer> {
  const consumer = new KafkaConsumer(options)
  try {
    await consumer.start()
    return consumer
  } catch (error) {
    await consumer[Symbol.asyncDispose]()
    throw error
  }
}

/**
 * A reader for each partition number over all topics, and a loop for each broker that leads some of
 * them. A loop asks for all whose readers have room, so a slow reader holds up nobody else.
 */
class KafkaConsumer implements Consumer {
  readonly #options: KafkaConsumerOptions
  /** Its own: a broker that waits for news holds up everything else on the connection. */
  readonly #client: KafkaClient
  readonly #member: GroupMember
  readonly #readers = new Map<number, KafkaReader>()
  /** Of each partition the end of its last reader: whoever comes after waits for it. */
  readonly #ended = new Map<number, Promise<void>>()
  readonly #starting = new Set<Promise<void>>()
  readonly #fetching = new Map<string, Promise<void>>()
  readonly #stop = new AbortController()
  #mine: ReadonlySet<number> = new Set()
  #disposed: Promise<void> | undefined
  #looking = false
  #lookedLast: Promise<void> = Promise.resolve()
  #again = false

  constructor(options: KafkaConsumerOptions) {
    this.#options = options
    const { client, clock, group, topics, sessionTimeoutMs } = options
    this.#client = client.another()
    this.#member = new GroupMember(
      { client: client.another(), clock, group, topics, sessionTimeoutMs },
      {
        owned: () => [...this.#readers.keys()],
        reassign: (partitions) => this.#reassign(partitions),
        processed: () => [...this.#readers.values()].flatMap((reader) => reader.processed()),
      },
    )
  }

  async start(): Promise<void> {
    await this.#member.start()
    await Promise.all(this.#starting)
  }

  async restart(partition: number): Promise<void> {
    if (!this.#readers.has(partition)) return
    await this.#drop(partition)
    // The group may have given it to another meanwhile.
    if (this.#mine.has(partition)) await this.#take(partition)
  }

  fenced(partition: number): void {
    this.#readers.get(partition)?.fenced()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose()
    return this.#disposed
  }

  async #dispose(): Promise<void> {
    this.#stop.abort()
    await this.#reassign(new Set())
    await this.#member.leave()
    await Promise.all([this.#lookedLast, ...this.#fetching.values()])
    await this.#client.close()
  }

  async #reassign(partitions: ReadonlySet<number>): Promise<void> {
    this.#mine = partitions
    for (const partition of partitions) void this.#take(partition)
    const given = [...this.#readers.keys()].filter((partition) => !partitions.has(partition))
    await Promise.all(given.map((partition) => this.#drop(partition)))
  }

  #take(partition: number): Promise<void> {
    if (this.#stop.signal.aborted || this.#readers.has(partition)) return Promise.resolve()
    const reader = new KafkaReader(this.#options, partition, () => this.#look())
    this.#readers.set(partition, reader)
    const starting = reader
      .start(this.#ended.get(partition))
      .finally(() => this.#starting.delete(starting))
    this.#starting.add(starting)
    return starting
  }

  async #drop(partition: number): Promise<void> {
    const reader = this.#readers.get(partition)
    if (!reader) return
    await reader.stop()
    this.#ended.set(partition, reader.ended)
    if (this.#readers.get(partition) === reader) this.#readers.delete(partition)
  }

  /** Sees to it that a loop runs for every broker that leads something there is room for. */
  #look(): void {
    this.#again = true
    if (!this.#looking) this.#lookedLast = this.#startLoops()
  }

  async #startLoops(): Promise<void> {
    this.#looking = true
    while (this.#again && !this.#stop.signal.aborted) {
      this.#again = false
      try {
        for (const leader of (await this.#wanted()).keys()) {
          if (this.#fetching.has(leader)) continue
          this.#fetching.set(leader, this.#fetchFrom(leader))
        }
      } catch {
        this.#again = true
        await this.#pause()
      }
    }
    this.#looking = false
  }

  /** Fetches from one broker as long as there is room for anything it leads. */
  async #fetchFrom(leader: string): Promise<void> {
    const { prefix } = this.#client
    let spots: readonly Spot[] = []
    try {
      while (!this.#stop.signal.aborted) {
        spots = (await this.#wanted()).get(leader) ?? []
        if (spots.length === 0) return
        await this.#client.use(async (connected) => {
          const broker = await connected.broker(leader)
          const pressed = [...this.#readers.values()].some((reader) => reader.full)
          const maxWaitMs = pressed ? pressedWaitMs : quietWaitMs
          const options = { prefix, maxWaitMs, maxBytes: partitionBytesMax }
          const fetched = await fetchFrom(broker, spots, options)
          for (const part of fetched) this.#readers.get(part.spot.partition)?.offer(part)
          if (fetched.some(({ error }) => error !== 0)) await connected.cluster.refreshMetadata()
        })
      }
    } catch {
      // What is wrong is seen when the readers look at the log again.
      for (const { topic, partition } of spots) this.#readers.get(partition)?.doubt(topic)
      await this.#pause()
    } finally {
      this.#fetching.delete(leader)
      this.#look()
    }
  }

  async #wanted(): Promise<ReadonlyMap<string, readonly Spot[]>> {
    const byLeader = new Map<string, Spot[]>()
    const spots = [...this.#readers.values()].flatMap((reader) => reader.wanted())
    if (spots.length === 0) return byLeader
    await this.#client.use(async (connected) => {
      for (const spot of spots) {
        const leader = await connected.leaderId(spot.topic, spot.partition)
        const theirs = byLeader.get(leader)
        if (theirs) theirs.push(spot)
        else byLeader.set(leader, [spot])
      }
    })
    return byLeader
  }

  #pause(): Promise<void> {
    const { clock } = this.#options
    return clock.until(clock.now() + pauseMs, this.#stop.signal)
  }
}
