import type { IndexEntry, Known, Lookup } from '@throughline/domain'
import type { Wakes } from './wakes.ts'

/** A record to append. `id` is deterministic; `key` never carries a direct identifier. */
export interface OutgoingRecord {
  readonly topic: string
  readonly key: string
  readonly id: string
  readonly value: Uint8Array | null
  readonly headers?: Readonly<Record<string, string>>
}

export interface LogRecord extends OutgoingRecord {
  readonly partition: number
  readonly offset: bigint
  readonly headers: Readonly<Record<string, string>>
  readonly appendedAt: number
}

export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  /** Milliseconds; null keeps for ever. */
  readonly retentionMs: number | null
  readonly cleanup: 'delete' | 'compact'
}

export interface Bounds {
  readonly start: bigint
  readonly end: bigint
}

/** An ordered, partitioned, durable log. Adapters: kafka (kafkajs), sqlite, memory (simulation). */
export interface Log extends AsyncDisposable {
  /** Creates what is missing. A topic that differs from its spec is `HUB_TOPIC_DRIFT`: never silently changed. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>
  /** Resolves when all are durable (acks=all, or fsynced). A rejection leaves the outcome unknown. */
  append(records: readonly OutgoingRecord[]): Promise<void>
  /** Starts giving batches to `owner`, partition by partition; one batch per partition at a time. */
  consume(group: string, topics: readonly string[], owner: TaskOwner): Promise<Consumer>
  /** Reads from `from` up to the end as it was at the call. Never below the log's start: check `bounds`. */
  read(topic: string, partition: number, from: bigint): AsyncIterable<readonly LogRecord[]>
  bounds(topic: string, partition: number): Promise<Bounds>
}

export interface Consumer extends AsyncDisposable {
  /** Asks for the positions again and starts from there (after a fault or an operator's reset). */
  restart(partition: number): Promise<void>
  /**
   * The owner has found by itself that the partition is another's, as if a batch had been rejected with
   * `HUB_FENCED`. Logs whose partitions are shared out give it again, to whoever it is due.
   */
  fenced?(partition: number): void
  /** Whether any partition has been woken and is not yet asleep again. Adapters without it are asked by bounds. */
  busy?(): boolean
}

/** The log asks where to start: the store's position is the truth. */
export interface TaskOwner {
  assigned(partition: number): Promise<Positions>
  /** All records of one call belong to one topic and partition. A rejection stops that partition. */
  records(partition: number, batch: readonly LogRecord[]): Promise<void>
  revoked(partition: number): Promise<void>
  /** The partition has stopped: `HUB_POSITION_LOST`, or what `assigned` or `records` rejected with. */
  faulted?(partition: number, error: unknown): void
}

export interface Position {
  /** The next offset to process. */
  readonly offset: bigint
  /** Id of the record at offset − 1; null at the start. When present and different: `HUB_POSITION_LOST`. */
  readonly anchor: string | null
}

/** By topic. A topic that is missing starts at the log's start. */
export type Positions = ReadonlyMap<string, Position>

export interface TaskId {
  readonly processor: string
  readonly generation: number
  readonly partition: number
}

export interface StoredState {
  readonly key: string
  /** Encoded (and, for personal states, sealed) by the runtime. */
  readonly value: Uint8Array
  readonly stateVersion: number
}

export interface StoredTimer {
  readonly key: string
  readonly name: string
  readonly at: number
}

/** A record set aside because its step kept failing; later records of its key wait behind it. */
export interface ParkedRecord {
  readonly key: string
  readonly topic: string
  readonly offset: bigint
  readonly id: string
  readonly reason: string
  readonly record: OutgoingRecord
}

/** A row of a view that pages read (notices, stories). The highest version of a row wins. */
export interface ViewRow {
  readonly view: string
  readonly id: string
  readonly version: number
  readonly personId: string
  /** Practitioner id or duty role who may list it; null for a person's own row. */
  readonly reader: string | null
  readonly state: string
  readonly sort: number
  /** Facts the gate and lists need, without personal content: rule, sources, categories, due … */
  readonly facts: Readonly<Record<string, unknown>>
  /** Sealed content. */
  readonly body: Uint8Array
}

