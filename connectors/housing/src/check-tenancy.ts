import { londonDate } from '@throughline/domain'
import { instantMs, type RecordFault } from '@throughline/intake'
import { fault } from './advice.ts'
import type { TenancyRecord } from './tenancy.ts'

/** What cannot be right in a tenancy record, whose shape has been read. `now` is the register's clock. */
export function tenancyFaults(record: TenancyRecord, now: number): readonly RecordFault[] {
  return [...happeningFaults(record, now), ...accountFaults(record, now), ...dayFaults(record, now)]
}

/** What looks wrong and is passed on all the same: a home may be at stake. */
export function warningsOf({ possession }: TenancyRecord): readonly RecordFault[] {
  const isLate =
    possession?.noticeType === 'section_21_legacy' && possession.servedOn > '2026-04-30'
  return isLate ? [fault('possession.noticeType', 'section-21-after-april-2026')] : []
}

type RentAccount = NonNullable<TenancyRecord['rentAccount']>

/** Weeks of rent owed, as the landlord says or by the balance. A month is 52 weeks by 12. */
export function weeksOwed({
  weeksInArrears,
  balancePence,
  grossRentPence,
  frequency,
}: RentAccount): number {
  if (weeksInArrears !== undefined) return weeksInArrears
  return balancePence >= 0 ? 0 : (-balancePence / grossRentPence) * weeksOf[frequency]
}

const weeksOf = { weekly: 1, fortnightly: 2, four_weekly: 4, monthly: 52 / 12 } as const
const aheadMsMax = 24 * 3_600_000

/** Each happening needs the part of the record that carries its facts. */
function happeningFaults({ events, ...record }: TenancyRecord, now: number): RecordFault[] {
  const faults: RecordFault[] = []
  events.forEach(({ type, occurredAt }, at) => {
    const when = instantMs(occurredAt) ?? 0
    const path = `events.${at}.occurredAt`
    if (when > now + aheadMsMax) faults.push(fault(path, 'in-future'))
    if (type === 'tenancy.arrears.threshold-crossed' && record.rentAccount === undefined) {
      faults.push(fault('rentAccount', 'required'))
    }
    if (type === 'tenancy.ended' && !record.tenancy.endDate) {
      faults.push(fault('tenancy.endDate', 'required'))
    }
    if (type !== 'tenancy.possession-notice.served') return
    if (!record.possession) faults.push(fault('possession', 'required'))
    else if (londonDate(when) !== record.possession.servedOn) {
      faults.push(fault(path, 'not-the-day-served'))
    }
  })
  return faults
}

function accountFaults({ rentAccount }: TenancyRecord, now: number): RecordFault[] {
  if (rentAccount === undefined) return []
  const faults: RecordFault[] = []
  const { balancePence, weeksInArrears = 0, asAt } = rentAccount
  if (weeksInArrears > 0 && balancePence >= 0) {
    faults.push(fault('rentAccount.balancePence', 'owed-is-negative'))
  }
  if (asAt > londonDate(now)) faults.push(fault('rentAccount.asAt', 'in-future'))
  return faults
}

function dayFaults({ tenancy, possession, events }: TenancyRecord, now: number): RecordFault[] {
  const faults: RecordFault[] = []
  const today = londonDate(now)
  const { startDate, endDate } = tenancy
  if (endDate && endDate < startDate) faults.push(fault('tenancy.endDate', 'before-it-began'))
  if (endDate && endDate > today && events.some(({ type }) => type === 'tenancy.ended')) {
    faults.push(fault('tenancy.endDate', 'in-future'))
  }
  if (!possession) return faults
  const { servedOn, earliestProceedings } = possession
  if (servedOn > today) faults.push(fault('possession.servedOn', 'in-future'))
  if (earliestProceedings && earliestProceedings < servedOn) {
    faults.push(fault('possession.earliestProceedings', 'before-served'))
  }
  return faults
}
