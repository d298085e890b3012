import type { Clock } from '../clock.ts'
import { partitionOf } from '../partition.ts'
import type { Bounds, Log, LogRecord, OutgoingRecord, TopicSpec } from '../ports.ts'
import { noSchedule, type Schedule } from '../schedule.ts'
import { type ReadablePartitions, startReaders } from './reader.ts'
import { checkDrift, unknownTopic } from './topic-drift.ts'

interface Partition {
  start: bigint
  end: bigint
  records: LogRecord[]
  readonly listeners: Set<() => void>
}

/** What the brokers hold: it outlives any one process of a simulation. */
export class MemoryLogData {
  readonly topics = new Map<
    string,
    { readonly spec: TopicSpec; readonly partitions: Partition[] }
  >()

  partition(topic: string, partition: number): Partition {
    const found = this.topics.get(topic)?.partitions[partition]
    if (!found) throw unknownTopic(topic)
    return found
  }

  /** A fault: everything from `end` on is gone, and new records take those offsets. */
  truncate(topic: string, partition: number, end: bigint): void {
    const at = this.partition(topic, partition)
    at.records = at.records.filter((record) => record.offset < end)
    at.end = end
  }

  /** Retention: everything below `start` is gone. */
  dropBefore(topic: string, partition: number, start: bigint): void {
    const at = this.partition(topic, partition)
    at.records = at.records.filter((record) => record.offset >= start)
    at.start = start
  }
}

export interface MemoryLogOptions {
  readonly clock: Clock
  readonly data?: MemoryLogData
  readonly schedule?: Schedule
  readonly batchMax?: number
}

/** A log in memory, for the simulation and tests. Several may share the same data, as processes share brokers. */
export function createMemoryLog(options: MemoryLogOptions): Log {
  const { clock, data = new MemoryLogData(), schedule = noSchedule, batchMax = 500 } = options
  const readable: ReadablePartitions = {
    partitionsOf: (topic) => {
      const found = data.topics.get(topic)
      if (!found) throw unknownTopic(topic)
      return found.partitions.length
    },
    bounds: (topic, partition) => {
      const { start, end } = data.partition(topic, partition)
      return { start, end }
    },
    slice: (topic, partition, from, limit) =>
      sliceOf(data.partition(topic, partition), from, limit),
    onAppend: (topic, partition, listener) => {
      const { listeners } = data.partition(topic, partition)
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return {
    async ensureTopics(topics) {
      await schedule.at('log.topics.before')
      for (const spec of topics) ensureTopic(data, spec)
      await schedule.at('log.topics.after')
    },
    async append(records) {
      const detail = detailOf(records)
      await schedule.at('log.append.before', detail)
      appendAll(data, records, clock.now())
      await schedule.at('log.append.after', detail)
    },
    consume: (group, topics, owner) =>
      startReaders(readable, {
        group,
        topics,
        owner,
        schedule,
        batchMax,
        breathe: () => undefined,
      }),
    async *read(topic, partition, from) {
      await schedule.at('log.read.before', `${topic}/${partition}`)
      const { end } = readable.bounds(topic, partition)
      for (let next = from; next < end; ) {
        const batch = readable.slice(topic, partition, next, batchMax)
        const wanted = batch.filter((record) => record.offset < end)
        if (wanted.length === 0) return
        yield wanted
        next = (wanted.at(-1) as LogRecord).offset + 1n
      }
    },
    async bounds(topic, partition): Promise<Bounds> {
      await schedule.at('log.bounds.before', `${topic}/${partition}`)
      return readable.bounds(topic, partition)
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

function ensureTopic(data: MemoryLogData, spec: TopicSpec): void {
  const existing = data.topics.get(spec.name)
  if (existing) return checkDrift(existing.spec, spec)
  const partitions = Array.from({ length: spec.partitions }, () => ({
    start: 0n,
    end: 0n,
    records: [],
    listeners: new Set<() => void>(),
  }))
  data.topics.set(spec.name, { spec, partitions })
}

function appendAll(data: MemoryLogData, records: readonly OutgoingRecord[], now: number): void {
  const touched = new Set<Partition>()
  const places = records.map((record) => {
    const topic = data.topics.get(record.topic)
    if (!topic) throw unknownTopic(record.topic)
    return partitionOf(record.key, topic.partitions.length)
  })
  for (const [i, record] of records.entries()) {
    const partition = places[i] as number
    const at = data.partition(record.topic, partition)
    const headers = record.headers ?? {}
    at.records.push({ ...record, headers, partition, offset: at.end, appendedAt: now })
    at.end += 1n
    touched.add(at)
  }
  for (const { listeners } of touched) for (const listener of listeners) listener()
}

function sliceOf(at: Partition, from: bigint, limit: number): readonly LogRecord[] {
  const first = at.records[0]
  if (!first) return []
  // Nothing is compacted in memory, so offsets are consecutive.
  const index = from <= first.offset ? 0 : Number(from - first.offset)
  return at.records.slice(index, index + limit)
}

const detailOf = (records: readonly OutgoingRecord[]) =>
  [...new Set(records.map(({ topic }) => topic))].join(' ')
