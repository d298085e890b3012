import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  alwaysOurs,
  type Clock,
  createSqliteStore,
  createSqliteViews,
  type HubDatabase,
  nodeIds,
  openHubDatabase,
  openSqliteLog,
  type Random,
  type Schedule,
  type SqliteLog,
  type SweptStore,
} from '@throughline/stream'
import { verifyAudit } from './audit/verify.ts'
import type { HubPorts } from './hub-ports.ts'
import { createFileKeys, type FileKeys } from './keys/file-keys.ts'
import { makeMissingKeyFile } from './keys/key-file.ts'
import type { LocalRegister } from './local-register.ts'
import { createSqliteRegister } from './sqlite-register.ts'

/** The ports of a hub on one machine. */
export interface HubFiles extends HubPorts {
  readonly log: SqliteLog
  readonly store: SweptStore
  readonly keys: FileKeys
  readonly register: LocalRegister
  readonly db: HubDatabase
}

export interface HubFilesOptions {
  /** The data directory. */
  readonly data: string
  readonly partnership: string
  readonly makeKeys: boolean
  readonly clock: Clock
  readonly random: Random
  readonly schedule?: Schedule
}

/**
 * Opens the files of a hub on one machine: state, log and keys (ADR 3). With `makeKeys` a missing key
 * file is made; otherwise it is `HUB_CONFIG_INVALID`, for a lost key file must never pass unnoticed.
 */
export async function openHubFiles(options: HubFilesOptions): Promise<HubFiles> {
  const { data, partnership, clock, random } = options
  const schedule = options.schedule ? { schedule: options.schedule } : {}
  mkdirSync(data, { recursive: true })
  if (options.makeKeys) makeMissingKeyFile({ directory: data, random, partnerships: [partnership] })
  const keys = createFileKeys({ directory: data, clock, random })
  const db = openHubDatabase(join(data, 'hub.db'), schedule)
  const register = createSqliteRegister({ db, clock })
  const log = await openSqliteLog({ path: join(data, 'log.db'), clock, ...schedule })
  const store = createSqliteStore({ db, clock, lookups: register.reader })
  return {
    clock,
    random,
    keys,
    db,
    register,
    log,
    store,
    ids: nodeIds(keys.file.hmacKey(partnership)),
    views: createSqliteViews({ db }),
    turns: alwaysOurs,
    safetyPollMs: null,
    async sweep() {
      const now = register.now()
      register.sweep()
      keys.destroyExpiredDayKeys(now)
      await log.enforceRetention()
      await store.sweep()
    },
    verifyAudit: async () =>
      verifyAudit({
        tables: register.tables,
        partnership,
        publicKey: keys.file.auditPublicKey,
      }),
    clockSkewMs: async () => 0,
    async [Symbol.asyncDispose]() {
      await log[Symbol.asyncDispose]()
      db[Symbol.dispose]()
      keys[Symbol.dispose]()
    },
  }
}
