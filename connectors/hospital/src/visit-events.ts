import {
  type CanonicalEvent,
  type Classification,
  canonicalText,
  type Envelope,
  eventIdOf,
  type Identifier,
  type Ids,
} from '@throughline/domain'
import { hashesOf, type TranslatedEvent } from '@throughline/intake'
import type { When } from './adt-times.ts'
import { type MaskName, masked } from './masking.ts'
import type { SenderProfile } from './profiles.ts'

/**
 * One visit. A stay in A&E and the admission that follows may carry one number, so the kind belongs to it: to
 * cancel the admission must not cancel the attendance.
 */
export interface Visit {
  readonly provider: string
  readonly kind: 'attendance' | 'spell'
  readonly ref: string
}

type WithoutEnvelope<E> = E extends CanonicalEvent ? Omit<E, keyof Envelope> : never

/** An event before it has what all events of its message share. */
export interface Draft {
  readonly facts: WithoutEnvelope<CanonicalEvent>
  /** What makes it this happening, whichever message or format tells it. */
  readonly key: readonly string[]
  readonly objectRef: string | null
  /** Where it did not happen when the message's event did. */
  readonly when?: When
  readonly restricted?: boolean
  /** Where they are not simply the person's. */
  readonly identifiers?: readonly Identifier[]
}

/** What all events of one message share. */
export interface Telling {
  readonly partnership: string
  readonly system: string
  readonly when: When
  readonly recordedAt: number | null
  readonly version: number
  readonly identifiers: readonly Identifier[]
  /** HMACs of the verified ones. */
  readonly identifierHashes: readonly string[]
  readonly masks: ReadonlySet<MaskName>
}

/** What a withdrawal of the whole visit names. */
export const objectRefOf = ({ provider, kind, ref }: Visit): string => `${provider}/${kind}/${ref}`

const about = (visit: Visit) => ({ provider: visit.provider, visitRef: visit.ref })
const keyOf = (what: string, { kind, ref }: Visit): readonly string[] => [what, kind, ref]

export interface Arrival {
  readonly method: string | null
  readonly from: string | null
  readonly attendanceRef: string | null
  readonly arrivalMode: string | null
}

export interface Codes {
  readonly list: readonly Classification[]
  /** The source asks for restraint (DG1-18): the event reaches only whom it names. */
  readonly confidential: boolean
}

export function started(visit: Visit, arrival: Arrival, codes: Codes): Draft {
  const classifications = [...codes.list]
  const { method, from, attendanceRef, arrivalMode } = arrival
  const facts =
    visit.kind === 'spell'
      ? { type: 'Admitted' as const, ...about(visit), attendanceRef, method, from, classifications }
      : {
          type: 'EmergencyAttendanceStarted' as const,
          ...about(visit),
          arrivalMode,
          classifications,
        }
  return {
    facts,
    key: keyOf('started', visit),
    objectRef: objectRefOf(visit),
    restricted: codes.confidential,
  }
}

export interface Departure {
  readonly destination: string | null
  readonly disposal: string | null
  readonly nowhereToLive: boolean | null
}

export function ended(visit: Visit, departure: Departure, codes: Codes): Draft {
  const classifications = [...codes.list]
  const { destination, disposal, nowhereToLive } = departure
  const facts =
    visit.kind === 'spell'
      ? {
          type: 'Discharged' as const,
          ...about(visit),
          destination,
          nowhereToLive,
          classifications,
        }
      : { type: 'EmergencyAttendanceEnded' as const, ...about(visit), disposal, classifications }
  return {
    facts,
    key: endedKey(visit),
    objectRef: objectRefOf(visit),
    restricted: codes.confidential,
  }
}

const endedKey = (visit: Visit): readonly string[] => keyOf('ended', visit)

/** The codes as they now are, all of them; `removed` only where the source names what it takes out. */
export function reclassified(
  visit: Visit,
  codes: Codes,
  removed: readonly Classification[],
): Draft {
  return {
    facts: {
      type: 'EncounterReclassified',
      ...about(visit),
      classifications: [...codes.list],
      removed: [...removed],
    },
    key: keyOf('reclassified', visit),
    objectRef: objectRefOf(visit),
    restricted: codes.confidential,
  }
}

/** The visit never was: whatever was said of it is taken back. */
export function visitWithdrawn(visit: Visit, reason: string): Draft {
  return {
    facts: { type: 'EventWithdrawn', withdrawnEventId: null, reason },
    key: keyOf('visit-withdrawn', visit),
    objectRef: objectRefOf(visit),
  }
}

/** Only the end is taken back, by its own id: by the visit's name the admission would go too. */
export function endWithdrawn(visit: Visit, reason: string, sender: Sender, ids: Ids): Draft {
  return withdrawnOf(endedKey(visit), reason, sender, ids)
}

/** The system under which a sender's events are known. */
type Sender = Pick<SenderProfile, 'system'>

function withdrawnOf(key: readonly string[], reason: string, { system }: Sender, ids: Ids): Draft {
  return {
    facts: { type: 'EventWithdrawn', withdrawnEventId: idOf(ids, system, key), reason },
    key: ['withdrawn', ...key],
    objectRef: null,
  }
}

