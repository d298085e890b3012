import type {
  Agreement,
  Assignment,
  BreakGlass,
  BreakGlassReason,
  Category,
  Grant,
  Purpose,
  RecipientRole,
  Tier,
} from '@throughline/domain'
import type { KeyRef, OutgoingRecord } from '@throughline/stream'

/** What a connector brings: one inbound record, translated, to be made durable before it is answered. */
export interface Arrival {
  readonly agency: string
  readonly system: string
  /** HMAC of the record's natural key; the same key and version again is a duplicate. */
  readonly naturalKey: string
  readonly version: number
  /** HMAC of the translated content: the same key and version with other content is a conflict. */
  readonly contentHash: string
  readonly verdict:
    | {
        readonly outcome: 'published'
        readonly events: readonly ArrivingEvent[]
        readonly unclaimed: 'drop' | 'hold'
        readonly retells?: Retelling
      }
    | { readonly outcome: 'ignored'; readonly reason: string }
    | {
        readonly outcome: 'quarantined'
        readonly reason: string
        readonly at: readonly string[]
        readonly waitsFor?: string
        readonly record: (receivedAt: number) => OutgoingRecord
      }
    | { readonly outcome: 'rejected'; readonly reason: string }
  /** Used when the content conflicts with what was accepted under the same key and version. */
  readonly conflict?: (receivedAt: number) => OutgoingRecord
  /**
   * What the source asks to be masked of somebody, or no longer: it holds for whoever claims one of the
   * identifiers (HMACs), for this agency's events of this record and after it, whatever the outcome.
   * Of each mask what was said last, at `at` by the source's clock, holds.
   */
  readonly masks?: {
    readonly identifiers: readonly string[]
    readonly changes: readonly { readonly mask: string; readonly on: boolean }[]
    readonly at: number
  }
  /** What this record lets other, parked records become (HMACs, such as a booking id's). */
  readonly resolves?: readonly string[]
  /** What becomes of a referral at the intake desk of the service it names, where this is published. */
  readonly referral?: ReferralChange
}

/**
 * A referral that carries its own agreement goes to the desk of the service that it names, without a
 * claim (design, section 6; ADR 6). Its id is an HMAC of whose it is and its number there; its version is
 * the arrival's. An answer that no longer fits is `ignored`, as `referral-closed`, and tells nobody.
 */
export type ReferralChange =
  | {
      readonly kind: 'made'
      readonly referralId: string
      /** Organisation code of the service. */
      readonly service: string
      readonly sender: string
      readonly hears: readonly ReferralNews[]
      /** The key that opens `sealed`; it is the caller's to destroy where the referral was not taken. */
      readonly keyRef: KeyRef
      readonly sealed: Uint8Array
    }
  | {
      readonly kind: 'answered'
      readonly referralId: string
      readonly answer: ReferralDecision
      /** Why it was declined, by a code; null for every other answer. */
      readonly because: string | null
      readonly by: Disclosure['recipient']
    }
  | {
      readonly kind: 'withdrawn'
      readonly referralId: string
      readonly sender: string
      readonly by: 'referrer' | 'person'
    }

/** What a person may agree that the referrer hears. */
export type ReferralNews = 'received' | 'accepted' | 'attended'
export type ReferralDecision = 'accepted' | 'declined' | 'attended' | 'not-attended'
/** `lapsed`: nobody decided in time, and what it said is gone. */
export type ReferralState = 'received' | ReferralDecision | 'withdrawn' | 'lapsed'

/** A referral as the register knows it: nothing about the person but what is sealed. */
export interface Referral {
  readonly referralId: string
  readonly agency: string
  readonly service: string
  /** `agency:<agency>`, or a practitioner's id. */
  readonly sender: string
  readonly hears: readonly ReferralNews[]
  readonly version: number
  readonly state: ReferralState
  /** Who took it back, where it was taken back. */
  readonly withdrawnBy: 'referrer' | 'person' | null
  /** Why it was declined, by a code. */
  readonly because: string | null
  readonly receivedAt: number
  readonly changedAt: number
  /** Until when its content is kept (register time); null once it is gone. */
  readonly heldUntil: number | null
  readonly keyRef: KeyRef | null
  readonly sealed: Uint8Array | null
}

/**
 * The record tells one object of its source whole, again each time (a court hearing with all its
 * results). Other content under its natural key is the next telling, not a conflict: the telling's
 * number, from 1, becomes the version of each event, and what the last telling had and this one has
 * not is taken back. The arrival's own version stays the same for all tellings.
 */
