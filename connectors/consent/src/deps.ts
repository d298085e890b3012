import type { Register } from '@throughline/consent'
import type { Ids } from '@throughline/domain'
import type { RandomBytes } from '@throughline/service'
import type { Keys } from '@throughline/stream'

/** Somebody who may be given a person to look after. */
export interface DirectoryEntry {
  readonly id: string
  readonly name: string
  readonly organisation: string
  readonly role: string
}

/** The partnership's practitioners and the names of their organisations. Configuration, not data. */
export interface Directory {
  readonly practitioners: readonly DirectoryEntry[]
  /** An organisation's name for people; its code where none is configured. */
  organisationName(code: string): string
}

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
}
