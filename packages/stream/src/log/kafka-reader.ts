import { HubError, retryFor } from '@throughline/domain'
import type { Clock } from '../clock.ts'
import { isFenced } from '../fenced.ts'
import type { LogRecord, Position, TaskOwner } from '../ports.ts'
import { Wake } from '../wakes.ts'
import { isUnknownTopic, type KafkaClient } from './kafka-client.ts'
import type { Fetched, Spot } from './kafka-fetch.ts'
import type { Processed } from './kafka-group.ts'
import { refusal, topicRefused } from './kafka-refused.ts'
import { positionLost } from './reader.ts'

export interface KafkaReaderOptions {
  /** For looking at the log; fetching is done by others. */
  readonly client: Pick<KafkaClient, 'use' | 'bounds' | 'fetch'>
  readonly clock: Clock
  readonly topics: readonly string[]
  readonly owner: TaskOwner
  readonly sessionTimeoutMs: number
  /** The most records of one call of the owner. No more are fetched while as many wait. */
  readonly batchMax: number
}

/** One topic of one reader. */
interface Stream {
  readonly topic: string
  /** Where to fetch next, and the id of the record before it, if that is known. */
  next: bigint
  anchor: string | null
  waiting: LogRecord[]
  /** Whether the record before `next` is still the one it was. Nothing is fetched while it is not known. */
  sure: boolean
  /** Up to where the owner has come since it was last told to the brokers. */
  processed: bigint | null
}

const pauseMs = 200
const unknownMsMax = 5_000
/** A batch that has not ended by then is not waited for: the store's lease stops its commit. */
const finishMsMax = 5_000

/** One partition number over all topics: what is fetched waits here until the owner has time for it. */
export class KafkaReader {
  readonly #options: KafkaReaderOptions
  readonly #partition: number
  /** Called when there is something to fetch, or room again. */
  readonly #onRoom: () => void
  readonly #streams = new Map<string, Stream>()
  readonly #stop = new AbortController()
  readonly #assigned = Promise.withResolvers<void>()
  #wake = new Wake()
  #life: Promise<void> = Promise.resolve()
  #ended: Promise<void> = Promise.resolve()
  #working = false
  #failure: unknown

  constructor(options: KafkaReaderOptions, partition: number, onRoom: () => void) {
    this.#options = options
    this.#partition = partition
    this.#onRoom = onRoom
  }

  /** Begins once the reader `before` it has ended. Resolves once the owner has said where to start, or has failed to. */
  start(before: Promise<void> = Promise.resolve()): Promise<void> {
    this.#life = before.then(() => this.#live())
    return this.#assigned.promise
  }

  /** Resolves, after `stop`, when the owner has done with the last batch as well, however slow it was. */
  get ended(): Promise<void> {
    return this.#ended
  }

