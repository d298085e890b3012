import type { IntakeDeps } from '@throughline/intake'
import type { CustodyOptions } from './config.ts'

/** What the hub, or `main.ts`, hands to this edge. */
export interface CustodyDeps extends IntakeDeps {
  readonly options: CustodyOptions
}
