import type { Agency } from '@throughline/domain'
import type { IntakeDeps } from '@throughline/intake'
import type { Directory } from '@throughline/service'
import type { ReferralOptions } from './config.ts'

/** What the hub, or `main.ts`, hands to this edge. */
export interface ReferralDeps extends IntakeDeps {
  readonly options: ReferralOptions
}

/** What the pages and the desk need besides. */
export interface ReferralDeskDeps extends ReferralDeps {
  readonly directory: Directory
  /** Milliseconds that never go back: permits are counted on it, not on the wall clock. */
  readonly monotonicMs: () => number
}

/** Who tells something here, and under whose name the register keeps it. */
export interface Sender {
  readonly agency: Agency
  /** `agency:<agency>`, or a practitioner's id. */
  readonly name: string
}
