import type { Ids } from '@throughline/domain'
import type { Clock, Log, Random, Store, Turns, Views } from '@throughline/stream'
import type { Sealable } from './audit/sealer.ts'
import type { AuditVerdict } from './audit/verify.ts'
import type { HubKeys } from './keys/wrapping.ts'
import type { Register } from './port.ts'
import type { CheckpointRow } from './rows.ts'

type Sealed = CheckpointRow | null

/** Every port of a hub, wherever it lies, and the facts injected with them. */
export interface HubPorts extends AsyncDisposable {
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly log: Log
  readonly store: Store
  readonly keys: HubKeys
  readonly register: Register & Sealable<Sealed | Promise<Sealed>>
  readonly views: Views
  /** Whose turn it is to relay, to seal, to keep house. */
  readonly turns: Turns
  /** How often to look for what other processes have done when nobody rings (ms); null where there are none. */
  readonly safetyPollMs: number | null
  /** Deletes what has expired, wherever it lies: housekeeping, hourly. */
  sweep(): Promise<void>
  /** Holds the whole audit against its seals and signed checkpoints. */
  verifyAudit(): Promise<AuditVerdict>
  /** How far this machine's clock is ahead of the database's, in ms. */
  clockSkewMs(): Promise<number>
}
