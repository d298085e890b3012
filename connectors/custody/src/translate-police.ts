import { type CanonicalEvent, type Envelope, eventIdOf, type Ids } from '@throughline/domain'
import {
  fault,
  hashesOf,
  instantMs,
  type NumberRules,
  numbersOf,
  occurredOf,
  type RecordFault,
  readHouse,
  type Translation,
  unread,
} from '@throughline/intake'
import type { JsonValue } from '@throughline/service'
import { type PoliceRecord, policeRecord } from './police.ts'

export interface PoliceOptions extends NumberRules {
  readonly partnership: string
}

const system = 'police-custody'
const aheadMsMax = 24 * 3_600_000

/** Police custody records in the hub's words, one translation for each. What is wrong is rejected by place and rule. */
export const translatePolice = (
  records: readonly JsonValue[],
  ids: Ids,
  options: PoliceOptions,
): readonly Translation[] => records.map((record) => translateRecord(record, ids, options))

function translateRecord(written: JsonValue, ids: Ids, options: PoliceOptions): Translation {
  const read = unread({ format: 'police-custody', system }, JSON.stringify(written), ids)
  const rejected = (errors: readonly RecordFault[]): Translation => ({
    ...read,
    outcome: 'rejected',
    errors,
  })
  const parsed = readHouse(policeRecord, written)
  if (!parsed.ok) return rejected(parsed.errors)
  const record = parsed.value
  const { faults, identifiers } = numbersOf(
    record.person.identifiers,
    'person.identifiers',
    options,
  )
  const occurred = occurredOf(record.occurredAt)
  // A record about the future is a mistake.
  const ahead = occurred.occurredAt > options.now + aheadMsMax
  const errors = [...faults, ...(ahead ? [fault('occurredAt', 'in-future')] : [])]
  if (errors.length > 0) return rejected(errors)

  const { recordType, force, custodyReference, sequence, recordVersion } = record
  const key = [recordType, force, custodyReference, String(sequence)]
  const event = eventOf(record, {
    eventId: eventIdOf(ids, system, JSON.stringify(key)),
    version: recordVersion,
    source: { partnership: options.partnership, agency: 'custody', system },
    ...occurred,
    recordedAt: instantMs(record.recordedAt),
    receivedAt: 0,
    identifiers: [...identifiers],
    objectRef: `${force}/${custodyReference}`,
    handling: { holdUntil: instantMs(record.holdUntil), restricted: record.restricted },
  })
  return {
    ...read,
    outcome: 'published',
    naturalKey: ids.hmac('natural-key', system, ...key),
    version: recordVersion,
    contentHash: ids.hmac('content', JSON.stringify(event)),
    events: [{ event, identifierHashes: hashesOf(ids, identifiers) }],
  }
}

function eventOf(record: PoliceRecord, envelope: Envelope): CanonicalEvent {
  const { force, custodyReference } = record
  switch (record.recordType) {
    case 'arrest':
      return {
        type: 'ArrestedIntoCustody',
        ...envelope,
        force,
        custodyReference,
        custodySuite: record.custodySuite ?? null,
        arrestReason: record.arrest.reason ?? null,
        openPrescription: record.arrest.openPrescription,
      }
    case 'drug-test':
      return {
        type: 'DrugTestedOnArrest',
        ...envelope,
        force,
        custodyReference,
        grounds: record.drugTest.grounds,
        outcome: record.drugTest.outcome,
        substances: record.drugTest.substances,
        assessmentRequired: record.drugTest.assessment?.required ?? null,
        assessmentAt: instantMs(record.drugTest.assessment?.at),
      }
    case 'release':
      return {
        type: 'ReleasedFromPoliceCustody',
        ...envelope,
        force,
        custodyReference,
        disposal: record.release.disposal,
        bailUntil: instantMs(record.release.bailUntil),
      }
  }
}
