import type { Register } from '@throughline/consent'
import type { Ids } from '@throughline/domain'
import type { Logger, Metrics } from '@throughline/service'
import type { Clock, Keys, Random } from '@throughline/stream'
import type { CustodyOptions } from './config.ts'

/** What the hub, or `main.ts`, hands to this edge. */
export interface CustodyDeps {
  readonly register: Register
  readonly keys: Keys
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
  readonly options: CustodyOptions
}
