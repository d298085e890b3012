import type { Agreement } from '@throughline/domain'
import type { HubDatabase } from '@throughline/stream'
import { createRegister, type LocalRegister } from './local-register.ts'
import { packParked, type StoredParked, unpackParked } from './parked-row.ts'
import type { RegisterOptions } from './register.ts'
import {
  type AttemptRow,
  type AuditEntry,
  type AuditRow,
  type CheckpointRow,
  changesLookups,
  type LedgerRow,
  type NoticeRow,
  type PersonRow,
  type RegisterRows,
  type RegisterTables,
  type SealRow,
  type TableName,
  tableNames,
  type Write,
} from './rows.ts'
import { expiringTables, ownerOf, sortOf } from './sort.ts'
import { sqliteStoreRows } from './store-rows.ts'

/** The register in the hub's SQLite file. One process at a time: permits of the one before are ended. */
export function createSqliteRegister({
  db,
  ...options
}: RegisterOptions & { readonly db: HubDatabase }): LocalRegister {
  const register = createRegister(sqliteTables(db), options, db.schedule)
  register.abandonPermits()
  return register
}

/** `sort` is when a row expires, when a permit of an attempt without outcome ends, or the last change. */
const schema = `
${tableNames
  .map(
    (name) => `
CREATE TABLE IF NOT EXISTS register_${name} (
  key TEXT PRIMARY KEY, owner TEXT, sort INTEGER, row ANY NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS register_${name}_sort ON register_${name} (sort) WHERE sort IS NOT NULL;`,
  )
  .join('')}
CREATE INDEX IF NOT EXISTS register_attempts_owner ON register_attempts (owner);
CREATE INDEX IF NOT EXISTS register_restated_owner ON register_restated (owner);
CREATE TABLE IF NOT EXISTS register_assignees (
  practitioner TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (practitioner, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS register_assignees_person ON register_assignees (person);
CREATE TABLE IF NOT EXISTS register_ledger (
  agency TEXT NOT NULL, hour INTEGER NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL,
  count INTEGER NOT NULL, PRIMARY KEY (agency, hour, outcome, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS register_head (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1), last_time INTEGER NOT NULL, revision INTEGER NOT NULL
) STRICT;
INSERT INTO register_head VALUES (1, 0, 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS register_audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS register_seals (
  place INTEGER PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, leaf TEXT NOT NULL, chain TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS register_checkpoints (size INTEGER PRIMARY KEY, row TEXT NOT NULL) STRICT;
`

type Cell = string | Uint8Array
type KeyedRow = { readonly key: string; readonly row: Cell }

/** Made once: a text put together anew would be hashed at every look. */
const textOf = (text: (name: TableName) => string): Readonly<Record<TableName, string>> =>
  Object.fromEntries(tableNames.map((name) => [name, text(name)])) as Record<TableName, string>

const rowByKey = textOf((name) => `SELECT row FROM register_${name} WHERE key = ?`)
/** One statement for many keys costs a third of one for each. */
const rowsByKeys = textOf(
  (name) => `SELECT asked.value AS key, row FROM json_each(?) AS asked
     CROSS JOIN register_${name} ON register_${name}.key = asked.value`,
)
const dropByKey = textOf((name) => `DELETE FROM register_${name} WHERE key = ?`)
const putByKey = textOf(
  (name) =>
    `INSERT INTO register_${name} (key, owner, sort, row) VALUES (?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, sort = excluded.sort, row = excluded.row`,
)

/** Rows as JSON under their key, with the few columns that are searched beside it. */
export function sqliteTables(db: HubDatabase): RegisterTables {
  db.exec(schema)
  const store = sqliteStoreRows(db)

  const decode = <N extends TableName>(table: N, key: string, cell: Cell): RegisterRows[N] => {
    if (table === 'sealed') return { personId: key, bytes: cell as Uint8Array } as RegisterRows[N]
    const row: unknown = JSON.parse(cell as string)
    return (table === 'parked' ? (row as StoredParked[]).map(unpackParked) : row) as RegisterRows[N]
  }

  const write = (change: Write): void => {
    const { table, key, row } = change
    if (table === 'people') writeAssignees(key, row)
    if (row === null) {
      db.prepare(dropByKey[table]).run(key)
      return
    }
    const cell =
      table === 'sealed'
        ? row.bytes
        : JSON.stringify(table === 'parked' ? row.map(packParked) : row)
    db.prepare(putByKey[table]).run(key, ownerOf(change), sortOf(change), cell)
  }

  const writeAssignees = (personId: string, row: PersonRow | null): void => {
    db.prepare('DELETE FROM register_assignees WHERE person = ?').run(personId)
    for (const { practitionerId } of row?.assignments ?? [])
      db.prepare('INSERT OR IGNORE INTO register_assignees VALUES (?, ?)').run(
        practitionerId,
        personId,
      )
  }

  const addAudit = ({ kind, facts }: AuditEntry, now: number): void => {
    const text = JSON.stringify({ at: now, kind, ...facts })
    db.prepare('INSERT INTO register_audit (at, text) VALUES (?, ?)').run(now, text)
  }

  const rows = <N extends TableName>(table: N, found: readonly unknown[]): RegisterRows[N][] =>
    (found as readonly KeyedRow[]).map(({ key, row }) => decode(table, key, row))

  const checkpointsIn = (order: string): readonly CheckpointRow[] =>
    db
      .prepare(`SELECT row FROM register_checkpoints ${order}`)
      .all()
      .map((found) => JSON.parse(String(found['row'])) as CheckpointRow)

  return {
    transaction: (work) => db.transaction(work),
    get(table, key) {
      const found = db.prepare(rowByKey[table]).get(key)
      return found && decode(table, key, found['row'] as Cell)
    },
    getAll(table, keys) {
      const found = keys.length === 0 ? [] : db.prepare(rowsByKeys[table]).all(JSON.stringify(keys))
      return new Map(
        (found as unknown as readonly KeyedRow[]).map(({ key, row }) => [
          key,
          decode(table, key, row),
        ]),
      )
    },
    apply(writes, now) {
      for (const change of writes.rows) write(change)
      if (changesLookups(writes))
        db.prepare('UPDATE register_head SET revision = revision + 1').run()
      for (const { agency, hour, outcome, reason, count } of writes.ledger)
        db.prepare(
          `INSERT INTO register_ledger VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO UPDATE SET count = count + excluded.count`,
        ).run(agency, hour, outcome, reason, count)
      for (const entry of writes.audit) addAudit(entry, now)
      if (writes.outbox.length > 0) store.enqueue(writes.outbox, now)
      for (const id of writes.cancelNotices) store.cancelNotice(id)
      for (const personId of writes.forgetViewsOf) store.forgetViewsOf(personId)
    },
    referrals: () => rows('referrals', db.prepare('SELECT key, row FROM register_referrals').all()),
    agreements: () =>
      rows(
        'agreements',
        db.prepare('SELECT key, row FROM register_agreements').all(),
      ) as Agreement[],
    people: (limit) =>
      rows(
        'people',
        db
          .prepare('SELECT key, row FROM register_people ORDER BY sort DESC, key LIMIT ?')
          .all(limit),
      ),
    caseload: (practitionerId) =>
      db
        .prepare('SELECT person FROM register_assignees WHERE practitioner = ? ORDER BY person')
        .all(practitionerId)
        .map((found) => found['person'] as string),
    restatedOf: (identifier) =>
      db
        .prepare('SELECT key, row FROM register_restated WHERE owner = ?')
        .all(identifier)
        .map((found) => {
          const key = found['key'] as string
          return [key, decode('restated', key, found['row'] as Cell)]
        }),
    attemptsOf: (personId): readonly AttemptRow[] =>
      rows(
        'attempts',
        db.prepare('SELECT key, row FROM register_attempts WHERE owner = ?').all(personId),
      ).toSorted((a, b) => a.at - b.at),
    openAttempts: (until) =>
      rows(
        'attempts',
        db
          .prepare('SELECT key, row FROM register_attempts WHERE sort < ? ORDER BY sort')
          .all(until),
      ),
    notices: (personId): readonly NoticeRow[] => store.notices(personId),
    ledger: () =>
      db
        .prepare(
          'SELECT * FROM register_ledger WHERE count <> 0 ORDER BY agency, hour, outcome, reason',
        )
        .all() as unknown as LedgerRow[],
    lastTime: () => Number(db.prepare('SELECT last_time FROM register_head').get()?.['last_time']),
    keepTime(now) {
      db.prepare('UPDATE register_head SET last_time = ?').run(now)
    },
    revision: () => Number(db.prepare('SELECT revision FROM register_head').get()?.['revision']),
    prune(now) {
      for (const table of expiringTables)
        db.prepare(`DELETE FROM register_${table} WHERE sort <= ?`).run(now)
    },
    auditAfter: (seq, limit) =>
      db
        .prepare('SELECT seq, at, text FROM register_audit WHERE seq > ? ORDER BY seq LIMIT ?')
        .all(seq, limit) as unknown as AuditRow[],
    sealsAfter: (place, limit) =>
      db
        .prepare('SELECT * FROM register_seals WHERE place > ? ORDER BY place LIMIT ?')
        .all(place, limit) as unknown as SealRow[],
    lastSeal: () =>
      db.prepare('SELECT * FROM register_seals ORDER BY place DESC LIMIT 1').get() as
        | SealRow
        | undefined,
    addSeals(seals, checkpoint) {
      for (const { place, seq, leaf, chain } of seals)
        db.prepare('INSERT INTO register_seals VALUES (?, ?, ?, ?)').run(place, seq, leaf, chain)
      db.prepare('INSERT INTO register_checkpoints VALUES (?, ?)').run(
        checkpoint.size,
        JSON.stringify(checkpoint),
      )
    },
    lastCheckpoint: () => checkpointsIn('ORDER BY size DESC LIMIT 1')[0],
    checkpoints: () => checkpointsIn('ORDER BY size'),
  }
}
