import type { Lookup } from '@throughline/domain'
import { type Decoded, decodeFramed } from '@throughline/schemas'
import {
  emptyStep,
  type Loaded,
  type Log,
  type LogRecord,
  type Positions,
  type Step,
  type Store,
  type Task,
  type TaskOwner,
} from '@throughline/stream'

/** A record with its content. */
export interface Read {
  readonly key: string
  readonly event: Decoded
}

/** A hop without any of the runtime's rules: what it reads, and what it makes of it. */
export interface BareStep {
  /** Under the names of the processors that it stands for. */
  readonly name: string
  readonly input: string
  readonly keepsState: boolean
  lookups(key: string): readonly Lookup[]
  fold(batch: readonly Read[], loaded: Loaded): Pick<Step, 'states' | 'timers' | 'outbox'>
}

const rowsAtOnce = 8

/** Reads a batch, one load, one commit, and what it made is sent while the next batch is read. */
export class BareHop implements TaskOwner {
  readonly #step: BareStep
  readonly #store: Store
  readonly #log: Log
  readonly #tasks = new Map<number, Task>()
  readonly #sending = new Map<number, Promise<void>>()

  constructor(step: BareStep, store: Store, log: Log) {
    this.#step = step
    this.#store = store
    this.#log = log
  }

  async assigned(partition: number): Promise<Positions> {
    const task = await this.#store.open({ processor: this.#step.name, generation: 1, partition })
    this.#tasks.set(partition, task)
    return task.positions()
  }

  async records(partition: number, batch: readonly LogRecord[]): Promise<void> {
    const task = this.#tasks.get(partition)
    const last = batch.at(-1)
    if (!task || !last) return
    const { keepsState, input } = this.#step
    const read = batch.flatMap(({ key, value }) =>
      value === null ? [] : [{ key, event: decodeFramed(value) }],
    )
    const keys = [...new Set(read.map(({ key }) => key))]
    const lookups = keys.flatMap((key) => this.#step.lookups(key))
    const loaded = await task.load(keepsState ? keys : [], lookups)
    const positions = new Map([[input, { offset: last.offset + 1n, anchor: last.id }]])
    const made = this.#step.fold(read, loaded)
    await task.commit({ ...emptyStep, ...made, positions, seen: loaded.seen })
    this.#send(partition, task)
  }

  async revoked(partition: number): Promise<void> {
    this.#tasks.delete(partition)
    await this.#sending.get(partition)
  }

  faulted(_partition: number, error: unknown): void {
    throw error
  }

  /** In order: behind what is being sent. */
  #send(partition: number, task: Task): void {
    const before = this.#sending.get(partition) ?? Promise.resolve()
    this.#sending.set(
      partition,
      before.then(() => this.#relay(task)),
    )
  }

  async #relay(task: Task): Promise<void> {
    for (;;) {
      const rows = await task.outbox(rowsAtOnce)
      const last = rows.at(-1)
      if (!last) return
      await this.#log.append(rows.flatMap(({ records }) => records))
      await task.relayed(last.seq)
    }
  }
}
