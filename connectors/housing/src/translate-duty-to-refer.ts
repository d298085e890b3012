import {
  addDays,
  type CanonicalEvent,
  type Envelope,
  eventIdOf,
  type Identifier,
  type Ids,
  londonDate,
  londonTimeOn,
} from '@throughline/domain'
import {
  hashesOf,
  instantMs,
  type NumberRules,
  numbersOf,
  type RecordFault,
  readHouse,
  type Translation,
  unread,
} from '@throughline/intake'
import type { JsonValue } from '@throughline/service'
import { explained, fault } from './advice.ts'
import {
  acceptedReasons,
  type DutyToRefer,
  declinedReasons,
  dutyToRefer,
  statutoryBodies,
} from './duty-to-refer.ts'
import { isToldFrom, localNumber, occurredOn } from './words.ts'

export interface DutyToReferRules extends NumberRules {
  readonly partnership: string
}

const system = 'duty-to-refer'
/** The day exactly 26 weeks later still counts, the next one does not. */
const activeDays = 26 * 7
/** Nothing that is decided stands above a withdrawal, whichever arrives first. */
const withdrawnFrom = 10_000

/** Referrals in the hub's words, one translation for each. What is wrong is rejected by place and rule. */
export const translateDutyToRefer = (
  records: readonly JsonValue[],
  ids: Ids,
  rules: DutyToReferRules,
): readonly Translation[] => records.map((record) => translateRecord(record, ids, rules))

function translateRecord(written: JsonValue, ids: Ids, rules: DutyToReferRules): Translation {
  const read = unread({ format: system, system }, JSON.stringify(written), ids)
  const parsed = readHouse(dutyToRefer, written)
  if (!parsed.ok) return { ...read, outcome: 'rejected', errors: explained(parsed.errors) }
  const record = parsed.value
  const { faults, identifiers } = numbersOf(
    record.individual.identifiers,
    'individual.identifiers',
    rules,
  )
  const errors = [
    ...agreements(record),
    ...whoAndHow(record, rules),
    ...lifecycleFaults(record, londonDate(rules.now)),
    ...faults,
  ]
  if (errors.length > 0) return { ...read, outcome: 'rejected', errors }

  const { stage, version } = stageOf(record)
  const key = [record.destination.housingAuthority, record.referralId, stage]
  const named = [...referralNumbers(record), ...identifiers]
  const event = eventOf(record, {
    eventId: eventIdOf(ids, system, JSON.stringify(key)),
    version,
    source: { partnership: rules.partnership, agency: 'housing', system },
    ...occurredOf(record, rules.now),
    recordedAt: null,
    receivedAt: 0,
    identifiers: named,
    objectRef: `${record.destination.housingAuthority}/${record.referralId}`,
    handling: { holdUntil: null, restricted: false },
  })
  return {
    ...read,
    outcome: 'published',
    naturalKey: ids.hmac('natural-key', system, ...key),
    version,
    contentHash: ids.hmac('content', JSON.stringify(record)),
    events: [{ event, identifierHashes: hashesOf(ids, named) }],
    ...warned(record),
  }
}

/**
 * The lifecycle without anybody's memory: that a referral was made and what became of it are two
 * events, and what became of it has versions in which a withdrawal stands above every outcome. So
 * nothing returns to SUBMITTED and nothing follows WITHDRAWN, in whatever order records arrive.
 */
function stageOf({ lifecycle, recordVersion }: DutyToRefer) {
  if (lifecycle.status === 'SUBMITTED') return { stage: 'made', version: recordVersion }
  const above = lifecycle.status === 'WITHDRAWN' ? withdrawnFrom : 0
  return { stage: 'decided', version: above + recordVersion }
}

function eventOf(
  { destination, referralId, circumstance, lifecycle }: DutyToRefer,
  envelope: Envelope,
): CanonicalEvent {
  const { status, submissionDate } = lifecycle
  // The authority's reference may come only with its decision; this number is there from the start.
  const referral = { authority: destination.housingAuthority, referralRef: referralId }
  if (status === 'SUBMITTED') {
    return {
      type: 'DutyToReferMade',
      ...envelope,
      ...referral,
      reason: circumstance.reason ?? null,
    }
  }
  const decision = status === 'NOT_ACCEPTED' ? 'DECLINED' : status
  const activeUntil =
    status === 'ACCEPTED' ? londonTimeOn(addDays(submissionDate, activeDays + 1), 0, 0) : null
  return { type: 'DutyToReferDecided', ...envelope, ...referral, decision, activeUntil }
}

/** Only the person takes an agreement back (checklist G6); the withdrawal goes through all the same. */
const warned = ({ consent, lifecycle }: DutyToRefer) =>
  lifecycle.withdrawalReason === 'NO_CONSENT' && !consent.withdrawnAt
    ? { warnings: [fault('consent.withdrawnAt', 'agreement-withdrawn-when')] }
    : {}

