import type { IntakeDeps } from '@throughline/intake'
import type { HospitalOptions } from './config.ts'

/** What the hub, or `main.ts`, hands to this edge. */
export interface HospitalDeps extends IntakeDeps {
  readonly options: HospitalOptions
}
