import {
  appendPostgresOutbox,
  headOf,
  type PostgresRow,
  type PostgresSend,
  placeOf,
  registerTask,
} from '@throughline/stream'
import { packParked, type StoredParked, unpackParked } from './parked-row.ts'
import type { Concerns, Found, Needs } from './register-work.ts'
import {
  type LedgerRow,
  type PersonRow,
  type RegisterRows,
  type TableName,
  tableNames,
  type Write,
  type Writes,
} from './rows.ts'
import { ownerOf, sortOf } from './sort.ts'
import { noticeOf } from './store-rows.ts'

/** The places of the locks that a piece of work takes; those it takes alone may be shared, too. */
export function placesOf({ people, claims, agreements, referrals, systems }: Concerns): number[] {
  return [
    ...(people ?? []).map(headOf.person),
    ...(claims ?? []).map(headOf.claim),
    ...(agreements ? [headOf.agreements] : []),
    ...(referrals ? [placeOf('referrals')] : []),
    ...(systems ?? []).map((system) => placeOf(`system ${system}`)),
  ]
}

type Rows = Promise<readonly PostgresRow[]>
const none: Rows = Promise.resolve([])

/** Asks for what is needed, one statement behind the other: one round trip for all of it. */
export async function readRows(
  send: PostgresSend,
  needs: Needs,
  holds: boolean,
  timeOf: (floor: number) => number,
): Promise<Found> {
  const asked = keysOf(needs)
  const held = asked.filter(({ table }) => holds && needs.hold?.includes(table))
  const plain = asked.filter((one) => !held.includes(one))
  const byKey = Promise.all([
    held.length === 0
      ? none
      : send(`${rowsByKey} ORDER BY kind, key FOR UPDATE OF row`, columns(held)),
    plain.length === 0 ? none : send(rowsByKey, columns(plain)),
  ])
  const sets = Promise.all([
    whole(send, needs.everyAgreement && 'agreements'),
    whole(send, needs.everyReferral && 'referrals'),
    attempts(send, needs, holds),
    needs.noticesOf === undefined
      ? none
      : send(
          "SELECT id, state, reader, facts FROM view_row WHERE view = 'notices' AND person_id = $1",
          [needs.noticesOf],
        ),
    needs.restatedOf === undefined
      ? none
      : send(
          "SELECT key, row FROM register_row WHERE kind = 'restated' AND owner = ANY($1) ORDER BY key",
          [needs.restatedOf],
        ),
    people(send, needs),
    needs.ledger ? send(ledgerStatement) : none,
    // Whoever asks what is still under way must find this transaction's number lower than their own.
    send(`SELECT last_value ${holds ? ', pg_current_xact_id()' : ''} FROM register_time`),
  ])
  const [keyed, [agreements, referrals, tried, notices, restated, persons, ledger, time]] =
    await Promise.all([byKey, sets])
  const found = new Map<TableName, Map<string, unknown>>()
  for (const row of keyed.flat() as unknown as readonly StoredRow[]) {
    const rows = found.get(row.kind) ?? new Map<string, unknown>()
    found.set(row.kind, rows.set(row.key, decode(row.kind, row)))
  }
  return {
    now: timeOf(Number(time[0]?.['last_value'])),
    rows: <N extends TableName>(table: N) =>
      (found.get(table) ?? new Map()) as ReadonlyMap<string, RegisterRows[N]>,
    agreements: all(agreements, 'agreements'),
    referrals: all(referrals, 'referrals'),
    attempts: all(tried, 'attempts'),
    notices: notices.map((row) => noticeOf(row)),
    restated: (restated as unknown as readonly StoredRow[]).map((row) => [
      row.key,
      decode('restated', row),
    ]),
    people: all(persons, 'people'),
    ledger: ledger as unknown as readonly LedgerRow[],
  }
}

/** How many statements it takes. With more than one they need a transaction to be of one moment. */
export const isOneRead = (needs: Needs): boolean =>
  keysOf(needs).length > 0 !== (sets.some((name) => needs[name] !== undefined) as boolean)

