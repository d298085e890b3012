import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { HubError } from '@throughline/domain'
import type { Clock } from '../clock.ts'
import { partitionOf } from '../partition.ts'
import type { Log, LogRecord, OutgoingRecord, TopicSpec } from '../ports.ts'
import { noSchedule, type Schedule } from '../schedule.ts'
import { packRecords, unpackRecords } from '../store/record-blob.ts'
import { openDurable } from '../store/sqlite-database.ts'
import { type ReadablePartitions, startReaders } from './reader.ts'
import { checkDrift, unknownTopic } from './topic-drift.ts'

export interface SqliteLogOptions {
  /** The log's own file, or `':memory:'` for tests. */
  readonly path: string
  readonly clock: Clock
  readonly schedule?: Schedule
  readonly batchMax?: number
}

export interface SqliteLog extends Log {
  /**
   * Deletes what its topic no longer keeps: by age, and on compacted topics all but the last record
   * of each key (tombstones after a day). Offsets are never used again. Gives the number deleted.
   */
  enforceRetention(): Promise<number>
}

/** One partition of one topic. A row of its records lies at `id * offsets + offset of the first`. */
interface Stream {
  readonly id: number
  readonly topic: string
  readonly partition: number
  start: number
  end: number
  /** The newest records, as long as this process wrote them: readers that keep up never touch the file. */
  tail: LogRecord[]
  tailBytes: number
  readonly listeners: Set<() => void>
}

interface Topic {
  readonly spec: TopicSpec
  readonly streams: readonly Stream[]
}

interface Pending {
  readonly records: readonly OutgoingRecord[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

// All partitions of all processors go on in one turn and share a commit, so that a batch need not be
// large to be cheap, and requests get their turn in a tenth of a second even in a backlog.
const batchAtMost = 128
const logFormat = 1
const offsets = 2 ** 38
/** Each stream has a tail, and there are some two hundred of them. */
const tailBytesMax = 128 * 1024
/** What a reader far behind takes at once, so that a row is seldom unpacked for a part of it. */
const rowRecordsMax = batchAtMost
const tombstoneMs = 24 * 3600 * 1000

/** The log of a hub on one machine: one SQLite file, written by one process, fsynced before `append` resolves. */
export async function openSqliteLog(options: SqliteLogOptions): Promise<SqliteLog> {
  return new OneFileLog(options)
}

class OneFileLog implements SqliteLog {
  readonly #db: DatabaseSync
  readonly #clock: Clock
  readonly #schedule: Schedule
  readonly #batchMax: number
  readonly #topics = new Map<string, Topic>()
  readonly #statements: ReturnType<typeof prepareAll>
  readonly #readable: ReadablePartitions
  #pending: Pending[] = []
  #breath: Promise<void> | undefined

  constructor({ path, clock, schedule = noSchedule, batchMax = batchAtMost }: SqliteLogOptions) {
    this.#db = openDurable(path, logFormat)
    this.#db.exec(tables)
    this.#clock = clock
    this.#schedule = schedule
    this.#batchMax = batchMax
    this.#statements = prepareAll(this.#db)
    for (const row of this.#statements.topics.all()) this.#know(specOf(row))
    this.#readable = {
      partitionsOf: (topic) => this.#topic(topic).streams.length,
      bounds: (topic, partition) => {
        const { start, end } = this.#stream(topic, partition)
        return { start: BigInt(start), end: BigInt(end) }
      },
      slice: (topic, partition, from, limit) => this.#slice(topic, partition, Number(from), limit),
      onAppend: (topic, partition, listener) => {
        const { listeners } = this.#stream(topic, partition)
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    }
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    await this.#schedule.at('log.topics.before')
    for (const spec of topics) {
      const existing = this.#topics.get(spec.name)
      if (existing) checkDrift(existing.spec, spec)
    }
    const missing = topics.filter((spec) => !this.#topics.has(spec.name))
    this.#transaction(() => {
      for (const { name, partitions, retentionMs, cleanup } of missing) {
        this.#statements.addTopic.run(name, partitions, retentionMs, cleanup)
        for (let p = 0; p < partitions; p += 1) this.#statements.addStream.run(name, p)
      }
    })
    for (const spec of missing) this.#know(spec)
    await this.#schedule.at('log.topics.after')
  }

  async append(records: readonly OutgoingRecord[]): Promise<void> {
    if (records.length === 0) return
    await this.#schedule.at('log.append.before')
    for (const { topic } of records) this.#topic(topic)
    await new Promise<void>((resolve, reject) => {
      // Whoever appends in the same turn shares one transaction, and so one fsync.
      if (this.#pending.push({ records, resolve, reject }) === 1) setImmediate(() => this.#flush())
    })
    await this.#schedule.at('log.append.after')
  }

  consume: Log['consume'] = (group, topics, owner) =>
    startReaders(this.#readable, {
      group,
      topics,
      owner,
      schedule: this.#schedule,
      batchMax: this.#batchMax,
      breathe: () => this.#breathe(),
    })

  /** All readers draw breath together, so that their steps are committed together. */
  #breathe(): Promise<void> {
    this.#breath ??= new Promise((resolve) =>
      setImmediate(() => {
        this.#breath = undefined
        resolve()
      }),
    )
    return this.#breath
  }

