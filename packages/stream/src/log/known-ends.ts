import { retryFor } from '@throughline/domain'
import { machinePause } from '../clock.ts'
import { partitionOf } from '../partition.ts'
import type { Log, LogRecord, OutgoingRecord, Positions, TaskOwner, TopicSpec } from '../ports.ts'

/**
 * A log that nobody outside this process appends to: so its consumers know whether anything waits for
 * them (`Consumer.busy`). For a hub on a stepped clock, which moves on when the hub is quiet.
 */
export function logWithKnownEnds(log: Log): Log {
  const partitions = new Map<string, number>()
  const ends = new Map<string, bigint>()

  async function learn(topic: string, partition: number): Promise<bigint> {
    const { start, end } = await untilDone(() => log.bounds(topic, partition))
    const place = placeOf(topic, partition)
    const known = ends.get(place)
    if (known === undefined || known < end) ends.set(place, end)
    return start
  }

  return {
    async ensureTopics(topics: readonly TopicSpec[]) {
      await log.ensureTopics(topics)
      for (const topic of topics) partitions.set(topic.name, topic.partitions)
    },
    async append(records) {
      await untilDone(() => log.append(records))
      // Before anybody hears that they are durable: until then whoever sends them is busy.
      await Promise.all([...placesOf(records, partitions)].map((place) => learn(...place)))
    },
    async consume(group, topics, owner) {
      const reading = new Reading(owner, topics, ends, learn)
      const consumer = await log.consume(group, topics, reading)
      return {
        restart: (partition) => consumer.restart(partition),
        busy: () => reading.busy,
        [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
      }
    },
    read: (topic, partition, from) => log.read(topic, partition, from),
    bounds: (topic, partition) => log.bounds(topic, partition),
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  }
}

const pauseMs = 100

/** Where the clock stands still, nobody else could wait before trying again. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (retryFor(error) === 'never') throw error
      await machinePause(pauseMs)
    }
  }
}

const placeOf = (topic: string, partition: number): string => `${topic}/${partition}`

function placesOf(
  records: readonly OutgoingRecord[],
  partitions: ReadonlyMap<string, number>,
): Iterable<readonly [topic: string, partition: number]> {
  const places = new Map<string, readonly [string, number]>()
  for (const { topic, key } of records) {
    const partition = partitionOf(key, partitions.get(topic) ?? 1)
    places.set(placeOf(topic, partition), [topic, partition])
  }
  return places.values()
}

/** An owner, and how far it has come. */
class Reading implements TaskOwner {
  readonly #owner: TaskOwner
  readonly #topics: readonly string[]
  readonly #ends: ReadonlyMap<string, bigint>
  readonly #learn: (topic: string, partition: number) => Promise<bigint>
  /** By partition: the next offset of each topic. Null while it is on its way back to us. */
  readonly #next = new Map<number, Map<string, bigint> | null>()
  /** While a batch is with the owner, the owner knows whether it works on it or waits. */
  readonly #given = new Set<number>()

  constructor(
    owner: TaskOwner,
    topics: readonly string[],
    ends: ReadonlyMap<string, bigint>,
    learn: (topic: string, partition: number) => Promise<bigint>,
  ) {
    this.#owner = owner
    this.#topics = topics
    this.#ends = ends
    this.#learn = learn
  }

  get busy(): boolean {
    for (const [partition, next] of this.#next) {
      if (this.#given.has(partition)) continue
      if (next === null) return true
      for (const [topic, offset] of next) {
        if (offset < (this.#ends.get(placeOf(topic, partition)) ?? 0n)) return true
      }
    }
    return false
  }

  async assigned(partition: number): Promise<Positions> {
    this.#next.set(partition, null)
    const positions = await this.#owner.assigned(partition)
    const next = new Map<string, bigint>()
    for (const topic of this.#topics) {
      const start = await this.#learn(topic, partition)
      next.set(topic, positions.get(topic)?.offset ?? start)
    }
    this.#next.set(partition, next)
    return positions
  }

  async records(partition: number, batch: readonly LogRecord[]): Promise<void> {
    this.#given.add(partition)
    try {
      await this.#owner.records(partition, batch)
      const last = batch.at(-1)
      if (last) this.#next.get(partition)?.set(last.topic, last.offset + 1n)
    } finally {
      this.#given.delete(partition)
    }
  }

  async revoked(partition: number): Promise<void> {
    if (this.#next.has(partition)) this.#next.set(partition, null)
    await this.#owner.revoked(partition)
  }

  faulted(partition: number, error: unknown): void {
    this.#next.delete(partition)
    this.#owner.faulted?.(partition, error)
  }
}
