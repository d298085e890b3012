import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { HubError } from '@throughline/domain'
import type { Clock } from '../clock.ts'
import { partitionOf } from '../partition.ts'
import type { Log, LogRecord, OutgoingRecord, TopicSpec } from '../ports.ts'
import { noSchedule, type Schedule } from '../schedule.ts'
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

/** One partition of one topic. Its records' row ids are `id * offsets + offset`. */
interface Stream {
  readonly id: number
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
const offsets = 2 ** 38
const tailBytesMax = 512 * 1024
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
    this.#db = openDurable(path)
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
    const written: [Stream, LogRecord][] = []
    const ends = new Map<Stream, number>()
    try {
      this.#transaction(() => {
        const now = this.#clock.now()
        for (const { records } of pending) {
          for (const record of records) written.push(this.#insert(record, now, ends))
        }
        for (const [stream, end] of ends) this.#statements.setEnd.run(end, stream.id)
        void this.#schedule.at('log.append.written')
      })
    } catch (cause) {
      const error = new HubError('HUB_LOG_UNAVAILABLE', 'the log cannot be written now', { cause })
      for (const { reject } of pending) reject(error)
      return
    }
    for (const [stream, record] of written) cache(stream, record)
    for (const [stream, end] of ends) stream.end = end
    for (const { resolve } of pending) resolve()
    for (const stream of ends.keys()) for (const listener of stream.listeners) listener()
  }

  #insert(record: OutgoingRecord, now: number, ends: Map<Stream, number>): [Stream, LogRecord] {
    const { streams } = this.#topic(record.topic)
    const partition = partitionOf(record.key, streams.length)
    const stream = streams[partition] as Stream
    const offset = ends.get(stream) ?? stream.end
    const headers = record.headers ?? noHeaders
    this.#statements.insert.run(
      stream.id * offsets + offset,
      record.key,
      record.id,
      record.value,
      headers === noHeaders ? null : JSON.stringify(headers),
      now,
    )
    ends.set(stream, offset + 1)
    return [stream, { ...record, headers, partition, offset: BigInt(offset), appendedAt: now }]
  }

  #slice(topic: string, partition: number, from: number, limit: number): LogRecord[] {
    const stream = this.#stream(topic, partition)
    if (from >= stream.end) return []
    const cached = stream.end - stream.tail.length
    if (from >= cached) return stream.tail.slice(from - cached, from - cached + limit)
    const base = stream.id * offsets
    const rows = this.#statements.slice.all(base + from, base + stream.end, limit)
    return rows.map((row) => {
      const [position, key, id, value, headers, appendedAt] = row as unknown as Row
      return {
        topic,
        partition,
        offset: BigInt(position - base),
        key,
        id,
        value,
        headers: headers === null ? noHeaders : (JSON.parse(headers) as Record<string, string>),
        appendedAt,
      }
    })
  }

  #expire({ retentionMs }: TopicSpec, stream: Stream, now: number): number {
    if (retentionMs === null) return 0
    const base = stream.id * offsets
    // Appended in time order, so the first record young enough is where the log now starts.
    const kept = this.#statements.firstSince.get(base, base + offsets, now - retentionMs)
    const start = kept ? Number(kept['position']) - base : stream.end
    if (start <= stream.start) return 0
    const { changes } = this.#statements.deleteRange.run(base, base + start)
    this.#statements.setStart.run(start, stream.id)
    stream.start = start
    return Number(changes)
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
    const streams = this.#statements.streams.all(spec.name).map((row) => ({
      id: Number(row['id']),
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

type Row = [number, string, string, Uint8Array | null, string | null, number]

const noHeaders: Readonly<Record<string, string>> = Object.freeze({})

const tables = `
  CREATE TABLE IF NOT EXISTS topic (
    name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, retention_ms INTEGER, cleanup TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS stream (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL REFERENCES topic, partition INTEGER NOT NULL,
    start INTEGER NOT NULL DEFAULT 0, "end" INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, partition)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS record (
    position INTEGER PRIMARY KEY, key TEXT NOT NULL, id TEXT NOT NULL, value BLOB, headers TEXT,
    appended_at INTEGER NOT NULL
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
    insert: db.prepare('INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)'),
    setEnd: db.prepare('UPDATE stream SET "end" = ? WHERE id = ?'),
    setStart: db.prepare('UPDATE stream SET start = ? WHERE id = ?'),
    slice: arrays(
      db.prepare(
        'SELECT * FROM record WHERE position >= ? AND position < ? ORDER BY position LIMIT ?',
      ),
    ),
    firstSince: db.prepare(
      `SELECT position FROM record WHERE position >= ? AND position < ? AND appended_at >= ?
       ORDER BY position LIMIT 1`,
    ),
    deleteRange: db.prepare('DELETE FROM record WHERE position >= ? AND position < ?'),
    deleteOlder: db.prepare(
      `WITH this AS (SELECT position, key FROM record WHERE position >= ? AND position < ?)
       DELETE FROM record WHERE position IN (
         SELECT position FROM (
           SELECT position, max(position) OVER (PARTITION BY key) AS last FROM this
         ) WHERE position < last)`,
    ),
    deleteDead: db.prepare(
      `DELETE FROM record WHERE position >= ? AND position < ? AND value IS NULL AND appended_at < ?`,
    ),
  }
}

const specOf = (row: Record<string, unknown>): TopicSpec => ({
  name: String(row['name']),
  partitions: Number(row['partitions']),
  retentionMs: row['retention_ms'] === null ? null : Number(row['retention_ms']),
  cleanup: row['cleanup'] as TopicSpec['cleanup'],
})

function cache(stream: Stream, record: LogRecord): void {
  stream.tail.push(record)
  stream.tailBytes += 200 + (record.value?.length ?? 0)
  if (stream.tailBytes <= tailBytesMax) return
  stream.tail = stream.tail.slice(stream.tail.length >> 1)
  stream.tailBytes >>= 1
}
