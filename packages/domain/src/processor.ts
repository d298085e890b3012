import type { CanonicalEvent } from './events.generated.ts'
import type { Ids } from './ids.ts'
import type { Notice, PractitionerAction } from './notice.ts'
import type { Agreement, Claim, PersonRegister, Purpose } from './register.ts'

/** What a processor may be given. Time is an event like any other. */
export type Input =
  | {
      readonly kind: 'event'
      readonly event: CanonicalEvent
      readonly identifierHashes: readonly string[]
      readonly at: LogPlace
    }
  | {
      readonly kind: 'person-event'
      readonly personEventId: string
      readonly personId: string
      readonly event: CanonicalEvent
      /** What link let it through for, once and for all; left out: for whatever the person agrees to. */
      readonly purposes?: readonly Purpose[]
    }
  | {
      readonly kind: 'consent-changed'
      readonly personId: string
      readonly version: number
      readonly changedAt: number
    }
  | { readonly kind: 'action'; readonly action: PractitionerAction }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'story'; readonly personId: string; readonly story: unknown }
  | {
      readonly kind: 'timer'
      readonly name: string
      readonly dueAt: number
      readonly firedAt: number
      readonly complete: boolean
    }

/** Where a record stands in the log; link's look-back index points to it. */
export interface LogPlace {
  readonly topic: string
  readonly partition: number
  readonly offset: string
}

/** What a step wants to know from the register and the index, read in the step's own snapshot. */
export type Lookup =
  | { readonly kind: 'claims'; readonly identifier: string }
  | { readonly kind: 'person'; readonly personId: string }
  | { readonly kind: 'agreements' }
  | { readonly kind: 'index'; readonly name: string; readonly key: string }
  /** Records of the log that index entries point to; the runtime fetches and decodes them. */
  | { readonly kind: 'past'; readonly personId: string }

/** The rows looked up. Claims come with their people's rows, so one round trip serves link. */
export interface Known {
  /** The register's clock when the rows were read. */
  readonly now: number
  readonly agreements: readonly Agreement[]
  claim(identifier: string): Claim | undefined
  person(personId: string): PersonRegister | undefined
  index(name: string, key: string): readonly string[]
  /**
   * For a `past` lookup: inbound events still retained for the identifiers this person claims, oldest
   * first. The claims of every identifier of these events, and the rows of the people who hold them,
   * are read with them: one event may carry somebody else's number too.
   */
  past(personId: string): readonly Extract<Input, { kind: 'event' }>[]
}

export interface Emission {
  readonly topic: string
  /** Record key: the person id, or for inbound topics the HMAC of the first identifier. */
  readonly key: string
  /** Deterministic record id (header `eid`). */
  readonly id: string
  /** Name of the schema in `schemas/avro`. */
  readonly schema: string
  /** The value to encode; null is a tombstone on a compacted topic. */
  readonly value: object | null
  readonly receivedAt: number
  /** What alone it may be used for; left out where nothing limits it. */
  readonly purposes?: readonly Purpose[]
}

/** A timer is named within its state key; setting the same name again replaces it. `at: null` cancels it. */
export interface TimerChange {
  readonly name: string
  readonly at: number | null
}

/** An entry of an index that many tasks may add to: a set of values under (name, key), until it expires. */
export interface IndexEntry {
  readonly name: string
  readonly key: string
  readonly value: string
  readonly expiresAt: number
}

/** A row of a view that pages read; the runtime seals `content` under the person's key. The highest version wins. */
export interface ViewChange {
  readonly view: string
  readonly id: string
  readonly version: number
  readonly personId: string
  readonly reader: string | null
  readonly state: string
  readonly sort: number
  /** What lists and the gate need, without personal content. */
  readonly facts: Readonly<Record<string, unknown>>
  readonly content: object
}

export interface Stepped<S> {
  readonly state: S
  readonly emit?: readonly Emission[]
  readonly timers?: readonly TimerChange[]
  readonly index?: readonly IndexEntry[]
  readonly views?: readonly ViewChange[]
  /** The ledger's counters to raise by one, such as `suppressed/no-consent` (design, decision 12). */
  readonly counts?: readonly string[]
}

/**
 * A processor: a declaration and a pure function (design, section 2.3). No broker, clock, logger or
 * database. `S` must be a JSON value.
 */
export interface Processor<S> {
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Tasks whose `doneTo` must pass before a timer may fire: `connectors`, or another processor. */
  readonly upstream: readonly string[]
  /** One higher with every change of what a state looks like. Whoever meets a higher one stops (`HUB_STATE_NEWER`). */
  readonly stateVersion: number
  /** From any lower version. */
  readonly upgrade: (state: unknown, fromVersion: number) => S
  /** How a state lies in the store (a JSON value, too), and back; as it is where nothing is said. */
  readonly stored?: {
    readonly pack: (state: S) => unknown
    readonly unpack: (stored: unknown) => S
  }
  readonly initial: S
  /** True when states are sealed under the person's key (the state key is a person id). */
  readonly personal: boolean
  /** The state key of an input, or null for an input without state. */
  readonly keyOf: (input: Exclude<Input, { kind: 'timer' }>) => string | null
  /** For a timer, `key` is its state key. */
  readonly lookups: (input: Input, key: string | null, ids: Ids) => readonly Lookup[]
  readonly step: (state: S, known: Known, input: Input, key: string | null, ids: Ids) => Stepped<S>
}
