import type { Lookup } from '@throughline/domain'
import { HubError } from '@throughline/domain'
import { type Clock, machinePause } from '../clock.ts'
import { isFenced } from '../fenced.ts'
import type {
  Loaded,
  OutboxRow,
  OutgoingRecord,
  ParkedRecord,
  Positions,
  Step,
  StoredState,
  StoredTimer,
  SweptStore,
  Task,
  TaskId,
} from '../ports.ts'
import { doneWake, outboxWake, viewsWake } from '../wakes.ts'
import { isOnlyDoneTo, registerTask } from './done-to.ts'
import {
  isUnavailable,
  MayBeStale,
  type PostgresDatabase,
  type PostgresRow,
  type PostgresSend,
} from './postgres-database.ts'
import {
  holdSeen,
  loadStatement,
  type PostgresLookups,
  type PostgresSeen,
  postgresLookups,
} from './postgres-lookups.ts'
import { writePositions, writeStep } from './postgres-step.ts'
import { parkedOf } from './read-rows.ts'
import { packRecords, unpackRecords } from './record-blob.ts'
import { Unsent } from './unsent.ts'

export interface PostgresStoreOptions {
  readonly db: PostgresDatabase
  readonly clock: Clock
}

/** The store that many processes share: the same database, and the same transactions, as the register. */
export function createPostgresStore({ db, clock }: PostgresStoreOptions): SweptStore {
  const lookups = postgresLookups()
  const connectors = connectorsDoneTo(db, clock)
  return {
    wakes: db.wakes,
    async open(id) {
      await db.schedule.at('store.open.before', nameOf(id))
      const [row] = await db.query(
        `INSERT INTO task (processor, generation, partition, epoch) VALUES ($1, $2, $3, 1)
         ON CONFLICT (processor, generation, partition) DO UPDATE SET epoch = task.epoch + 1
         RETURNING id, epoch`,
        [id.processor, id.generation, id.partition],
      )
      const scope = await scopeRow(db, id)
      const place = { task: Number(row?.['id']), scope }
      const task = new PostgresTask({ db, clock, lookups }, id, place, Number(row?.['epoch']))
      await db.schedule.at('store.open.after', nameOf(id))
      return task
    },
    async doneTo(processor) {
      await db.schedule.at('store.done-to.before', processor)
      if (processor === 'connectors') return connectors()
      const [row] = await db.query(
        `SELECT min(done_to) AS done FROM task WHERE processor = $1 AND generation =
           (SELECT max(generation) FROM task WHERE processor = $1)`,
        [processor],
      )
      return Number(row?.['done'] ?? 0)
    },
    async sweep() {
      const gone = await db.query(
        `WITH gone AS (DELETE FROM index_entry WHERE expires_at <= $1 RETURNING 1)
         SELECT count(*) AS count FROM gone`,
        [clock.now()],
      )
      return Number(gone[0]?.['count'] ?? 0)
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

/**
 * Puts records into the outbox of a task that has been opened before, inside the caller's transaction;
 * the register's acceptance does. `at` is when they were accepted, in ms on the register's clock.
 * Whoever commits wakes the relay.
 */
export function appendPostgresOutbox(
  send: PostgresSend,
  id: TaskId,
  records: readonly OutgoingRecord[],
  at: number,
): void {
  if (records.length === 0) return
  void send(
    `INSERT INTO outbox (task, at, records)
     SELECT id, $4, $5 FROM task WHERE processor = $1 AND generation = $2 AND partition = $3`,
    [id.processor, id.generation, id.partition, at, packRecords(records)],
  )
}

interface TaskPlace {
  readonly task: number
  readonly scope: number
}

interface TaskOptions extends PostgresStoreOptions {
  readonly lookups: PostgresLookups
}

class PostgresTask implements Task {
  readonly id: TaskId
  readonly #options: TaskOptions
  readonly #db: PostgresDatabase
  readonly #place: TaskPlace
  /** Outbox rows that have been given out: of those that come late, none is taken for sent. */
  readonly #given = new Set<bigint>()
  /** Null where others write to the outbox, too. */
  readonly #unsent: Unsent | null
  #epoch: number
  #settling: Promise<void> | undefined
  /** A commit's answer was lost: it may still be on its way to the database. */
  #uncertain = false

  constructor(options: TaskOptions, id: TaskId, place: TaskPlace, epoch: number) {
    this.id = id
    this.#options = options
    this.#db = options.db
    this.#place = place
    this.#epoch = epoch
    this.#unsent = id.processor === registerTask.processor ? null : new Unsent()
  }

  get epoch(): number {
    return this.#epoch
  }

  async positions(): Promise<Positions> {
    await this.#at('store.positions.before')
    if (this.#uncertain) await this.#settle()
    const rows = await this.#db.query(
      'SELECT topic, "offset", anchor FROM position WHERE task = $1',
      [this.#place.task],
    )
    return new Map(
      rows.map((row) => [
        String(row['topic']),
        { offset: BigInt(Number(row['offset'])), anchor: row['anchor'] as string | null },
      ]),
    )
  }

  async load(keys: readonly string[], lookups: readonly Lookup[]): Promise<Loaded> {
    await this.#at('store.load.before')
    const { clock, lookups: ask } = this.#options
    const { task, scope } = this.#place
    const asking = ask(lookups, clock.now())
    const rows = await this.#db.query(loadStatement, [scope, keys, task, ...asking.values])
    const states = new Map<string, StoredState>()
    const parkedKeys = new Set<string>()
    for (const { part, key, num, text } of rows as unknown as readonly StateRow[]) {
      if (part === 0)
        states.set(key, { key, value: Buffer.from(text, 'base64'), stateVersion: num })
      else if (part === 5) parkedKeys.add(key)
    }
    const { known, seen } = asking.read(rows)
    await this.#at('store.load.after')
    return { states, parkedKeys, known, seen }
  }

  async commit(step: Step): Promise<void> {
    await this.#at('store.commit.before')
    if (isOnlyDoneTo(step)) await this.#advance(step.doneTo)
    else await this.#commit(step)
    const { wakes } = this.#db
    if (step.outbox.length > 0) wakes.wake(outboxWake(this.id))
    if (step.views.length > 0) wakes.wake(viewsWake)
    if (step.doneTo !== undefined) wakes.wake(doneWake(this.id.processor))
    await this.#at('store.commit.after')
  }

  async dueTimers(until: number, limit: number): Promise<readonly StoredTimer[]> {
    await this.#at('store.timers.before')
    const rows = await this.#db.query(
      `SELECT * FROM (
         SELECT key, name, at FROM timer WHERE task = $1 AND at <= $2
         ORDER BY at FETCH FIRST $3 ROWS WITH TIES) AS due
       ORDER BY at, key, name LIMIT $3`,
      [this.#place.task, until, limit],
    )
    return rows as unknown as readonly StoredTimer[]
  }

  async nextTimerAt(): Promise<number | null> {
    await this.#at('store.next-timer.before')
    const [row] = await this.#db.query('SELECT at FROM timer WHERE task = $1 ORDER BY at LIMIT 1', [
      this.#place.task,
    ])
    return row ? Number(row['at']) : null
  }

  async outbox(limit: number): Promise<readonly OutboxRow[]> {
    await this.#at('store.outbox.before')
    const rows = await this.#asOwner((epoch) => this.#waiting(limit, epoch))
    for (const { seq } of rows) this.#given.add(seq)
    return rows
  }

  /**
   * Of the rows up to `seq` only those that were given out: acceptances run side by side, and one with
   * a lower number may have been committed since.
   */
  async relayed(seq: bigint): Promise<void> {
    await this.#at('store.relayed.before')
    const sent = [...this.#given].filter((given) => given <= seq)
    await this.#fencedly((send) => {
      void send('DELETE FROM outbox WHERE task = $1 AND seq = ANY($2)', [
        this.#place.task,
        sent.map(String),
      ])
    })
    for (const given of sent) this.#given.delete(given)
    this.#unsent?.sent(seq)
    await this.#at('store.relayed.after')
  }

  async parked(limit: number): Promise<readonly ParkedRecord[]> {
    await this.#at('store.parked.before')
    const rows = await this.#db.query(
      'SELECT * FROM parked WHERE task = $1 ORDER BY seq LIMIT $2',
      [this.#place.task, limit],
    )
    return rows.map(parkedOf)
  }

  async unpark(key: string): Promise<void> {
    await this.#at('store.unpark.before')
    await this.#fencedly((send) => {
      void send('DELETE FROM parked WHERE task = $1 AND key = $2', [this.#place.task, key])
    })
    await this.#at('store.unpark.after')
  }

  async resetPositions(positions: Positions, reason: string): Promise<void> {
    await this.#at('store.reset.before')
    const { task } = this.#place
    const said = [...positions].map(([topic, { offset }]) => [topic, String(offset)])
    await this.#fencedly((send) => {
      void send('DELETE FROM position WHERE task = $1', [task])
      writePositions(send, task, positions)
      void send(
        'INSERT INTO position_reset (task, at, positions, reason) VALUES ($1, $2, $3, $4)',
        [task, this.#options.clock.now(), JSON.stringify(said), reason],
      )
    })
    await this.#at('store.reset.after')
  }

  #at(point: string): Promise<void> | undefined | void {
    return this.#db.schedule.at(point, nameOf(this.id))
  }

  async #commit(step: Step): Promise<void> {
    const now = this.#options.clock.now()
    const written = new Set(step.index.map(({ name }) => name))
    const seen = step.seen as PostgresSeen | undefined
    let seq: bigint | undefined
    const write = (quick: boolean) =>
      this.#fencedly((send) => {
        holdSeen(send, seen, written, now, quick)
        writeStep(send, this.#place, step, now, (number) => {
          seq = number
        })
      })
    try {
      await write(true).catch((error: unknown) => {
        if (!(error instanceof MayBeStale)) throw error
        return write(false)
      })
    } catch (error) {
      if (isUnavailable(error)) this.#uncertain = true
      throw error
    }
    if (seq !== undefined) this.#unsent?.committed({ seq, records: step.outbox })
  }

  async #waiting(limit: number, epoch: number): Promise<readonly OutboxRow[]> {
    const remembered = this.#unsent?.first(limit)
    const reading = this.#unsent?.reading() ?? 0
    const rows = await this.#db.query(remembered ? epochStatement : outboxStatement, [
      this.#place.task,
      ...(remembered ? [] : [limit]),
    ])
    if (Number(rows[0]?.['epoch']) !== epoch) throw this.#fenced()
    if (remembered) return remembered
    const read = rows.flatMap(({ seq, records }) => {
      if (seq === null) return []
      const blob = Buffer.from(String(records), 'base64')
      return [{ seq: BigInt(Number(seq)), records: unpackRecords(blob) }]
    })
    this.#unsent?.read(read, limit, reading)
    return read
  }

  async #advance(doneTo: number): Promise<void> {
    const [row] = await this.#db.query(
      `UPDATE task SET done_to = greatest(done_to, $3) WHERE id = $1 AND epoch = $2 RETURNING 1`,
      [this.#place.task, this.#epoch, doneTo],
    )
    if (row === undefined) throw this.#fenced()
  }

  /** In one transaction, which begins by holding the lease and raises when it is another's. */
  async #fencedly(work: (send: PostgresSend) => void): Promise<void> {
    await this.#asOwner((epoch) =>
      this.#db.transaction(async (send) => {
        void send('SELECT hold_lease($1, $2)', [this.#place.task, epoch])
        work(send)
      }),
    )
  }

  /** Again, where the epoch that was found is the one that this task has just given itself. */
  async #asOwner<T>(work: (epoch: number) => Promise<T>): Promise<T> {
    for (;;) {
      const epoch = this.#epoch
      try {
        return await work(epoch)
      } catch (error) {
        if (!isFenced(error)) throw error
        await this.#settling?.catch(() => {})
        if (epoch === this.#epoch) throw error
      }
    }
  }

  /**
   * Waits for the commit whose answer was lost, where it has reached the database, and keeps it out
   * where it has not: it would find another epoch.
   */
  #settle(): Promise<void> {
    const settle = async () => {
      const [row] = await this.#db.query(
        'UPDATE task SET epoch = epoch + 1 WHERE id = $1 AND epoch = $2 RETURNING epoch',
        [this.#place.task, this.#epoch],
      )
      if (row === undefined) throw this.#fenced()
      this.#epoch = Number(row['epoch'])
      this.#uncertain = false
      // The commit may have left something there, unknown here.
      this.#unsent?.forget()
    }
    this.#settling = settle()
    return this.#settling
  }

  #fenced(): HubError {
    return new HubError('HUB_FENCED', `${nameOf(this.id)} has another owner`)
  }
}

