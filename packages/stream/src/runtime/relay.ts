import type { Clock } from '../clock.ts'
import { isFenced } from '../fenced.ts'
import type { Log, Store, Task, TaskId } from '../ports.ts'
import { registerTask } from '../store/done-to.ts'
import { doneWake, outboxWake, Wake } from '../wakes.ts'
import type { Figures } from './figures.ts'
import { Activity, persistently, sleepUntil } from './loops.ts'
import { sendSpans, within } from './spans.ts'

export interface RelayOptions {
  readonly store: Store
  readonly log: Log
  readonly clock: Clock
  /** The register's own task unless said otherwise. */
  readonly task?: TaskId
  /** Called once, when it has stopped for a reason that needs a person. Never for `HUB_FENCED`. */
  readonly onFault?: (error: unknown) => void
  /** Looks at the outbox this often (ms) even when nobody rings: for outboxes that other processes fill. */
  readonly safetyPollMs?: number | null
  readonly figures?: Figures
}

export interface Relay extends AsyncDisposable {
  /** Resolves when nothing is left to send, or nothing can be done about it now. */
  idle(): Promise<void>
  busy(): boolean
  stop(): Promise<void>
}

const never = new AbortController().signal

/** Opens the task and relays its outbox: the register's own, which no processor owns. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { store, log, clock, task: id = registerTask, onFault, safetyPollMs, figures } = options
  const activity = new Activity()
  const task = await persistently(() => store.open(id), clock, activity, never)
  if (!task) throw new Error('a relay that nobody stopped has stopped')
  const done = id.processor === registerTask.processor ? 'connectors' : id.processor
  const relay = new OutboxRelay(task, {
    store,
    log,
    clock,
    activity,
    safetyPollMs: safetyPollMs ?? null,
    onSent: () => store.wakes.wake(doneWake(done)),
    ...(figures && { figures }),
  })
  const unwatch = figures?.watch(id.processor, async () => ({
    records: 0,
    since: null,
    outboxSince: relay.waitingSince,
  }))
  void relay.run().catch((error: unknown) => {
    if (!isFenced(error)) onFault?.(error)
  })
  const stop = async () => {
    unwatch?.()
    await relay.stop()
  }
  return {
    busy: () => relay.busy,
    idle: () => quiet(() => relay.busy),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

interface OutboxRelayOptions {
  readonly store: Store
  readonly log: Log
  readonly clock: Clock
  readonly activity: Activity
  readonly safetyPollMs: number | null
  /** After each acknowledged batch, and when the outbox is found empty. */
  readonly onSent: () => void
  readonly figures?: Figures
}

const rowsAtOnce = 8

/**
 * Sends a task's outbox in order: again on doubt, deleting under the epoch only after the
 * acknowledgement. Old rows that a paused relay sends late are harmless: readers know their ids.
 */
export class OutboxRelay {
  readonly #task: Task
  readonly #options: OutboxRelayOptions
  readonly #wake = new Wake()
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined
  #empty = false
  #waitingSince: number | null = null

  constructor(task: Task, options: OutboxRelayOptions) {
    this.#task = task
    this.#options = options
  }

  /** Whether everything committed so far has been acknowledged. */
  get empty(): boolean {
    return this.#empty && !this.#wake.called
  }

  /** When all that was committed by then had been sent (ms), while there is something to send; else null. */
  get waitingSince(): number | null {
    return this.#waitingSince
  }

  get busy(): boolean {
    return !this.#stop.signal.aborted && this.#options.activity.busy(this.#wake)
  }

  /** Runs until stopped. Rejects with `HUB_FENCED`, or with a fault that no retry mends. */
  run(): Promise<void> {
    this.#running = this.#run()
    return this.#running
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#wake.wake()
    await this.#running?.catch(() => {})
  }

  async #run(): Promise<void> {
    const { store, clock, activity, safetyPollMs, onSent } = this.#options
    const unlisten = store.wakes.on(outboxWake(this.#task.id), () => this.#wake.wake())
    const { signal } = this.#stop
    activity.begin()
    try {
      while (!signal.aborted) {
        const sent = await persistently(() => this.#sendSome(), clock, activity, signal)
        if (sent) continue
        this.#empty = true
        onSent()
        const poll = safetyPollMs === null ? null : clock.now() + safetyPollMs
        if (!signal.aborted) await activity.asleep(sleepUntil(this.#wake, clock, poll))
        // In this order: whoever rings from now on finds the outbox read again.
        this.#empty = false
        this.#wake.reset()
      }
    } finally {
      activity.end()
      unlisten()
    }
  }

  /** Whether there was anything to send. */
  async #sendSome(): Promise<boolean> {
    const { clock, figures, log } = this.#options
    const asked = clock.now()
    this.#waitingSince ??= asked
    const rows = await this.#task.outbox(rowsAtOnce)
    const last = rows.at(-1)
    if (!last) {
      this.#waitingSince = null
      return false
    }
    const records = rows.flatMap((row) => row.records)
    await within(sendSpans(records), log.append(records))
    await this.#task.relayed(last.seq)
    if (rows.length < rowsAtOnce) this.#waitingSince = asked
    figures?.relayed(this.#task.id.processor, records.length)
    return true
  }
}

/** Resolves once it is not busy; others get their turn between two looks. */
export async function quiet(busy: () => boolean): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve))
  while (busy())
}
