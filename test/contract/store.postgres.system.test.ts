import {
  appendPostgresOutbox,
  createPostgresStore,
  createPostgresViews,
  headOf,
  migratePostgres,
  openPostgres,
  type PostgresDatabase,
  registerTask,
  type Schedule,
  steppedClock,
} from '@throughline/stream'
import { memoryRegister } from '@throughline/stream/testing'
import { afterAll, beforeAll, describe } from 'vitest'
import { type PostgresServer, startPostgres, whyNoPostgres } from '../backends/postgres.ts'
import { type StoreDesk, start, storeFeatures } from './store.features.ts'

const missing = whyNoPostgres()

describe.skipIf(missing !== null)(`postgres${missing === null ? '' : `: ${missing}`}`, () => {
  let server: PostgresServer
  let template: string

  beforeAll(async () => {
    server = await startPostgres()
    template = await server.newDatabase()
    await migratePostgres(template)
  })
  // A database for each test: to sweep them all away takes a while.
  afterAll(() => server.stop(), 60_000)

  storeFeatures(async () => postgresDesk(await server.newDatabase(template)))
})

async function postgresDesk(url: string): Promise<StoreDesk> {
  const planned = new Map<string, () => unknown>()
  const schedule: Schedule = {
    at(point) {
      const interfere = planned.get(point)
      planned.delete(point)
      return interfere?.() as Promise<void> | undefined
    },
  }
  const db = await openPostgres({ url, connectionsMax: 4, schedule })
  const clock = steppedClock(start)
  return {
    store: createPostgresStore({ db, clock }),
    views: createPostgresViews({ db }),
    register: agreeing(db),
    clock,
    at: (point, interfere) => planned.set(point, interfere),
    async restarted() {
      await db.close()
      return postgresDesk(url)
    },
    async accept(records, fail) {
      await db.transaction(async (send) => {
        appendPostgresOutbox(send, registerTask, records, clock.now())
        if (fail) throw new Error('the acceptance fails')
      })
      db.wakes.wake('outbox register 1 0')
    },
    [Symbol.asyncDispose]: () => db.close(),
  }
}

/** The rows as the register writes them, under its locks. */
function agreeing(db: PostgresDatabase): StoreDesk['register'] {
  const register = memoryRegister(() => start)
  const save = (personId: string, identifiers: readonly string[]) =>
    db.transaction(async (send) => {
      const person = register.read([{ kind: 'person', personId }]).person(personId)
      void send('SELECT take_locks($1, $2)', [
        [],
        [headOf.person(personId), ...identifiers.map(headOf.claim)],
      ])
      void send(
        `INSERT INTO register_row (kind, key, row) VALUES ('people', $1, $2)
         ON CONFLICT (kind, key) DO UPDATE SET row = excluded.row, rev = DEFAULT`,
        [personId, JSON.stringify(person)],
      )
      void send(
        `INSERT INTO register_row (kind, key, owner, row) SELECT 'claims', key, $1, '{}'
         FROM unnest($2::text[]) AS key`,
        [personId, identifiers],
      )
    })
  return {
    async agree(personId, agreed = {}) {
      register.agree(personId, agreed)
      await save(personId, agreed.identifiers ?? [])
    },
    async withdraw(personId) {
      register.withdraw(personId)
      await save(personId, [])
    },
  }
}
