import type { ViewRow, Views } from '../ports.ts'
import type { PostgresDatabase, PostgresRow } from './postgres-database.ts'

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

const viewOf = (row: PostgresRow): ViewRow => ({
  view: String(row['view']),
  id: String(row['id']),
  version: Number(row['version']),
  personId: String(row['person_id']),
  reader: row['reader'] as string | null,
  state: String(row['state']),
  sort: Number(row['sort']),
  facts: JSON.parse(String(row['facts'])) as ViewRow['facts'],
  body: row['body'] as Uint8Array,
})
