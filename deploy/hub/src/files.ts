import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  createFileKeys,
  createKeyFile,
  createSqliteRegister,
  type FileKeys,
  keyFileName,
  type LocalRegister,
} from '@throughline/consent'
import {
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
  type Views,
} from '@throughline/stream'
import type { PipelineParts } from './pipeline.ts'

export interface HubFiles extends PipelineParts, AsyncDisposable {
  readonly log: SqliteLog
  readonly store: SweptStore
  readonly keys: FileKeys
  readonly register: LocalRegister
  readonly views: Views
  readonly db: HubDatabase
}

/**
 * Opens the files of a hub on one machine: state, log and keys (ADR 3). With `makeKeys` a missing key
 * file is made; otherwise it is `HUB_CONFIG_INVALID`, for a lost key file must never pass unnoticed.
 */
export async function openHubFiles(options: {
  readonly data: string
  readonly partnership: string
  readonly makeKeys: boolean
  readonly clock: Clock
  readonly random: Random
  readonly schedule?: Schedule
}): Promise<HubFiles> {
  const { data, partnership, clock, random } = options
  const schedule = options.schedule ? { schedule: options.schedule } : {}
  mkdirSync(data, { recursive: true })
  if (options.makeKeys && !existsSync(join(data, keyFileName))) {
    createKeyFile({ directory: data, random, partnerships: [partnership] })
  }
  const keys = createFileKeys({ directory: data, clock, random })
  const db = openHubDatabase(join(data, 'hub.db'), schedule)
  const register = createSqliteRegister({ db, clock })
  const log = await openSqliteLog({ path: join(data, 'log.db'), clock, ...schedule })
  return {
    clock,
    random,
    keys,
    db,
    register,
    log,
    ids: nodeIds(keys.file.hmacKey(partnership)),
    store: createSqliteStore({ db, clock, lookups: register.reader }),
    views: createSqliteViews({ db }),
    async [Symbol.asyncDispose]() {
      await log[Symbol.asyncDispose]()
      db[Symbol.dispose]()
      keys[Symbol.dispose]()
    },
  }
}
