import {
  type Agency,
  type CanonicalEvent,
  type DeathBasis,
  type Envelope,
  eventIdOf,
  type Identifier,
  type Ids,
  londonDate,
  type ReferralAnswer,
} from '@throughline/domain'
import {
  fault,
  hashesOf,
  instantMs,
  type NumberRules,
  numbersOf,
  occurredOf,
  type Read,
  type RecordFault,
  readHouse,
  type TranslatedEvent,
  type Translation,
  unread,
} from '@throughline/intake'
import type { JsonValue } from '@throughline/service'
import { type OtherRecord, otherRecord, type ReferralRecord } from './payload.ts'

export const format = 'referrals'

export interface ReferralRules extends NumberRules {
  readonly partnership: string
  /** Whose credential it came with: its topic, and the source that a grant names. */
  readonly agency: Agency
  readonly desks: readonly string[]
}

/** What a service's desk is to keep of a referral, and all that an answer needs. Sealed as soon as it is anywhere. */
export interface DeskCopy {
  readonly partnership: string
  readonly agency: Agency
  /** Without whatever is not the person's own. */
  readonly record: ReferralRecord
  readonly identifiers: readonly Identifier[]
}

export interface Reading {
  readonly translation: Translation
  /** Of a referral, and of what takes one back. */
  readonly referralId?: string
  /** Of a referral that its service's desk may see. */
  readonly copy?: DeskCopy
}

/** One record in the hub's words. What is wrong is rejected by place and rule. */
export function translateOther(written: JsonValue, ids: Ids, rules: ReferralRules): Reading {
  const read = unread({ format, system: format }, JSON.stringify(written), ids)
  const parsed = readHouse(otherRecord, written)
  if (!parsed.ok) return rejected(read, parsed.errors)
  const record = parsed.value
  const { faults, identifiers } = numbersOf(numbersIn(record), 'person.identifiers', rules)
  const errors = [...faults, ...faultsIn(record, rules.now)]
  if (errors.length > 0) return rejected(read, errors)

  const { recordType, recordVersion } = record
  const system = record.source.organisation
  const named = hashesOf(ids, identifiers)
  const events = eventsOf(record, identifiers, ids, rules).map(
    (event): TranslatedEvent => ({ event, identifierHashes: named }),
  )
  const of = recordType === 'withdrawal' ? [record.withdrawal.of] : []
  const translation: Translation = {
    ...read,
    system,
    outcome: 'published',
    naturalKey: ids.hmac('natural-key', system, recordType, ...of, record.recordReference),
    version: recordVersion,
    contentHash: ids.hmac('content', JSON.stringify(record)),
    events,
  }
  if (recordType === 'referral') return atDesk(record, identifiers, translation, ids, rules)
  if (recordType !== 'withdrawal' || record.withdrawal.of !== 'referral') return { translation }
  return { translation, referralId: referralIdOf(ids, rules.agency, record) }
}

/** The same for every version of one source's referral. */
export const referralIdOf = (
  ids: Ids,
  agency: string,
  { source, recordReference }: Pick<OtherRecord, 'source' | 'recordReference'>,
): string => ids.hmac('referral', agency, source.organisation, recordReference)

/** The source's own object, which a withdrawal names. */
export const objectRefOf = (recordType: string, reference: string): string =>
  `${recordType}/${reference}`

const rejected = (read: Read, errors: readonly RecordFault[]): Reading => ({
  translation: { ...read, outcome: 'rejected', errors },
})

const numbersIn = (record: OtherRecord) =>
  record.recordType === 'withdrawal' ? [] : record.person.identifiers

const aheadMsMax = 24 * 3_600_000

function faultsIn(record: OtherRecord, now: number): readonly RecordFault[] {
  const early = (path: string, written: string | undefined) =>
    (instantMs(written) ?? 0) > now + aheadMsMax ? [fault(path, 'in-future')] : []
  const faults = early('occurredAt', record.occurredAt)
  if (record.recordType !== 'referral') return faults
  const { person, agreement } = record
  const isNobody = person.identifiers.length === 0 && person.name === undefined
  const isUnborn = (person.dateOfBirth ?? '') > londonDate(now)
  return [
    ...faults,
    ...early('agreement.recordedAt', agreement.recordedAt),
    ...(isNobody ? [fault('person', 'person-not-named', 'Give a number or a name.')] : []),
    ...(isUnborn ? [fault('person.dateOfBirth', 'in-future')] : []),
  ]
}

/** Whether the service's desk gets it. Without the person's agreement it gets nothing from here. */
function atDesk(
  record: ReferralRecord,
  identifiers: readonly Identifier[],
  translation: Translation,
  ids: Ids,
  { desks, partnership, agency }: ReferralRules,
): Reading {
  const { own, foreign } = ownContact(record)
  const isAgreed = record.agreement.toReferral
  const hasDesk = desks.includes(record.referral.toService)
  const warnings = [
    ...foreign,
    ...(isAgreed
      ? []
      : [
          fault(
            'agreement.toReferral',
            'not-agreed',
            'The service has not been sent this: the person has to agree to it.',
          ),
        ]),
    ...(hasDesk
      ? []
      : [
          fault(
            'referral.toService',
            'no-desk',
            'This service keeps no desk here: send it the referral yourself.',
          ),
        ]),
  ]
  return {
    translation: { ...translation, ...(warnings.length > 0 && { warnings }) },
    referralId: referralIdOf(ids, agency, record),
    ...(isAgreed && hasDesk && { copy: { partnership, agency, record: own, identifiers } }),
  }
}

