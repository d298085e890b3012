import {
  type CanonicalEvent,
  canonicalText,
  type Envelope,
  eventIdOf,
  type Identifier,
  type Ids,
  identifier,
  identifierHash,
  readTimestamp,
} from '@throughline/domain'
import type { JsonValue } from '@throughline/service'
import { isObject } from './payload.ts'
import { fault, faultsOf, type PoliceRecord, policeRecord, type RecordFault } from './police.ts'
import type { Read, Translation } from './translation.ts'

export interface PoliceOptions {
  readonly partnership: string
  readonly allowTestNhsNumbers: boolean
  /** True where the force traces NHS numbers; one that is not traced matches nobody. */
  readonly nhsNumbersTraced: boolean
  /** The register's clock: a record about the future is a mistake, and two-digit years need a century. */
  readonly now: number
}

const system = 'police-custody'
const aheadMsMax = 24 * 3_600_000

/** The records of one request: one, or a list. */
export const policeRecordsOf = (payload: JsonValue): readonly JsonValue[] =>
  Array.isArray(payload) ? payload : [payload]

/** Police custody records in the hub's words, one translation for each. What is wrong is rejected by place and rule. */
export const translatePolice = (
  payload: JsonValue,
  ids: Ids,
  options: PoliceOptions,
): readonly Translation[] =>
  policeRecordsOf(payload).map((record) => translateRecord(record, ids, options))

function translateRecord(written: JsonValue, ids: Ids, options: PoliceOptions): Translation {
  const whole = JSON.stringify(written)
  const read: Read = {
    format: 'police-custody',
    system,
    naturalKey: ids.hmac('message', whole),
    version: 1,
    contentHash: ids.hmac('content', whole),
    resolves: [],
    unknownMembers: 0,
  }
  const rejected = (errors: readonly RecordFault[]): Translation => ({
    ...read,
    outcome: 'rejected',
    errors,
  })
  const parsed = policeRecord.safeParse(written)
  if (!parsed.success) return rejected(faultsOf(parsed.error).map((one) => missingOr(one, written)))
  const record = parsed.data
  const { faults, identifiers } = numbersOf(record, options)
  const occurredAt = instant(record.occurredAt) ?? 0
  if (occurredAt > options.now + aheadMsMax) faults.push(fault('occurredAt', 'in-future'))
  if (faults.length > 0) return rejected(faults)

  const { recordType, force, custodyReference, sequence, recordVersion } = record
  const key = [recordType, force, custodyReference, String(sequence)]
  const event = eventOf(record, {
    eventId: eventIdOf(ids, system, JSON.stringify(key)),
    version: recordVersion,
    source: { partnership: options.partnership, agency: 'custody', system },
    occurredAt,
    occurredAtPrecision: precisionOf(record.occurredAt),
    occurredAtText: /\.\d{4,}/.test(record.occurredAt) ? record.occurredAt : null,
    recordedAt: instant(record.recordedAt),
    receivedAt: 0,
    identifiers,
    objectRef: `${force}/${custodyReference}`,
    handling: { holdUntil: instant(record.holdUntil), restricted: record.restricted },
  })
  const identifierHashes = identifiers
    .filter(({ verified }) => verified)
    .map((one) => identifierHash(ids, canonicalText(one)))
  return {
    ...read,
    outcome: 'published',
    naturalKey: ids.hmac('natural-key', system, ...key),
    version: recordVersion,
    contentHash: ids.hmac('content', JSON.stringify(event)),
    events: [{ event, identifierHashes }],
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
        assessmentAt: instant(record.drugTest.assessment?.at),
      }
    case 'release':
      return {
        type: 'ReleasedFromPoliceCustody',
        ...envelope,
        force,
        custodyReference,
        disposal: record.release.disposal,
        bailUntil: instant(record.release.bailUntil),
      }
  }
}

function numbersOf(
  { person }: PoliceRecord,
  { allowTestNhsNumbers, nhsNumbersTraced, now }: PoliceOptions,
): { readonly faults: RecordFault[]; readonly identifiers: Identifier[] } {
  const faults: RecordFault[] = []
  const identifiers: Identifier[] = []
  const referenceYear = new Date(now).getUTCFullYear()
  person.identifiers.forEach((written, at) => {
    const checked = identifier(written, { allowTestNhsNumbers, referenceYear })
    if (checked.ok) {
      const verified = checked.identifier.type !== 'NHS' || nhsNumbersTraced
      identifiers.push({ ...checked.identifier, verified })
    } else faults.push(fault(`person.identifiers.${at}.${checked.at}`, checked.rule))
  })
  return { faults, identifiers }
}

/** zod calls a member that is not there one of the wrong type; whoever sent it should hear which it is. */
function missingOr(found: RecordFault, written: JsonValue): RecordFault {
  if (found.rule !== 'type' && found.rule !== 'not-in-list') return found
  let value: JsonValue | undefined = written
  for (const part of found.path.split('.')) {
    if (Array.isArray(value)) value = value[Number(part)]
    else value = isObject(value) ? value[part] : undefined
  }
  return value === undefined ? fault(found.path, 'required') : found
}

function instant(written: string | undefined): number | null {
  if (written === undefined) return null
  const read = readTimestamp(written, { zoneless: 'utc' })
  return read.ok ? read.at : null
}

function precisionOf(written: string): Envelope['occurredAtPrecision'] {
  const read = readTimestamp(written, { zoneless: 'utc' })
  return read.ok ? read.precision : 'UNKNOWN'
}
