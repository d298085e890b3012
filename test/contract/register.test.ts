import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryRegister, createSqliteRegister } from '@throughline/consent'
import {
  createMemoryStore,
  createMemoryViews,
  createSqliteStore,
  createSqliteViews,
  MemoryDatabase,
  type MemoryTable,
  openHubDatabase,
  steppedClock,
} from '@throughline/stream'
import { describe } from 'vitest'
import { type Desk, registerFeatures, start } from './register.features.ts'

describe('memory', () => registerFeatures(async () => memoryDesk(new FragileDatabase())))

describe('sqlite', () =>
  registerFeatures(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'throughline-register-'))
    return sqliteDesk(directory)
  }))

/** A memory database whose audit can be lost. */
class FragileDatabase extends MemoryDatabase {
  lost = false

  override table<Row>(name: string): MemoryTable<Row> {
    const table = super.table<Row>(name)
    if (name !== 'register_audit') return table
    const set = (key: string, row: Row): void => {
      if (this.lost) throw new Error('the disk is full')
      table.set(key, row)
    }
    return Object.assign(Object.create(table) as MemoryTable<Row>, { set })
  }
}

function memoryDesk(database: MemoryDatabase): Desk {
  const clock = steppedClock(start)
  const register = createMemoryRegister({ database, clock })
  register.abandonPermits()
  return {
    register,
    clock,
    store: createMemoryStore({ db: database, clock, lookups: register.reader }),
    views: createMemoryViews({ db: database }),
    restarted: async () => memoryDesk(database.reopened()),
    async loseAudit() {
      if (database instanceof FragileDatabase) database.lost = true
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

function sqliteDesk(directory: string): Desk {
  const db = openHubDatabase(join(directory, 'hub.db'))
  const clock = steppedClock(start)
  const register = createSqliteRegister({ db, clock })
  let next: Desk | undefined
  return {
    register,
    clock,
    store: createSqliteStore({ db, clock, lookups: register.reader }),
    views: createSqliteViews({ db }),
    async restarted() {
      db.close()
      next = sqliteDesk(directory)
      return next
    },
    async loseAudit() {
      db.exec('DROP TABLE register_audit')
    },
    async [Symbol.asyncDispose]() {
      db.close()
      await next?.[Symbol.asyncDispose]()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
