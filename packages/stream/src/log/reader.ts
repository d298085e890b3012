import { HubError, retryFor } from '@throughline/domain'
import type { Bounds, Consumer, LogRecord, Position, Positions, TaskOwner } from '../ports.ts'
import type { Schedule } from '../schedule.ts'
import { Wake } from '../wakes.ts'

/** What a log in this process must offer to be consumed: synchronous reads, and a bell for each append. */
export interface ReadablePartitions {
  partitionsOf(topic: string): number
  bounds(topic: string, partition: number): Bounds
  /** Up to `limit` records from `from` on, in order. */
  slice(topic: string, partition: number, from: bigint, limit: number): readonly LogRecord[]
  onAppend(topic: string, partition: number, listener: () => void): () => void
}

export interface ReaderOptions {
  readonly group: string
  readonly topics: readonly string[]
  readonly owner: TaskOwner
  readonly schedule: Schedule
  /** The most records of one batch: what a reader far behind takes at once. */
  readonly batchMax: number
  /** Given to others between two batches, so that a backlog starves nobody. */
  readonly breathe: () => Promise<void> | undefined
}

/**
 * One loop for each partition number over all topics. All partitions are assigned before the first
 * record is given out, so that a task's neighbours exist before anybody counts on them.
 */
export async function startReaders(
  log: ReadablePartitions,
  options: ReaderOptions,
): Promise<Consumer> {
  const count = Math.max(0, ...options.topics.map((topic) => log.partitionsOf(topic)))
  const readers = Array.from({ length: count }, (_, p) => new PartitionReader(log, options, p))
  for (const reader of readers) await reader.assign()
  for (const reader of readers) reader.start()
  return {
    restart: async (partition) => {
      const reader = readers[partition]
      if (!reader) return
      await reader.stop()
      await reader.assign()
      reader.start()
    },
    busy: () => readers.some((reader) => reader.busy),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(readers.map((reader) => reader.stop()))
    },
  }
}

class PartitionReader {
  readonly #log: ReadablePartitions
  readonly #options: ReaderOptions
  readonly #partition: number
  readonly #topics: readonly string[]
  readonly #next = new Map<string, bigint>()
  #wake = new Wake()
  #running: Promise<void> | undefined
  #assigned = false
  #stopping = false
  #asleep = false
  /** While a batch is with the owner, the owner knows whether it works on it or waits. */
  #given = false

  constructor(log: ReadablePartitions, options: ReaderOptions, partition: number) {
    this.#log = log
    this.#options = options
    this.#partition = partition
    this.#topics = options.topics.filter((topic) => partition < log.partitionsOf(topic))
  }

  get busy(): boolean {
    return this.#running !== undefined && !this.#given && (!this.#asleep || this.#wake.called)
  }

  async assign(): Promise<void> {
    try {
      const positions = await this.#options.owner.assigned(this.#partition)
      for (const topic of this.#topics) this.#next.set(topic, this.#startOf(topic, positions))
      this.#assigned = true
    } catch (error) {
      this.#options.owner.faulted?.(this.#partition, error)
    }
  }

  start(): void {
    if (!this.#assigned) return
    this.#stopping = false
    this.#wake = new Wake()
    this.#running = this.#run().finally(() => {
      this.#running = undefined
      this.#assigned = false
    })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#wake.wake()
    await this.#running
  }

  async #run(): Promise<void> {
    const { owner } = this.#options
    const wake = this.#wake
    const unlisten = this.#topics.map((topic) =>
      this.#log.onAppend(topic, this.#partition, () => wake.wake()),
    )
    try {
      while (!this.#stopping) {
        if (await this.#giveOut()) continue
        this.#asleep = true
        await wake.sleep()
        this.#asleep = false
        wake.reset()
      }
      await owner.revoked(this.#partition)
    } catch (error) {
      owner.faulted?.(this.#partition, error)
    } finally {
      for (const stop of unlisten) stop()
    }
  }

  /** One batch of each topic that has any; whether there was one. */
  async #giveOut(): Promise<boolean> {
    const { group, schedule, batchMax, breathe } = this.#options
    let any = false
    for (const topic of this.#topics) {
      const from = this.#next.get(topic) as bigint
      if (from < this.#log.bounds(topic, this.#partition).start) {
        throw positionLost(topic, this.#partition, 'the retention has passed it')
      }
      const batch = this.#log.slice(topic, this.#partition, from, batchMax)
      const last = batch.at(-1)
      if (!last) continue
      any = true
      const detail = `${group} ${topic}/${this.#partition}`
      if (!(await arrives(schedule, 'log.deliver.before', detail))) continue
      if (this.#stopping) return true
      await this.#give(batch)
      this.#next.set(topic, last.offset + 1n)
      await arrives(schedule, 'log.deliver.after', detail)
      await breathe()
    }
    return any
  }

  async #give(batch: readonly LogRecord[]): Promise<void> {
    const given = this.#options.owner.records(this.#partition, batch)
    this.#given = true
    try {
      await given
    } finally {
      this.#given = false
    }
  }

  #startOf(topic: string, positions: Positions): bigint {
    const { start, end } = this.#log.bounds(topic, this.#partition)
    const position = positions.get(topic)
    if (!position) return start
    if (position.offset < start || position.offset > end) {
      throw positionLost(topic, this.#partition, 'it lies outside the log')
    }
    this.#checkAnchor(topic, position)
    return position.offset
  }

  #checkAnchor(topic: string, { offset, anchor }: Position): void {
    if (anchor === null || offset === 0n) return
    const before = this.#log.slice(topic, this.#partition, offset - 1n, 1)[0]
    // Compaction and retention may have taken the record; only another one in its place is a fault.
    if (before?.offset === offset - 1n && before.id !== anchor) {
      throw positionLost(topic, this.#partition, 'another record lies before it')
    }
  }
}

/** Whether the harness let it through. A fetch that fails on the way is simply made again. */
async function arrives(schedule: Schedule, point: string, detail: string): Promise<boolean> {
  try {
    await schedule.at(point, detail)
    return true
  } catch (error) {
    if (retryFor(error) === 'never') throw error
    return false
  }
}

export const positionLost = (topic: string, partition: number, rule: string) =>
  new HubError('HUB_POSITION_LOST', `the position in ${topic}/${partition} is lost: ${rule}`)
