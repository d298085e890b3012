/**
 * What the checker is given: nothing but what was put in, what is in the log and the databases, and
 * what recipients saw. Identifiers are written `TYPE:value`; times are ms on the register's clock.
 */
export interface History {
  readonly posts: readonly Post[]
  readonly inbound: readonly InboundRecord[]
  readonly forwarded: readonly ForwardedRecord[]
  readonly notices: readonly NoticeRecord[]
  readonly consents: readonly ConsentRow[]
  readonly assignments: readonly AssignmentRow[]
  readonly agreements: readonly AgreementRow[]
  readonly withdrawals: readonly WithdrawalFact[]
  readonly reads: readonly Seen[]
  /** Whether these are all: nobody else could read anything. */
  readonly readsAreAll: boolean
  readonly attempts: readonly AttemptRow[]
  readonly ledger: readonly {
    readonly agency: string
    readonly outcome: string
    readonly count: number
  }[]
  readonly drain: DrainFact
  /** Records nobody can read, and the processors that have to set them aside. */
  readonly poisons: readonly { readonly id: string; readonly readers: number }[]
  readonly parked: readonly string[]
  readonly outages: readonly OutageFact[]
  readonly stories: readonly StoryRecord[]
  readonly outcomes: readonly OutcomeRow[]
  /** The same before the log was read again; null where it was not. */
  readonly countedBefore: readonly OutcomeRow[] | null
  /** Whatever names somebody directly. */
  readonly direct: readonly string[]
  /** How often notify has said what came of an event, by outcome. */
  readonly counters: ReadonlyMap<string, number>
  /** Consent categories by event type, as `schemas/` promises them. */
  readonly categoriesOf: ReadonlyMap<string, readonly string[]>
}

export interface Post {
  readonly name: string
  readonly sentAt: number
  readonly agency: string
  readonly unclaimed: 'drop' | 'hold'
  readonly type: string
  /** Release kind, where the type has one. */
  readonly kind: string | null
  readonly identifiers: readonly string[]
  readonly occurredAt: number
  /** Every answer it ever got; a sender without one sends again. */
  readonly answers: readonly {
    readonly sentAt: number
    readonly at: number
    readonly outcome: string
    readonly eventIds: readonly string[]
  }[]
  /** Other reports of the same movement may correct it. */
  readonly corrected: boolean
  /** It carries the movement's code. */
  readonly confirms: boolean
  /** Records of one line tell the same objects whole, one after another. */
  readonly line: string | null
  readonly states: readonly StatedFacts[]
  readonly dissent: { readonly on: boolean; readonly at: number } | null
  /** The object that it takes back whole. */
  readonly takesBack: string | null
}

export interface StatedFacts {
  /** Agency and its own number of the object. */
  readonly object: string
  readonly facts: readonly string[]
}

export interface InboundRecord {
  readonly eventId: string
  readonly version: number
  readonly type: string
  readonly agency: string
  readonly identifiers: readonly string[]
  readonly receivedAt: number
  /** Agency and its own number of what it belongs to. */
  readonly object: string | null
  /** Its type, with what tells it from others of its object. */
  readonly fact: string
  /** What it takes back, up to its version: an event's id, or everything of its object. */
  readonly withdraws: string | null
}

export interface ForwardedRecord extends InboundRecord {
  readonly personId: string
  readonly kind: string | null
  readonly occurredAt: number
  readonly restricted: boolean
  /** Diagnoses, scores and answers that only a clinician may have told. */
  readonly clinical: number
  /** Written after an operator had the log read again from its start. */
  readonly again: boolean
}

export interface StoryRecord {
  readonly personId: string
  readonly version: number
  readonly lines: readonly StoryLineRow[]
  readonly again: boolean
}

export interface StoryLineRow {
  readonly id: string
  readonly eventId: string
  readonly sources: readonly string[]
  readonly categories: readonly string[]
}

/** What the view of outcome facts holds of one person, as text and by event. */
export interface OutcomeRow {
  readonly personId: string
  readonly text: string
  readonly facts: readonly {
    readonly eventId: string
    readonly version: number
    readonly type: string
    readonly agency: string
    readonly receivedAt: number
  }[]
}

export interface NoticeRecord {
  readonly noticeId: string
  readonly version: number
  readonly personId: string
  readonly rule: string
  readonly episode: string
  readonly recipient: string
  readonly state: string
  readonly sources: readonly string[]
  readonly categories: readonly string[]
  readonly because: readonly string[]
  readonly learnedAt: number
  readonly occurredAt: number
  readonly urgency: string
  readonly headline: string
  readonly incomplete: boolean
  /** The timer that made it, if one did. */
  readonly timer: string | null
  readonly again: boolean
  /** The whole record, so that two copies can be compared. */
  readonly text: string
}

export interface GrantRow {
  readonly purpose: string
  readonly sources: readonly string[]
  readonly recipients: readonly { readonly organisation: string; readonly role: string }[]
  readonly categories: readonly string[]
  readonly tier: string
  readonly from: number
  readonly until: number
  readonly lookBackDays: number
}

export interface ConsentRow {
  readonly personId: string
  readonly version: number
  readonly state: string
  readonly acceptedAt: number
  readonly endedAt: number | null
  readonly identifiers: readonly string[]
  readonly grants: readonly GrantRow[]
}

export interface AssignmentRow {
  readonly personId: string
  readonly practitionerId: string
  readonly organisation: string
  readonly role: string
  readonly relation: string
  readonly from: number
  readonly until: number | null
}

export interface AgreementRow {
  readonly source: string
  readonly purpose: string
  readonly recipientOrganisation: string
  readonly from: number
  readonly until: number
}

export interface WithdrawalFact {
  readonly personId: string
  readonly answeredAt: number
  /** The consent version that the withdrawal made. */
  readonly version: number
  readonly purposes: readonly string[]
}

/** What a fake browser saw under one audit entry: a notice, or the lines of a story that rest on the same agencies. */
export interface ReadFact {
  readonly attemptId: string
  readonly startedAt: number
  readonly reader: string
  readonly organisation: string
  readonly personId: string
  readonly noticeId: string
  readonly version: number
  readonly sources: readonly string[]
  /** Story lines, by id. */
  readonly lines: readonly string[]
  readonly fields: readonly string[]
}

/** The same, with what it showed looked up. */
export interface Seen extends ReadFact {
  readonly categories: readonly string[]
}

/** An entry of the audit: what the gate let through, to whom, and what it rested on. */
export interface AttemptRow {
  readonly attemptId: string
  readonly at: number
  readonly personId: string
  readonly purpose: string
  readonly sources: readonly string[]
  readonly categories: readonly string[]
  readonly recipient: string
  readonly organisation: string
  /** A `notice`, a `story`, or less of somebody. */
  readonly kind: string
  readonly allowed: boolean
  readonly outcome: string
}

export interface OutageFact {
  readonly what: string
  readonly from: number
  readonly until: number
}

export interface DrainFact {
  /** Simulated ms from the last fault's healing until nothing was left to do; null when it never ended. */
  readonly tookMs: number | null
  readonly outboxLeft: number
  readonly behind: number
  readonly faults: readonly string[]
  /** Whether the processors were sent back to the start of the log afterwards. */
  readonly readAgain: boolean
}

export interface Violation {
  readonly invariant: string
  readonly what: string
}
