import type { Ids, Processor } from '@throughline/domain'
import type { Clock } from '../clock.ts'
import type { Codec } from '../codec.ts'
import type { Keys } from '../keys.ts'
import type { Log, ParkedRecord, Positions, Store } from '../ports.ts'
import type { Random } from '../random.ts'

export interface ProcessorOptions<S> {
  readonly processor: Processor<S>
  readonly log: Log
  readonly store: Store
  readonly keys: Keys
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly codec?: Codec
  /** The number of the processor's generation; 1 unless a new one takes over. */
  readonly generation?: number
  /** A partition has stopped and needs a person: `HUB_POSITION_LOST`, or a bug. Never for `HUB_FENCED`. */
  readonly onFault?: (fault: Fault) => void
}

export interface Fault {
  readonly processor: string
  /** Null when it is not one partition's. */
  readonly partition: number | null
  readonly error: unknown
}

export interface RunningProcessor extends AsyncDisposable {
  /** Resolves when nothing is left to read, relay or fire at the clock's present time. */
  idle(): Promise<void>
  /** Whether work is known to be waiting or under way. */
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

/** Runs a processor over all partitions of its inputs. */
export async function startProcessor<S>(_options: ProcessorOptions<S>): Promise<RunningProcessor> {
  throw new Error('not yet')
}
