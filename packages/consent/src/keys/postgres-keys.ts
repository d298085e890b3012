import { HubError } from '@throughline/domain'
import {
  type Clock,
  type KeyRef,
  type OpenedKey,
  type PostgresDatabase,
  type PostgresRow,
  type PostgresSend,
  type Random,
  StaleStep,
} from '@throughline/stream'
import { KeyCache } from './key-cache.ts'
import type { KeyFile } from './key-file.ts'
import {
  cannotBeHad,
  freshKey,
  type HubKeys,
  lastExpiredDay,
  unwrap,
  wasDestroyed,
  wrap,
} from './wrapping.ts'

export interface PostgresKeysOptions {
  readonly db: PostgresDatabase
  /** What wraps: read from its folder, which is never in the database nor in its backups. */
  readonly file: KeyFile
  readonly clock: Clock
  readonly random: Random
}

/** Rings in every process when a key was destroyed: all forget what they have unwrapped. */
const destroyedWake = 'keys destroyed'

const triesMax = 10

/** Keys that many processes share: the key file wraps, a table keeps what is wrapped. */
export function createPostgresKeys(options: PostgresKeysOptions): HubKeys & Disposable {
  const { db, file, clock, random } = options
  const cache = new KeyCache(clock)
  let destroyed = 0
  const stopListening = db.wakes.on(destroyedWake, () => {
    destroyed += 1
    cache.clear()
  })

  const openedFrom = ({ ref, version, wrapped }: PostgresRow): OpenedKey | undefined => {
    if (wrapped === null) return undefined
    const [name, number] = [ref as KeyRef, Number(version)]
    const key = unwrap(file.keyEncryptionKey, name, number, wrapped as Uint8Array)
    return { ref: name, version: number, key }
  }

  async function read(refs: readonly KeyRef[], send: PostgresSend = db.query) {
    const before = destroyed
    const rows = await send('SELECT ref, version, wrapped FROM data_key WHERE ref = ANY($1)', [
      refs,
    ])
    const opened = rows.flatMap((row) => openedFrom(row) ?? [])
    // One that was destroyed while its row was on its way is used once and not kept.
    if (before === destroyed) for (const one of opened) cache.keep(one)
    return new Map(opened.map((one) => [one.ref, one]))
  }

  async function open(refs: readonly KeyRef[]) {
    const cached = new Map(refs.map((ref) => [ref, cache.get(ref)]))
    const missing = [...cached].flatMap(([ref, one]) => (one === undefined ? [ref] : []))
    const found = missing.length === 0 ? undefined : await read(missing)
    return new Map(
      [...cached].map(([ref, one]) => [ref, one ?? found?.get(ref) ?? ('erased' as const)]),
    )
  }

  /** All or none: durable before it resolves. */
  async function createAll(refs: readonly KeyRef[]): Promise<ReadonlyMap<KeyRef, OpenedKey>> {
    // Always in the same order: nobody waits in a circle.
    const wanted = [...new Set(refs)].toSorted()
    const wrapped = wanted.map((ref) =>
      wrap(file.keyEncryptionKey, ref, 1, freshKey(random), random),
    )
    return db.transaction(async (send) => {
      void send(
        `INSERT INTO data_key (ref, version, wrapped, made_at)
         SELECT ref, 1, wrapped, $3 FROM unnest($1::text[], $2::bytea[]) AS made (ref, wrapped)
         ON CONFLICT DO NOTHING`,
        [wanted, wrapped, clock.now()],
      )
      const rows = await send('SELECT ref, version, wrapped FROM data_key WHERE ref = ANY($1)', [
        wanted,
      ])
      const made = new Map(
        rows.flatMap((row) => openedFrom(row) ?? []).map((one) => [one.ref, one]),
      )
      if (made.size < wanted.length) throw wasDestroyed()
      return made
    })
  }

  return {
    file,
    open: (refs) => available(() => open(refs)),
    create: (ref) =>
      available(async () => {
        const found = (await open([ref])).get(ref)
        if (found !== undefined && found !== 'erased') return found
        return (await createAll([ref])).get(ref) as OpenedKey
      }),
    createMany: (refs) => available(async () => void (await createAll(refs))),
    destroy: (ref, at) =>
      available(async () => {
        cache.drop(ref)
        const rows = await db.query(
          `INSERT INTO data_key AS known (ref, version, wrapped, made_at, destroyed_at)
           VALUES ($1, 1, NULL, $2, $2)
           ON CONFLICT (ref) DO UPDATE SET wrapped = NULL, destroyed_at = excluded.destroyed_at
             WHERE known.destroyed_at IS NULL
           RETURNING 1`,
          [ref, at],
        )
        if (rows.length > 0) db.wakes.wake(destroyedWake)
      }),
    destroyExpiredDayKeys: (now) =>
      available(async () => {
        const rows = await db.query(
          `UPDATE data_key SET wrapped = NULL, destroyed_at = $1
           WHERE ref >= 'day:' AND ref <= $2 AND wrapped IS NOT NULL RETURNING 1`,
          [now, lastExpiredDay(now)],
        )
        if (rows.length > 0) db.wakes.wake(destroyedWake)
        return rows.length
      }),
    [Symbol.dispose]() {
      stopListening()
      cache.clear()
    },
  }
}

async function available<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (cause) {
      if (cause instanceof StaleStep && tries < triesMax) continue
      if (cause instanceof HubError && cause.code === 'HUB_KEY_UNAVAILABLE') throw cause
      throw cannotBeHad(cause)
    }
  }
}
