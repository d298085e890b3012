import type { Ids } from '@throughline/domain'
import {
  createMemoryLog,
  createPostgresViews,
  type Keys,
  type Log,
  openPostgres,
  type TopicSpec,
  type ViewRow,
} from '@throughline/stream'
import type { AgreementRow, AttemptRow, ConsentRow, History } from './history.ts'
import type { Disks } from './process.ts'

/** Where a hub has left what it made, whatever it ran on: its log, and copies of its database's rows. */
export interface Place {
  readonly log: Pick<Log, 'bounds' | 'read'>
  readonly topics: readonly Pick<TopicSpec, 'name' | 'partitions'>[]
  readonly keys: Pick<Keys, 'open'>
  readonly ids: Ids
  readonly rows: Rows
}

/** What the databases hold when all is over. */
export interface Rows {
  people(): Promise<readonly StoredPerson[]>
  agreements(): Promise<readonly AgreementRow[]>
  attempts(): Promise<readonly StoredAttempt[]>
  ledger(): Promise<History['ledger']>
  /** Ids of the records set aside. */
  parked(): Promise<readonly string[]>
  counters(): Promise<History['counters']>
  view(name: string): Promise<readonly ViewRow[]>
  positions(): Promise<readonly StoredPosition[]>
  outboxLeft(): Promise<number>
}

export interface StoredPerson {
  readonly personId: string
  readonly versions: readonly ConsentRow[]
  readonly assignments: History['assignments']
}

/** As it is kept: with the role it was for, and without an outcome until there is one. */
export interface StoredAttempt extends Omit<AttemptRow, 'allowed' | 'outcome'> {
  readonly role: string
  readonly outcome: string | null
}

export interface StoredPosition {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

/** The disks of a simulated machine room. */
export function memoryPlace({ clock, log: data, database, keys, ids }: Disks): Place {
  const all = async <Row>(name: string) => [...database.table<Row>(name).values()]
  return {
    log: createMemoryLog({ clock, data }),
    topics: [...data.topics.values()].map(({ spec }) => spec),
    keys,
    ids,
    rows: {
      people: () => all('register_people'),
      agreements: () => all('register_agreements'),
      attempts: () => all('register_attempts'),
      ledger: () => all('register_ledger'),
      parked: async () =>
        (await all<{ parked: { id: string } }>('parked')).map(({ parked }) => parked.id),
      counters: async () => new Map(database.table<number>('counter').entries()),
      view: async (name) => (await all<ViewRow>('view_row')).filter(({ view }) => view === name),
      positions: async () =>
        [...database.table<ReadonlyMap<string, { offset: bigint }>>('position').entries()].flatMap(
          ([task, positions]) =>
            [...positions].map(([topic, { offset }]) => ({
              topic,
              partition: Number(task.split('/')[2]),
              offset,
            })),
        ),
      outboxLeft: async () => database.table('outbox').size,
    },
  }
}

/** The tables of a hub on PostgreSQL (its primary, by its address). Call `close` in the end. */
export async function postgresRows(url: string): Promise<Rows & { close(): Promise<void> }> {
  const db = await openPostgres({ url })
  const views = createPostgresViews({ db })
  const registered = async <Row>(kind: string) =>
    (await db.query('SELECT row FROM register_row WHERE kind = $1 ORDER BY key', [kind])).map(
      ({ row }) => JSON.parse(String(row)) as Row,
    )
  return {
    people: () => registered('people'),
    agreements: () => registered('agreements'),
    attempts: () => registered('attempts'),
    async ledger() {
      const rows = await db.query(
        'SELECT agency, outcome, sum(count)::bigint AS count FROM register_ledger GROUP BY 1, 2',
      )
      return rows.map(({ agency, outcome, count }) => ({
        agency: String(agency),
        outcome: String(outcome),
        count: Number(count),
      }))
    },
    parked: async () => (await db.query('SELECT id FROM parked')).map(({ id }) => String(id)),
    counters: () => views.counts(''),
    view: (view) => views.list({ view, limit: 2 ** 31 - 1 }),
    async positions() {
      const rows = await db.query(
        'SELECT topic, partition, "offset" FROM position JOIN task ON task.id = position.task',
      )
      return rows.map(({ topic, partition, offset }) => ({
        topic: String(topic),
        partition: Number(partition),
        offset: BigInt(Number(offset)),
      }))
    },
    outboxLeft: async () => (await db.query('SELECT FROM outbox')).length,
    close: () => db.close(),
  }
}
