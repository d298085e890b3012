import {
  type CanonicalEvent,
  type Envelope,
  eventIdOf,
  type Identifier,
  type Ids,
  londonDate,
} from '@throughline/domain'
import {
  hashesOf,
  instantMs,
  isObject,
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
import { explained, fault } from './advice.ts'
import { tenancyFaults, warningsOf, weeksOwed } from './check-tenancy.ts'
import { outreachRecord, type TenancyRecord, tenancyRecord } from './tenancy.ts'
import { isToldFrom, localNumber, occurredOn } from './words.ts'

export interface TenancyRules extends NumberRules {
  readonly partnership: string
  /** From how many weeks of rent owed a crossing is told. */
  readonly arrearsWeeks: number
}

const systems = { tenancies: 'tenancies', outreach: 'outreach' } as const

/** Tenancy records and rough-sleeping contacts in the hub's words, one translation for each. */
export const translateTenancies = (
  records: readonly JsonValue[],
  ids: Ids,
  rules: TenancyRules,
): readonly Translation[] =>
  records.map((record) =>
    isObject(record) && record['roughSleepingContact'] !== undefined
      ? translateContact(record, ids, rules)
      : translateTenancy(record, ids, rules),
  )

type Time = Pick<Envelope, 'occurredAt' | 'occurredAtPrecision' | 'occurredAtText'>

/** Something a record tells. `key` names it whatever else the record says, however often it is told. */
interface Happening {
  readonly key: readonly string[]
  readonly objectRef: string
  readonly time: Time
  /** What must stay the same under one key and version. */
  readonly facts: unknown
  readonly event: (envelope: Envelope) => CanonicalEvent
}

function translateTenancy(written: JsonValue, ids: Ids, rules: TenancyRules): Translation {
  const format = systems.tenancies
  const read = unread({ format, system: format }, JSON.stringify(written), ids)
  const parsed = readHouse(tenancyRecord, written)
  if (!parsed.ok) return { ...read, outcome: 'rejected', errors: explained(parsed.errors) }
  const record = parsed.value
  const { holders, faults } = holdersOf(record, rules)
  const errors = [...tenancyFaults(record, rules.now), ...faults]
  if (errors.length > 0) return { ...read, outcome: 'rejected', errors }

  const happenings = [
    ...started(record),
    ...crossed(record, rules.arrearsWeeks),
    ...served(record),
    ...ended(record, rules.now),
  ]
  if (happenings.length === 0 || holders.length === 0) {
    return { ...read, outcome: 'ignored', reason: whyNothing(record, happenings) }
  }
  const told = { ...rules, ids, system: format, version: record.recordVersion }
  const recordedAt = instantMs(record.meta.generatedAt)
  const events = holders.flatMap(({ key, identifiers }) =>
    happenings.map((one) => eventOf(one, key, identifiers, recordedAt, told)),
  )
  const warnings = warningsOf(record)
  return {
    ...published(read, events, happenings, told),
    ...(warnings.length > 0 && { warnings }),
  }
}

const whyNothing = (record: TenancyRecord, happenings: readonly Happening[]): string => {
  if (happenings.length > 0) return 'nobody-named'
  if (record.events.some(({ type }) => type === 'tenancy.arrears.threshold-crossed')) {
    return 'below-threshold'
  }
  return record.asbCases.some(({ visibility }) => visibility === 'restricted')
    ? 'restricted'
    : 'not-needed'
}

/**
 * Everybody who holds the tenancy, by the numbers that are theirs alone: one person's event must not
 * carry another's number. The tenancy's own number goes with the lead tenant.
 */
function holdersOf({ tenancy }: TenancyRecord, rules: TenancyRules) {
  const { tenants, landlord, tenancyId } = tenancy
  const lead = tenants.find(({ isLead }) => isLead) ?? tenants[0]
  const faults: RecordFault[] = []
  const holders: { readonly key: string; readonly identifiers: readonly Identifier[] }[] = []
  tenants.forEach((tenant, at) => {
    const { personId } = tenant
    const own: Identifier[] = []
    if (tenant === lead) own.push(localNumber('TENANCY', landlord, tenancyId))
    if (isToldFrom(personId, tenancyId)) own.push(localNumber('TENANCY', landlord, personId))
    const shared = numbersOf(tenant.identifiers, `tenancy.tenants.${at}.identifiers`, rules)
    faults.push(...shared.faults)
    const identifiers = [...own, ...shared.identifiers]
    if (identifiers.length > 0) holders.push({ key: tenant === lead ? '' : personId, identifiers })
  })
  return { holders, faults }
}

function started({ tenancy, events }: TenancyRecord): readonly Happening[] {
  const start = events.find(({ type }) => type === 'tenancy.started')
  if (start === undefined) return []
  const { landlord, tenancyId, tenure } = tenancy
  const kind = tenure ?? null
  return [
    {
      key: ['started', landlord, tenancyId],
      objectRef: `${landlord}/${tenancyId}`,
      time: occurredOf(start.occurredAt),
      facts: { kind, at: start.occurredAt },
      event: (envelope) => ({
        type: 'TenancyStarted',
        ...envelope,
        landlord,
        kind,
        previousHome: null,
        reasonLeft: null,
      }),
    },
  ]
}

/**
 * A crossing is the landlord's to say, once for each time the account goes into arrears, and its day
 * names it. It is told where it was a crossing of our threshold, or where the account has reached
 * that since; then all that is known is the day of the balance.
 */
function crossed(record: TenancyRecord, arrearsWeeks: number): readonly Happening[] {
  const { tenancy, rentAccount, events } = record
  const crossings = events.flatMap((event) =>
    event.type === 'tenancy.arrears.threshold-crossed' ? [event] : [],
  )
  const highest = crossings.toSorted((a, b) => b.thresholdWeeks - a.thresholdWeeks)[0]
  if (rentAccount === undefined || highest === undefined) return []
  const weeks = Math.floor(weeksOwed(rentAccount))
  const isOurs = highest.thresholdWeeks >= arrearsWeeks
  if (!isOurs && weeks < arrearsWeeks) return []
  const { landlord } = tenancy
  const { accountId, asAt } = rentAccount
  return [
    {
      key: ['arrears', landlord, accountId, londonDate(instantMs(highest.occurredAt) ?? 0)],
      objectRef: `${landlord}/${accountId}`,
      time: isOurs ? occurredOf(highest.occurredAt) : occurredOn(asAt),
      // Told once: that more is owed tomorrow is no other crossing.
      facts: {},
      event: (envelope) => ({
        type: 'ArrearsThresholdCrossed',
        ...envelope,
        landlord,
        weeksOwed: isOurs ? highest.thresholdWeeks : weeks,
      }),
    },
  ]
}

function served({ tenancy, possession, events }: TenancyRecord): readonly Happening[] {
  if (!possession) return []
  const { landlord } = tenancy
  const { noticeId, noticeType, servedOn, earliestProceedings } = possession
  const said = events.find(({ type }) => type === 'tenancy.possession-notice.served')
  const facts = { section: noticeType, expiresOn: earliestProceedings ?? null }
  return [
    {
      key: ['notice', landlord, noticeId],
      objectRef: `${landlord}/${noticeId}`,
      time: said === undefined ? occurredOn(servedOn) : occurredOf(said.occurredAt),
      facts: { ...facts, servedOn },
      event: (envelope) => ({ type: 'PossessionNoticeServed', ...envelope, landlord, ...facts }),
    },
  ]
}

/** Told once it has ended, never for a planned end. */
function ended({ tenancy }: TenancyRecord, now: number): readonly Happening[] {
  const { landlord, tenancyId, endDate, endReason } = tenancy
  if (!endDate || endDate > londonDate(now)) return []
  const reason = endReason ?? null
  return [
    {
      key: ['ended', landlord, tenancyId],
      objectRef: `${landlord}/${tenancyId}`,
      time: occurredOn(endDate),
      facts: { endDate, reason },
      event: (envelope) => ({ type: 'TenancyEnded', ...envelope, landlord, reason }),
    },
  ]
}

/** A contact is told only where the person was sleeping rough: national counts know no other kind. */
function translateContact(written: JsonValue, ids: Ids, rules: TenancyRules): Translation {
  const format = systems.outreach
  const read = unread({ format, system: format }, JSON.stringify(written), ids)
  const parsed = readHouse(outreachRecord, written)
  if (!parsed.ok) return { ...read, outcome: 'rejected', errors: explained(parsed.errors) }
  const { roughSleepingContact: contact, meta, recordVersion } = parsed.value
  const { service, contactId, personId, metAt, beddedDown } = contact
  const shared = numbersOf(contact.identifiers, 'roughSleepingContact.identifiers', rules)
  const errors = [...shared.faults]
  const time = occurredOf(metAt)
  if (time.occurredAt > rules.now + aheadMsMax) {
    errors.push(fault('roughSleepingContact.metAt', 'in-future'))
  }
  if (errors.length > 0) return { ...read, outcome: 'rejected', errors }
  if (!beddedDown) return { ...read, outcome: 'ignored', reason: 'not-sleeping-rough' }
  const happening: Happening = {
    key: ['contact', service, contactId],
    objectRef: `${service}/${contactId}`,
    time,
    facts: { personId, metAt },
    event: (envelope) => ({ type: 'RoughSleepingContact', ...envelope, service }),
  }
  const identifiers = [localNumber('HOUSING_APPLICATION', service, personId), ...shared.identifiers]
  const told = { ...rules, ids, system: format, version: recordVersion }
  const event = eventOf(happening, '', identifiers, instantMs(meta.generatedAt), told)
  return published(read, [event], [happening], told)
}

const aheadMsMax = 24 * 3_600_000

interface Told {
  readonly ids: Ids
  readonly partnership: string
  readonly system: string
  readonly version: number
}

function eventOf(
  { key, objectRef, time, event }: Happening,
  holder: string,
  identifiers: readonly Identifier[],
  recordedAt: number | null,
  { ids, partnership, system, version }: Told,
): TranslatedEvent {
  const envelope: Envelope = {
    eventId: eventIdOf(ids, system, JSON.stringify(holder === '' ? key : [...key, holder])),
    version,
    source: { partnership, agency: 'housing', system },
    ...time,
    recordedAt,
    receivedAt: 0,
    identifiers: [...identifiers],
    objectRef,
    handling: { holdUntil: null, restricted: false },
  }
  return { event: event(envelope), identifierHashes: hashesOf(ids, identifiers) }
}

/** A record is known by what it tells: the same again tomorrow, under a new balance, is a duplicate. */
function published(
  read: Read,
  events: readonly TranslatedEvent[],
  happenings: readonly Happening[],
  { ids, system, version }: Told,
): Translation {
  const keys = events.map(({ event }) => event.eventId)
  const facts = happenings.map((one) => one.facts)
  return {
    ...read,
    outcome: 'published',
    naturalKey: ids.hmac('natural-key', system, ...keys),
    version,
    contentHash: ids.hmac('content', JSON.stringify(facts)),
    events,
  }
}
