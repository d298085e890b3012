import {
  type CanonicalEvent,
  type Envelope,
  eventIdOf,
  type Identifier,
  type Ids,
} from '@throughline/domain'
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
import { type ContactRecord, contactRecord } from './contacts.ts'

export const contactsSystem = 'treatment-contacts'

export interface ContactOptions extends NumberRules {
  readonly partnership: string
}

const aheadMsMax = 24 * 3_600_000

/** One record in the hub's words. What is wrong is rejected by place and rule. */
export function translateContact(
  written: JsonValue,
  ids: Ids,
  options: ContactOptions,
): Translation {
  const read = unread(
    { format: contactsSystem, system: contactsSystem },
    JSON.stringify(written),
    ids,
  )
  const rejected = (errors: readonly RecordFault[]): Translation => ({
    ...read,
    outcome: 'rejected',
    errors,
  })
  const parsed = readHouse(contactRecord, written)
  if (!parsed.ok) return rejected(parsed.errors)
  const record = parsed.value
  const { faults, identifiers } = numbersOf(numbersIn(record), 'person.identifiers', options)
  const occurred = occurredOf(record.occurredAt)
  const late = occurred.occurredAt > options.now + aheadMsMax
  const errors = late ? [...faults, fault('occurredAt', 'in-future')] : faults
  if (errors.length > 0) return rejected(errors)

  // Its number alone makes it the same record: what was first told as attended may be corrected to missed.
  const key = [record.provider, record.recordReference]
  const event = eventOf(record, {
    eventId: eventIdOf(ids, contactsSystem, JSON.stringify([record.recordType, ...key])),
    version: record.recordVersion,
    source: { partnership: options.partnership, agency: 'treatment', system: contactsSystem },
    ...occurred,
    recordedAt: instantMs(record.recordedAt),
    receivedAt: 0,
    identifiers: [...identifiers],
    objectRef: null,
    handling: { holdUntil: instantMs(record.holdUntil), restricted: record.restricted },
  })
  return {
    ...read,
    outcome: 'published',
    naturalKey: ids.hmac('natural-key', contactsSystem, record.recordType, ...key),
    version: record.recordVersion,
    contentHash: ids.hmac('content', JSON.stringify(event)),
    events: [{ event, identifierHashes: hashesOf(ids, identifiers) }],
  }
}

/** A client reference is the provider's own, unless the record says whose. */
const numbersIn = ({ person, provider }: ContactRecord) =>
  person.identifiers.map(({ type, value, issuer }) => ({
    type: type satisfies Identifier['type'],
    value,
    ...(type === 'NDTMS' && { issuer: issuer ?? provider }),
  }))

function eventOf(record: ContactRecord, envelope: Envelope): CanonicalEvent {
  const { provider, episodeReference } = record
  const episodeRef = episodeReference ?? null
  switch (record.recordType) {
    case 'contact': {
      const { attendance } = record.contact
      return { type: 'TreatmentContact', ...envelope, provider, episodeRef, attendance }
    }
    case 'doses-missed': {
      const { days, reportedBy } = record.dosesMissed
      const pharmacy = reportedBy === 'PHARMACY'
      return { type: 'DosesMissed', ...envelope, provider, episodeRef, days, pharmacy }
    }
    case 'naloxone-supplied':
      return { type: 'NaloxoneSupplied', ...envelope, provider, form: record.naloxone.form ?? null }
  }
}
