import type {
  DutyToReferReport,
  HousingReport,
  RoughSleepingReport,
  SharedNumber,
  TenancyReport,
} from '../agencies/housing.ts'
import {
  type Facts,
  type Happening,
  happeningOf,
  notTold,
  numberText,
  published,
  type Read,
  readOnce,
  type Telling,
} from './happening.ts'
import { clockTime, dateIn, startOfDay } from './london.ts'

/** From how many weeks of rent owed a crossing is told. */
const arrearsWeeks = 8

/** What referrals, landlords and outreach workers say. */
export const housingReading = () =>
  readOnce((report: HousingReport, receivedAt: number): Read => {
    switch (report.what) {
      case 'duty-to-refer':
        return report.agreed ? published(referral(report, receivedAt)) : notTold('rejected')
      case 'tenancy':
        return tenancy(report, receivedAt)
      case 'rough-sleeping':
        return report.beddedDown
          ? published(contact(report, receivedAt))
          : notTold('ignored/not-sleeping-rough')
    }
  })

/** What was made, and what became of it: two events of one referral; nothing stands above a withdrawal. */
function referral(report: DutyToReferReport, receivedAt: number): Happening {
  const { authority, referralId, status, recordVersion, submittedOn, decidedOn } = report
  const made = status === 'SUBMITTED'
  return told(report.numbers, receivedAt, {
    key: `duty-to-refer ${authority} ${referralId} ${made ? 'made' : 'decided'}`,
    version: recordVersion + (status === 'WITHDRAWN' ? 10_000 : 0),
    ...onDay(made ? submittedOn : (decidedOn ?? submittedOn)),
    own: [numberText('HOUSING_APPLICATION', referralId, authority)],
    object: ['duty-to-refer', `${authority}/${referralId}`],
    facts: referralFacts(report),
  })
}

function referralFacts(report: DutyToReferReport): Facts & Telling['facts'] {
  const { authority, referralId: referralRef, status, submittedOn, reason } = report
  const which = { authority, referralRef }
  if (status === 'SUBMITTED') return { type: 'DutyToReferMade', ...which, reason }
  return {
    type: 'DutyToReferDecided',
    ...which,
    decision: status === 'NOT_ACCEPTED' ? 'DECLINED' : status,
    // The day exactly 26 weeks later still counts.
    activeUntil: status === 'ACCEPTED' ? clockTime(submittedOn, '00:00', 26 * 7 + 1) : null,
  }
}

function tenancy(report: TenancyReport, receivedAt: number): Read {
  const { news, landlord } = report
  if (news.is === 'asb') return notTold('ignored/restricted')
  if (news.is === 'arrears' && news.weeks < arrearsWeeks) return notTold('ignored/below-threshold')
  return published(
    told(report.numbers, receivedAt, {
      version: report.recordVersion,
      ...tenancySaid(report, news),
      own: [report.tenancyId, report.tenantId].map((one) => numberText('TENANCY', one, landlord)),
    }),
  )
}

type Told = Pick<Telling, 'key' | 'occurredAt' | 'precision' | 'facts' | 'object'>

function tenancySaid(
  { landlord, tenancyId }: TenancyReport,
  news: Exclude<TenancyReport['news'], { is: 'asb' }>,
): Told {
  const object = (ref: string) => ['tenancies', `${landlord}/${ref}`] as const
  const key = (what: string, ref: string) => `${what} ${landlord} ${ref}`
  switch (news.is) {
    case 'started':
      return {
        key: key('started', tenancyId),
        ...atSecond(news.at),
        object: object(tenancyId),
        facts: {
          type: 'TenancyStarted',
          landlord,
          kind: 'general_needs',
          previousHome: null,
          reasonLeft: null,
        },
      }
    case 'ended':
      return {
        key: key('ended', tenancyId),
        ...onDay(news.on),
        object: object(tenancyId),
        facts: { type: 'TenancyEnded', landlord, reason: news.reason },
      }
    case 'arrears':
      return {
        key: key('arrears', `${tenancyId}-RENT ${dateIn(news.at)}`),
        ...atSecond(news.at),
        object: object(`${tenancyId}-RENT`),
        facts: { type: 'ArrearsThresholdCrossed', landlord, weeksOwed: news.weeks },
      }
    case 'notice':
      return {
        key: key('notice', news.noticeId),
        ...atSecond(news.at),
        object: object(news.noticeId),
        facts: {
          type: 'PossessionNoticeServed',
          landlord,
          section: news.section,
          expiresOn: news.expiresOn,
        },
      }
  }
}

const contact = (report: RoughSleepingReport, receivedAt: number): Happening =>
  told(report.numbers, receivedAt, {
    key: `contact ${report.service} ${report.contactId}`,
    version: 1,
    ...atSecond(report.metAt),
    own: [numberText('HOUSING_APPLICATION', report.clientId, report.service)],
    object: ['outreach', `${report.service}/${report.contactId}`],
    facts: { type: 'RoughSleepingContact', service: report.service },
  })

function told(
  numbers: readonly SharedNumber[],
  receivedAt: number,
  { own, ...said }: Told & { readonly version: number; readonly own: readonly string[] },
): Happening {
  const shared = numbers.map(({ type, value }) => numberText(type, value))
  return happeningOf({ ...said, agency: 'housing', receivedAt, identifiers: [...own, ...shared] })
}

const onDay = (date: string) => ({ occurredAt: startOfDay(date), precision: 'DAY' }) as const
const atSecond = (at: number) =>
  ({ occurredAt: Math.floor(at / 1000) * 1000, precision: 'INSTANT' }) as const
