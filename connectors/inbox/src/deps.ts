import type { Register } from '@throughline/consent'
import type { Ids } from '@throughline/domain'
import type { Directory, Logger, RandomBytes } from '@throughline/service'
import type { Clock, Keys, Views } from '@throughline/stream'
import type { Request } from 'express'

export interface InboxDeps {
  readonly register: Register
  readonly views: Views
  readonly keys: Keys
  readonly clock: Clock
  readonly ids: Ids
  readonly random: RandomBytes
  readonly directory: Directory
  /** Milliseconds that never go back: permits are counted on it, not on the wall clock. */
  readonly monotonicMs: () => number
  /** False once the session of this request has ended. */
  readonly stillSignedIn: (req: Request) => boolean
  /** The 999 range of NHS numbers is for tests. */
  readonly allowTestNhsNumbers?: boolean
  readonly log?: Logger
  /** Calls when a view may have changed; gives back how to stop. Without it, open pages look every 5 s. */
  readonly onChange?: (listener: () => void) => () => void
}
