import type { IntakeDeps } from '@throughline/intake'
import type { TreatmentOptions } from './config.ts'

/** What the hub, or `main.ts`, hands to this edge. */
export interface TreatmentDeps extends IntakeDeps {
  readonly options: TreatmentOptions
}
