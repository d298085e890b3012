import { HubError, type Ids, type Processor, retryFor } from '@throughline/domain'
import type { Clock } from '../clock.ts'
import type { Keys } from '../keys.ts'
import {
  type Log,
  type LogRecord,
  type ParkedRecord,
  type Position,
  type Positions,
  StaleStep,
  type Store,
  type Task,
  type TaskId,
} from '../ports.ts'
import type { Random } from '../random.ts'
import { emptyStep } from '../store/done-to.ts'
import { doneWake, Wake, wantedWake } from '../wakes.ts'
import type { Behind, Figures } from './figures.ts'
import type { Reading } from './inputs.ts'
import { Activity, backoffMs, persistently, sleepUntil } from './loops.ts'
import { OutboxRelay } from './relay.ts'
import { recordSpans, timerSpan, within } from './spans.ts'
import { StateCache } from './state-cache.ts'
import { prepareStep, type TaskContext, type Work } from './step.ts'

export interface RunnerOptions<S> extends Reading {
  readonly processor: Processor<S>
  readonly log: Log
  readonly store: Store
  readonly keys: Keys
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly stateCacheMax: number
  readonly safetyPollMs: number | null
  readonly figures?: Figures
  /** The runner has halted for a reason that no retry mends. */
  readonly onFault: (error: unknown) => void
}

/** A timer that waits longer than this for word from upstream fires, and says it is incomplete (design, section 4). */
const longestWaitMs = 15 * 60_000
const timersAtOnce = 200
const parkedAtOnce = 10_000
/** Stale steps are run again at once, but not for ever without letting others run. */
const staleAtOnce = 20

/** One partition of one processor: its records, its timers and its outbox, under one lease. */
export class TaskRunner<S> {
  readonly #options: RunnerOptions<S>
  readonly #context: TaskContext<S>
  readonly #task: Task
  readonly #cache: StateCache<S>
  readonly #relay: OutboxRelay
  readonly #activity = new Activity()
  readonly #stop = new AbortController()
  readonly #wake = new Wake()
  readonly #unlisten: (() => void)[]
  #positions: Map<string, Position>
  #queue: Promise<unknown> = Promise.resolve()
  #loops: Promise<unknown> = Promise.resolve()
  #doneTo = 0
  /** The task waits for the clock before it tries again; all but the relay waits with it. */
  #backingOff = false
  #timerChanges = 0
  /** The earliest timer; undefined when it has to be looked up. */
  #nextTimerAt: number | null | undefined
  /** Since when the earliest due timer has waited for upstream, in ms. */
  #waitingSince: number | undefined