/** A number or address that is somebody else's stops here: they have agreed to nothing. */
function ownContact(record: ReferralRecord): {
  readonly own: ReferralRecord
  readonly foreign: readonly RecordFault[]
} {
  const { contact } = record
  if (contact === undefined || contact.isTheirOwn) return { own: record, foreign: [] }
  const { phone, email, ...safe } = contact
  const advice = "Only the person's own is passed on: say so with isTheirOwn."
  return {
    own: { ...record, contact: safe },
    foreign: [
      ...(phone === undefined ? [] : [fault('contact.phone', 'contact-not-their-own', advice)]),
      ...(email === undefined ? [] : [fault('contact.email', 'contact-not-their-own', advice)]),
    ],
  }
}

function eventsOf(
  record: OtherRecord,
  identifiers: readonly Identifier[],
  ids: Ids,
  { partnership, agency }: ReferralRules,
): readonly CanonicalEvent[] {
  const { source, recordReference, recordType, recordVersion } = record
  const system = source.organisation
  const about = recordType === 'withdrawal' ? record.withdrawal.of : recordType
  const handling =
    recordType === 'withdrawal'
      ? { holdUntil: null, restricted: false }
      : { holdUntil: instantMs(record.holdUntil), restricted: record.restricted }
  const envelope: Envelope = {
    eventId: eventIdFor(ids, system, [recordType, about, recordReference]),
    version: recordVersion,
    source: { partnership, agency, system },
    ...occurredOf(record.occurredAt),
    recordedAt: instantMs(record.recordedAt),
    receivedAt: 0,
    identifiers: [...identifiers],
    objectRef: objectRefOf(about, recordReference),
    handling,
  }
  const event = eventOf(record, envelope)
  const score = recordType === 'referral' ? record.referral.alcoholScore : undefined
  if (score === undefined) return [event]
  const scored: CanonicalEvent = {
    type: 'AlcoholScoreRecorded',
    ...envelope,
    eventId: eventIdFor(ids, system, ['alcohol-score', about, recordReference]),
    provider: system,
    visitRef: null,
    ...score,
  }
  return [event, scored]
}

/** Apart from what another connector of the same agency makes of the same words. */
export const eventIdFor = (ids: Ids, system: string, key: readonly string[]): string =>
  eventIdOf(ids, system, JSON.stringify([format, ...key]))

function eventOf(record: OtherRecord, envelope: Envelope): CanonicalEvent {
  switch (record.recordType) {
    case 'referral': {
      const { toService, reason, condition, toAttendBy } = record.referral
      return {
        type: 'ReferralMade',
        ...envelope,
        referralRef: record.recordReference,
        toService,
        reason: reason ?? null,
        condition: condition ?? null,
        agreed: record.agreement.toReferral,
        toAttendBy: instantMs(toAttendBy),
      }
    }
    case 'referral-answer': {
      const { referralReference, answer } = record.referralAnswer
      return {
        type: 'ReferralAnswered',
        ...envelope,
        referralRef: referralReference,
        answer: answersFor[answer],
      }
    }
    case 'withdrawal':
      return {
        type: 'EventWithdrawn',
        ...envelope,
        withdrawnEventId: null,
        reason: record.withdrawal.reason ?? null,
      }
    case 'naloxone-used': {
      const { setting, outcome } = record.naloxone
      return {
        type: 'NaloxoneUsed',
        ...envelope,
        setting: setting ?? null,
        outcome: outcome ?? null,
      }
    }
    case 'training':
      return { type: 'TrainingRecorded', ...envelope, ...record.training }
    case 'safeguarding-concern':
      return { type: 'SafeguardingConcernRaised', ...envelope, ...concernIn(record) }
    case 'exploitation-concern':
      return { type: 'ExploitationConcernRaised', ...envelope, ...concernIn(record) }
    case 'death-report':
      return { type: 'DeathReported', ...envelope, basis: bases[record.death.basis] }
  }
}

const concernIn = ({
  recordReference,
  concern,
}: Extract<OtherRecord, { recordType: 'safeguarding-concern' | 'exploitation-concern' }>) => ({
  concernRef: recordReference,
  kind: concern.kind ?? null,
})

export const answersFor = {
  received: 'RECEIVED',
  accepted: 'ACCEPTED',
  declined: 'DECLINED',
  attended: 'ATTENDED',
  'not-attended': 'NOT_ATTENDED',
} as const satisfies Readonly<Record<string, ReferralAnswer>>

const bases = {
  prison: 'PRISON',
  hospital: 'HOSPITAL',
  treatment: 'TREATMENT',
  other: 'OTHER',
} as const satisfies Readonly<Record<string, DeathBasis>>
