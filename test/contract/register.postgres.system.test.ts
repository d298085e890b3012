import { createPostgresRegister } from '@throughline/consent'
import {
  createPostgresStore,
  createPostgresViews,
  migratePostgres,
  openPostgres,
  steppedClock,
} from '@throughline/stream'
import { afterAll, beforeAll, describe } from 'vitest'
import { type PostgresServer, startPostgres, whyNoPostgres } from '../backends/postgres.ts'
import { registerFeatures } from './register.features.ts'
import { type Desk, type KeptRow, start } from './register-desk.ts'

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

  registerFeatures(async () => postgresDesk(await server.newDatabase(template)))
})

async function postgresDesk(url: string): Promise<Desk> {
  const db = await openPostgres({ url, connectionsMax: 4 })
  const clock = steppedClock(start)
  const register = await createPostgresRegister({ db, clock })
  await register.abandonPermits()
  let next: Desk | undefined
  return {
    register,
    clock,
    store: createPostgresStore({ db, clock }),
    views: createPostgresViews({ db }),
    async kept(kind, key) {
      const [found] = await db.query('SELECT row FROM register_row WHERE kind = $1 AND key = $2', [
        kind,
        key,
      ])
      return found && (JSON.parse(String(found['row'])) as KeptRow)
    },
    audit: async () =>
      (await db.query('SELECT text FROM register_audit ORDER BY seq')).map(({ text }) =>
        String(text),
      ),
    async restarted() {
      await db.close()
      next = await postgresDesk(url)
      return next
    },
    async loseAudit() {
      await db.query('DROP TABLE register_audit')
    },
    async [Symbol.asyncDispose]() {
      await db.close()
      await next?.[Symbol.asyncDispose]()
    },
  }
}
