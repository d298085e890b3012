import type {
  Agreement,
  Assignment,
  BreakGlass,
  Category,
  ConsentVersion,
  Purpose,
  Tier,
} from '@throughline/domain'
import type { KeyRef, OutgoingRecord } from '@throughline/stream'
import type { DisclosureKind, DisclosureOutcome, Referral, RegisterAnswer } from './port.ts'

/** Everything about one person but the sealed part. The head row that gate, change and steps agree on. */
export interface PersonRow {
  readonly personId: string
  readonly status: 'active' | 'erased'
  /** Of the latest version. Goes on counting when a withdrawal makes one. */
  readonly version: number
  readonly state: ConsentVersion['state']
  readonly versions: readonly ConsentVersion[]
  readonly assignments: readonly Assignment[]
  readonly proposedLeads: readonly Omit<Assignment, 'from' | 'until'>[]
  /** Identifiers this person actively claims (HMACs). */
  readonly claims: readonly string[]
  readonly review: 'identifier-in-use' | null
  /** Each time that somebody looked in an emergency, oldest first. */
  readonly breakGlass?: readonly BreakGlass[]
  /** Counts every change of the row; never goes back. */
  readonly revision: number
  readonly changedAt: number
}

/** A person's sealed content: of the consent in force, or of a proposal that waits beside it. */
export interface SealedRow {
  readonly personId: string
  readonly bytes: Uint8Array
}

/** Who claims an identifier; a claim given up keeps since when, so that nobody takes over past data. */
export interface ClaimRow {
  readonly identifier: string
  readonly personId: string | null
  readonly releasedAt: number | null
  readonly releasedBy: string | null
  /** What sources ask to be masked of the person, by agency and mask. It ends with the claim. */
  readonly masks?: Readonly<Record<string, MaskState>>
}

/** Whether a mask is on, and when its source said so (its own clock). */
export interface MaskState {
  readonly on: boolean
  readonly at: number
}

/** That something was accepted. Dropped records leave the keyed hashes and an end, nothing else. */
export interface ReceiptRow {
  readonly key: string
  readonly contentHash: string
  /** Hashes of other contents that came under the same key: each goes to quarantine once. */
  readonly conflicts: readonly string[]
  readonly outcome: 'published' | 'quarantined' | 'dropped'
  readonly reason: string
  readonly at: readonly string[]
  readonly waitsFor: string | null
  readonly eventIds: readonly string[]
  readonly events: readonly string[]
  readonly receivedAt: number
  readonly expiresAt: number
  /** Of an object that is told whole each time: how often, and the events that stand. */
  readonly telling?: { readonly number: number; readonly standing: readonly string[] }
}

/** One real movement that several message families report. */
export interface Movement {
  readonly eventId: string
  readonly place: string | null
  readonly at: number
  /** How many of each family were seen; JSON keys are the families' versions. */
  readonly seen: Readonly<Record<string, number>>
  readonly expiresAt: number
}

export interface ParkedRow {
  readonly waitsFor: string
  readonly key: string
  readonly agency: string
  readonly naturalKey: string
  readonly version: number
  readonly receivedAt: number
  readonly expiresAt: number
  readonly record: OutgoingRecord
}

/** What was last said about one thing of a source that restates everything: keyed hashes, no content. */
export interface RestatedRow {
  /** The first identifier (HMAC). */
  readonly owner: string | null
  /** Each row's key and hash. */
  readonly rows: readonly (readonly [key: string, hash: string])[]
  /** By event id: the hash of what stands, null once it was taken back, and the version last told. */
  readonly facts: Readonly<Record<string, readonly [hash: string | null, version: number]>>
  readonly seenAt: number
}

/** That a row, by its hash, is as it was last said: enough to know that nothing in it is new. */
export interface SaidRow {
  readonly seenAt: number
}

export interface IdempotencyRow {
  readonly key: string
  readonly body: string
  readonly answer: RegisterAnswer
}

/** One attempt that the gate let through, from intent to outcome. */
export interface AttemptRow {
  readonly attemptId: string
  readonly personId: string
  readonly at: number
  /** End of the permit. */
  readonly until: number
  readonly purpose: Purpose
  readonly sources: readonly string[]
  readonly categories: readonly Category[]
  readonly tier: Tier
  readonly recipient: string
  readonly organisation: string
  readonly role: string
  readonly kind: DisclosureKind
  readonly id: string
  readonly consentVersion: number
  readonly agreementIds: readonly string[]
  readonly outcome: DisclosureOutcome | null
  readonly outcomeAt: number | null
}

/** A row of the Store's `notices` view, as far as a withdrawal needs it. */
export interface NoticeRow {
  readonly id: string
  readonly state: string
  readonly reader: string | null
  readonly purpose: Purpose | null
}

/** A referral at a desk, without content: that lies sealed beside it, under `sealedKeyOf`. */
export interface ReferralRow extends Omit<Referral, 'sealed'> {
  /** HMACs of the person's identifiers: who is erased has no referral here any more. */
  readonly identifiers: readonly string[]
  /** Keys whose content is gone, until they are destroyed too. */
  readonly spentKeys: readonly KeyRef[]
  /** When this row goes as well. */
  readonly forgetAt: number
}

