import type { IntakeDeps } from '@throughline/intake'
import type { ProbationOptions } from './config.ts'

/** What the hub, or `main.ts`, hands to this edge. */
export interface ProbationDeps extends IntakeDeps {
  readonly options: ProbationOptions
}
