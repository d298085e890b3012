import { sourceOf } from '../consent.ts'
import type {
  Attendance,
  CanonicalEvent,
  Direction,
  EventType,
  OpenPrescription,
  ReleaseKind,
  TreatmentEndReason,
  TreatmentSetting,
} from '../events.generated.ts'
import { addDays, londonDate, londonTimeOn } from '../times.ts'

/** A moment of a watch: a day of the three weeks, or 0 for the evening after court. */
export interface Fired {
  readonly day: number
  readonly at: number
  readonly incomplete: boolean
}

/** What the rules remember of one event: the highest version known, and nothing they do not need. */
export interface Fact {
  /** What link forwarded to this person: one id for all its versions. */
  readonly id: string
  /** The event itself, as every reader of the log knows it. */
  readonly eventId: string
  readonly version: number
  readonly type: EventType
  readonly agency: string
  readonly occurredAt: number
  /** The last instant at which it may have happened: where only the day is known, that day's end. */
  readonly latestAt: number
  readonly receivedAt: number
  /** When it may first be acted on: when it was received, or its hold ended. */
  readonly learnedAt: number
  /** When the first of the versions was learned that ask the same of the recipient. */
  readonly since: number
  /** The source's object, with its source; a withdrawal may name only this. */
  readonly object: string | null
  readonly about: About
  /**
   * From when on consent must have held without a gap: when it was received, or when the consent was
   * given whose look-back took it up. Null until it was first allowed.
   */
  readonly coveredFrom: number | null
  /** Why nothing may rest on it any more; it stays so until a higher version comes. */
  readonly ended: string | null
  readonly fired: readonly Fired[]
  /** The last day of the watch that has been dealt with; -1 for none. */
  readonly passed: number
}

export interface About {
  readonly kind?: ReleaseKind
  readonly confirmed?: boolean
  readonly prescription?: OpenPrescription
  readonly force?: string
  readonly direction?: Direction
  readonly setting?: TreatmentSetting
  readonly attendance?: Attendance
  readonly endReason?: TreatmentEndReason
  readonly place?: string
  /** The source restricts it to whom it names, and names nobody yet. */
  readonly restricted?: true
}

const kept: ReadonlySet<EventType> = new Set([
  'ArrestedIntoCustody',
  'ReceivedIntoPrison',
  'ReturnedToPrison',
  'LeftForCourt',
  'TransferredBetweenPrisons',
  'ReleasedFromPrison',
  'TreatmentStarted',
  'TreatmentContact',
  'TreatmentEnded',
  'DeathReported',
  'IdentifiersLinked',
  'IdentifiersMerged',
  'IdentifiersSplit',
])

/** Whether any rule looks at such an event. */
export const isKept = (type: EventType): boolean => kept.has(type)

export function factOf(id: string, event: CanonicalEvent): Fact {
  const learnedAt = Math.max(event.receivedAt, event.handling.holdUntil ?? event.receivedAt)
  return {
    id,
    eventId: event.eventId,
    version: event.version,
    type: event.type,
    agency: event.source.agency,
    occurredAt: event.occurredAt,
    latestAt: latestOf(event),
    receivedAt: event.receivedAt,
    learnedAt,
    since: learnedAt,
    object: event.objectRef === null ? null : objectOf(event.source, event.objectRef),
    about: { ...aboutOf(event), ...(event.handling.restricted && { restricted: true as const }) },
    coveredFrom: null,
    ended: null,
    fired: [],
    passed: -1,
  }
}

/** One source's objects only: two sources may use the same number. */
export const objectOf = (
  source: { readonly agency: string; readonly system: string },
  objectRef: string,
): string => `${sourceOf(source)} ${objectRef}`

const latestOf = (event: CanonicalEvent): number =>
  event.occurredAtPrecision === 'DAY'
    ? londonTimeOn(addDays(londonDate(event.occurredAt), 1), 0, 0) - 1
    : event.occurredAt

const aboutOf = (event: CanonicalEvent): About =>
  (details[event.type] as ((event: CanonicalEvent) => About) | undefined)?.(event) ?? {}

const details: {
  readonly [T in EventType]?: (event: Extract<CanonicalEvent, { type: T }>) => About
} = {
  ArrestedIntoCustody: ({ openPrescription, force }) => ({ prescription: openPrescription, force }),
  ReceivedIntoPrison: ({ prison }) => (prison === null ? {} : { place: prison }),
  TransferredBetweenPrisons: ({ direction }) => ({ direction }),
  ReleasedFromPrison: ({ kind, confirmed }) => ({ kind, confirmed }),
  TreatmentStarted: ({ setting }) => ({ setting }),
  TreatmentContact: ({ attendance }) => ({ attendance }),
  TreatmentEnded: ({ reason }) => ({ endReason: reason }),
}

export const isRelease = ({ type, about }: Fact): boolean =>
  type === 'ReleasedFromPrison' && about.kind === 'TO_COMMUNITY'

export const isDeath = ({ type, about }: Fact): boolean =>
  type === 'DeathReported' || (type === 'ReleasedFromPrison' && about.kind === 'DIED')

export const isProposal = ({ type }: Fact): boolean =>
  type === 'IdentifiersLinked' || type === 'IdentifiersMerged' || type === 'IdentifiersSplit'

/** Inside a prison after it: a reception, or a return from court, hospital or leave. */
export const isReturn = ({ type }: Fact): boolean =>
  type === 'ReceivedIntoPrison' || type === 'ReturnedToPrison'
