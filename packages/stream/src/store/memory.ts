import { HubError, type IndexEntry, type Known, type Lookup } from '@throughline/domain'
import type { Clock } from '../clock.ts'
import {
  type FoundEntries,
  type Loaded,
  type LocalSeen,
  type LookupReader,
  type OutboxRow,
  type OutgoingRecord,
  type ParkedRecord,
  type Position,
  type Positions,
  StaleStep,
  type Step,
  type StoredState,
  type StoredTimer,
  type SweptStore,
  sameValues,
  type Task,
  type TaskId,
  type ViewRow,
  type Views,
} from '../ports.ts'
import { noSchedule, type Schedule } from '../schedule.ts'
import { doneWake, outboxWake, viewsWake } from '../wakes.ts'
import { registerTask } from './done-to.ts'
import type { MemoryDatabase } from './memory-database.ts'

export interface MemoryStoreOptions {
  readonly db: MemoryDatabase
  readonly clock: Clock
  readonly lookups: LookupReader
  readonly schedule?: Schedule
}

interface TaskRow {
  readonly id: TaskId
  readonly epoch: number
  readonly doneTo: number
}

interface OutboxEntry extends OutboxRow {
  readonly task: string
  /** When it was put there, in ms on the database's clock. */
  readonly at: number
}

interface TimerRow extends StoredTimer {
  readonly task: string
}

interface ParkedRow {
  readonly task: string
  readonly parked: ParkedRecord
}

/** The store in memory. Each method's `before` may delay, fail or crash it; `after` may lose its answer. */
export function createMemoryStore(options: MemoryStoreOptions): SweptStore {
  const { db, clock, schedule = noSchedule } = options
  const tables = tablesOf(db)
  return {
    wakes: db.wakes,
    async open(id) {
      const name = nameOf(id)
      await schedule.at('store.open.before', name)
      const epoch = db.transaction(() => {
        const row = tables.task.get(name) ?? { id, epoch: 0, doneTo: 0 }
        tables.task.set(name, { ...row, epoch: row.epoch + 1 })
        return row.epoch + 1
      })
      await schedule.at('store.open.after', name)
      return new MemoryTask(options, id, epoch)
    },
    async doneTo(processor) {
      await schedule.at('store.done-to.before', processor)
      if (processor === 'connectors') return connectorsDoneTo(tables, clock)
      const rows = [...tables.task.values()].filter(({ id }) => id.processor === processor)
      const generation = Math.max(...rows.map(({ id }) => id.generation))
      const current = rows.filter(({ id }) => id.generation === generation)
      return current.length === 0 ? 0 : Math.min(...current.map(({ doneTo }) => doneTo))
    },
    sweep: async () => sweepIndex(tables, clock.now()),
    [Symbol.asyncDispose]: async () => {},
  }
}

function sweepIndex({ index }: Tables, now: number): number {
  let deleted = 0
  for (const [place, entries] of index.entries()) {
    const kept = new Map([...entries].filter(([, expiresAt]) => expiresAt > now))
    deleted += entries.size - kept.size
    if (kept.size === 0) index.delete(place)
    else if (kept.size < entries.size) index.set(place, kept)
  }
  return deleted
}

/**
 * Puts records into a task's outbox inside the caller's transaction; the register's acceptance does.
 * `at` is when they were accepted, in ms on the register's clock. The relay is woken by the commit.
 */
export function appendMemoryOutbox(
  db: MemoryDatabase,
  id: TaskId,
  records: readonly OutgoingRecord[],
  at: number,
): void {
  if (records.length === 0) return
  const { outbox, sequence } = tablesOf(db)
  const seq = (sequence.get('outbox') ?? 0n) + 1n
  sequence.set('outbox', seq)
  outbox.set(String(seq), { seq, records, task: nameOf(id), at })
  db.afterCommit(() => db.wakes.wake(outboxWake(id)))
}

/** What pages read, from the same tables. */
export function createMemoryViews({
  db,
  schedule = noSchedule,
}: {
  readonly db: MemoryDatabase
  readonly schedule?: Schedule
}): Views {
  const { view: rows, counter } = tablesOf(db)
  return {
    async get(view, id) {
      await schedule.at('views.get.before', view)
      return rows.get(joined(view, id))
    },
    async list({ view, reader, personId, states, limit }) {
      await schedule.at('views.list.before', view)
      return [...rows.values()]
        .filter(
          (row) =>
            row.view === view &&
            (reader === undefined || row.reader === reader) &&
            (personId === undefined || row.personId === personId) &&
            (states === undefined || states.includes(row.state)),
        )
        .sort((a, b) => a.sort - b.sort || compare(a.id, b.id))
        .slice(0, limit)
    },
    async counts(prefix) {
      await schedule.at('views.counts.before')
      return new Map([...counter.entries()].filter(([name]) => name.startsWith(prefix)))
    },
  }
}

