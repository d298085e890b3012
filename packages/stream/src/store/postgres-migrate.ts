import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { HubError } from '@throughline/domain'
import { runner } from 'node-pg-migrate'

const folder = fileURLToPath(new URL('../../migrations', import.meta.url))
const migrationsTable = 'migration'

/** The migrations that this code needs, in order. */
const needed = (): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .toSorted()

/**
 * Brings the tables of Store and Register up to date: a step of the deployment. Services never do it
 * themselves. Whoever comes second waits for the first.
 */
export async function migratePostgres(url: string): Promise<void> {
  await runner({
    databaseUrl: url,
    dir: folder,
    direction: 'up',
    migrationsTable,
    advisoryLockMode: 'wait',
    log: () => {},
  })
}

/**
 * Raises `HUB_CONFIG_INVALID` unless every migration has been run. A newer database serves older code
 * but where a migration says otherwise.
 */
export async function assertMigrated(
  query: (text: string) => Promise<readonly Record<string, unknown>[]>,
): Promise<void> {
  const [table] = await query(`SELECT to_regclass('${migrationsTable}') IS NOT NULL AS there`)
  const rows = table?.['there'] ? await query(`SELECT name FROM ${migrationsTable}`) : []
  const done = new Set(rows.map(({ name }) => String(name)))
  const missing = needed().filter((name) => !done.has(name))
  if (missing.length === 0) return
  throw new HubError('HUB_CONFIG_INVALID', `the database is not migrated: ${missing.join(', ')}`)
}