/** Everything a step changes. All of it, or `HUB_FENCED`, or nothing. */
export interface Step {
  readonly positions: Positions
  /** Everything received before this has been processed and relayed (ms). Never goes back. */
  readonly doneTo?: number
  readonly states: readonly (StoredState | { readonly key: string; readonly value: null })[]
  readonly timers: readonly {
    readonly key: string
    readonly name: string
    readonly at: number | null
  }[]
  readonly outbox: readonly OutgoingRecord[]
  readonly index: readonly IndexEntry[]
  readonly views: readonly ViewRow[]
  readonly parked: readonly ParkedRecord[]
  /** Ledger counters to raise. */
  readonly counts: ReadonlyMap<string, number>
  /** Parked keys whose records this step has processed: forgotten in the same transaction. */
  readonly unpark?: readonly string[]
  /**
   * What the load saw of the register's rows and the index, as it gave it. When any of it has changed
   * since: `StaleStep`, and the step is run again.
   */
  readonly seen?: Seen
}

/** What a load saw; only the store that gave it can read it. */
export type Seen = object

/** What the sqlite and memory stores saw: every change of the register's rows makes them look again. */
export interface LocalSeen {
  readonly revision: number
  readonly found: readonly FoundEntries[]
}

/** What an index lookup gave: the values that had not expired, in order. */
export interface FoundEntries {
  readonly name: string
  readonly key: string
  readonly values: readonly string[]
}

export interface Loaded {
  readonly states: ReadonlyMap<string, StoredState>
  readonly parkedKeys: ReadonlySet<string>
  readonly known: Omit<Known, 'past'>
  readonly seen: Seen
}

/** Whether a lookup still gives what it gave. */
export const sameValues = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((one, at) => one === others[at])

/** The rows a step had looked up have changed since: load again and step again. Nothing was written. */
export class StaleStep extends Error {
  constructor() {
    super('what was looked up changed between load and commit')
    this.name = 'StaleStep'
  }
}

export interface OutboxRow {
  readonly seq: bigint
  readonly records: readonly OutgoingRecord[]
}

/** State that moves in one transaction. Adapters: postgres (pg), sqlite, memory (can crash at any await). */
export interface Store extends AsyncDisposable {
  /** Takes the task: from now on the previous owner's commits raise `HUB_FENCED`. */
  open(task: TaskId): Promise<Task>
  /** The least `doneTo` over a processor's partitions; `connectors` is the register's own relay. */
  doneTo(processor: string): Promise<number>
  /** Alarms among those who share this store in one process: outbox filled, done further, wanted. */
  readonly wakes: Wakes
}

/** A store whose expired index entries have to be deleted by somebody, now and then. */
export interface SweptStore extends Store {
  /** Deletes them, a few at a time so that nobody waits; gives how many. They are never read, swept or not. */
  sweep(): Promise<number>
}

export interface Task {
  readonly id: TaskId
  readonly epoch: number
  positions(): Promise<Positions>
  /** States, and the register's rows, one snapshot. */
  load(keys: readonly string[], lookups: readonly Lookup[]): Promise<Loaded>
  commit(step: Step): Promise<void>
  /** Timers due at or before `until`, earliest first, then by key and name. */
  dueTimers(until: number, limit: number): Promise<readonly StoredTimer[]>
  nextTimerAt(): Promise<number | null>
  /** The outbox rows not yet relayed, in commit order. `HUB_FENCED` for a former owner, who need not send them. */
  outbox(limit: number): Promise<readonly OutboxRow[]>
  /** Deletes rows up to and including `seq`, under the epoch. */
  relayed(seq: bigint): Promise<void>
  parked(limit: number): Promise<readonly ParkedRecord[]>
  /** Forgets parked records of a key once they were processed or put back. */
  unpark(key: string): Promise<void>
  /** An operator's decision after `HUB_POSITION_LOST`, recorded with a reason. */
  resetPositions(positions: Positions, reason: string): Promise<void>
}

/** What pages read. Every read of a row's body goes through the register's gate first. */
export interface Views {
  get(view: string, id: string): Promise<ViewRow | undefined>
  list(query: {
    readonly view: string
    readonly reader?: string
    readonly personId?: string
    readonly states?: readonly string[]
    readonly limit: number
  }): Promise<readonly ViewRow[]>
  /** Ledger counters whose name starts with `prefix`. */
  counts(prefix: string): Promise<ReadonlyMap<string, number>>
}

/** How the sqlite and memory stores read the register's rows inside their own snapshot. Synchronous on purpose. */
export interface LookupReader {
  read(lookups: readonly Lookup[]): Omit<Known, 'past' | 'index'>
  /** Rises with every change of the rows that `read` gives. Without it a step is not checked at its commit. */
  revision?(): number
}