  async *read(topic: string, partition: number, from: bigint) {
    const { end } = this.#stream(topic, partition)
    for (let next = Number(from); next < end; ) {
      const batch = this.#slice(topic, partition, next, Math.min(this.#batchMax, end - next))
      const last = batch.at(-1)
      if (!last) return
      yield batch
      next = Number(last.offset) + 1
    }
  }

  async bounds(topic: string, partition: number) {
    return this.#readable.bounds(topic, partition)
  }

  async enforceRetention(): Promise<number> {
    const now = this.#clock.now()
    let deleted = 0
    for (const { spec, streams } of this.#topics.values()) {
      for (const stream of streams) {
        deleted += this.#transaction(() =>
          spec.cleanup === 'compact' ? this.#compact(stream, now) : this.#expire(spec, stream, now),
        )
        // What was cached may be gone from the file.
        stream.tail = []
        stream.tailBytes = 0
      }
      // Between topics others may go on.
      await new Promise((resolve) => setImmediate(resolve))
    }
    return deleted
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush()
    if (this.#db.isOpen) this.#db.close()
  }

  #flush(): void {
    const pending = this.#pending
    this.#pending = []
    if (pending.length === 0) return
    const now = this.#clock.now()
    const arrivals = this.#placed(pending)
    try {
      this.#transaction(() => {
        for (const [stream, records] of arrivals) this.#insert(stream, records, now)
        void this.#schedule.at('log.append.written')
      })
    } catch (cause) {
      const error = new HubError('HUB_LOG_UNAVAILABLE', 'the log cannot be written now', { cause })
      for (const { reject } of pending) reject(error)
      return
    }
    for (const [stream, records] of arrivals) {
      for (const record of records) cache(stream, logRecord(stream, record, stream.end++, now))
    }
    for (const { resolve } of pending) resolve()
    for (const stream of arrivals.keys()) for (const listener of stream.listeners) listener()
  }

  #placed(pending: readonly Pending[]): ReadonlyMap<Stream, readonly OutgoingRecord[]> {
    const placed = new Map<Stream, OutgoingRecord[]>()
    for (const { records } of pending) {
      for (const record of records) {
        const { streams } = this.#topic(record.topic)
        const stream = streams[partitionOf(record.key, streams.length)] as Stream
        const neighbours = placed.get(stream)
        if (neighbours) neighbours.push(record)
        else placed.set(stream, [record])
      }
    }
    return placed
  }

  #insert(stream: Stream, records: readonly OutgoingRecord[], now: number): void {
    const { insert, setEnd } = this.#statements
    const compacted = this.#topic(stream.topic).spec.cleanup === 'compact'
    const most = compacted ? 1 : rowRecordsMax
    for (let n = 0; n < records.length; n += most) {
      const together = records.length <= most ? records : records.slice(n, n + most)
      const { key, value } = together[0] as OutgoingRecord
      insert.run(
        stream.id * offsets + stream.end + n,
        together.length,
        now,
        compacted ? key : null,
        compacted && value === null ? 1 : 0,
        packRecords(together),
      )
    }
    setEnd.run(stream.end + records.length, stream.id)
  }

  #slice(topic: string, partition: number, from: number, limit: number): LogRecord[] {
    const stream = this.#stream(topic, partition)
    if (from >= stream.end) return []
    const cached = stream.end - stream.tail.length
    if (from >= cached) return stream.tail.slice(from - cached, from - cached + limit)
    const base = stream.id * offsets
    const found: LogRecord[] = []
    for (const row of this.#statements.slice.iterate(base + from, base, base + stream.end)) {
      const [position, count, appendedAt, blob] = row as unknown as Row
      // Rows are given whole, so that none is unpacked twice by a reader that takes one batch after the other.
      if (found.length > 0 && found.length + count > limit) break
      const first = position - base
      for (const [n, record] of unpackRecords(blob).entries()) {
        const offset = first + n
        if (offset >= from && found.length < limit) {
          found.push(logRecord(stream, record, offset, appendedAt))
        }
      }
      if (found.length >= limit) break
    }
    return found
  }

  #expire({ retentionMs }: TopicSpec, stream: Stream, now: number): number {
    if (retentionMs === null) return 0
    const base = stream.id * offsets
    // Appended in time order, so the first record young enough is where the log now starts.
    const kept = this.#statements.firstSince.get(base, base + offsets, now - retentionMs)
    const start = kept ? Number(kept['position']) - base : stream.end
    if (start <= stream.start) return 0
    const { records } = this.#statements.countRange.get(base, base + start) ?? {}
    this.#statements.deleteRange.run(base, base + start)
    this.#statements.setStart.run(start, stream.id)
    stream.start = start
    return Number(records ?? 0)
  }

  #compact(stream: Stream, now: number): number {
    const base = stream.id * offsets
    const older = this.#statements.deleteOlder.run(base, base + stream.end)
    // The very last record stays, or a rebuild would wait for it for ever.
    const dead = this.#statements.deleteDead.run(base, base + stream.end - 1, now - tombstoneMs)
    return Number(older.changes) + Number(dead.changes)
  }

  #transaction<T>(work: () => T): T {
    this.#statements.begin.run()
    try {
      const result = work()
      this.#statements.commit.run()
      return result
    } catch (error) {
      if (this.#db.isTransaction) this.#statements.rollback.run()
      throw error
    }
  }

  #know(spec: TopicSpec): void {
    const streams = this.#statements.streams.all(spec.name).map((row, partition) => ({
      id: Number(row['id']),
      topic: spec.name,
      partition,
      start: Number(row['start']),
      end: Number(row['end']),
      tail: [],
      tailBytes: 0,
      listeners: new Set<() => void>(),
    }))
    this.#topics.set(spec.name, { spec, streams })
  }

  #topic(topic: string): Topic {
    const found = this.#topics.get(topic)
    if (!found) throw unknownTopic(topic)
    return found
  }

  #stream(topic: string, partition: number): Stream {
    const found = this.#topic(topic).streams[partition]
    if (!found) throw unknownTopic(`${topic}/${partition}`)
    return found
  }
}