/** An outcome whose day nobody wrote down happened by the time we heard of it. */
function occurredOf({ consent, lifecycle }: DutyToRefer, now: number) {
  const { status, submissionDate, decidedOn, withdrawnOn } = lifecycle
  if (status === 'SUBMITTED') return occurredOn(submissionDate)
  const withdrawnAt = instantMs(consent.withdrawnAt ?? undefined)
  const date =
    status === 'WITHDRAWN'
      ? (withdrawnOn ?? (withdrawnAt === null ? undefined : londonDate(withdrawnAt)))
      : decidedOn
  if (date !== null && date !== undefined) return occurredOn(date)
  return { occurredAt: now, occurredAtPrecision: 'UNKNOWN' as const, occurredAtText: null }
}

function referralNumbers({ destination, referralId, lifecycle }: DutyToRefer): Identifier[] {
  const { referenceNumber } = lifecycle
  const numbers = [referralId]
  if (referenceNumber && isToldFrom(referenceNumber, referralId)) numbers.push(referenceNumber)
  return numbers.map((number) =>
    localNumber('HOUSING_APPLICATION', destination.housingAuthority, number),
  )
}

/** The person's three agreements and an authority in England (checklist G4). A withdrawal needs none of the three. */
function agreements({ consent, destination, lifecycle }: DutyToRefer): readonly RecordFault[] {
  const { status, submissionDate } = lifecycle
  const faults: RecordFault[] = []
  const code = 'destination.housingAuthority'
  if (!/^E\d{8}$/.test(destination.housingAuthority))
    faults.push(fault(code, 'authority-in-england'))
  if (destination.country !== 'England') {
    faults.push(fault('destination.country', 'authority-in-england'))
  }
  if (status === 'WITHDRAWN') return faults
  if (!consent.toReferral) faults.push(fault('consent.toReferral', 'agreement-to-referral'))
  if (!consent.toShareContactDetails) {
    faults.push(fault('consent.toShareContactDetails', 'agreement-to-share-contact-details'))
  }
  if (!destination.chosenByIndividual) {
    faults.push(fault('destination.chosenByIndividual', 'authority-chosen-by-the-person'))
  }
  if (londonDate(instantMs(consent.recordedAt) ?? 0) > submissionDate) {
    faults.push(fault('consent.recordedAt', 'agreement-before-referral'))
  }
  if (consent.withdrawnAt) faults.push(fault('consent.withdrawnAt', 'agreement-withdrawn'))
  return faults
}

function whoAndHow({ origin, individual }: DutyToRefer, { now }: DutyToReferRules) {
  const faults: RecordFault[] = []
  if (origin.statutoryBody && !statutoryBodies.has(origin.bodyType)) {
    faults.push(fault('origin.statutoryBody', 'not-a-statutory-body'))
  }
  if (Object.values(individual.contact).every((way) => way === null)) {
    faults.push(fault('individual.contact', 'contact-needed'))
  }
  if (individual.dateOfBirth && individual.dateOfBirth > londonDate(now)) {
    faults.push(fault('individual.dateOfBirth', 'in-future'))
  }
  return faults
}

function lifecycleFaults({ lifecycle }: DutyToRefer, today: string): readonly RecordFault[] {
  const { status, submissionDate, outcomeReason, withdrawalReason, expiresOn } = lifecycle
  const faults: RecordFault[] = []
  const at = (member: string, rule: string) => faults.push(fault(`lifecycle.${member}`, rule))
  const decided = status === 'ACCEPTED' || status === 'NOT_ACCEPTED'
  const suits: readonly string[] = status === 'ACCEPTED' ? acceptedReasons : declinedReasons

  if (decided && !outcomeReason) at('outcomeReason', 'required')
  if (decided && outcomeReason && !suits.includes(outcomeReason)) {
    at('outcomeReason', 'suits-the-outcome')
  }
  for (const member of ['outcomeReason', 'decidedOn', 'outcomeNote'] as const) {
    if (status === 'SUBMITTED' && lifecycle[member]) at(member, 'only-with-an-outcome')
  }
  if (status === 'WITHDRAWN') {
    if (!withdrawalReason) at('withdrawalReason', 'required')
    if (withdrawalReason === 'OTHER' && !lifecycle.withdrawalNote) at('withdrawalNote', 'required')
  } else {
    for (const member of ['withdrawalReason', 'withdrawnOn', 'withdrawalNote'] as const) {
      if (lifecycle[member]) at(member, 'only-when-withdrawn')
    }
  }
  for (const member of ['submissionDate', 'decidedOn', 'withdrawnOn'] as const) {
    const date = lifecycle[member]
    if (date && date > today) at(member, 'in-future')
    if (date && date < submissionDate) at(member, 'before-submission')
  }
  if (expiresOn && expiresOn !== addDays(submissionDate, activeDays)) {
    at('expiresOn', 'twenty-six-weeks')
  }
  return faults
}
