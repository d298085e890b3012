import {
  type CanonicalEvent,
  type Envelope,
  eventIdOf,
  type HomelessnessDuty,
  type Identifier,
  type Ids,
  londonDate,
} from '@throughline/domain'
import {
  type CsvHeader,
  type CsvRow,
  hashesOf,
  type RecordFault,
  type TranslatedEvent,
  type Translation,
  unread,
} from '@throughline/intake'
import { fault } from './advice.ts'
import { duties, homelessnessLayout, housedBy, noNeeds, supportNeeds } from './homelessness.ts'
import { retelling } from './retelling.ts'
import { isDay, isToldFrom, listCode, localNumber, occurredOn, ownNumber } from './words.ts'

export interface HomelessnessRules {
  readonly partnership: string
  /** Whose people the sender answers for; empty for any English authority. */
  readonly authorities: readonly string[]
  /** The register's clock. */
  readonly now: number
}

const system = 'homelessness'

/** Rows of a homelessness extract in the hub's words, one translation for each; faults have the column as their place. */
export const translateHomelessness = (
  header: CsvHeader,
  rows: readonly CsvRow[],
  ids: Ids,
  rules: HomelessnessRules,
): readonly Translation[] =>
  rows.map((row) => translateDuty(dutyIn(header, row), row.cells.join('\0'), ids, rules))

/** A row's cells by name; blank is not there. */
type DutyRow = (column: string) => string | null

const dutyIn =
  (header: CsvHeader, row: CsvRow): DutyRow =>
  (column) =>
    header.cell(row, column) || null

function translateDuty(
  row: DutyRow,
  whole: string,
  ids: Ids,
  rules: HomelessnessRules,
): Translation {
  const read = unread({ format: system, system }, whole, ids)
  const errors = faultsIn(row, rules)
  if (errors.length > 0) return { ...read, outcome: 'rejected', errors }
  const owed = row('duty_owed')
  if (owed === 'none') return { ...read, outcome: 'ignored', reason: 'not-needed' }

  const duty = duties[owed as keyof typeof duties]
  const [authority, caseRef] = [row('la_code') ?? '', row('case_id') ?? '']
  const { needs, unknown } = needsIn(row('support_needs') ?? '')
  const identifiers = numbersIn(row)
  const key = [authority, caseRef, duty]
  const eventAt = (stage: string, date: string | null): Envelope => ({
    eventId: eventIdOf(ids, system, JSON.stringify([...key, stage])),
    version: 1,
    source: { partnership: rules.partnership, agency: 'housing', system },
    ...occurredOn(date ?? ''),
    recordedAt: null,
    receivedAt: 0,
    identifiers: [...identifiers],
    objectRef: `${authority}/${caseRef}/${duty.toLowerCase()}`,
    handling: { holdUntil: null, restricted: false },
  })
  const told = (event: CanonicalEvent): TranslatedEvent => ({
    event,
    identifierHashes: hashesOf(ids, identifiers),
  })
  const about = { authority, caseRef, duty }
  const start = eventAt('owed', row('assessment_date'))
  const events = [
    told({ type: 'HomelessnessDutyOwed', ...start, ...about, supportNeeds: needs }),
    ...endOf(row, about, eventAt).map(told),
  ]
  return {
    ...read,
    outcome: 'published',
    naturalKey: ids.hmac('natural-key', system, ...key),
    contentHash: ids.hmac('content', JSON.stringify(events.map(({ event }) => event))),
    events,
    retells: retelling(events, start, ids),
    ...(unknown && { warnings: [fault('support_needs', 'need-unknown')] }),
  }
}

function endOf(
  row: DutyRow,
  about: { authority: string; caseRef: string; duty: HomelessnessDuty },
  eventAt: (stage: string, date: string | null) => Envelope,
): readonly CanonicalEvent[] {
  const date = row('duty_end_date')
  if (date === null) return []
  const reason = row('duty_end_reason')
  const housed = (reason === null ? undefined : housedBy.get(reason)) ?? null
  return [{ type: 'HomelessnessDutyEnded', ...eventAt('ended', date), ...about, reason, housed }]
}

/** Needs by their published names. One that nobody knows is left out and the row goes on. */
function needsIn(written: string): { readonly needs: string[]; readonly unknown: boolean } {
  const codes = written.split('|').map((code) => code.trim().toLowerCase())
  const named = codes.filter((code) => !noNeeds.has(code))
  const known = named.flatMap((code) => supportNeeds.get(code) ?? [])
  return { needs: [...new Set(known)], unknown: known.length < named.length }
}

/** The case's number, and the person's where it cannot be another one's case. */
function numbersIn(row: DutyRow): readonly Identifier[] {
  const [authority, caseId, personId] = ['la_code', 'case_id', 'lead_person_id'].map(
    (column) => row(column) ?? '',
  ) as [string, string, string]
  const numbers = isToldFrom(personId, caseId) ? [caseId, personId] : [caseId]
  return numbers.map((number) => localNumber('HOUSING_APPLICATION', authority, number))
}

function faultsIn(row: DutyRow, { authorities, now }: HomelessnessRules): readonly RecordFault[] {
  const faults: RecordFault[] = []
  const at = (column: string, rule: string) => faults.push(fault(column, rule))
  const owed = row('duty_owed')
  for (const column of homelessnessLayout.required.slice(0, 5)) {
    if (row(column) === null) at(column, 'required')
  }
  for (const column of ['case_id', 'lead_person_id'] as const) {
    if (!ownNumber.test(row(column) ?? '0')) at(column, 'shape')
  }
  const authority = row('la_code')
  if (authority !== null && !/^E\d{8}$/.test(authority)) at('la_code', 'authority-in-england')
  else if (authority !== null && authorities.length > 0 && !authorities.includes(authority)) {
    at('la_code', 'another-authority')
  }
  if (owed !== null && owed !== 'none' && !Object.hasOwn(duties, owed))
    at('duty_owed', 'not-in-list')
  for (const column of ['application_date', 'assessment_date', 'duty_end_date'] as const) {
    const date = row(column)
    if (date === null) continue
    if (!isDay(date)) at(column, 'day-not-readable')
    else if (date > londonDate(now)) at(column, 'in-future')
  }
  if (faults.length > 0) return faults

  const [applied, assessed] = [row('application_date'), row('assessment_date') ?? '']
  const [ended, reason] = [row('duty_end_date'), row('duty_end_reason')]
  if (applied !== null && assessed < applied) at('assessment_date', 'before-it-began')
  if (ended !== null && ended < assessed) at('duty_end_date', 'before-it-began')
  if (ended === null && reason !== null) at('duty_end_date', 'required')
  if (reason !== null && !listCode.test(reason)) at('duty_end_reason', 'shape')
  return faults
}