class MemoryTask implements Task {
  readonly id: TaskId
  readonly epoch: number
  readonly #options: MemoryStoreOptions
  readonly #schedule: Schedule
  readonly #tables: Tables
  readonly #name: string
  readonly #scope: string

  constructor(options: MemoryStoreOptions, id: TaskId, epoch: number) {
    this.id = id
    this.epoch = epoch
    this.#options = options
    this.#schedule = options.schedule ?? noSchedule
    this.#tables = tablesOf(options.db)
    this.#name = nameOf(id)
    this.#scope = `${id.processor}/${id.generation}`
  }

  async positions(): Promise<Positions> {
    await this.#at('store.positions.before')
    return new Map(this.#tables.position.get(this.#name) ?? [])
  }

  async load(keys: readonly string[], lookups: readonly Lookup[]): Promise<Loaded> {
    await this.#at('store.load.before')
    const loaded = this.#read(keys, lookups)
    await this.#at('store.load.after')
    return loaded
  }

  async commit(step: Step): Promise<void> {
    await this.#at('store.commit.before')
    this.#options.db.transaction(() => this.#write(step))
    if (step.doneTo !== undefined) this.#options.db.wakes.wake(doneWake(this.id.processor))
    if (step.views.length > 0) this.#options.db.wakes.wake(viewsWake)
    await this.#at('store.commit.after')
  }

  async dueTimers(until: number, limit: number): Promise<readonly StoredTimer[]> {
    await this.#at('store.timers.before')
    return this.#timers()
      .filter(({ at }) => at <= until)
      .sort((a, b) => a.at - b.at || compare(a.key, b.key) || compare(a.name, b.name))
      .slice(0, limit)
      .map(({ key, name, at }) => ({ key, name, at }))
  }

  async nextTimerAt(): Promise<number | null> {
    await this.#at('store.next-timer.before')
    const times = this.#timers().map(({ at }) => at)
    return times.length === 0 ? null : Math.min(...times)
  }

  async outbox(limit: number): Promise<readonly OutboxRow[]> {
    await this.#at('store.outbox.before')
    this.#fence()
    return this.#outbox().slice(0, limit)
  }

  async relayed(seq: bigint): Promise<void> {
    await this.#at('store.relayed.before')
    this.#options.db.transaction(() => {
      this.#fence()
      for (const row of this.#outbox()) {
        if (row.seq <= seq) this.#tables.outbox.delete(String(row.seq))
      }
    })
    await this.#at('store.relayed.after')
  }

  async parked(limit: number): Promise<readonly ParkedRecord[]> {
    await this.#at('store.parked.before')
    return this.#parked()
      .slice(0, limit)
      .map(({ parked }) => parked)
  }

  async unpark(key: string): Promise<void> {
    await this.#at('store.unpark.before')
    this.#options.db.transaction(() => {
      this.#fence()
      this.#unpark(key)
    })
    await this.#at('store.unpark.after')
  }

  async resetPositions(positions: Positions, reason: string): Promise<void> {
    await this.#at('store.reset.before')
    this.#options.db.transaction(() => {
      this.#fence()
      this.#tables.position.set(this.#name, new Map(positions))
      const { reset } = this.#tables
      const at = this.#options.clock.now()
      reset.set(`${reset.size}`, { task: this.#name, at, positions: [...positions], reason })
    })
    await this.#at('store.reset.after')
  }

  #at(point: string): Promise<void> | undefined | void {
    return this.#schedule.at(point, this.#name)
  }

  #read(keys: readonly string[], lookups: readonly Lookup[]): Loaded {
    const states = new Map<string, StoredState>()
    for (const key of keys) {
      const state = this.#tables.state.get(joined(this.#scope, key))
      if (state) states.set(key, state)
    }
    const reader = this.#options.lookups
    const rows = reader.read(lookups)
    // Read now: the step must not see what is added after its snapshot.
    const found = lookups.flatMap((lookup): FoundEntries[] =>
      lookup.kind === 'index' ? [{ ...lookup, values: this.#index(lookup) }] : [],
    )
    const entries = new Map(found.map(({ name, key, values }) => [joined(name, key), values]))
    const known: Omit<Known, 'past'> = {
      now: rows.now,
      agreements: rows.agreements,
      claim: (identifier) => rows.claim(identifier),
      person: (personId) => rows.person(personId),
      index: (name, key) => entries.get(joined(name, key)) ?? [],
    }
    const parkedKeys = new Set(this.#parked().map(({ parked }) => parked.key))
    const seen: LocalSeen = { revision: reader.revision?.() ?? 0, found }
    return { states, parkedKeys, known, seen }
  }

  #index({ name, key }: Pick<FoundEntries, 'name' | 'key'>): readonly string[] {
    const now = this.#options.clock.now()
    const entries = [...(this.#tables.index.get(joined(name, key)) ?? [])]
    return entries.flatMap(([value, expiresAt]) => (expiresAt > now ? [value] : [])).sort(compare)
  }

  #write(step: Step): void {
    const row = this.#fence()
    const { lookups, db, clock } = this.#options
    const seen = step.seen as LocalSeen | undefined
    if (seen && seen.revision !== (lookups.revision?.() ?? 0)) throw new StaleStep()
    if (seen?.found.some((one) => !sameValues(one.values, this.#index(one)))) throw new StaleStep()
    const tables = this.#tables
    if (step.positions.size > 0) {
      const before = tables.position.get(this.#name) ?? []
      tables.position.set(this.#name, new Map([...before, ...step.positions]))
    }
    if (step.doneTo !== undefined && step.doneTo > row.doneTo) {
      tables.task.set(this.#name, { ...row, doneTo: step.doneTo })
    }
    for (const state of step.states) {
      const place = joined(this.#scope, state.key)
      if (state.value === null) tables.state.delete(place)
      else tables.state.set(place, state)
    }
    for (const { key, name, at } of step.timers) {
      const place = joined(this.#scope, key, name)
      if (at === null) tables.timer.delete(place)
      else tables.timer.set(place, { key, name, at, task: this.#name })
    }
    appendMemoryOutbox(db, this.id, step.outbox, clock.now())
    for (const entry of step.index) this.#putIndex(entry)
    for (const view of step.views) {
      const place = joined(view.view, view.id)
      const before = tables.view.get(place)
      if (!before || before.version < view.version) tables.view.set(place, view)
    }
    for (const key of step.unpark ?? []) this.#unpark(key)
    for (const parked of step.parked) {
      const place = joined(this.#name, parked.topic, String(parked.offset), parked.id)
      if (!tables.parked.has(place)) tables.parked.set(place, { parked, task: this.#name })
    }
    for (const [name, by] of step.counts) {
      tables.counter.set(name, (tables.counter.get(name) ?? 0) + by)
    }
  }

  #putIndex({ name, key, value, expiresAt }: IndexEntry): void {
    const place = joined(name, key)
    const entries = new Map(this.#tables.index.get(place))
    entries.set(value, Math.max(expiresAt, entries.get(value) ?? 0))
    this.#tables.index.set(place, entries)
  }

  #timers(): TimerRow[] {
    return [...this.#tables.timer.values()].filter(({ task }) => task === this.#name)
  }

  #outbox(): OutboxEntry[] {
    return outboxOf(this.#tables, this.#name)
  }

  #parked(): ParkedRow[] {
    return [...this.#tables.parked.values()].filter(({ task }) => task === this.#name)
  }

  #unpark(key: string): void {
    for (const [place, row] of this.#tables.parked.entries()) {
      if (row.task === this.#name && row.parked.key === key) this.#tables.parked.delete(place)
    }
  }

  #fence(): TaskRow {
    const row = this.#tables.task.get(this.#name)
    if (row?.epoch !== this.epoch) {
      throw new HubError('HUB_FENCED', `${this.#name} has another owner`)
    }
    return row
  }
}

interface ResetRow {
  readonly task: string
  readonly at: number
  readonly positions: readonly (readonly [string, Position])[]
  readonly reason: string
}

type Tables = ReturnType<typeof tablesOf>

function tablesOf(db: MemoryDatabase) {
  return {
    task: db.table<TaskRow>('task'),
    position: db.table<ReadonlyMap<string, Position>>('position'),
    state: db.table<StoredState>('state'),
    timer: db.table<TimerRow>('timer'),
    outbox: db.table<OutboxEntry>('outbox'),
    index: db.table<ReadonlyMap<string, number>>('index_entry'),
    view: db.table<ViewRow>('view_row'),
    parked: db.table<ParkedRow>('parked'),
    counter: db.table<number>('counter'),
    reset: db.table<ResetRow>('position_reset'),
    sequence: db.table<bigint>('sequence'),
  }
}

function outboxOf({ outbox }: Tables, task: string): OutboxEntry[] {
  return [...outbox.values()]
    .filter((row) => row.task === task)
    .sort((a, b) => (a.seq < b.seq ? -1 : 1))
}

/** What the register accepted before this has been relayed: its oldest waiting row, or now. */
function connectorsDoneTo(tables: Tables, clock: Clock): number {
  const waiting = outboxOf(tables, nameOf(registerTask))
  return waiting.length === 0 ? clock.now() : Math.min(...waiting.map(({ at }) => at))
}

const nameOf = ({ processor, generation, partition }: TaskId) =>
  `${processor}/${generation}/${partition}`

const joined = (...parts: readonly string[]) => parts.join('\n')

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
