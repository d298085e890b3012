import {
  createKeyFile,
  createPostgresKeys,
  createPostgresRegister,
  readKeyFile,
} from '@throughline/consent'
import { codecFor } from '@throughline/schemas'
import {
  type Clock,
  migratePostgres,
  nodeIds,
  type OpenedKey,
  type OutgoingRecord,
  openPostgres,
  type PostgresDatabase,
  systemRandom,
} from '@throughline/stream'
import { agree, newPlace, type Row, rowsOf, type Subject, subjectsOf, takeAway } from '../county.ts'
import { eventOf, recordOf } from '../events.ts'
import type { Plan } from '../flow.ts'
import type { Services } from './services.ts'

/** People on a register in PostgreSQL, made once; each run works on a copy of the database. */
export interface KafkaCounty {
  /** The folder of the key file. */
  readonly keys: string
  /** The database to copy: nobody is connected to it. */
  readonly template: string
  readonly subjects: readonly Subject[]
  /** When everybody agreed, in ms. */
  readonly agreedAt: number
  /** Their data keys, unwrapped, and the key of the day on which the events are received. */
  readonly personKeys: ReadonlyMap<string, OpenedKey>
  readonly dayKey: OpenedKey
  /** As the connector leaves it on the agency's topic; `bare` as it would without the envelope. */
  recordOf(plan: Plan, receivedAt: number, bare: boolean): OutgoingRecord
  takeAway(): void
}

const partnership = 'testshire'
const peopleAtOnce = 1_000

export async function makeKafkaCounty(
  { postgres }: Pick<Services, 'postgres'>,
  count: number,
  clock: Clock,
): Promise<KafkaCounty> {
  const directory = newPlace()
  const random = systemRandom()
  createKeyFile({ directory, random, partnerships: [partnership] })
  const file = readKeyFile(directory)
  const ids = nodeIds(file.hmacKey(partnership))
  const template = await postgres.newDatabase()
  await migratePostgres(template)
  const db = await openPostgres({ url: template })
  const keys = createPostgresKeys({ db, file, clock, random })
  const now = clock.now()
  const subjects = subjectsOf(ids, count)
  const personKeys = new Map<string, OpenedKey>()
  const dayKey = await keys.create(`day:${new Date(now).toISOString().slice(0, 10)}`)
  try {
    await agree(await createPostgresRegister({ db, clock }), now)
    for (let n = 0; n < count; n += peopleAtOnce) {
      const some = subjects.slice(n, n + peopleAtOnce)
      const refs = some.map(({ personId }) => `person:${personId}` as const)
      await keys.createMany(refs)
      for (const [ref, key] of await keys.open(refs)) {
        if (key !== 'erased') personKeys.set(ref, key)
      }
      const rows = await Promise.all(some.map((subject) => rowsOf({ keys, random }, subject, now)))
      await insert(db, rows.flat())
    }
    await db.query('ANALYZE')
  } finally {
    keys[Symbol.dispose]()
    await db.close()
  }
  return {
    keys: directory,
    template,
    subjects,
    agreedAt: now,
    personKeys,
    dayKey,
    recordOf({ subject, stage, round }, receivedAt, bare) {
      const sealed = recordOf(subject, stage, round, { ids, random, dayKey, receivedAt })
      if (!bare) return sealed
      const event = eventOf(subject, stage, round, { ids, receivedAt })
      return { ...sealed, value: codecFor(event.type).encode(event) }
    },
    takeAway: () => takeAway(directory),
  }
}

/** In bulk, as the register would have left them: no trigger of a consent is waiting. */
async function insert(db: PostgresDatabase, rows: readonly Row[]): Promise<void> {
  const textOf = ({ table, row }: Row) => (table === 'sealed' ? null : JSON.stringify(row))
  await db.query(
    `INSERT INTO register_row (kind, key, owner, sort, row, bytes)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bytea[])`,
    [
      rows.map(({ table }) => table),
      rows.map(({ key }) => key),
      rows.map((write) => (write.table === 'claims' ? (write.row?.personId ?? null) : null)),
      rows.map((write) => (write.table === 'people' ? (write.row?.changedAt ?? null) : null)),
      rows.map(textOf),
      rows.map((write) => (write.table === 'sealed' ? (write.row?.bytes ?? null) : null)),
    ],
  )
}
