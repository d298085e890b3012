import type { Views } from '../ports.ts'
import type { PostgresDatabase } from './postgres-database.ts'
import { viewOf } from './read-rows.ts'

/** What pages read, from the primary: a replica may lag behind a withdrawal. */
export function createPostgresViews({ db }: { readonly db: PostgresDatabase }): Views {
  return {
    async get(view, id) {
      await db.schedule.at('views.get.before', view)
      const [row] = await db.query('SELECT * FROM view_row WHERE view = $1 AND id = $2', [view, id])
      return row && viewOf(row)
    },
    async list({ view, reader, personId, states, limit }) {
      await db.schedule.at('views.list.before', view)
      const rows = await db.query(
        `SELECT * FROM view_row WHERE view = $1 AND ($2::text IS NULL OR reader = $2)
           AND ($3::text IS NULL OR person_id = $3) AND ($4::text[] IS NULL OR state = ANY($4))
         ORDER BY sort, id LIMIT $5`,
        [view, reader ?? null, personId ?? null, states ?? null, limit],
      )
      return rows.map(viewOf)
    },
    async counts(prefix) {
      await db.schedule.at('views.counts.before')
      const rows = await db.query(
        `SELECT name, sum(value)::bigint AS value FROM counter WHERE starts_with(name, $1) GROUP BY name`,
        [prefix],
      )
      return new Map(rows.map(({ name, value }) => [String(name), Number(value)]))
    },
  }
}
