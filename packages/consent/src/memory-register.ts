import type { MemoryDatabase, MemoryTable, Schedule } from '@throughline/stream'
import { createRegister, type LocalRegister } from './local-register.ts'
import type { RegisterOptions } from './register.ts'
import {
  type AuditEntry,
  type AuditRow,
  type CheckpointRow,
  changesLookups,
  type LedgerRow,
  type RegisterRows,
  type RegisterTables,
  type SealRow,
  type TableName,
  type Write,
} from './rows.ts'
import { expiringTables, sortOf } from './sort.ts'
import { memoryStoreRows } from './store-rows.ts'

/** The register in memory, for simulations and tests; `schedule` may step in at every call. */
export function createMemoryRegister({
  database,
  schedule,
  ...options
}: RegisterOptions & {
  readonly database: MemoryDatabase
  readonly schedule?: Schedule
}): LocalRegister {
  return createRegister(memoryTables(database), options, schedule)
}

/** The same promises as the SQLite tables, without a file. Rows are values and are never changed in place. */
export function memoryTables(database: MemoryDatabase): RegisterTables {
  const store = memoryStoreRows(database)
  const table = <N extends TableName>(name: N): MemoryTable<RegisterRows[N]> =>
    database.table(`register_${name}`)
  const audit = database.table<AuditRow>('register_audit')
  const seals = database.table<SealRow>('register_seals')
  const checkpoints = database.table<CheckpointRow>('register_checkpoints')
  const ledger = database.table<LedgerRow>('register_ledger')
  const head = database.table<number>('register_head')
  // By person and by practitioner: simulations ask for them at every step.
  const attemptIds = database.table<readonly string[]>('register_attempts_owner')
  const caseloads = database.table<ReadonlySet<string>>('register_assignees')

  const write = ({ table: name, key, row }: Write): void => {
    if (row === null) {
      table(name).delete(key)
      return
    }
    if (name === 'attempts' && !table(name).has(key))
      attemptIds.set(row.personId, [...(attemptIds.get(row.personId) ?? []), key])
    if (name === 'people')
      for (const { practitionerId } of row.assignments)
        caseloads.set(practitionerId, new Set(caseloads.get(practitionerId)).add(key))
    ;(table(name) as MemoryTable<unknown>).set(key, row)
  }

  const addAudit = ({ kind, facts }: AuditEntry, now: number): void => {
    const seq = audit.size + 1
    const text = JSON.stringify({ at: now, kind, ...facts })
    audit.set(String(seq), { seq, at: now, text })
  }

  return {
    transaction: (work) => database.transaction(work),
    get: (name, key) => table(name).get(key),
    getAll: (name, keys) =>
      new Map(
        keys.flatMap((key) => {
          const row = table(name).get(key)
          return row === undefined ? [] : [[key, row] as const]
        }),
      ),
    apply(writes, now) {
      for (const change of writes.rows) write(change)
      if (changesLookups(writes)) head.set('revision', (head.get('revision') ?? 0) + 1)
      for (const row of writes.ledger) {
        const key = [row.agency, row.hour, row.outcome, row.reason].join(' ')
        ledger.set(key, { ...row, count: (ledger.get(key)?.count ?? 0) + row.count })
      }
      for (const entry of writes.audit) addAudit(entry, now)
      if (writes.outbox.length > 0) store.enqueue(writes.outbox, now)
      for (const id of writes.cancelNotices) store.cancelNotice(id)
      for (const personId of writes.forgetViewsOf) store.forgetViewsOf(personId)
    },
    agreements: () => [...table('agreements').values()],
    referrals: () => [...table('referrals').values()],
    people: (limit) =>
      [...table('people').values()]
        .toSorted((a, b) => b.changedAt - a.changedAt || (a.personId < b.personId ? -1 : 1))
        .slice(0, limit),
    caseload: (practitionerId) => [...(caseloads.get(practitionerId) ?? [])].toSorted(),
    restatedOf: (identifier) =>
      [...table('restated').entries()].filter(([, { owner }]) => owner === identifier),
    attemptsOf: (personId) =>
      (attemptIds.get(personId) ?? []).flatMap((id) => table('attempts').get(id) ?? []),
    openAttempts: (until) =>
      [...table('attempts').values()].filter((row) => row.outcome === null && row.until < until),
    notices: (personId) => store.notices(personId),
    ledger: () =>
      [...ledger.entries()]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, row]) => row)
        .filter(({ count }) => count !== 0),
    lastTime: () => head.get('last time') ?? 0,
    keepTime(now) {
      head.set('last time', now)
    },
    revision: () => head.get('revision') ?? 0,
    prune(now) {
      for (const name of expiringTables)
        for (const [key, row] of table(name).entries()) {
          const ends = sortOf({ table: name, key, row } as Write)
          if (ends !== null && ends <= now) table(name).delete(key)
        }
    },
    auditAfter: (seq, limit) => take(audit, seq, limit),
    sealsAfter: (place, limit) => take(seals, place, limit),
    lastSeal: () => seals.get(String(seals.size)),
    addSeals(added, checkpoint) {
      for (const seal of added) seals.set(String(seal.place), seal)
      checkpoints.set(String(checkpoint.size), checkpoint)
    },
    lastCheckpoint: () => [...checkpoints.values()].at(-1),
    checkpoints: () => [...checkpoints.values()],
  }
}

/** Rows numbered from 1 without gaps, after `from`. */
function take<Row>(rows: MemoryTable<Row>, from: number, limit: number): readonly Row[] {
  const taken: Row[] = []
  for (let place = from + 1; taken.length < limit; place += 1) {
    const row = rows.get(String(place))
    if (row === undefined) break
    taken.push(row)
  }
  return taken
}
