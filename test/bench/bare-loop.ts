import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { codecFor, decodeFramed } from '@throughline/schemas'
import { nodeIds } from '@throughline/stream'
import { newPlace, type Subject, takeAway } from './county.ts'
import { eventOf } from './events.ts'
import { morning, type Plan } from './flow.ts'

const batchMax = 500

/**
 * Events/s of a bare loop over two hops: read a batch, decode, keep one row a person, encode, append, two
 * fsyncs a batch. No encryption, consent, outbox, timers or notices: what the same disk and codec allow.
 */
export function bareLoop(plan: readonly Plan[]): number {
  const place = newPlace()
  const log = durable(join(place, 'log.db'))
  const store = durable(join(place, 'store.db'))
  try {
    for (const name of ['first', 'second', 'third']) {
      log.exec(`CREATE TABLE ${name} (at INTEGER PRIMARY KEY, key TEXT, value BLOB)`)
      store.exec(`CREATE TABLE state_${name} (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
        CREATE TABLE position_${name} (only_row INTEGER PRIMARY KEY, at INTEGER)`)
    }
    fill(log, plan)
    const start = performance.now()
    hop(log, store, 'first', 'second')
    hop(log, store, 'second', 'third')
    return plan.length / ((performance.now() - start) / 1000)
  } finally {
    log.close()
    store.close()
    takeAway(place)
  }
}

function fill(log: DatabaseSync, plan: readonly Plan[]): void {
  const ids = nodeIds(new Uint8Array(32))
  const insert = log.prepare('INSERT INTO first (key, value) VALUES (?, ?)')
  log.exec('BEGIN')
  for (const { subject, stage, round } of plan) {
    const event = eventOf(subject, stage, round, { ids, receivedAt: morning })
    insert.run(keyOf(subject), codecFor(event.type).encode(event))
  }
  log.exec('COMMIT')
}

const keyOf = (subject: Subject): string => subject.hashes[0]

function hop(log: DatabaseSync, store: DatabaseSync, from: string, to: string): void {
  const read = log.prepare(`SELECT at, key, value FROM ${from} WHERE at > ? ORDER BY at LIMIT ?`)
  const insert = log.prepare(`INSERT INTO ${to} (key, value) VALUES (?, ?)`)
  const get = store.prepare(`SELECT value FROM state_${from} WHERE key = ?`)
  const put = store.prepare(
    `INSERT INTO state_${from} VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
  )
  const keep = store.prepare(`INSERT OR REPLACE INTO position_${from} VALUES (1, ?)`)
  for (let at = 0; ; ) {
    const rows = read.all(at, batchMax) as unknown as Row[]
    const last = rows.at(-1)
    if (!last) return
    at = last.at
    const out = step(store, rows, get, put, () => keep.run(at))
    log.exec('BEGIN IMMEDIATE')
    for (const [key, value] of out) insert.run(key, value)
    log.exec('COMMIT')
  }
}

interface Row {
  readonly at: number
  readonly key: string
  readonly value: Uint8Array
}

function step(
  store: DatabaseSync,
  rows: readonly Row[],
  get: StatementSync,
  put: StatementSync,
  keep: () => void,
): (readonly [string, Uint8Array])[] {
  store.exec('BEGIN IMMEDIATE')
  const out = rows.map(({ key, value }) => {
    const event = decodeFramed(value)
    const before = get.get(key)?.['value']
    const state =
      before === undefined ? { seen: 0 } : (JSON.parse(String(before)) as { seen: number })
    put.run(key, JSON.stringify({ seen: state.seen + 1 }))
    return [key, codecFor(event.schema).encode(event.value)] as const
  })
  keep()
  store.exec('COMMIT')
  return out
}

function durable(path: string): DatabaseSync {
  const db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  return db
}
