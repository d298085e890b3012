import type { ReferralChange } from '@throughline/consent'
import type { CanonicalEvent } from '@throughline/domain'
import type { RecordFault } from './faults.ts'

/** What becomes of one inbound record, as a value (style: a connector is a thin edge around a pure translation). */
export type Translation = Read &
  (
    | {
        readonly outcome: 'published'
        readonly events: readonly TranslatedEvent[]
        /** The record tells its object whole, again each time: see `Retelling` of the register. */
        readonly retells?: TranslatedRetelling
      }
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
  /** The format's name, such as `hmpps-domain-event`; for counters. */
  readonly format: string
  /** Which system of the agency sent it: ids and objects are its own. */
  readonly system: string
  /** HMAC; the same key and version is the same record. */
  readonly naturalKey: string
  readonly version: number
  /** HMAC of the translated facts; of the whole message where there are none. */
  readonly contentHash: string
  /** References this record tells the person of. */
  readonly resolves: readonly Resolved[]
  /** What its source asks to be masked of a person from now on, or no longer. */
  readonly masks?: MaskChanges
  /** What becomes of a referral at the desk of the service it names. */
  readonly referral?: ReferralChange
  /** Members nobody knows; counted, never named. */
  readonly unknownMembers: number
  /** What looks wrong in a record that is taken all the same; its sender is told. */
  readonly warnings?: readonly RecordFault[]
  /** Attribute and body named different types that belong together: both, for the log. */
  readonly typesDiffer?: { readonly attribute: string; readonly body: string }
}

/** Masks that a source puts on a person, or takes off (a hospital's: dissent, hidden location). */
export interface MaskChanges {
  /** HMACs of the verified numbers by which the source knows the person. */
  readonly identifierHashes: readonly string[]
  readonly changes: readonly { readonly mask: string; readonly on: boolean }[]
  /** Unix ms by the source's clock: of each mask, what was said last holds. */
  readonly at: number
}

/** What a reference leads to, for records that waited to be told. */
export interface Resolved {
  /** HMAC, such as a booking id's. */
  readonly reference: string
  /** Stays in memory: the number the reference leads to. */
  readonly value: string
}

/** An object told whole: other content under its natural key replaces what was told before. */
export interface TranslatedRetelling {
  /** The object is no more. */
  readonly ends: boolean
  /** What takes back events of the last telling that are `missing` now, or all where the object ends. */
  readonly withdrawals: (missing: readonly string[]) => readonly TranslatedEvent[]
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
