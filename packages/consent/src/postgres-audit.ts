import {
  appendPostgresOutbox,
  machinePause,
  type PostgresDatabase,
  type PostgresRow,
  registerTask,
} from '@throughline/stream'
import type { Sealing, Unsealed } from './audit/sealer.ts'
import type { AuditAsk } from './audit/verify.ts'
import type { AuditRow, CheckpointRow, SealRow } from './rows.ts'

const askAgainMs = 10

/**
 * Seals in the order of `seq`. Entries are committed in any order, and some numbers are never used: so
 * it takes only numbers up to one that had been given out when every transaction of then has ended.
 * One sealer at a time, whoever runs it.
 */
export async function sealAudit(
  db: PostgresDatabase,
  limit: number,
  work: (unsealed: Unsealed) => Sealing | null,
): Promise<Sealing | null> {
  const settled = await settledUpTo(db)
  return db.transaction(async (send) => {
    void send('SELECT pg_advisory_xact_lock(2, 1)')
    const seals = send(
      'SELECT place, seq, leaf, chain FROM register_seal ORDER BY place DESC LIMIT 1',
    )
    const checkpoints = send('SELECT row FROM register_checkpoint ORDER BY size DESC LIMIT 1')
    const entries = send(
      `SELECT seq, at, text FROM register_audit
       WHERE seq > coalesce((SELECT max(seq) FROM register_seal), 0) AND seq <= $1
       ORDER BY seq LIMIT $2`,
      [settled, limit],
    )
    const [lastSeals, lastCheckpoints, unsealed] = await Promise.all([seals, checkpoints, entries])
    const sealing = work({
      entries: unsealed as unknown as readonly AuditRow[],
      last: lastSeals[0] as unknown as SealRow | undefined,
      before: checkpointsIn(lastCheckpoints)[0],
    })
    if (sealing === null) return null
    const { at, checkpoint, outbox } = sealing
    void send(
      `INSERT INTO register_seal (place, seq, leaf, chain)
       SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[])`,
      [
        sealing.seals.map(({ place }) => place),
        sealing.seals.map(({ seq }) => seq),
        sealing.seals.map(({ leaf }) => leaf),
        sealing.seals.map(({ chain }) => chain),
      ],
    )
    void send('INSERT INTO register_checkpoint (size, row) VALUES ($1, $2)', [
      checkpoint.size,
      JSON.stringify(checkpoint),
    ])
    appendPostgresOutbox(send, registerTask, outbox, at)
    return sealing
  })
}

/** The greatest number below which every entry that will ever be is committed. */
async function settledUpTo(db: PostgresDatabase): Promise<number> {
  const [given] = await db.query('SELECT last_value FROM register_audit_seq_seq')
  // Whoever had a number by now has a transaction with a lower id than this one.
  const [mine] = await db.query('SELECT pg_current_xact_id()::text::bigint AS id')
  for (;;) {
    const [row] = await db.query(
      'SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS least',
    )
    if (Number(row?.['least']) > Number(mine?.['id'])) return Number(given?.['last_value'])
    await machinePause(askAgainMs)
  }
}

export async function auditPage(
  db: PostgresDatabase,
  asked: AuditAsk,
): Promise<readonly (AuditRow | SealRow | CheckpointRow)[]> {
  if (asked.ask === 'checkpoints') {
    return checkpointsIn(await db.query('SELECT row FROM register_checkpoint ORDER BY size'))
  }
  const rows = await db.query(
    asked.ask === 'entries'
      ? 'SELECT seq, at, text FROM register_audit WHERE seq > $1 ORDER BY seq LIMIT $2'
      : 'SELECT place, seq, leaf, chain FROM register_seal WHERE place > $1 ORDER BY place LIMIT $2',
    [asked.after, asked.limit],
  )
  return rows as unknown as readonly (AuditRow | SealRow)[]
}

const checkpointsIn = (rows: readonly PostgresRow[]): readonly CheckpointRow[] =>
  rows.map(({ row }) => JSON.parse(String(row)) as CheckpointRow)
