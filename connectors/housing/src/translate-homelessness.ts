import {
  type Envelope,
  eventIdOf,
  type Identifier,
  type Ids,
  londonDate,
} from '@throughline/domain'
import type { CsvHeader, CsvRow, RecordFault, Said } from '@throughline/intake'
import { fault } from './advice.ts'
import { duties, homelessnessLayout, housedBy, noNeeds, supportNeeds } from './homelessness.ts'
import type { Reading } from './reading.ts'
import { isDay, isToldFrom, listCode, localNumber, occurredOn, ownNumber } from './words.ts'

export interface HomelessnessRules {
  readonly partnership: string
  /** Whose people the sender answers for; empty for any English authority. */
  readonly authorities: readonly string[]
  /** The register's clock. */
  readonly now: number
}

const system = 'homelessness'

/** Rows of a homelessness extract, each as what it says of one duty of one case. Pure. */
export const readHomelessness = (
  header: CsvHeader,
  rows: readonly CsvRow[],
  ids: Ids,
  rules: HomelessnessRules,
): readonly Reading[] => rows.map((row) => readDuty(dutyIn(header, row), ids, rules))

/** A row's cells by name; blank is not there. */
type DutyRow = (column: string) => string | null

const dutyIn =
  (header: CsvHeader, row: CsvRow): DutyRow =>
  (column) =>
    header.cell(row, column) || null

function readDuty(row: DutyRow, ids: Ids, rules: HomelessnessRules): Reading {
  const rejected = faultsIn(row, rules)
  if (rejected.length > 0) return { rejected }
  const key = ['la_code', 'case_id', 'duty_owed'].map((column) => row(column) ?? '')
  const read = homelessnessLayout.required.map(row)
  const { needs, unknown } = needsIn(row('support_needs') ?? '')
  const thing = {
    key: ids.hmac('thing', system, ...key),
    rows: [ids.hmac('row', system, JSON.stringify(read))],
    says: () => dutyOf(row, needs, ids, rules.partnership),
  }
  return { thing, warnings: unknown ? [fault('support_needs', 'need-unknown')] : [] }
}

/** That a duty is owed, and that it has ended or not. Where none is owed there is nothing to tell. */
function dutyOf(row: DutyRow, needs: string[], ids: Ids, partnership: string): Said {
  const [authority, caseRef, owed] = [row('la_code') ?? '', row('case_id') ?? '', row('duty_owed')]
  const objectRef = `${authority}/${caseRef}/${owed}`
  const identifiers = numbersIn(row)
  const said = { identifiers, objectRef, rowKeys: [ids.hmac('row-key', system, objectRef)] }
  if (owed === 'none') return { ...said, facts: [] }

  const about = { authority, caseRef, duty: duties[owed as keyof typeof duties] }
  const envelopeOf = (stage: string, date: string): Envelope => ({
    eventId: eventIdOf(ids, system, JSON.stringify([authority, caseRef, owed, stage])),
    version: 1,
    source: { partnership, agency: 'housing', system },
    ...occurredOn(date),
    recordedAt: null,
    receivedAt: 0,
    identifiers: [...identifiers],
    objectRef,
    handling: { holdUntil: null, restricted: false },
  })
  const start = envelopeOf('owed', row('assessment_date') ?? '')
  const endedOn = row('duty_end_date')
  const end = envelopeOf('ended', endedOn ?? row('assessment_date') ?? '')
  const reason = row('duty_end_reason')
  const housed = (reason === null ? undefined : housedBy.get(reason)) ?? null
  return {
    ...said,
    facts: [
      {
        type: 'HomelessnessDutyOwed',
        eventId: start.eventId,
        event: { type: 'HomelessnessDutyOwed', ...start, ...about, supportNeeds: needs },
      },
      {
        type: 'HomelessnessDutyEnded',
        eventId: end.eventId,
        event:
          endedOn === null
            ? null
            : { type: 'HomelessnessDutyEnded', ...end, ...about, reason, housed },
      },
    ],
  }
}

/** Needs by their published names. One that nobody knows is left out and the row goes on. */
function needsIn(written: string): { readonly needs: string[]; readonly unknown: boolean } {
  const codes = written.split('|').map((code) => code.trim().toLowerCase())
  const named = codes.filter((code) => !noNeeds.has(code))
  const known = named.flatMap((code) => supportNeeds.get(code) ?? [])
  return { needs: [...new Set(known)], unknown: known.length < named.length }
}

/**
 * The person's number where it cannot be another one's case, and the case's. The person's comes first, so
 * that what a household passes through stays in order from case to case.
 */
function numbersIn(row: DutyRow): readonly Identifier[] {
  const [authority, caseId, personId] = ['la_code', 'case_id', 'lead_person_id'].map(
    (column) => row(column) ?? '',
  ) as [string, string, string]
  const numbers = isToldFrom(personId, caseId) ? [personId, caseId] : [caseId]
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
