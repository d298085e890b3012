import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { HubError } from '@throughline/domain'
import type { Clock, KeyRef, Keys, OpenedKey, Random } from '@throughline/stream'
import { type KeyFile, readKeyFile } from './key-file.ts'

/** How long an unwrapped key may stay in memory (design, section 5). */
export const cachedMsMax = 60_000

/** How long a day's key lives after its day (design, decision 6). */
export const dayKeyDays = 7

const dayMs = 86_400_000
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** Keys on one machine: the key file wraps, `keys.db` keeps what is wrapped. */
export interface FileKeys extends Keys, Disposable {
  readonly file: KeyFile
  /** Makes the keys of many people in one go: a caseload that is taken over. As `create` for each. */
  createMany(refs: readonly KeyRef[]): Promise<void>
  /** Destroys the keys of days (UTC) that ended more than seven days before `now`; gives back how many. */
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
  const cache = new Map<KeyRef, { readonly opened: OpenedKey; readonly until: number }>()
  const find = db.prepare('SELECT version, wrapped FROM keys WHERE ref = ?')
  const insert = db.prepare(
    'INSERT INTO keys (ref, version, wrapped, made_at) VALUES (?, 1, ?, ?) ON CONFLICT DO NOTHING',
  )
  const spend = db.prepare(
    `INSERT INTO keys (ref, version, wrapped, made_at, destroyed_at) VALUES (?, 1, NULL, ?, ?)
     ON CONFLICT DO UPDATE SET wrapped = NULL, destroyed_at = coalesce(destroyed_at, excluded.destroyed_at)`,
  )

  const remember = (opened: OpenedKey): OpenedKey => {
    cache.set(opened.ref, { opened, until: clock.now() + cachedMsMax })
    return opened
  }

  const openOne = (ref: KeyRef): OpenedKey | 'erased' => {
    const now = clock.now()
    const cached = cache.get(ref)
    // A clock that went back must not lengthen what is kept.
    if (cached && now < cached.until && now >= cached.until - cachedMsMax) return cached.opened
    cache.delete(ref)
    const row = find.get(ref) as { version: number; wrapped: Uint8Array | null } | undefined
    if (!row || row.wrapped === null) return 'erased'
    const key = unwrap(file.keyEncryptionKey, ref, row.version, row.wrapped)
    return remember({ ref, version: row.version, key })
  }

  const createOne = (ref: KeyRef): OpenedKey => {
    const found = openOne(ref)
    if (found !== 'erased') return found
    const key = random(keyBytes)
    insert.run(ref, wrap(file.keyEncryptionKey, ref, 1, key, random), clock.now())
    const made = openOne(ref)
    if (made === 'erased') throw unavailable('this key was destroyed')
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
          for (const ref of refs) cache.delete(ref)
          if (db.isTransaction) db.exec('ROLLBACK')
          throw error
        }
      }),
    destroy: async (ref, at) =>
      available(() => {
        cache.delete(ref)
        spend.run(ref, at, at)
        scrub(db)
      }),
    destroyExpiredDayKeys: (now) =>
      available(() => {
        const rows = db
          .prepare("SELECT ref FROM keys WHERE ref LIKE 'day:%' AND wrapped IS NOT NULL")
          .all() as { ref: KeyRef }[]
        const expired = rows.map(({ ref }) => ref).filter((ref) => dayKeyEnds(ref) <= now)
        for (const ref of expired) {
          cache.delete(ref)
          spend.run(ref, now, now)
        }
        if (expired.length > 0) scrub(db)
        return expired.length
      }),
    [Symbol.dispose]: close,
  }
}

/** When the key of a day (UTC) is destroyed: seven days after the day ended. */
const dayKeyEnds = (ref: KeyRef): number =>
  Date.parse(`${ref.slice('day:'.length)}T00:00:00Z`) + (dayKeyDays + 1) * dayMs

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

function wrap(
  under: KeyObject,
  ref: KeyRef,
  version: number,
  key: Uint8Array,
  random: Random,
): Uint8Array {
  const nonce = random(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', under, nonce)
  cipher.setAAD(Buffer.from(`${ref} ${version}`))
  const sealed = [cipher.update(key), cipher.final()]
  return Buffer.concat([nonce, ...sealed, cipher.getAuthTag()])
}

function unwrap(under: KeyObject, ref: KeyRef, version: number, wrapped: Uint8Array): KeyObject {
  const end = wrapped.length - tagBytes
  const opening = createDecipheriv('aes-256-gcm', under, wrapped.subarray(0, nonceBytes))
  opening.setAAD(Buffer.from(`${ref} ${version}`))
  opening.setAuthTag(wrapped.subarray(end))
  const key = Buffer.concat([opening.update(wrapped.subarray(nonceBytes, end)), opening.final()])
  return createSecretKey(key)
}

/** Whatever keeps a key from being read now: wait, and never go on without it. */
function available<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof HubError) throw cause
    throw unavailable('a key cannot be had now', cause)
  }
}

const unavailable = (message: string, cause?: unknown): HubError =>
  new HubError('HUB_KEY_UNAVAILABLE', message, { cause })
