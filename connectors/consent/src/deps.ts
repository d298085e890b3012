import type { Register } from '@throughline/consent'
import type { Ids } from '@throughline/domain'
import type { Directory, RandomBytes } from '@throughline/service'
import type { Keys } from '@throughline/stream'
import type { FhirTerms } from './fhir/terms.ts'

export interface ConsentDeps {
  readonly register: Register
  readonly keys: Keys
  readonly ids: Ids
  readonly random: RandomBytes
  readonly directory: Directory
  /** Milliseconds that never go back: permits are counted on it, not on the wall clock. */
  readonly monotonicMs: () => number
  /** Numbers of the 999 range stand for made-up people. */
  readonly allowTestNhsNumbers: boolean
  /** What partners mean by the FHIR they send; nothing unless told. */
  readonly fhirTerms?: FhirTerms | undefined
}
