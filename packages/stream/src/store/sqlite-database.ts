import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { HubError } from '@throughline/domain'
import { noSchedule, type Schedule } from '../schedule.ts'
import { Wakes } from '../wakes.ts'

/** The one database of Store and Register on a single machine: whatever must hold together is one transaction. */
export interface HubDatabase extends Disposable {
  /** Runs statements that give nothing back: schema, pragmas. */
  exec(sql: string): void
  /** A statement prepared once and kept. */
  prepare(sql: string): StatementSync
  /** BEGIN IMMEDIATE, the synchronous function, COMMIT; whatever it throws rolls everything back. */
  transaction<T>(work: () => T): T
  /** A read of several statements that sees one moment. Inside a transaction it is simply part of it. */
  snapshot<T>(work: () => T): T
  /** Runs once the open transaction has committed (now, when none is open); never after a rollback. */
  afterCommit(work: () => void): void
  close(): void
  readonly schedule: Schedule
  readonly wakes: Wakes
}

/**
 * Opens (and creates) the file, durable before an acknowledgement: WAL, `synchronous=FULL`, foreign
 * keys on. The settings are read back, and differing ones are `HUB_CONFIG_INVALID`. `':memory:'` is
 * for tests.
 */
export function openHubDatabase(
  path: string,
  { schedule = noSchedule, wakes = new Wakes() }: { schedule?: Schedule; wakes?: Wakes } = {},
): HubDatabase {
  const db = openDurable(path, hubFormat)
  // States of different people lie on different pages: with SQLite's own 2 MB most would be read anew,
  // and a checkpoint every 4 MB would copy the same pages again and again. Here it is 32 MB and 64 MB.
  db.exec('PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 16000')
  const statements = new Map<string, StatementSync>()
  const prepare = (sql: string) => {
    let statement = statements.get(sql)
    if (!statement) statements.set(sql, (statement = db.prepare(sql)))
    return statement
  }
  let afterwards: (() => void)[] = []
  const within = <T>(begin: string, work: () => T): T => {
    unavailable(() => prepare(begin).run())
    afterwards = []
    let result: T
    try {
      result = work()
      unavailable(() => prepare('COMMIT').run())
    } catch (error) {
      if (db.isTransaction) prepare('ROLLBACK').run()
      throw error
    }
    for (const work of afterwards) work()
    return result
  }
  const close = () => {
    statements.clear()
    if (db.isOpen) db.close()
  }
  return {
    exec: (sql) => db.exec(sql),
    prepare,
    transaction: (work) => within('BEGIN IMMEDIATE', work),
    snapshot: (work) => (db.isTransaction ? work() : within('BEGIN', work)),
    afterCommit: (work) => {
      if (db.isTransaction) afterwards.push(work)
      else work()
    },
    close,
    [Symbol.dispose]: close,
    schedule,
    wakes,
  }
}

/** How the tables are written. A file of another format is refused: nothing in it would be found. */
const hubFormat = 1

/**
 * A connection with the settings that both files of the hub must have. A new file is marked with the
 * format; one that is marked otherwise, or not at all, is `HUB_CONFIG_INVALID`.
 */
export function openDurable(path: string, format: number): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5000 })
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
  const read = (name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]
  const journal = read('journal_mode')
  const durable =
    (journal === 'wal' || path === ':memory:') &&
    read('synchronous') === 2 &&
    read('foreign_keys') === 1
  if (!durable) {
    db.close()
    throw new HubError('HUB_CONFIG_INVALID', 'SQLite does not keep the durability settings')
  }
  if (db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined) {
    db.exec(`PRAGMA user_version = ${format}`)
  } else if (read('user_version') !== format) {
    db.close()
    throw new HubError('HUB_CONFIG_INVALID', 'a database file has a format that is not known here')
  }
  return db
}

// Busy, full or broken disks pass, or an operator mends them: the runtime waits and tries again.
const passing = new Set([5, 6, 10, 13, 14])

/** Runs it, and gives SQLite's passing troubles the code that is retried. */
function unavailable<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const code = (cause as { errcode?: number }).errcode
    if (code === undefined || !passing.has(code & 0xff)) throw cause
    throw new HubError('HUB_STORE_UNAVAILABLE', 'the database cannot be written now', { cause })
  }
}