  private constructor(options: RunnerOptions<S>, task: Task, positions: Positions) {
    const { processor, log, store, clock, safetyPollMs, figures } = options
    this.#options = options
    this.#task = task
    this.#positions = new Map(positions)
    this.#cache = new StateCache(options.stateCacheMax)
    this.#context = { ...options, task, cache: this.#cache }
    const wake = () => this.#wake.wake()
    this.#relay = new OutboxRelay(task, {
      store,
      log,
      clock,
      activity: new Activity(),
      safetyPollMs,
      onSent: wake,
      ...(figures && { figures }),
    })
    this.#unlisten = [
      store.wakes.on(wantedWake(processor.name), wake),
      ...processor.upstream.map((upstream) => store.wakes.on(doneWake(upstream), wake)),
    ]
  }

  /** Takes the task, whoever had it before, and starts its timers and relay. Undefined when stopped meanwhile. */
  static async open<S>(
    options: RunnerOptions<S>,
    id: TaskId,
    stop: AbortSignal,
  ): Promise<TaskRunner<S> | undefined> {
    const { store, clock } = options
    const opened = await persistently(
      async () => {
        const task = await store.open(id)
        return { task, positions: await task.positions() }
      },
      clock,
      new Activity(),
      stop,
    )
    if (!opened) return undefined
    const runner = new TaskRunner(options, opened.task, opened.positions)
    runner.#start()
    return runner
  }

  get positions(): Positions {
    return this.#positions
  }

  /** How far this partition is behind. Looks at the log. */
  async behind(): Promise<Behind> {
    const { log, processor } = this.#options
    const { partition } = this.#task.id
    let records = 0
    let since: number | null = null
    for (const topic of processor.inputs) {
      const { start, end } = await log.bounds(topic, partition)
      const at = this.#positions.get(topic)?.offset ?? start
      if (at >= end) continue
      records += Number(end - at)
      for await (const [oldest] of log.read(topic, partition, at < start ? start : at)) {
        if (oldest) since = Math.min(since ?? oldest.appendedAt, oldest.appendedAt)
        break
      }
    }
    return { records, since, outboxSince: this.#relay.waitingSince }
  }

  get busy(): boolean {
    if (this.#stop.signal.aborted) return false
    return this.#relay.busy || (!this.#backingOff && this.#activity.busy(this.#wake))
  }

  /** Processes a batch of one topic once, however often it is given. */
  async records(batch: readonly LogRecord[]): Promise<void> {
    await this.#exclusively(() => {
      const traced = recordSpans(this.#options.processor.name, batch)
      return within(
        traced,
        this.#untilCommitted(() => this.#recordsWork(traced.records)),
      )
    })
  }

  async parked(limit: number): Promise<readonly ParkedRecord[]> {
    return this.#task.parked(limit)
  }

  /** Gives how many records of the key were run again. */
  async releaseParked(key: string): Promise<number> {
    return this.#exclusively(async () => {
      const parked = (await this.#task.parked(parkedAtOnce)).filter((row) => row.key === key)
      const { partition } = this.#task.id
      const records = parked.map(({ record, offset }) => ({ ...record, partition, offset }))
      if (records.length > 0) {
        let again = true
        await this.#untilCommitted(() => {
          // Whether an uncertain commit went through is seen by what is still parked.
          if (!again) return undefined
          again = false
          return { kind: 'release', key, records }
        })
      }
      return records.length
    })
  }

  async resetPositions(positions: Positions, reason: string): Promise<void> {
    await this.#exclusively(async () => {
      await this.#task.resetPositions(positions, reason)
      this.#positions = new Map(positions)
    })
  }

  async stop(): Promise<void> {
    this.#halt()
    await this.#relay.stop()
    await this.#loops
    await this.#queue.catch(() => {})
  }

  #halt(): void {
    this.#stop.abort()
    this.#wake.wake()
    for (const stop of this.#unlisten) stop()
  }

  #start(): void {
    const fail = (error: unknown) => {
      const first = !this.#stop.signal.aborted
      this.#halt()
      void this.#relay.stop()
      if (first) this.#options.onFault(error)
    }
    this.#activity.begin()
    const timers = this.#timerLoop()
      .catch(fail)
      .finally(() => this.#activity.end())
    this.#loops = Promise.all([timers, this.#relay.run().catch(fail)])
  }

  /** One at a time: records, timers and releases share the states. */
  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#queue
    this.#activity.begin()
    const mine = before
      .catch(() => {})
      .then(work)
      .finally(() => this.#activity.end())
    this.#queue = mine
    return mine
  }

  #recordsWork(batch: readonly LogRecord[]): Work | undefined {
    const topic = batch[0]?.topic ?? ''
    const from = this.#positions.get(topic)?.offset ?? 0n
    const records = batch.filter((record) => record.offset >= from)
    const last = records.at(-1)
    if (!last) return undefined
    const position = { offset: last.offset + 1n, anchor: last.id }
    return { kind: 'records', records, positions: new Map([[topic, position]]) }
  }

  /**
   * Prepares and commits until it is known to be done. After an uncertain commit the positions are
   * read again: a lost answer to COMMIT is neither success nor failure until then.
   */
  async #untilCommitted(workLeft: () => Work | undefined | Promise<Work | undefined>) {
    const { signal } = this.#stop
    let failures = 0
    let stale = 0
    while (!signal.aborted) {
      try {
        if (failures > 0) await this.#reread()
        const work = await workLeft()
        if (!work) return
        await this.#commit(work)
        return
      } catch (error) {
        if (error instanceof StaleStep && (stale += 1) % staleAtOnce !== 0) continue
        if (!(error instanceof StaleStep) && retryFor(error) === 'never') throw error
        failures += 1
        this.#forget()
        await this.#backOff(failures)
      }
    }
    // Whoever gave the work must not take it for done.
    throw new HubError('HUB_FENCED', 'the task has been stopped')
  }

  async #backOff(failures: number): Promise<void> {
    const { clock } = this.#options
    this.#backingOff = true
    await clock.until(clock.now() + backoffMs(failures), this.#stop.signal)
    this.#backingOff = false
  }

  async #reread(): Promise<void> {
    this.#positions = new Map(await this.#task.positions())
  }

  #forget(): void {
    this.#cache.clear()
    this.#nextTimerAt = undefined
    this.#wake.wake()
  }

  async #commit(work: Work): Promise<void> {
    const { figures } = this.#options
    const began = figures?.began() ?? 0
    const prepared = await prepareStep(work, this.#context)
    const { step } = prepared
    await this.#task.commit(step)
    for (const [topic, position] of step.positions) this.#positions.set(topic, position)
    const now = this.#options.clock.now()
    for (const [key, state] of prepared.states) {
      if (state === undefined) this.#cache.delete(key)
      else this.#cache.set(key, state, now)
    }
    this.#cache.sweep(now)
    figures?.committed({
      processor: this.#task.id.processor,
      topic: work.kind === 'timers' ? null : (work.records[0]?.topic ?? null),
      records: work.kind === 'timers' ? 0 : work.records.length,
      began,
      receivedAts: prepared.receivedAts,
      now,
      counts: step.counts,
    })
    for (const { at } of step.timers) this.#expectTimer(at)
    if (this.#waitingSince !== undefined || this.#wanted()) this.#wake.wake()
  }

  #expectTimer(at: number | null): void {
    const next = this.#nextTimerAt
    this.#timerChanges += 1
    if (at === null || next === undefined) return
    if (next !== null && next <= at) return
    this.#nextTimerAt = at
    this.#wake.wake()
  }

  #wanted(): boolean {
    const { store, processor } = this.#options
    return store.wakes.wantedOf(processor.name) > this.#doneTo
  }

  async #timerLoop(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#stop
    while (!signal.aborted) {
      this.#wake.reset()
      const until = await persistently(() => this.#fireOrWait(), clock, this.#activity, signal)
      if (until === 'again' || signal.aborted) continue
      await this.#activity.asleep(sleepUntil(this.#wake, clock, until ?? null))
    }
  }

  /** Fires what may fire; gives when to look again (ms), null for when something is heard, or that there is more. */
  async #fireOrWait(): Promise<number | null | 'again'> {
    const { clock, processor, store, safetyPollMs } = this.#options
    const next = await this.#nextTimer()
    if (next === undefined) return 'again'
    const now = clock.now()
    const due = next !== null && next <= now ? next : null
    if (due === null) this.#waitingSince = undefined
    const wanted = this.#wanted() ? store.wakes.wantedOf(processor.name) : 0
    const target = Math.max(due ?? 0, wanted)
    if (target === 0) return next

    const lagging = await this.#advance(target)
    if (due !== null && this.#doneTo >= due) {
      this.#waitingSince = undefined
      await this.#fire(Math.min(this.#doneTo, now), true)
      return 'again'
    }
    for (const upstream of lagging) store.wakes.want(upstream, target)
    const poll = safetyPollMs === null ? null : now + safetyPollMs
    if (due === null) return earliest(next, poll)
    this.#waitingSince ??= now
    if (now < this.#waitingSince + longestWaitMs) {
      return earliest(this.#waitingSince + longestWaitMs, poll)
    }
    const since = this.#waitingSince
    this.#waitingSince = undefined
    await this.#fire(since, false)
    return 'again'
  }

  /** Undefined when a step changed timers while they were looked up. */
  async #nextTimer(): Promise<number | null | undefined> {
    if (this.#nextTimerAt !== undefined) return this.#nextTimerAt
    const changes = this.#timerChanges
    const next = await this.#task.nextTimerAt()
    if (changes === this.#timerChanges) this.#nextTimerAt = next
    return this.#nextTimerAt
  }

  /**
   * Brings `doneTo` as far as is known: first how far upstream has come, then the log's ends, then
   * whether this task has read up to there and relayed what came of it. Gives who has not come far
   * enough for `target`.
   */
  async #advance(target: number): Promise<readonly string[]> {
    const { store, processor } = this.#options
    let upstreamDone = Number.POSITIVE_INFINITY
    const lagging: string[] = []
    for (const upstream of processor.upstream) {
      const done = await store.doneTo(upstream)
      upstreamDone = Math.min(upstreamDone, done)
      if (done < target && upstream !== 'connectors') lagging.push(upstream)
    }
    if (upstreamDone === Number.POSITIVE_INFINITY) upstreamDone = this.#options.clock.now()
    if (upstreamDone <= this.#doneTo) return lagging
    await this.#exclusively(async () => {
      if (!(await this.#hasReadAll()) || !this.#relay.empty) return
      await this.#task.commit({ ...emptyStep, doneTo: upstreamDone })
      this.#doneTo = upstreamDone
    })
    return lagging
  }

  async #hasReadAll(): Promise<boolean> {
    const { log, processor } = this.#options
    for (const topic of processor.inputs) {
      const { start, end } = await log.bounds(topic, this.#task.id.partition)
      if ((this.#positions.get(topic)?.offset ?? start) < end) return false
    }
    return true
  }

  async #fire(until: number, complete: boolean): Promise<void> {
    const firedAt = this.#options.clock.now()
    await this.#exclusively(() => {
      const traced = timerSpan(this.#options.processor.name)
      const work = async (): Promise<Work | undefined> => {
        const due = await this.#task.dueTimers(until, timersAtOnce)
        if (due.length === 0) return undefined
        return {
          kind: 'timers',
          until,
          headers: traced.headers,
          due: due.map(({ key, name, at }) => ({
            key,
            input: { kind: 'timer', name, dueAt: at, firedAt, complete },
          })),
        }
      }
      return within(traced, this.#untilCommitted(work))
    })
    this.#nextTimerAt = undefined
  }
}

const earliest = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b)