const epochStatement = 'SELECT epoch FROM task WHERE id = $1'

// Bytes come as text: in base 64 they take fewer characters than in base 16, and fewer to read.
const outboxStatement = `SELECT epoch, seq, encode(records, 'base64') AS records
  FROM task LEFT JOIN LATERAL
    (SELECT seq, records FROM outbox WHERE task = task.id ORDER BY seq LIMIT $2) AS waiting ON true
  WHERE id = $1 ORDER BY seq`

interface StateRow {
  readonly part: number
  readonly key: string
  readonly num: number
  readonly text: string
}

const nameOf = ({ processor, generation, partition }: TaskId) =>
  `${processor}/${generation}/${partition}`

async function scopeRow(db: PostgresDatabase, { processor, generation }: TaskId): Promise<number> {
  await db.query(
    'INSERT INTO scope (processor, generation) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [processor, generation],
  )
  const [row] = await db.query('SELECT id FROM scope WHERE processor = $1 AND generation = $2', [
    processor,
    generation,
  ])
  return Number(row?.['id'])
}

/**
 * What the register accepted before this has been relayed: its oldest waiting row, or now. An
 * acceptance that has read the time and not yet committed is waited for: a time counts once every
 * transaction with a lower number than one that was begun at that time has ended.
 */
function connectorsDoneTo(db: PostgresDatabase, clock: Clock): () => Promise<number> {
  let asked: { readonly at: number; readonly horizon: number }[] = []
  let done = 0

  async function ask(at: number): Promise<number> {
    const [row]: readonly PostgresRow[] = await db.query(
      `SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS least,
         pg_current_xact_id()::text::bigint AS horizon,
         (SELECT min(at) FROM outbox WHERE task = (SELECT id FROM task
           WHERE processor = $1 AND generation = $2 AND partition = $3)) AS waiting`,
      [registerTask.processor, registerTask.generation, registerTask.partition],
    )
    asked.push({ at, horizon: Number(row?.['horizon']) })
    const least = Number(row?.['least'])
    for (const one of asked) if (one.horizon <= least) done = Math.max(done, one.at)
    asked = asked.filter(({ horizon }) => horizon > least).slice(-100)
    return row?.['waiting'] == null ? Number.POSITIVE_INFINITY : Number(row['waiting'])
  }

  return async () => {
    const at = clock.now()
    // What is waited for takes milliseconds, and nobody rings when it ends: so it is asked again.
    for (let tries = 1; ; tries += 1) {
      const waiting = await ask(at)
      if (done >= at || waiting <= done || tries === askedAtOnce) return Math.min(done, waiting)
      if (tries > 1) await machinePause(askAgainMs)
    }
  }
}

const askedAtOnce = 50
const askAgainMs = 10
