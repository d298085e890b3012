import type { Register } from '@throughline/consent'
import type { Ids } from '@throughline/domain'
import type { Clock, Keys, Log, Store, Views } from '@throughline/stream'

export interface OutcomesDeps {
  readonly register: Pick<Register, 'now'>
  readonly views: Views
  readonly keys: Keys
  readonly clock: Clock
  readonly ids: Ids
  /** The database in which processors keep their states: a release is a step of a task of its own. */
  readonly store: Store
  /** Where released figures are published. */
  readonly events: Log
  /** The feeds that are declared. A release to any other is 404. */
  readonly feeds: readonly string[]
}
