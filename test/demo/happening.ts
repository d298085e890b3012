import type { CanonicalEvent, Envelope } from '@throughline/domain'

/** The events of the published schemas that each agency of the county sends, by name. */
type CustodyEvent =
  | 'ArrestedIntoCustody'
  | 'DrugTestedOnArrest'
  | 'ReleasedFromPoliceCustody'
  | 'ReceivedIntoPrison'
  | 'ReturnedToPrison'
  | 'LeftForCourt'
  | 'TransferredBetweenPrisons'
  | 'ReleasedFromPrison'
type OtherEvent = Exclude<CanonicalEvent['type'], CustodyEvent>

type WithoutEnvelope<E> = E extends CanonicalEvent ? Omit<E, keyof Envelope> : never

/**
 * What one event says, in the words of the published schemas. A classification's `table` is left empty: it
 * names the product's own. A `withdrawnEventId` is the `key` of the happening that is taken back.
 */
export type Facts = WithoutEnvelope<CanonicalEvent>
export type FactsOf<T extends Facts['type']> = Extract<Facts, { type: T }>

/** What a report says happened, in the truth's own reading of it. */
export interface Happening {
  /** One for each real-world happening: the two families' reports of a movement share it. */
  readonly key: string
  /** Of several reports of one happening the highest holds; of a withdrawal, up to which it takes back. */
  readonly version: number
  /** Custody's in the truth's older words; everybody else's as `facts.type`. */
  readonly type:
    | 'arrest'
    | 'test'
    | 'police-release'
    | 'reception'
    | 'return'
    | 'court'
    | 'transfer-in'
    | 'transfer-out'
    | 'release'
    | OtherEvent
  readonly kind:
    | 'community'
    | 'hospital'
    | 'temporary'
    | 'died'
    | 'absconded'
    | 'administrative'
    | null
  readonly confirmed: boolean
  readonly openPrescription: 'YES' | 'NO' | 'UNKNOWN' | null
  readonly occurredAt: number
  /** Where only the day is known `occurredAt` is its first instant in London. */
  readonly precision: 'INSTANT' | 'MINUTE' | 'DAY' | 'UNKNOWN'
  readonly receivedAt: number
  /** Numbers that name somebody, as `numberText` writes them; one that was not traced is not here. */
  readonly identifiers: readonly string[]
  /** Sources that drop keep nothing of people who have not agreed; elsewhere it waits for 7 days. */
  readonly heldUnclaimed: boolean
  readonly agency: Agency
  /** The source's own object, under the system it belongs to. A withdrawal may name only this. */
  readonly objectRef: string | null
  /** Reaches only whom the source names: opens nothing and has no line. */
  readonly restricted: boolean
  readonly facts: Facts
}

export type Agency = 'custody' | 'probation' | 'hospital' | 'housing' | 'treatment'

/** A number in one text, such as `NHS:9990000115` or `MRN:RZZ:T0417733`. */
export const numberText = (type: string, value: string, issuer?: string): string =>
  issuer === undefined ? `${type}:${value}` : `${type}:${issuer}:${value}`

/** What became of one report, and what it said. */
export interface Read {
  /** The outcome that the ledger counts it under, unless nobody claims anything in it and its source drops. */
  readonly outcome: string
  readonly happenings: readonly Happening[]
}

/** One event of an agency other than custody, as its readers write it. */
export type Telling = Pick<
  Happening,
  'key' | 'version' | 'agency' | 'occurredAt' | 'precision' | 'receivedAt' | 'identifiers'
> & {
  readonly facts: Extract<Facts, { type: OtherEvent }>
  /** The system beside the agency that a number of an object belongs to, and the number. */
  readonly object?: readonly [system: string, ref: string]
  readonly heldUnclaimed?: boolean
  readonly restricted?: boolean
}

export const happeningOf = ({
  object,
  heldUnclaimed,
  restricted,
  ...told
}: Telling): Happening => ({
  ...told,
  type: told.facts.type,
  kind: null,
  confirmed: true,
  openPrescription: null,
  objectRef: object === undefined ? null : object.join(' '),
  heldUnclaimed: heldUnclaimed ?? true,
  restricted: restricted ?? false,
})

/** What was accepted before is a duplicate, whoever repeats it. */
export function readOnce<Report>(
  read: (report: Report, receivedAt: number) => Read,
): (report: Report, receivedAt: number) => Read | null {
  const accepted = new Set<string>()
  return (report, receivedAt) => {
    const text = JSON.stringify(report)
    const told = read(report, receivedAt)
    // Only what was kept is known again; what was ignored or refused is so each time.
    if (told.outcome !== 'published' && !told.outcome.startsWith('quarantined')) return told
    if (accepted.has(text)) return null
    accepted.add(text)
    return told
  }
}

export const published = (...happenings: readonly Happening[]): Read => ({
  outcome: 'published',
  happenings,
})
export const notTold = (outcome: string): Read => ({ outcome, happenings: [] })

/** Whole seconds: a source's clock as a version. */
export const secondsOf = (at: number): number => Math.floor((at - Date.UTC(2000, 0, 1)) / 1000)
