import type { Asked } from './accept-spans.ts'
import type { Translation } from './translation.ts'

/** What happens to an event about somebody nobody claims (design, decision 6). */
export type Unclaimed = 'drop' | 'hold'

/** One record as it came in, and what it was read as. */
export interface Inbound extends Asked {
  readonly translation: Translation
  /** The record whole, for the one case that it has to be kept: quarantine. */
  readonly message: () => string | Uint8Array
  /** `application/json` unless said otherwise. */
  readonly contentType?: string
  readonly unclaimed: Unclaimed
}