type Row = [number, number, number, Uint8Array]

const noHeaders: Readonly<Record<string, string>> = Object.freeze({})

/**
 * What is appended at once to a partition lies in one row: a statement costs as much as the records'
 * bytes. On a compacted topic each record has its own, with its key beside it, so that it can go alone.
 */
const tables = `
  CREATE TABLE IF NOT EXISTS topic (
    name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, retention_ms INTEGER, cleanup TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS stream (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL REFERENCES topic, partition INTEGER NOT NULL,
    start INTEGER NOT NULL DEFAULT 0, "end" INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, partition)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS batch (
    position INTEGER PRIMARY KEY, count INTEGER NOT NULL, appended_at INTEGER NOT NULL,
    key TEXT, dead INTEGER NOT NULL, records BLOB NOT NULL
  ) STRICT;
`

function prepareAll(db: DatabaseSync) {
  const arrays = (statement: StatementSync) => {
    statement.setReturnArrays(true)
    return statement
  }
  return {
    begin: db.prepare('BEGIN IMMEDIATE'),
    commit: db.prepare('COMMIT'),
    rollback: db.prepare('ROLLBACK'),
    topics: db.prepare('SELECT * FROM topic'),
    streams: db.prepare('SELECT id, start, "end" FROM stream WHERE topic = ? ORDER BY partition'),
    addTopic: db.prepare('INSERT INTO topic VALUES (?, ?, ?, ?)'),
    addStream: db.prepare('INSERT INTO stream (topic, partition) VALUES (?, ?)'),
    insert: db.prepare('INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?)'),
    setEnd: db.prepare('UPDATE stream SET "end" = ? WHERE id = ?'),
    setStart: db.prepare('UPDATE stream SET start = ? WHERE id = ?'),
    slice: arrays(
      db.prepare(
        // From the row that holds the offset, which may begin before it.
        `SELECT position, count, appended_at, records FROM batch
         WHERE position < ?3 AND position >= coalesce(
           (SELECT max(position) FROM batch WHERE position <= ?1 AND position >= ?2), ?2)
         ORDER BY position`,
      ),
    ),
    firstSince: db.prepare(
      `SELECT position FROM batch WHERE position >= ? AND position < ? AND appended_at >= ?
       ORDER BY position LIMIT 1`,
    ),
    countRange: db.prepare(
      'SELECT sum(count) AS records FROM batch WHERE position >= ? AND position < ?',
    ),
    deleteRange: db.prepare('DELETE FROM batch WHERE position >= ? AND position < ?'),
    deleteOlder: db.prepare(
      `WITH this AS (SELECT position, key FROM batch WHERE position >= ? AND position < ?)
       DELETE FROM batch WHERE position IN (
         SELECT position FROM (
           SELECT position, max(position) OVER (PARTITION BY key) AS last FROM this
         ) WHERE position < last)`,
    ),
    deleteDead: db.prepare(
      `DELETE FROM batch WHERE position >= ? AND position < ? AND dead = 1 AND appended_at < ?`,
    ),
  }
}

const specOf = (row: Record<string, unknown>): TopicSpec => ({
  name: String(row['name']),
  partitions: Number(row['partitions']),
  retentionMs: row['retention_ms'] === null ? null : Number(row['retention_ms']),
  cleanup: row['cleanup'] as TopicSpec['cleanup'],
})

const logRecord = (
  { topic, partition }: Stream,
  { key, id, value, headers = noHeaders }: OutgoingRecord,
  offset: number,
  appendedAt: number,
): LogRecord => ({
  topic,
  partition,
  offset: BigInt(offset),
  key,
  id,
  value,
  headers,
  appendedAt,
})

function cache(stream: Stream, record: LogRecord): void {
  stream.tail.push(record)
  stream.tailBytes += 200 + (record.value?.length ?? 0)
  if (stream.tailBytes <= tailBytesMax) return
  stream.tail = stream.tail.slice(stream.tail.length >> 1)
  stream.tailBytes >>= 1
}