export interface Retelling {
  /** The object is no more. Where this comes before any telling, the first one is taken back with it. */
  readonly ends: boolean
  /**
   * What takes events back, under the last telling's number as version. Asked for when the object
   * ends, and when events of the last telling are `missing` (their ids).
   */
  readonly withdrawals: (missing: readonly string[]) => readonly ArrivingEvent[]
}

export interface ArrivingEvent {
  readonly type: string
  readonly eventId: string
  readonly version: number
  /** HMACs of the verified identifiers, first one first. */
  readonly identifiers: readonly string[]
  /**
   * Movements reported by several families are one event (design, section 5): within `group`, an
   * event at most `withinMs` from `at`, whose `place` is equal or unknown on one side, gives its
   * eventId to this one. The version is `version` plus the number already seen of that version's family.
   */
  readonly twin?: {
    readonly group: string
    readonly place: string | null
    readonly at: number
    readonly withinMs: number
  }
  /** Encodes and seals; called inside the transaction with the register's time and the final identity. */
  readonly record: (final: {
    readonly eventId: string
    readonly version: number
    readonly receivedAt: number
    /** The masks that its agency has put on whoever claims one of its identifiers. */
    readonly masks?: readonly string[]
  }) => OutgoingRecord
}

/** A record that waited for what this one resolves. Open it, translate it with what is now known, accept it again. */
export interface ParkedArrival {
  readonly waitsFor: string
  readonly naturalKey: string
  readonly version: number
  /** When it first came; a second acceptance moves its ledger count, it does not count twice. */
  readonly receivedAt: number
  readonly record: OutgoingRecord
}

/**
 * `released`: parked records of the same agency that may be tried again now. They stay parked until
 * accepted again under their natural key, so a crash in between loses none. For a source that drops
 * unclaimed records `eventIds` are the arrival's own ids, whether it went on or not.
 */
export type Accepted =
  | {
      readonly outcome: 'published'
      readonly eventIds: readonly string[]
      readonly events: readonly string[]
      readonly receivedAt: number
      readonly released?: readonly ParkedArrival[]
    }
  | {
      readonly outcome: 'duplicate'
      readonly eventIds: readonly string[]
      readonly events: readonly string[]
      readonly released?: readonly ParkedArrival[]
    }
  | {
      readonly outcome: 'ignored'
      readonly reason: string
      readonly released?: readonly ParkedArrival[]
    }
  | { readonly outcome: 'quarantined'; readonly reason: string; readonly at: readonly string[] }
  | { readonly outcome: 'rejected'; readonly reason: string }

/**
 * What a source that tells everything again each time says today about one of its things, such as a
 * treatment episode in a monthly file. Only keyed hashes of it are kept (design, decision 6).
 */
export interface Restatement {
  readonly agency: string
  readonly system: string
  /** HMAC of the thing's natural key; asked for only where a row is new or different. */
  readonly key: string
  /** HMAC of each row, the thing's key, identifiers and all that is read. Rows last taken like this are not looked into. */
  readonly rows: readonly string[]
  readonly unclaimed: 'drop' | 'hold'
  /** Asked for, inside the transaction, only when a row is new or different. */
  readonly says: () => Stated
}

export interface Stated {
  /** HMACs of the verified identifiers. When somebody comes to claim the first one, all is told again. */
  readonly identifiers: readonly string[]
  /** HMAC of what makes each row the same row next time, in the order of `rows`. */
  readonly rowKeys: readonly string[]
  /** Every fact on which the rows have a say, also where they say that it is not so. */
  readonly facts: readonly StatedFact[]
  /** Takes back everything said about the thing up to this version: it was about somebody else. */
  readonly disown: (final: FactVersion) => OutgoingRecord
}

export interface StatedFact {
  readonly eventId: string
  readonly type: string
  /** HMAC of what is said, never empty; null where the rows say that it is not so. */
  readonly contentHash: string | null
  readonly tell: (final: FactVersion) => OutgoingRecord
  /** Takes back this version and those below it. */
  readonly takeBack: (final: FactVersion) => OutgoingRecord
}

export interface FactVersion {
  readonly version: number
  readonly receivedAt: number
}

/** What became of each row, in order; and the types of the events this gave. */
export interface Restated {
  readonly rows: readonly ('changed' | 'unchanged' | 'duplicate')[]
  readonly events: readonly string[]
}

/** Rows of which nothing is kept but that they came. */
export interface Counted {
  readonly agency: string
  readonly outcome: 'counted-only' | 'rejected'
  readonly reason: string
  readonly count: number
}