const sets = [
  'everyAgreement',
  'everyReferral',
  'attemptsOf',
  'openAttempts',
  'noticesOf',
  'restatedOf',
  'caseloadOf',
  'latestPeople',
  'ledger',
] as const satisfies readonly (keyof Needs)[]

interface Asked {
  readonly table: TableName
  readonly keys: readonly string[]
}

const keysOf = (needs: Needs): Asked[] =>
  tableNames.flatMap((table) => {
    const keys = needs[table]
    return keys === undefined || keys.length === 0 ? [] : [{ table, keys }]
  })

const columns = (asked: readonly Asked[]): [kinds: string[], keys: string[]] => [
  asked.flatMap(({ table, keys }) => keys.map(() => table)),
  asked.flatMap(({ keys }) => keys),
]

const rowsByKey = `SELECT row.kind, row.key, row.row, row.bytes
  FROM unnest($1::text[], $2::text[]) AS asked (kind, key)
  JOIN register_row AS row ON row.kind = asked.kind AND row.key = asked.key`

const ledgerStatement = `SELECT agency, hour, outcome, reason, sum(count)::bigint AS count
  FROM register_ledger GROUP BY agency, hour, outcome, reason HAVING sum(count) <> 0
  ORDER BY agency, hour, outcome, reason`

const whole = (send: PostgresSend, kind: TableName | false | undefined): Rows =>
  kind ? send('SELECT key, row FROM register_row WHERE kind = $1 ORDER BY key', [kind]) : none

// A process holds a lock on its number while it lives.
const isAbandoned = `instance NOT IN (SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory'
  AND classid = 3 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`

function attempts(send: PostgresSend, { attemptsOf, openAttempts }: Needs, holds: boolean): Rows {
  const of = "SELECT key, row FROM register_row WHERE kind = 'attempts'"
  if (attemptsOf !== undefined) {
    return send(`${of} AND owner = $1 ORDER BY (row::json->>'at')::bigint, key`, [attemptsOf])
  }
  if (openAttempts === undefined) return none
  return send(
    `${of} AND sort < $1 ${openAttempts.abandoned ? `AND ${isAbandoned}` : ''} ORDER BY sort, key
     ${holds ? 'FOR UPDATE' : ''}`,
    [openAttempts.before],
  )
}

function people(send: PostgresSend, { caseloadOf, latestPeople }: Needs): Rows {
  if (latestPeople !== undefined) {
    return send(
      "SELECT key, row FROM register_row WHERE kind = 'people' ORDER BY sort DESC, key LIMIT $1",
      [latestPeople],
    )
  }
  if (caseloadOf === undefined) return none
  return send(
    `SELECT key, row FROM register_assignee JOIN register_row ON kind = 'people' AND key = person
     WHERE practitioner = $1 ORDER BY person`,
    [caseloadOf],
  )
}

interface StoredRow {
  readonly kind: TableName
  readonly key: string
  readonly row: string | null
  readonly bytes: Uint8Array | null
}

const all = <N extends TableName>(rows: readonly PostgresRow[], table: N): RegisterRows[N][] =>
  (rows as unknown as readonly StoredRow[]).map((row) => decode(table, row))

function decode<N extends TableName>(table: N, { key, row, bytes }: StoredRow): RegisterRows[N] {
  if (table === 'sealed') {
    return { personId: key, bytes: new Uint8Array(bytes ?? []) } as RegisterRows[N]
  }
  const read: unknown = JSON.parse(row ?? 'null')
  return (table === 'parked' ? (read as StoredParked[]).map(unpackParked) : read) as RegisterRows[N]
}

/**
 * Writes what was decided: sent, and not waited for. A row that was looked for and not `there` is only
 * inserted: where somebody else has done so meanwhile, the work begins again.
 */
