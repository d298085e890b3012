import type { Clock } from '../clock.ts'
import type { Log, Store, TaskId } from '../ports.ts'

export interface RelayOptions {
  readonly store: Store
  readonly log: Log
  readonly clock: Clock
  readonly task: TaskId
  readonly onFault?: (error: unknown) => void
}

export interface Relay extends AsyncDisposable {
  /** Resolves when every row that is in the outbox now has been acknowledged. */
  idle(): Promise<void>
  busy(): boolean
  stop(): Promise<void>
}

/** Opens the task and relays its outbox: the register's own, which no processor owns. */
export async function startRelay(_options: RelayOptions): Promise<Relay> {
  throw new Error('not yet')
}
