import type { CanonicalEvent } from '@throughline/domain'
import type { RecordFault } from './police.ts'

/** What becomes of one inbound record, as a value (style: a connector is a thin edge around a pure translation). */
export type Translation = Read &
  (
    | { readonly outcome: 'published'; readonly events: readonly TranslatedEvent[] }
    | { readonly outcome: 'ignored'; readonly reason: string }
    | {
        readonly outcome: 'quarantined'
        readonly reason: string
        readonly at: readonly string[]
        /** HMAC of the reference that would make it usable. */
        readonly waitsFor?: string
      }
    | { readonly outcome: 'rejected'; readonly errors: readonly RecordFault[] }
  )

/** What is known of every record, whatever becomes of it. */
export interface Read {
  readonly format: 'hmpps-domain-event' | 'police-custody'
  readonly system: string
  /** HMAC; the same key and version is the same record. */
  readonly naturalKey: string
  readonly version: number
  /** HMAC of the translated facts; of the whole message where there are none. */
  readonly contentHash: string
  /** HMACs of references this record tells the person of. */
  readonly resolves: readonly Resolved[]
  readonly unknownMembers: number
  /** Attribute and body named different types that belong together: both, for the log. */
  readonly typesDiffer?: { readonly attribute: string; readonly body: string }
}

export interface Resolved {
  readonly reference: string
  /** Stays in memory: the number the reference leads to. */
  readonly nomsNumber: string
}

export interface TranslatedEvent {
  /** Complete but for what acceptance decides: `receivedAt` is 0, `eventId` and `version` may yet become its twin's. */
  readonly event: CanonicalEvent
  /** HMACs of the verified identifiers, the first one first. */
  readonly identifierHashes: readonly string[]
  readonly twin?: {
    readonly group: string
    readonly place: string | null
    readonly at: number
    readonly withinMs: number
  }
}