export function writeRows(
  send: PostgresSend,
  writes: Writes,
  now: number,
  instance: number,
  isMissing: (write: Write) => boolean,
): void {
  const { rows, outbox, audit, ledger, cancelNotices, forgetViewsOf } = writes
  const last = [...new Map(rows.map((write) => [`${write.table} ${write.key}`, write])).values()]
  const put = last.filter(({ row }) => row !== null).toSorted(inOrder)
  const gone = last.filter(({ row }) => row === null)
  const fresh = put.filter(isMissing)
  insert(send, fresh, instance, '')
  insert(
    send,
    put.filter((write) => !fresh.includes(write)),
    instance,
    overwriting,
  )
  if (gone.length > 0) {
    void send(
      `DELETE FROM register_row AS row USING unnest($1::text[], $2::text[]) AS gone (kind, key)
       WHERE row.kind = gone.kind AND row.key = gone.key`,
      [gone.map(({ table }) => table), gone.map(({ key }) => key)],
    )
  }
  for (const { table, key, row } of put) {
    if (table === 'people') writeAssignees(send, key, row as PersonRow)
  }
  if (ledger.length > 0) writeLedger(send, ledger)
  if (audit.length > 0) {
    const texts = audit.map(({ kind, facts }) => JSON.stringify({ at: now, kind, ...facts }))
    void send('INSERT INTO register_audit (at, text) SELECT $1, unnest($2::text[])', [now, texts])
  }
  appendPostgresOutbox(send, registerTask, outbox, now)
  if (cancelNotices.length > 0) {
    void send("UPDATE view_row SET state = 'cancelled' WHERE view = 'notices' AND id = ANY($1)", [
      cancelNotices,
    ])
  }
  if (forgetViewsOf.length > 0) {
    void send('DELETE FROM view_row WHERE person_id = ANY($1)', [forgetViewsOf])
  }
  void send('SELECT keep_time($1)', [now])
}

const overwriting = `ON CONFLICT (kind, key) DO UPDATE SET owner = excluded.owner,
  sort = excluded.sort, row = excluded.row, bytes = excluded.bytes, rev = excluded.rev`

function insert(
  send: PostgresSend,
  put: readonly Write[],
  instance: number,
  conflict: string,
): void {
  if (put.length === 0) return
  void send(
    `INSERT INTO register_row (kind, key, owner, sort, row, bytes, instance)
     SELECT *, $7 FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bytea[])
     ${conflict}`,
    [
      put.map(({ table }) => table),
      put.map(({ key }) => key),
      put.map(claimantOr),
      put.map(sortOf),
      put.map(textOf),
      put.map((write) => (write.table === 'sealed' ? (write.row?.bytes ?? null) : null)),
      instance,
    ],
  )
}

const claimantOr = (write: Write): string | null =>
  write.table === 'claims' ? (write.row?.personId ?? null) : ownerOf(write)

function textOf({ table, row }: Write): string | null {
  if (table === 'sealed' || row === null) return null
  return JSON.stringify(table === 'parked' ? row.map(packParked) : row)
}

const inOrder = (a: Write, b: Write): number =>
  a.table === b.table ? (a.key < b.key ? -1 : 1) : a.table < b.table ? -1 : 1

function writeAssignees(send: PostgresSend, personId: string, { assignments }: PersonRow): void {
  const practitioners = [...new Set(assignments.map(({ practitionerId }) => practitionerId))]
  void send('DELETE FROM register_assignee WHERE person = $1 AND practitioner <> ALL($2)', [
    personId,
    practitioners,
  ])
  void send(
    `INSERT INTO register_assignee (person, practitioner) SELECT $1, unnest($2::text[])
     ON CONFLICT DO NOTHING`,
    [personId, practitioners],
  )
}

function writeLedger(send: PostgresSend, ledger: readonly LedgerRow[]): void {
  void send(
    `INSERT INTO register_ledger AS ledger (agency, hour, outcome, reason, slot, count)
     SELECT agency, hour, outcome, reason, pg_backend_pid(), sum(count)
     FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])
       AS raised (agency, hour, outcome, reason, count)
     GROUP BY agency, hour, outcome, reason
     ON CONFLICT (agency, hour, outcome, reason, slot)
       DO UPDATE SET count = ledger.count + excluded.count`,
    [
      ledger.map(({ agency }) => agency),
      ledger.map(({ hour }) => hour),
      ledger.map(({ outcome }) => outcome),
      ledger.map(({ reason }) => reason),
      ledger.map(({ count }) => count),
    ],
  )
}
