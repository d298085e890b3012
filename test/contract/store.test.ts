import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  appendMemoryOutbox,
  appendSqliteOutbox,
  createMemoryStore,
  createMemoryViews,
  createSqliteStore,
  createSqliteViews,
  MemoryDatabase,
  openHubDatabase,
  registerTask,
  type Schedule,
  steppedClock,
} from '@throughline/stream'
import { memoryRegister } from '@throughline/stream/testing'
import { describe } from 'vitest'
import { type StoreDesk, start, storeFeatures } from './store.features.ts'

describe('memory', () => storeFeatures(async () => memoryDesk(new MemoryDatabase())))

describe('sqlite', () =>
  storeFeatures(async () =>
    sqliteDesk(join(mkdtempSync(join(tmpdir(), 'throughline-store-')), 'hub.db')),
  ))

function memoryDesk(db: MemoryDatabase): StoreDesk {
  const { schedule, at } = interference()
  const clock = steppedClock(start)
  const register = memoryRegister(() => clock.now())
  return {
    store: createMemoryStore({ db, clock, lookups: register, schedule }),
    views: createMemoryViews({ db, schedule }),
    register,
    clock,
    at,
    restarted: async () => memoryDesk(db.reopened()),
    accept: (records, fail) =>
      db.transaction(() => {
        appendMemoryOutbox(db, registerTask, records, clock.now())
        if (fail) throw new Error('the acceptance fails')
      }),
    [Symbol.asyncDispose]: async () => {},
  }
}

function sqliteDesk(path: string): StoreDesk {
  const { schedule, at } = interference()
  const db = openHubDatabase(path, { schedule })
  const clock = steppedClock(start)
  const register = memoryRegister(() => clock.now())
  return {
    store: createSqliteStore({ db, clock, lookups: register }),
    views: createSqliteViews({ db }),
    register,
    clock,
    at,
    async restarted() {
      db.close()
      return sqliteDesk(path)
    },
    accept: (records, fail) =>
      db.transaction(() => {
        appendSqliteOutbox(db, registerTask, records, clock.now())
        if (fail) throw new Error('the acceptance fails')
      }),
    [Symbol.asyncDispose]: async () => db.close(),
  }
}

function interference(): { schedule: Schedule; at: StoreDesk['at'] } {
  const planned = new Map<string, () => unknown>()
  return {
    at: (point, interfere) => planned.set(point, interfere),
    schedule: {
      at(point) {
        const interfere = planned.get(point)
        planned.delete(point)
        return interfere?.() as Promise<void> | undefined
      },
    },
  }
}
