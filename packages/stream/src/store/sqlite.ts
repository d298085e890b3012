import type { StatementSync } from 'node:sqlite'
import { HubError, type Known, type Lookup } from '@throughline/domain'
import type { Clock } from '../clock.ts'
import { murmur2 } from '../partition.ts'
import {
  type FoundEntries,
  type Loaded,
  type LocalSeen,
  type LookupReader,
  type OutboxRow,
  type OutgoingRecord,
  type ParkedRecord,
  type Positions,
  StaleStep,
  type Step,
  type StoredState,
  type StoredTimer,
  type SweptStore,
  sameValues,
  type Task,
  type TaskId,
  type Views,
} from '../ports.ts'
import { doneWake, outboxWake, viewsWake } from '../wakes.ts'
import { CommitQueue } from './commit-queue.ts'
import { isOnlyDoneTo, registerTask } from './done-to.ts'
import { parkedOf, viewOf } from './read-rows.ts'
import { packRecords, unpackRecords } from './record-blob.ts'
import type { HubDatabase } from './sqlite-database.ts'
import { storeTables } from './sqlite-tables.ts'

export interface SqliteStoreOptions {
  readonly db: HubDatabase
  readonly clock: Clock
  /** How the register's rows are read inside a step's snapshot. */
  readonly lookups: LookupReader
}

/** The store on one machine: the same file, and the same transactions, as the register. */
export function createSqliteStore(options: SqliteStoreOptions): SweptStore {
  const { db, clock } = options
  db.exec(storeTables)
  const { schedule, wakes } = db
  // What is known to be done but has not ridden on a commit yet. It is only a lower bound: after a
  // crash it is worked out again, so it is not worth an fsync of its own.
  const doneTo = new Map<string, number>()
  const commits = new CommitQueue(db)
  return {
    wakes,
    async open(id) {
      await schedule.at('store.open.before', nameOf(id))
      const epoch = db.transaction(() => raiseEpoch(db, id))
      const task = new SqliteTask(options, id, taskRow(db, id), epoch, doneTo, commits)
      await schedule.at('store.open.after', nameOf(id))
      return task
    },
    async doneTo(processor) {
      await schedule.at('store.done-to.before', processor)
      if (processor === 'connectors') return connectorsDoneTo(db, clock)
      const rows = db
        .prepare(
          `SELECT generation, partition, done_to FROM task WHERE processor = ?1 AND generation =
             (SELECT max(generation) FROM task WHERE processor = ?1)`,
        )
        .all(processor)
      const known = rows.map(({ generation, partition, done_to }) => {
        const id = { processor, generation: Number(generation), partition: Number(partition) }
        return Math.max(Number(done_to), doneTo.get(nameOf(id)) ?? 0)
      })
      return known.length === 0 ? 0 : Math.min(...known)
    },
    sweep: () => sweepIndex(db, clock.now()),
    [Symbol.asyncDispose]: async () => {},
  }
}

const sweptAtOnce = 2000

