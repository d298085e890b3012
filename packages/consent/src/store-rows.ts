import type { Purpose } from '@throughline/domain'
import {
  appendMemoryOutbox,
  appendSqliteOutbox,
  createSqliteViews,
  type HubDatabase,
  type MemoryDatabase,
  type OutgoingRecord,
  registerTask,
  type ViewRow,
} from '@throughline/stream'
import type { NoticeRow } from './rows.ts'

/** The Store's rows that the register writes in its own transactions: the outbox, and the notices. */
export interface StoreRows {
  /** Appends one outbox row of the register's task. */
  enqueue(records: readonly OutgoingRecord[], now: number): void
  notices(personId: string): readonly NoticeRow[]
  /** Marks a notice `cancelled`; whatever its processor says later, as a higher version, wins. */
  cancelNotice(id: string): void
  /** Deletes every view's rows about a person. */
  forgetViewsOf(personId: string): void
}

const noticesView = 'notices'

/** Over the tables of the sqlite store, which this makes when the store has not yet. */
export function sqliteStoreRows(db: HubDatabase): StoreRows {
  createSqliteViews({ db })
  return {
    enqueue: (records, now) => appendSqliteOutbox(db, registerTask, records, now),
    notices: (personId) =>
      db
        .prepare('SELECT id, state, reader, facts FROM view_row WHERE view = ? AND person_id = ?')
        .all(noticesView, personId)
        .map(noticeOf),
    cancelNotice(id) {
      db.prepare("UPDATE view_row SET state = 'cancelled' WHERE view = ? AND id = ?").run(
        noticesView,
        id,
      )
    },
    forgetViewsOf(personId) {
      db.prepare('DELETE FROM view_row WHERE person_id = ?').run(personId)
    },
  }
}

/** Over the tables of the memory store. */
export function memoryStoreRows(database: MemoryDatabase): StoreRows {
  const views = database.table<ViewRow>('view_row')
  const keyOf = (id: string): string => `${noticesView}\n${id}`
  return {
    enqueue: (records, now) => appendMemoryOutbox(database, registerTask, records, now),
    notices: (personId) =>
      [...views.values()]
        .filter((row) => row.view === noticesView && row.personId === personId)
        .map(({ id, state, reader, facts }) => ({ id, state, reader, purpose: purposeOf(facts) })),
    cancelNotice(id) {
      const row = views.get(keyOf(id))
      if (row) views.set(keyOf(id), { ...row, state: 'cancelled' })
    },
    forgetViewsOf(personId) {
      for (const [key, row] of views.entries()) if (row.personId === personId) views.delete(key)
    },
  }
}

/** A row of the notices view, as the sqlite and the postgres store keep it. */
export const noticeOf = (row: Readonly<Record<string, unknown>>): NoticeRow => ({
  id: String(row['id']),
  state: String(row['state']),
  reader: row['reader'] as string | null,
  purpose: purposeOf(JSON.parse(String(row['facts'])) as ViewRow['facts']),
})

/** Notices are told for the purpose that their facts name; unless they say so, to coordinate care. */
/**
 * The purpose that a notice was made for; null for one that rests on no agency (a withdrawal, a
 * handover): nothing that is withdrawn takes it back.
 */
function purposeOf(facts: ViewRow['facts']): Purpose | null {
  const sources = facts['sources']
  if (Array.isArray(sources) && sources.length === 0) return null
  return (facts['purpose'] as Purpose | undefined) ?? 'care-coordination'
}
