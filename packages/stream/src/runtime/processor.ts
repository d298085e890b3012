import { HubError, type Ids, type Processor } from '@throughline/domain'
import { type Topic, topicOf } from '@throughline/schemas'
import type { Clock } from '../clock.ts'
import { avroCodec, type Codec } from '../codec.ts'
import { isFenced } from '../fenced.ts'
import type { Keys } from '../keys.ts'
import type { Consumer, Log, ParkedRecord, Positions, Store, TaskOwner } from '../ports.ts'
import type { Random } from '../random.ts'
import type { Behind, Figures } from './figures.ts'
import { quiet } from './relay.ts'
import { type RunnerOptions, TaskRunner } from './task-runner.ts'

export interface ProcessorOptions<S> {
  readonly processor: Processor<S>
  readonly log: Log
  readonly store: Store
  readonly keys: Keys
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly codec?: Codec
  /** What may be on a topic, and under which key; the repository's own unless said otherwise. */
  readonly topicOf?: (name: string) => Topic
  /** The number of the processor's generation; 1 unless a new one takes over. */
  readonly generation?: number
  /** How many decoded states each partition keeps at most; 0 keeps none. */
  readonly stateCacheMax?: number
  /** Looks at the outbox and upstream this often (ms) even when nobody rings: when other processes share the store. */
  readonly safetyPollMs?: number | null
  readonly figures?: Figures
  /** A partition has stopped and needs a person: `HUB_POSITION_LOST`, or a bug. Never for `HUB_FENCED`. */
  readonly onFault?: (fault: Fault) => void
}

export interface Fault {
  readonly processor: string
  readonly partition: number
  readonly error: unknown
}

export interface RunningProcessor extends AsyncDisposable {
  /** Resolves when nothing is left that can be read, relayed or fired at the clock's present time. */
  idle(): Promise<void>
  /** Whether work is known to be waiting or under way. Waiting for the clock is not work. */
  busy(): boolean
  /** Stops all partitions; what was not committed is done again by the next owner. */
  stop(): Promise<void>
  /** Records set aside, over all partitions. */
  parked(limit: number): Promise<readonly ParkedRecord[]>
  /** Runs the parked records of a key again, in order; gives how many. Those that fail again stay parked. */
  releaseParked(key: string): Promise<number>
  /** An operator's decision after `HUB_POSITION_LOST`; the partition starts again from there. */
  resetPositions(partition: number, positions: Positions, reason: string): Promise<void>
}

/** Runs a processor over all partitions of its inputs. Resolves once it owns them. */
export async function startProcessor<S>(options: ProcessorOptions<S>): Promise<RunningProcessor> {
  const running = new PartitionedProcessor(options)
  await running.start()
  return running
}

const stateCacheMax = 1000

class PartitionedProcessor<S> implements RunningProcessor, TaskOwner {
  readonly #options: ProcessorOptions<S>
  readonly #runners = new Map<number, TaskRunner<S>>()
  readonly #stop = new AbortController()
  #consumer: Consumer | undefined
  #unwatch: (() => void) | undefined

  constructor(options: ProcessorOptions<S>) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { log, processor, figures } = this.#options
    this.#unwatch = figures?.watch(processor.name, () => this.#behind())
    this.#consumer = await log.consume(processor.name, processor.inputs, this)
  }

  async assigned(partition: number): Promise<Positions> {
    const { processor, generation = 1, codec = avroCodec, safetyPollMs } = this.#options
    await this.revoked(partition)
    const options: RunnerOptions<S> = {
      ...this.#options,
      codec,
      topicOf: this.#options.topicOf ?? topicOf,
      safetyPollMs: safetyPollMs ?? null,
      stateCacheMax: this.#options.stateCacheMax ?? stateCacheMax,
      onFault: (error) => {
        this.faulted(partition, error)
        // Its timers or its relay have met the other owner; where no record comes, only we can say so.
        if (isFenced(error)) this.#consumer?.fenced?.(partition)
      },
    }
    const id = { processor: processor.name, generation, partition }
    const runner = await TaskRunner.open(options, id, this.#stop.signal)
    if (!runner) return new Map()
    this.#runners.set(partition, runner)
    return runner.positions
  }

  async records(partition: number, batch: Parameters<TaskOwner['records']>[1]): Promise<void> {
    const runner = this.#runners.get(partition)
    // Whoever gave the batch must not take it for done.
    if (!runner) throw new HubError('HUB_FENCED', 'the partition has been given up')
    await runner.records(batch)
  }

  async revoked(partition: number): Promise<void> {
    const runner = this.#runners.get(partition)
    this.#runners.delete(partition)
    await runner?.stop()
  }

  faulted(partition: number, error: unknown): void {
    // Its timers and its relay stop with it; the task stays ours for an operator's decision.
    void this.#runners.get(partition)?.stop()
    // Another owner has it now: that is how it should be, and nobody need look.
    if (isFenced(error) || this.#stop.signal.aborted) return
    this.#options.onFault?.({ processor: this.#options.processor.name, partition, error })
  }

  busy(): boolean {
    if (this.#consumer?.busy?.()) return true
    for (const runner of this.#runners.values()) if (runner.busy) return true
    return false
  }

  idle(): Promise<void> {
    return quiet(() => this.busy())
  }

  async #behind(): Promise<Behind> {
    const all = await Promise.all([...this.#runners.values()].map((runner) => runner.behind()))
    return {
      records: all.reduce((sum, { records }) => sum + records, 0),
      since: earliest(all.map(({ since }) => since)),
      outboxSince: earliest(all.map(({ outboxSince }) => outboxSince)),
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#unwatch?.()
    // The runners first: one that waits for the clock would hold up its reader.
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop()))
    await this.#consumer?.[Symbol.asyncDispose]()
    this.#runners.clear()
  }

  async parked(limit: number): Promise<readonly ParkedRecord[]> {
    const all = await Promise.all([...this.#runners.values()].map((runner) => runner.parked(limit)))
    return all.flat().slice(0, limit)
  }

  async releaseParked(key: string): Promise<number> {
    const released = [...this.#runners.values()].map((runner) => runner.releaseParked(key))
    return (await Promise.all(released)).reduce((sum, count) => sum + count, 0)
  }

  async resetPositions(partition: number, positions: Positions, reason: string): Promise<void> {
    await this.#runners.get(partition)?.resetPositions(positions, reason)
    await this.#consumer?.restart(partition)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

const earliest = (times: readonly (number | null)[]): number | null =>
  times.reduce((first, at) => (at === null ? first : Math.min(first ?? at, at)), null)
