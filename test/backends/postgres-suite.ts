import { migratePostgres } from '@throughline/stream'
import { afterAll, beforeAll, describe } from 'vitest'
import { type PostgresServer, startPostgres, whyNoPostgres } from './postgres.ts'

/** What a suite has of its server, once its tests run. */
export interface PostgresSuite {
  server(): PostgresServer
  /** A migrated database of one's own, by its address. */
  newDatabase(): Promise<string>
}

/** A suite with a PostgreSQL server of its own; skipped, and says why, where there is none. */
export function describeOnPostgres(name: string, suite: (postgres: PostgresSuite) => void): void {
  const missing = whyNoPostgres()
  describe.skipIf(missing !== null)(`${name}${missing === null ? '' : `: ${missing}`}`, () => {
    let server: PostgresServer
    let template: string
    beforeAll(async () => {
      server = await startPostgres()
      template = await server.newDatabase()
      await migratePostgres(template)
    }, 60_000)
    // A database for each test: to sweep them all away takes a while.
    afterAll(() => server.stop(), 180_000)
    suite({ server: () => server, newDatabase: () => server.newDatabase(template) })
  })
}