/** A new person's consent, or the next complete version of one. Identifiers come as HMACs; personal content sealed. */
export interface ConsentCommand {
  readonly kind: 'record-consent'
  /** A new person: made by the caller's injected randomness; ignored when the Idempotency-Key is known. */
  readonly personId: string
  readonly isNew: boolean
  /** HMAC of the Idempotency-Key and of the body, for `POST /consents`. */
  readonly idempotency?: { readonly key: string; readonly body: string }
  /** The version the caller saw, for optimistic locking; null takes the latest. */
  readonly expectedVersion: number | null
  readonly state: 'given' | 'declined' | 'proposed'
  readonly identifiers: readonly string[]
  readonly grants: readonly Grant[]
  /** Only with a new person: opens assignments. Later changes have their own command. */
  readonly assignments?: readonly Omit<Assignment, 'from' | 'until'>[]
  /** Display name, identifiers in clear, own words, safe contact: sealed under the person's key. */
  readonly sealed: Uint8Array
  readonly by: string
  /**
   * When the person said it, where that may be long ago (milliseconds, the earliest it can have been).
   * Refused as `withdrawn-since` where they have taken something back then or later.
   */
  readonly saidAt?: number
}

export type RegisterCommand =
  | ConsentCommand
  | {
      /** A member of a named group looks at one person in an emergency. Said twice, it is the same look. */
      readonly kind: 'break-glass'
      readonly personId: string
      readonly breakGlassId: string
      readonly recipient: Disclosure['recipient']
      readonly reason: BreakGlassReason
    }
  | {
      /** Somebody else says whether it was right. The first review stays. */
      readonly kind: 'review-break-glass'
      readonly personId: string
      readonly breakGlassId: string
      readonly justified: boolean
      /** A practitioner's id, or `register`. */
      readonly by: string
    }
  | {
      readonly kind: 'withdraw'
      readonly personId: string
      readonly purposes: readonly Purpose[]
      readonly by: string
      readonly reason: string | null
    }
  | {
      readonly kind: 'assign'
      readonly personId: string
      readonly assignment: Omit<Assignment, 'from' | 'until'>
      readonly by: string
      /** A second claim to be the lead: kept as a proposal for the person to decide. Otherwise it is their choice. */
      readonly asProposal?: boolean
    }
  | {
      readonly kind: 'end-assignment'
      readonly personId: string
      readonly practitionerId: string
      readonly by: string
    }
  | { readonly kind: 'put-agreement'; readonly agreement: Agreement; readonly by: string }
  | {
      readonly kind: 'act'
      readonly noticeId: string
      readonly record: (receivedAt: number) => OutgoingRecord
      readonly actionId: string
    }
  | { readonly kind: 'erase'; readonly personId: string; readonly by: string }

export type RegisterAnswer =
  | {
      readonly ok: true
      readonly personId: string
      readonly version: number
      readonly state: string
      readonly review?: 'identifier-in-use' | 'lead-proposed'
      readonly cancelled?: number
      readonly alreadySeen?: readonly SeenNotice[]
    }
  | {
      readonly ok: false
      readonly reason:
        | 'not-found'
        | 'version-stale'
        | 'idempotency-mismatch'
        | 'erased'
        | 'withdrawn-since'
        | 'not-permitted'
    }

export interface SeenNotice {
  readonly noticeId: string
  readonly recipient: string
  readonly at: number
  /** On the wire when the withdrawal was accepted, or its outcome was never told: counted as seen. */
  readonly raced?: boolean
}

export type DisclosureKind =
  | 'notice'
  | 'story'
  | 'person'
  | 'lead'
  | 'break-glass'
  | 'referral'
  | 'referral-state'

/** One thing about to be shown or sent to one recipient. */
export interface Disclosure {
  readonly attemptId: string
  readonly personId: string
  readonly purpose: Purpose
  /** Every contributing agency: permission is the intersection. */
  readonly sources: readonly string[]
  readonly categories: readonly Category[]
  readonly tier: Tier
  readonly recipient: RecipientRole & { readonly practitionerId: string }
  /**
   * What it is, by class and id: `notice` + noticeId, `story`, `person`, `lead` (who leads, to an agency),
   * `break-glass` (what an emergency that was declared opens, by its id).
   * Of a referral, on the agreement that it carries, with its id here and `referral:<id>` as personId:
   * `referral` (what it says, to the desk of its service), `referral-state` (what became of it, to its sender).
   */
  readonly what: { readonly kind: DisclosureKind; readonly id: string }
}