async function sweepIndex(db: HubDatabase, now: number): Promise<number> {
  const page = db.prepare(
    'SELECT max(id) AS last FROM (SELECT id FROM index_entry WHERE id > ? ORDER BY id LIMIT ?)',
  )
  const drop = db.prepare('DELETE FROM index_entry WHERE id > ? AND id <= ? AND expires_at <= ?')
  let deleted = 0
  for (let after = 0; ; ) {
    const last = page.get(after, sweptAtOnce)?.['last']
    if (last === undefined || last === null) return deleted
    const [from, to] = [after, Number(last)]
    deleted += db.transaction(() => Number(drop.run(from, to, now).changes))
    after = to
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const indexHash = (name: string, key: string) => murmur2(Buffer.from(`${name}\n${key}`))

/**
 * Puts records into a task's outbox inside the caller's transaction; the register's acceptance does.
 * `at` is when they were accepted, in ms on the register's clock. The relay is woken by the commit.
 */
export function appendSqliteOutbox(
  db: HubDatabase,
  id: TaskId,
  records: readonly OutgoingRecord[],
  at: number,
): void {
  if (records.length === 0) return
  db.prepare(
    'INSERT INTO task (processor, generation, partition, epoch) VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING',
  ).run(id.processor, id.generation, id.partition)
  db.prepare('INSERT INTO outbox (task, at, records) VALUES (?, ?, ?)').run(
    taskRow(db, id),
    at,
    packRecords(records),
  )
  db.afterCommit(() => db.wakes.wake(outboxWake(id)))
}

/** What pages read, from the same file. */
export function createSqliteViews({ db }: { readonly db: HubDatabase }): Views {
  db.exec(storeTables)
  return {
    async get(view, id) {
      await db.schedule.at('views.get.before', view)
      const row = db.prepare('SELECT * FROM view_row WHERE view = ? AND id = ?').get(view, id)
      return row && viewOf(row)
    },
    async list({ view, reader, personId, states, limit }) {
      await db.schedule.at('views.list.before', view)
      const rows = db
        .prepare(
          `SELECT * FROM view_row WHERE view = ?1 AND (?2 IS NULL OR reader = ?2)
             AND (?3 IS NULL OR person_id = ?3)
             AND (?4 IS NULL OR state IN (SELECT value FROM json_each(?4)))
           ORDER BY sort, id LIMIT ?5`,
        )
        .all(view, reader ?? null, personId ?? null, states ? JSON.stringify(states) : null, limit)
      return rows.map(viewOf)
    },
    async counts(prefix) {
      await db.schedule.at('views.counts.before')
      const rows = db
        .prepare('SELECT name, value FROM counter WHERE substr(name, 1, length(?1)) = ?1')
        .all(prefix)
      return new Map(rows.map(({ name, value }) => [String(name), Number(value)]))
    },
  }
}

class SqliteTask implements Task {
  readonly id: TaskId
  readonly epoch: number
  readonly #options: SqliteStoreOptions
  readonly #db: HubDatabase
  readonly #task: number
  readonly #scope: number
  readonly #doneTo: Map<string, number>
  readonly #commits: CommitQueue
  /** Only the owner parks, so its own memory of parked keys is enough. */
  readonly #parkedKeys: Set<string>
  readonly #sql: Statements

  constructor(
    options: SqliteStoreOptions,
    id: TaskId,
    task: number,
    epoch: number,
    doneTo: Map<string, number>,
    commits: CommitQueue,
  ) {
    this.id = id
    this.epoch = epoch
    this.#options = options
    this.#db = options.db
    this.#task = task
    this.#doneTo = doneTo
    this.#commits = commits
    this.#sql = statementsOf(options.db)
    this.#scope = scopeRow(options.db, id)
    const parked = this.#db.prepare('SELECT DISTINCT key FROM parked WHERE task = ?').all(task)
    this.#parkedKeys = new Set(parked.map(({ key }) => String(key)))
  }

  async positions(): Promise<Positions> {
    await this.#at('store.positions.before')
    const rows = this.#db
      .prepare('SELECT topic, "offset", anchor FROM position WHERE task = ?')
      .all(this.#task)
    return new Map(
      rows.map((row) => [
        String(row['topic']),
        { offset: BigInt(Number(row['offset'])), anchor: row['anchor'] as string | null },
      ]),
    )
  }

  async load(keys: readonly string[], lookups: readonly Lookup[]): Promise<Loaded> {
    await this.#at('store.load.before')
    const loaded = this.#db.snapshot(() => this.#read(keys, lookups))
    await this.#at('store.load.after')
    return loaded
  }

  async commit(step: Step): Promise<void> {
    await this.#at('store.commit.before')
    if (isOnlyDoneTo(step)) {
      this.#fence()
      this.#advance(step.doneTo)
    } else {
      await this.#commits.submit(
        () => this.#check(step),
        () => this.#write(step),
      )
      if (step.doneTo !== undefined) this.#advance(step.doneTo)
      for (const { key } of step.parked) this.#parkedKeys.add(key)
      for (const key of step.unpark ?? []) this.#parkedKeys.delete(key)
      if (step.outbox.length > 0) this.#db.wakes.wake(outboxWake(this.id))
      if (step.views.length > 0) this.#db.wakes.wake(viewsWake)
    }
    if (step.doneTo !== undefined) this.#db.wakes.wake(doneWake(this.id.processor))
    await this.#at('store.commit.after')
  }

  async dueTimers(until: number, limit: number): Promise<readonly StoredTimer[]> {
    await this.#at('store.timers.before')
    return this.#db
      .prepare(
        `SELECT key, name, at FROM timer WHERE task = ? AND at <= ?
         ORDER BY at, key, name LIMIT ?`,
      )
      .all(this.#task, until, limit)
      .map((row) => ({ key: String(row['key']), name: String(row['name']), at: Number(row['at']) }))
  }

  async nextTimerAt(): Promise<number | null> {
    await this.#at('store.next-timer.before')
    const row = this.#db
      .prepare('SELECT at FROM timer WHERE task = ? ORDER BY at LIMIT 1')
      .get(this.#task)
    return row ? Number(row['at']) : null
  }

  async outbox(limit: number): Promise<readonly OutboxRow[]> {
    await this.#at('store.outbox.before')
    this.#fence()
    return this.#db
      .prepare('SELECT seq, records FROM outbox WHERE task = ? ORDER BY seq LIMIT ?')
      .all(this.#task, limit)
      .map((row) => ({
        seq: BigInt(Number(row['seq'])),
        records: unpackRecords(row['records'] as Uint8Array),
      }))
  }

  async relayed(seq: bigint): Promise<void> {
    await this.#at('store.relayed.before')
    await this.#commits.submit(
      () => this.#fence(),
      () => this.#sql.dropOutbox.run(this.#task, Number(seq)),
    )
    await this.#at('store.relayed.after')
  }

  async parked(limit: number): Promise<readonly ParkedRecord[]> {
    await this.#at('store.parked.before')
    return this.#db
      .prepare('SELECT * FROM parked WHERE task = ? ORDER BY seq LIMIT ?')
      .all(this.#task, limit)
      .map(parkedOf)
  }

  async unpark(key: string): Promise<void> {
    await this.#at('store.unpark.before')
    this.#db.transaction(() => {
      this.#fence()
      this.#sql.unpark.run(this.#task, key)
    })
    this.#parkedKeys.delete(key)
    await this.#at('store.unpark.after')
  }

  async resetPositions(positions: Positions, reason: string): Promise<void> {
    await this.#at('store.reset.before')
    this.#db.transaction(() => {
      this.#fence()
      this.#db.prepare('DELETE FROM position WHERE task = ?').run(this.#task)
      this.#writePositions(positions)
      const said = [...positions].map(([topic, { offset }]) => [topic, String(offset)])
      this.#db
        .prepare('INSERT INTO position_reset (task, at, positions, reason) VALUES (?, ?, ?, ?)')
        .run(this.#task, this.#options.clock.now(), JSON.stringify(said), reason)
    })
    await this.#at('store.reset.after')
  }

  #at(point: string): Promise<void> | undefined | void {
    return this.#db.schedule.at(point, nameOf(this.id))
  }

  #read(keys: readonly string[], lookups: readonly Lookup[]): Loaded {
    const states = new Map<string, StoredState>()
    for (const key of keys) {
      const row = this.#sql.state.get(this.#scope, key)
      if (!row) continue
      const [value, stateVersion] = row as unknown as [Uint8Array, number]
      states.set(key, { key, value, stateVersion })
    }
    const parkedKeys: ReadonlySet<string> =
      this.#parkedKeys.size === 0 ? nothingParked : new Set(this.#parkedKeys)
    const reader = this.#options.lookups
    const rows = reader.read(lookups)
    const found = lookups.flatMap((lookup): FoundEntries[] =>
      lookup.kind === 'index' ? [{ ...lookup, values: this.#index(lookup) }] : [],
    )
    const entries = new Map(found.map(({ name, key, values }) => [`${name}\n${key}`, values]))
    const known: Omit<Known, 'past'> = {
      now: rows.now,
      agreements: rows.agreements,
      claim: (identifier) => rows.claim(identifier),
      person: (personId) => rows.person(personId),
      index: (name, key) => entries.get(`${name}\n${key}`) ?? [],
    }
    const seen: LocalSeen = { revision: reader.revision?.() ?? 0, found }
    return { states, parkedKeys, known, seen }
  }

  #index({ name, key }: Pick<FoundEntries, 'name' | 'key'>): readonly string[] {
    const rows = this.#sql.index.all(indexHash(name, key), name, key, this.#options.clock.now())
    return rows.map((row) => (row as unknown as [string])[0])
  }

  #check(step: Step): void {
    this.#fence()
    const { lookups } = this.#options
    const seen = step.seen as LocalSeen | undefined
    if (seen && seen.revision !== (lookups.revision?.() ?? 0)) throw new StaleStep()
    if (seen?.found.some((one) => !sameValues(one.values, this.#index(one)))) throw new StaleStep()
  }

  #write(step: Step): void {
    void this.#db.schedule.at('store.commit.fenced')
    const { clock } = this.#options
    const sql = this.#sql
    this.#writePositions(step.positions)
    const done = Math.max(step.doneTo ?? 0, this.#doneTo.get(nameOf(this.id)) ?? 0)
    if (done > 0) sql.doneTo.run(done, this.#task)
    for (const { key, ...state } of step.states) {
      if (state.value === null) sql.dropState.run(this.#scope, key)
      else sql.putState.run(this.#scope, key, state.stateVersion, state.value)
    }
    for (const { key, name, at } of step.timers) {
      if (at === null) sql.dropTimer.run(this.#scope, key, name)
      else sql.putTimer.run(this.#scope, key, name, this.#task, at)
    }
    void this.#db.schedule.at('store.commit.states-written')
    if (step.outbox.length > 0) {
      sql.putOutbox.run(this.#task, clock.now(), packRecords(step.outbox))
    }
    void this.#db.schedule.at('store.commit.outbox-written')
    for (const entry of step.index) {
      const { name, key, value, expiresAt } = entry
      sql.putIndex.run(indexHash(name, key), name, key, value, expiresAt)
    }
    for (const row of step.views) {
      sql.putView.run(
        row.view,
        row.id,
        row.version,
        row.personId,
        row.reader,
        row.state,
        row.sort,
        JSON.stringify(row.facts),
        row.body,
      )
    }
    for (const key of step.unpark ?? []) sql.unpark.run(this.#task, key)
    for (const { key, topic, offset, id, reason, record } of step.parked) {
      sql.park.run(this.#task, key, topic, Number(offset), id, reason, packRecords([record]))
    }
    for (const [name, by] of step.counts) sql.count.run(name, by)
    void this.#db.schedule.at('store.commit.written')
  }

  #writePositions(positions: Positions): void {
    for (const [topic, { offset, anchor }] of positions) {
      this.#sql.putPosition.run(this.#task, topic, Number(offset), anchor)
    }
  }

  #advance(doneTo: number): void {
    const name = nameOf(this.id)
    this.#doneTo.set(name, Math.max(doneTo, this.#doneTo.get(name) ?? 0))
  }

  /** Before every write, in its transaction. It reads and raises: a row count nobody looks at fences nobody. */
  #fence(): void {
    const row = this.#sql.epoch.get(this.#task)
    if (Number(row?.['epoch']) !== this.epoch) {
      throw new HubError('HUB_FENCED', `${nameOf(this.id)} has another owner`)
    }
  }
}

const nothingParked: ReadonlySet<string> = new Set()

const nameOf = ({ processor, generation, partition }: TaskId) =>
  `${processor}/${generation}/${partition}`

function raiseEpoch(db: HubDatabase, id: TaskId): number {
  const row = db
    .prepare(
      `INSERT INTO task (processor, generation, partition, epoch) VALUES (?, ?, ?, 1)
       ON CONFLICT DO UPDATE SET epoch = epoch + 1 RETURNING epoch`,
    )
    .get(id.processor, id.generation, id.partition)
  return Number(row?.['epoch'])
}

function taskRow(db: HubDatabase, { processor, generation, partition }: TaskId): number {
  const row = db
    .prepare('SELECT id FROM task WHERE processor = ? AND generation = ? AND partition = ?')
    .get(processor, generation, partition)
  return Number(row?.['id'])
}

function scopeRow(db: HubDatabase, { processor, generation }: TaskId): number {
  db.prepare('INSERT INTO scope (processor, generation) VALUES (?, ?) ON CONFLICT DO NOTHING').run(
    processor,
    generation,
  )
  const row = db
    .prepare('SELECT id FROM scope WHERE processor = ? AND generation = ?')
    .get(processor, generation)
  return Number(row?.['id'])
}

/** What the register accepted before this has been relayed: its oldest waiting row, or now. */
function connectorsDoneTo(db: HubDatabase, clock: Clock): number {
  return db.snapshot(() => {
    const task = taskRow(db, registerTask)
    const row = db.prepare('SELECT min(at) AS at FROM outbox WHERE task = ?').get(task)
    return row?.['at'] == null ? clock.now() : Number(row['at'])
  })
}

type Statements = ReturnType<typeof statementsOf>

function statementsOf(db: HubDatabase) {
  const arrays = (statement: StatementSync) => {
    statement.setReturnArrays(true)
    return statement
  }
  return {
    epoch: db.prepare('SELECT epoch FROM task WHERE id = ?'),
    doneTo: db.prepare('UPDATE task SET done_to = max(done_to, ?) WHERE id = ?'),
    state: arrays(db.prepare('SELECT value, version FROM state WHERE scope = ? AND key = ?')),
    putState: db.prepare(
      `INSERT INTO state (scope, key, version, value) VALUES (?, ?, ?, ?)
       ON CONFLICT (scope, key) DO UPDATE SET version = excluded.version, value = excluded.value`,
    ),
    dropState: db.prepare('DELETE FROM state WHERE scope = ? AND key = ?'),
    putTimer: db.prepare(
      `INSERT INTO timer (scope, key, name, task, at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET task = excluded.task, at = excluded.at`,
    ),
    dropTimer: db.prepare('DELETE FROM timer WHERE scope = ? AND key = ? AND name = ?'),
    putOutbox: db.prepare('INSERT INTO outbox (task, at, records) VALUES (?, ?, ?)'),
    dropOutbox: db.prepare('DELETE FROM outbox WHERE task = ? AND seq <= ?'),
    putPosition: db.prepare(
      `INSERT INTO position (task, topic, "offset", anchor) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET "offset" = excluded."offset", anchor = excluded.anchor`,
    ),
    index: arrays(
      db.prepare(
        `SELECT DISTINCT value FROM index_entry
         WHERE hash = ? AND name = ? AND key = ? AND expires_at > ? ORDER BY value`,
      ),
    ),
    putIndex: db.prepare(
      'INSERT INTO index_entry (hash, name, key, value, expires_at) VALUES (?, ?, ?, ?, ?)',
    ),
    putView: db.prepare(
      `INSERT INTO view_row (view, id, version, person_id, reader, state, sort, facts, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (view, id) DO UPDATE SET version = excluded.version,
         person_id = excluded.person_id, reader = excluded.reader, state = excluded.state,
         sort = excluded.sort, facts = excluded.facts, body = excluded.body
       WHERE excluded.version > view_row.version`,
    ),
    park: db.prepare(
      `INSERT INTO parked (task, key, topic, "offset", id, reason, record)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ),
    unpark: db.prepare('DELETE FROM parked WHERE task = ? AND key = ?'),
    count: db.prepare(
      `INSERT INTO counter (name, value) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET value = value + excluded.value`,
    ),
  }
}
