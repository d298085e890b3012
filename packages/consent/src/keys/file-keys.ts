import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { HubError } from '@throughline/domain'
import type { Clock, KeyRef, OpenedKey, Random } from '@throughline/stream'
import { KeyCache } from './key-cache.ts'
import { readKeyFile } from './key-file.ts'
import {
  cannotBeHad,
  freshKey,
  type HubKeys,
  lastExpiredDay,
  unwrap,
  wasDestroyed,
  wrap,
} from './wrapping.ts'

/** Keys on one machine: the key file wraps, `keys.db` keeps what is wrapped. */
export interface FileKeys extends HubKeys, Disposable {
  destroyExpiredDayKeys(now: number): number
}

/**
 * Opens the key file and the key store of a data directory. A missing key file is
 * `HUB_CONFIG_INVALID`: keys are made on purpose (`createKeyFile`), never in passing.
 */
export function createFileKeys({
  directory,
  clock,
  random,
}: {
  readonly directory: string
  readonly clock: Clock
  readonly random: Random
}): FileKeys {
  const file = readKeyFile(directory)
  const db = openStore(join(directory, 'keys.db'))
  const cache = new KeyCache(clock)
  const find = db.prepare('SELECT version, wrapped FROM keys WHERE ref = ?')
  const insert = db.prepare(
    'INSERT INTO keys (ref, version, wrapped, made_at) VALUES (?, 1, ?, ?) ON CONFLICT DO NOTHING',
  )
  const spend = db.prepare(
    `INSERT INTO keys (ref, version, wrapped, made_at, destroyed_at) VALUES (?, 1, NULL, ?, ?)
     ON CONFLICT DO UPDATE SET wrapped = NULL, destroyed_at = coalesce(destroyed_at, excluded.destroyed_at)`,
  )

  const openOne = (ref: KeyRef): OpenedKey | 'erased' => {
    const cached = cache.get(ref)
    if (cached) return cached
    const row = find.get(ref) as { version: number; wrapped: Uint8Array | null } | undefined
    if (!row || row.wrapped === null) return 'erased'
    const key = unwrap(file.keyEncryptionKey, ref, row.version, row.wrapped)
    return cache.keep({ ref, version: row.version, key })
  }

  const createOne = (ref: KeyRef): OpenedKey => {
    const found = openOne(ref)
    if (found !== 'erased') return found
    const key = freshKey(random)
    insert.run(ref, wrap(file.keyEncryptionKey, ref, 1, key, random), clock.now())
    const made = openOne(ref)
    if (made === 'erased') throw wasDestroyed()
    return made
  }

  const close = (): void => {
    cache.clear()
    if (db.isOpen) db.close()
  }

  return {
    file,
    open: async (refs) => available(() => new Map(refs.map((ref) => [ref, openOne(ref)]))),
    create: async (ref) => available(() => createOne(ref)),
    createMany: async (refs) =>
      available(() => {
        db.exec('BEGIN IMMEDIATE')
        try {
          for (const ref of refs) createOne(ref)
          db.exec('COMMIT')
        } catch (error) {
          // What was remembered of them may not be durable.
          for (const ref of refs) cache.drop(ref)
          if (db.isTransaction) db.exec('ROLLBACK')
          throw error
        }
      }),
    destroy: async (ref, at) =>
      available(() => {
        cache.drop(ref)
        spend.run(ref, at, at)
        scrub(db)
      }),
    destroyExpiredDayKeys: (now) =>
      available(() => {
        const expired = db
          .prepare("SELECT ref FROM keys WHERE ref >= 'day:' AND ref <= ? AND wrapped IS NOT NULL")
          .all(lastExpiredDay(now))
          .map(({ ref }) => ref as KeyRef)
        for (const ref of expired) {
          cache.drop(ref)
          spend.run(ref, now, now)
        }
        if (expired.length > 0) scrub(db)
        return expired.length
      }),
    [Symbol.dispose]: close,
  }
}

function openStore(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5000 })
  // What is deleted is overwritten: a destroyed key must not be found in a free page.
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
    CREATE TABLE IF NOT EXISTS keys (
      ref TEXT PRIMARY KEY, version INTEGER NOT NULL, wrapped BLOB,
      made_at INTEGER NOT NULL, destroyed_at INTEGER
    ) STRICT, WITHOUT ROWID`)
  return db
}

/** Empties the write-ahead log as well, where the wrapped key may still lie. */
const scrub = (db: DatabaseSync): void => db.exec('PRAGMA wal_checkpoint(TRUNCATE)')

/** Whatever keeps a key from being read now: wait, and never go on without it. */
function available<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof HubError) throw cause
    throw cannotBeHad(cause)
  }
}