  /** Ends the batch under way, then tells the owner that the partition is no longer its own. */
  async stop(): Promise<void> {
    const { clock, owner } = this.#options
    this.#stop.abort()
    this.#wake.wake()
    const ended = new AbortController()
    const life = this.#life.finally(() => ended.abort())
    await clock.until(clock.now() + finishMsMax, ended.signal)
    await owner.revoked(this.#partition)
    // One who was slow to take it, or to finish, has perhaps taken it only now.
    if (!ended.signal.aborted) this.#ended = life.then(() => owner.revoked(this.#partition))
  }

  /** Where to fetch for the streams that have room. */
  wanted(): Spot[] {
    if (!this.#working || this.#stop.signal.aborted) return []
    const partition = this.#partition
    return [...this.#streams.values()]
      .filter(({ sure, waiting }) => sure && waiting.length < this.#options.batchMax)
      .map(({ topic, next }) => ({ topic, partition, offset: next }))
  }

  /** Whether a stream has no room now, but will have soon. */
  get full(): boolean {
    if (!this.#working || this.#stop.signal.aborted) return false
    const { batchMax } = this.#options
    return [...this.#streams.values()].some(({ waiting }) => waiting.length >= batchMax)
  }

  /** Takes what was fetched, unless it was fetched for another spot than the present one. */
  offer({ spot, error, records, next }: Fetched): void {
    const stream = this.#streams.get(spot.topic)
    if (!stream || stream.next !== spot.offset) return
    if (error === topicRefused) return this.#fail(refusal('read', spot.topic))
    if (error !== 0) return this.doubt(spot.topic)
    if (next === stream.next) return
    const last = records.at(-1)
    stream.next = next
    stream.anchor = last && last.offset === next - 1n ? last.id : null
    for (const record of records) stream.waiting.push(record)
    this.#wake.wake()
  }

  /** After trouble with a broker: looks whether the log is still the one that was read, then goes on. */
  doubt(topic: string): void {
    const stream = this.#streams.get(topic)
    if (!stream?.sure || !this.#working) return
    stream.sure = false
    void this.#check(topic, { offset: stream.next, anchor: stream.anchor }).then(
      () => {
        stream.sure = true
        this.#onRoom()
      },
      (error: unknown) => this.#fail(error),
    )
  }

  /** The owner has found by itself that the partition is another's: no record has told it. */
  fenced(): void {
    this.#fail(new HubError('HUB_FENCED', 'the partition has another owner'))
  }

  /** How far the owner has come in each topic, where that is news. */
  processed(): readonly Processed[] {
    const news: Processed[] = []
    for (const stream of this.#streams.values()) {
      if (stream.processed === null) continue
      news.push({ topic: stream.topic, partition: this.#partition, offset: stream.processed })
      stream.processed = null
    }
    return news
  }

  #fail(error: unknown): void {
    this.#failure = error
    this.#wake.wake()
  }

  async #live(): Promise<void> {
    const { clock, owner, sessionTimeoutMs } = this.#options
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        await this.#assign()
        this.#assigned.resolve()
        await this.#run()
      } catch (error) {
        this.#working = false
        if (signal.aborted) return
        owner.faulted?.(this.#partition, error)
        // Somebody else has the lease, and the group says that it is ours. It has had the time of a
        // session to think again: either we are dead to it by then, or the partition needs somebody.
        if (!isFenced(error)) return
        await clock.until(clock.now() + sessionTimeoutMs, signal)
      } finally {
        this.#assigned.resolve()
      }
    }
    this.#assigned.resolve()
  }

  async #assign(): Promise<void> {
    const { client, owner, topics } = this.#options
    const positions = await owner.assigned(this.#partition)
    this.#streams.clear()
    this.#failure = undefined
    this.#wake = new Wake()
    for (const topic of topics) {
      const count = await this.#persistently(() =>
        client.use((connected) => connected.partitionsOf(topic)),
      )
      if (this.#partition >= count) continue
      const { offset, anchor } = await this.#check(topic, positions.get(topic))
      const news = { waiting: [], sure: true, processed: null }
      this.#streams.set(topic, { topic, next: offset, anchor, ...news })
    }
    if (this.#stop.signal.aborted) return
    this.#working = true
    this.#onRoom()
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (await this.#giveOut()) continue
      if (this.#failure !== undefined) throw this.#failure
      await this.#wake.sleep()
      this.#wake.reset()
    }
  }

  /** One batch of each topic that has any; whether there was one. */
  async #giveOut(): Promise<boolean> {
    const { batchMax, owner } = this.#options
    let any = false
    for (const stream of this.#streams.values()) {
      const last = stream.waiting[Math.min(batchMax, stream.waiting.length) - 1]
      if (!last || this.#stop.signal.aborted) continue
      any = true
      const full = stream.waiting.length >= batchMax
      const batch = stream.waiting.splice(0, batchMax)
      if (full && stream.waiting.length < batchMax) this.#onRoom()
      await owner.records(this.#partition, batch)
      stream.processed = last.offset + 1n
    }
    return any
  }

  /** Where to start; `HUB_POSITION_LOST` unless the log still is what it was there. */
  #check(topic: string, position: Position | undefined): Promise<Position> {
    return this.#persistently(async () => {
      const { client } = this.#options
      const { start, end } = await client.bounds(topic, this.#partition)
      if (!position) return { offset: start, anchor: null }
      const { offset, anchor } = position
      if (offset < start || offset > end) {
        throw positionLost(topic, this.#partition, 'it lies outside the log')
      }
      if (anchor === null || offset === start) return position
      const before = { topic, partition: this.#partition, offset: offset - 1n }
      const first = (await client.fetch(before, { maxBytes: 1 })).records[0]
      // Compaction may have taken the record; only another one in its place is a fault.
      if (first?.offset === before.offset && first.id !== anchor) {
        throw positionLost(topic, this.#partition, 'another record lies before it')
      }
      return position
    })
  }

  /** Until it succeeds, cannot succeed, or the reader is stopped. */
  async #persistently<T>(work: () => Promise<T>): Promise<T> {
    const { clock } = this.#options
    const { signal } = this.#stop
    let unknownSince: number | undefined
    for (;;) {
      try {
        return await work()
      } catch (error) {
        // A broker that has only just started may not have heard of a topic yet.
        const isUnknown = isUnknownTopic(error)
        unknownSince = isUnknown ? (unknownSince ?? clock.now()) : undefined
        const never = isUnknown
          ? clock.now() >= (unknownSince ?? 0) + unknownMsMax
          : retryFor(error) === 'never'
        if (never || signal.aborted) throw error
        await clock.until(clock.now() + pauseMs, signal)
      }
    }
  }
}