export interface RegisterRows {
  readonly people: PersonRow
  readonly sealed: SealedRow
  readonly claims: ClaimRow
  readonly receipts: ReceiptRow
  readonly movements: readonly Movement[]
  readonly parked: readonly ParkedRow[]
  readonly restated: RestatedRow
  readonly said: SaidRow
  readonly idempotency: IdempotencyRow
  readonly agreements: Agreement
  readonly attempts: AttemptRow
  readonly acted: { readonly at: number }
  readonly referrals: ReferralRow
}

export type TableName = keyof RegisterRows

export const tableNames = [
  'people',
  'sealed',
  'claims',
  'receipts',
  'movements',
  'parked',
  'restated',
  'said',
  'idempotency',
  'agreements',
  'attempts',
  'acted',
  'referrals',
] as const satisfies readonly TableName[]

/** One change of one row; null deletes it. */
export type Write = {
  readonly [N in TableName]: {
    readonly table: N
    readonly key: string
    readonly row: RegisterRows[N] | null
  }
}[TableName]

export interface LedgerRow {
  readonly agency: string
  readonly hour: number
  readonly outcome: string
  readonly reason: string
  readonly count: number
}

/** An audit entry before it has a place: plain facts, ids and classes, no content. */
export interface AuditEntry {
  readonly kind: 'intending' | 'refused' | 'outcome' | 'changed'
  readonly facts: Readonly<Record<string, unknown>>
}

/** What a decision asks of the adapter, all in the transaction in which it read its rows. */
export interface Writes {
  readonly rows: readonly Write[]
  readonly outbox: readonly OutgoingRecord[]
  readonly audit: readonly AuditEntry[]
  readonly ledger: readonly LedgerRow[]
  /** Notices to mark `cancelled`, and people whose view rows go altogether. */
  readonly cancelNotices: readonly string[]
  readonly forgetViewsOf: readonly string[]
}

export const noWrites: Writes = {
  rows: [],
  outbox: [],
  audit: [],
  ledger: [],
  cancelNotices: [],
  forgetViewsOf: [],
}

/** Whether these change what a step looks up. */
export const changesLookups = ({ rows }: Writes): boolean =>
  rows.some(({ table }) => table === 'people' || table === 'claims' || table === 'agreements')

/** A committed audit entry; `text` is what is hashed, byte for byte. */
export interface AuditRow {
  readonly seq: number
  readonly at: number
  readonly text: string
}

/** The chain's link for one entry (hex). */
export interface SealRow {
  readonly place: number
  readonly seq: number
  readonly leaf: string
  readonly chain: string
}

/** The signed root over the first `size` entries (hex; signature over partnership, `size`, `root`, `chain`, `at`, base64url). */
export interface CheckpointRow {
  readonly size: number
  readonly root: string
  readonly chain: string
  readonly at: number
  readonly signature: string
  /** The roots of the tree's full subtrees, from which it grows on. */
  readonly edge: readonly string[]
  /** How many entries this one added. */
  readonly sealed: number
  /** When a checkpoint last went to `audit.v1`. */
  readonly publishedAt: number
}

/**
 * The register's tables, synchronous and in one database with the Store's. An adapter reads and
 * writes rows; it decides nothing. Reads and writes outside `transaction` are not allowed to mix.
 */
export interface RegisterTables {
  /** All or nothing; nothing else reads or writes in between. The work must not wait. */
  transaction<T>(work: () => T): T
  get<N extends TableName>(table: N, key: string): RegisterRows[N] | undefined
  /** Those of these rows that there are. */
  getAll<N extends TableName>(
    table: N,
    keys: readonly string[],
  ): ReadonlyMap<string, RegisterRows[N]>
  apply(writes: Writes, now: number): void
  agreements(): readonly Agreement[]
  /** All of them: none outlives its last change by more than eight weeks. */
  referrals(): readonly ReferralRow[]
  people(limit: number): readonly PersonRow[]
  caseload(practitionerId: string): readonly string[]
  /** What was restated about the owner of this identifier, by key. */
  restatedOf(identifier: string): readonly (readonly [key: string, row: RestatedRow])[]
  /** The gate's attempts about a person, oldest first. */
  attemptsOf(personId: string): readonly AttemptRow[]
  /** Attempts without an outcome whose permit ended before `until`. */
  openAttempts(until: number): readonly AttemptRow[]
  notices(personId: string): readonly NoticeRow[]
  ledger(): readonly LedgerRow[]
  /** The greatest time given out so far, 0 at first. */
  lastTime(): number
  keepTime(now: number): void
  /** Rises in every transaction that changes people, claims or agreements. */
  revision(): number
  /** Deletes receipts, movements, parked records, restated hashes, spent claims and referrals that ended before `now`. */
  prune(now: number): void
  auditAfter(seq: number, limit: number): readonly AuditRow[]
  sealsAfter(place: number, limit: number): readonly SealRow[]
  lastSeal(): SealRow | undefined
  addSeals(seals: readonly SealRow[], checkpoint: CheckpointRow): void
  lastCheckpoint(): CheckpointRow | undefined
  checkpoints(): readonly CheckpointRow[]
}