export interface Score {
  readonly instrument: 'AUDIT_C' | 'AUDIT'
  readonly score: number
  /** The minute in which it was taken; '' where the sender does not say. */
  readonly takenText: string
  readonly when?: When
}

const scoreKey = (visit: Visit, { instrument, takenText }: Omit<Score, 'score'>) => [
  ...keyOf('alcohol-score', visit),
  instrument,
  takenText,
]

export function scored(visit: Visit, score: Score): Draft {
  const { instrument, when } = score
  return {
    facts: { type: 'AlcoholScoreRecorded', ...about(visit), instrument, score: score.score },
    key: scoreKey(visit, score),
    objectRef: objectRefOf(visit),
    ...(when && { when }),
  }
}

export const scoreWithdrawn = (
  visit: Visit,
  score: Omit<Score, 'score'>,
  sender: Sender,
  ids: Ids,
): Draft => withdrawnOf(scoreKey(visit, score), 'observation-withdrawn', sender, ids)

export interface Referral {
  readonly code: string
  readonly takenText: string
  readonly when?: When
}

const referralKinds: Readonly<Record<string, { service: string; condition: string | null }>> = {
  '431260004': { service: 'specialist-alcohol-treatment', condition: 'alcohol' },
  '417096006': { service: 'community-drug-and-alcohol-team', condition: null },
}

/** Codes that say the patient was referred to treatment. */
export const isReferral = (code: string): boolean => Object.hasOwn(referralKinds, code)

const referralKey = (visit: Visit, { code, takenText }: Referral) => [
  ...keyOf('referral', visit),
  code,
  takenText,
]

/** Hospitals give such a referral no number: it is known by the visit, the code and its time. */
export function referred(visit: Visit, referral: Referral, profile: SenderProfile): Draft {
  const { code, takenText, when } = referral
  const kind = referralKinds[code]
  const service = Object.hasOwn(profile.referralServices, code)
    ? profile.referralServices[code]
    : kind?.service
  return {
    facts: {
      type: 'ReferralMade',
      referralRef: [visit.ref, code, takenText].filter((part) => part !== '').join('-'),
      toService: service ?? 'drug-and-alcohol-treatment',
      reason: kind?.condition === 'alcohol' ? 'alcohol-use' : 'drug-or-alcohol-use',
      condition: kind?.condition ?? null,
      // The message does not say that the patient agreed, so it does not count as said.
      agreed: false,
      toAttendBy: null,
    },
    key: referralKey(visit, referral),
    objectRef: objectRefOf(visit),
    ...(when && { when }),
  }
}

export const referralWithdrawn = (
  visit: Visit,
  referral: Referral,
  sender: Sender,
  ids: Ids,
): Draft => withdrawnOf(referralKey(visit, referral), 'observation-withdrawn', sender, ids)

const deathKey = (identifiers: readonly Identifier[]): readonly string[] => {
  const known = identifiers.find(({ verified }) => verified)
  return ['death', known === undefined ? '' : canonicalText(known)]
}

/** A death is said of the person and not of a visit; `when` is null where only the flag is set. */
export function died(identifiers: readonly Identifier[], when: When): Draft {
  return {
    facts: { type: 'DeathReported', basis: 'HOSPITAL' },
    key: deathKey(identifiers),
    objectRef: null,
    when,
  }
}

export const deathWithdrawn = (
  identifiers: readonly Identifier[],
  sender: Sender,
  ids: Ids,
): Draft => withdrawnOf(deathKey(identifiers), 'death-corrected', sender, ids)

/** A proposal: it claims nothing until the lead confirms. */
export function mergedInto(
  surviving: Identifier,
  removed: Identifier,
  identifiers: readonly Identifier[],
): Draft {
  return {
    facts: { type: 'IdentifiersMerged', surviving, removed },
    key: ['merged', canonicalText(surviving), canonicalText(removed)],
    objectRef: null,
    identifiers: [...new Set([...identifiers, surviving, removed])],
  }
}

const idOf = (ids: Ids, system: string, key: readonly string[]): string =>
  eventIdOf(ids, system, JSON.stringify(key))

/** An event whole, masked as its own message asks. */
export function complete(draft: Draft, telling: Telling, ids: Ids): TranslatedEvent {
  const { partnership, system, version, recordedAt } = telling
  const { at, precision, text } = draft.when ?? telling.when
  const identifiers = [...(draft.identifiers ?? telling.identifiers)]
  const event = {
    ...draft.facts,
    eventId: idOf(ids, system, draft.key),
    version,
    source: { partnership, agency: 'hospital', system },
    occurredAt: at,
    occurredAtPrecision: precision,
    occurredAtText: text,
    recordedAt,
    receivedAt: 0,
    identifiers,
    objectRef: draft.objectRef,
    handling: { holdUntil: null, restricted: draft.restricted ?? false },
  } as CanonicalEvent
  const identifierHashes =
    draft.identifiers === undefined ? telling.identifierHashes : hashesOf(ids, identifiers)
  return { event: masked(event, telling.masks), identifierHashes }
}
