import type { IntakeDeps } from '@throughline/intake'
import type { HousingOptions } from './config.ts'

/** What the hub, or `main.ts`, hands to this edge. */
export interface HousingDeps extends IntakeDeps {
  readonly options: HousingOptions
}