export type Permit =
  | {
      readonly attemptId: string
      readonly allowed: true
      readonly tier: Tier
      readonly until: number
      readonly consentVersion: number
    }
  | { readonly attemptId: string; readonly allowed: false; readonly reason: string }

export type DisclosureOutcome = 'delivered' | 'refused' | 'unknown' | 'unused'

/** What the register says of a person to its own pages. Sealed content is opened by the caller. */
export interface PersonRecord {
  readonly personId: string
  readonly status: 'active' | 'erased'
  readonly version: number
  readonly state: string
  readonly grants: readonly Grant[]
  readonly assignments: readonly Assignment[]
  /** Of the consent in force; of the latest version when none is. Empty once erased. */
  readonly sealed: Uint8Array
  readonly review: 'identifier-in-use' | null
  /** A later version that is not in force: proposed, or in collision with somebody else's claim. */
  readonly proposal?: {
    readonly version: number
    readonly grants: readonly Grant[]
    readonly sealed: Uint8Array
  }
  /** Practitioners who asked to become the lead; the person decides. */
  readonly proposedLeads?: readonly Omit<Assignment, 'from' | 'until'>[]
  /** Each time that somebody looked in an emergency, oldest first. */
  readonly breakGlass?: readonly BreakGlass[]
}

export type ReferralQuery =
  | { readonly referralId: string }
  | { readonly service: string }
  | { readonly sender: string }

/** A line of the register's list: no personal content. */
export interface PersonSummary {
  readonly personId: string
  readonly status: 'active' | 'erased'
  readonly state: string
  readonly version: number
  readonly review: 'identifier-in-use' | null
}

/** People's agreements and everything that must be true at the instant of a disclosure. Same database as the Store. */
export interface Register {
  /** The register's clock: authoritative for consent, `receivedAt` and timers. */
  now(): number
  accept(arrivals: readonly Arrival[]): Promise<readonly Accepted[]>
  /**
   * Compares with what was last accepted, and publishes only what differs: a higher version, or
   * `EventWithdrawn` where a fact is no longer stated. Hashes are kept for 400 days after they were last seen.
   */
  restate(
    restatements: readonly Restatement[],
    counted?: readonly Counted[],
  ): Promise<readonly Restated[]>
  change(command: RegisterCommand): Promise<RegisterAnswer>
  /** Locks people in id order, evaluates, writes the audit intent. A permit lives 3 s. */
  gate(disclosures: readonly Disclosure[]): Promise<readonly Permit[]>
  /** The outcome entry of each attempt (delivered, refused, unknown, unused). */
  outcome(
    outcomes: readonly { readonly attemptId: string; readonly outcome: DisclosureOutcome }[],
  ): Promise<void>
  person(personId: string): Promise<PersonRecord | undefined>
  /** The people who actively claim any of these identifiers (HMACs) now, each once. Tells nobody anything: ask the gate. */
  claimants(identifiers: readonly string[]): Promise<readonly string[]>
  /** The people on the register, latest change first. */
  people(limit: number): Promise<readonly PersonSummary[]>
  /** People for whom this practitioner holds an assignment now. */
  caseload(practitionerId: string): Promise<readonly string[]>
  /** What was shown to whom, for the person; newest first. */
  disclosures(personId: string): Promise<
    readonly {
      readonly at: number
      readonly recipient: string
      readonly organisation: string
      readonly what: string
      readonly id: string
      readonly outcome: DisclosureOutcome | 'intending'
      readonly sources: readonly string[]
    }[]
  >
  agreements(): Promise<readonly Agreement[]>
  /** Referrals by id, to one service or from one sender; latest first. Tells nobody anything: ask the gate. */
  referrals(query: ReferralQuery): Promise<readonly Referral[]>
  /**
   * Ends the holding of what is past its time, forgets that `destroyed` keys were to be destroyed, and
   * says which keys are. See `endReferrals`.
   */
  endReferrals(destroyed: readonly KeyRef[]): Promise<readonly KeyRef[]>
  /**
   * Rows of the conservation ledger: agency, hour (ms, UTC), outcome, reason, count. Outcome
   * `received` counts every arrival once, by itself; the other outcomes of the hour add up to it.
   */
  ledger(): Promise<
    readonly {
      readonly agency: string
      readonly hour: number
      readonly outcome: string
      readonly reason: string
      readonly count: number
    }[]
  >
}
