import { csvOf } from './csv.ts'
import { wireTime } from './wire-time.ts'

/** A number that another agency knows the person by, where they agreed to give it. */
export interface SharedNumber {
  readonly type: 'NHS' | 'NOMS' | 'CRN'
  readonly value: string
}

/** What housing writes down. Days are London days, `yyyy-mm-dd`; times are milliseconds. */
export type HousingReport = DutyToReferReport | TenancyReport | RoughSleepingReport

export interface DutyToReferReport {
  readonly what: 'duty-to-refer'
  readonly referralId: string
  readonly recordVersion: number
  readonly authority: string
  readonly status: 'SUBMITTED' | 'ACCEPTED' | 'NOT_ACCEPTED' | 'WITHDRAWN'
  readonly submittedOn: string
  /** When the authority decided, or the referral was withdrawn. */
  readonly decidedOn: string | null
  readonly reason: string
  /** False: the person has not agreed to the referral, and it must be refused. */
  readonly agreed: boolean
  readonly numbers: readonly SharedNumber[]
}

export interface TenancyReport {
  readonly what: 'tenancy'
  readonly landlord: string
  readonly tenancyId: string
  /** The landlord's own number of the person. */
  readonly tenantId: string
  readonly startedOn: string
  readonly writtenAt: number
  readonly recordVersion: number
  readonly news: TenancyNews
  readonly numbers: readonly SharedNumber[]
}

export type TenancyNews =
  | { readonly is: 'started'; readonly at: number }
  | { readonly is: 'ended'; readonly on: string; readonly reason: string }
  | { readonly is: 'arrears'; readonly at: number; readonly weeks: number; readonly asAt: string }
  | {
      readonly is: 'notice'
      readonly noticeId: string
      readonly at: number
      readonly servedOn: string
      readonly expiresOn: string
      readonly section: 'section_8' | 'ntq'
    }
  /** An antisocial-behaviour case, which nobody is told of. */
  | { readonly is: 'asb'; readonly openedOn: string }

export interface RoughSleepingReport {
  readonly what: 'rough-sleeping'
  readonly service: string
  readonly contactId: string
  /** The service's own number of the person. */
  readonly clientId: string
  readonly metAt: number
  readonly beddedDown: boolean
  readonly numbers: readonly SharedNumber[]
}

/** A homelessness extract: every duty of an authority so far, a row each. Told whole each time. */
export interface HomelessnessFile {
  readonly what: 'homelessness'
  readonly authority: string
  readonly rows: readonly DutyRow[]
}

export interface DutyRow {
  readonly caseId: string
  readonly personId: string
  readonly assessedOn: string
  readonly duty: 'prevention' | 'relief' | 'main' | 'none'
  readonly needs: readonly string[]
  readonly ended: { readonly on: string; readonly reason: string } | null
  /** A day that cannot be read is written in place of the assessment's: the row must be refused. */
  readonly isBad?: boolean
}

/** The record in the house format, for its door. The same report always gives the same text. */
export function housingRecord(report: HousingReport): object {
  switch (report.what) {
    case 'duty-to-refer':
      return referralRecord(report)
    case 'tenancy':
      return tenancyRecord(report)
    case 'rough-sleeping':
      return {
        meta: { generatedAt: wireTime(report.metAt, 0) },
        roughSleepingContact: {
          contactId: report.contactId,
          service: report.service,
          personId: report.clientId,
          identifiers: report.numbers,
          metAt: wireTime(report.metAt, 0),
          beddedDown: report.beddedDown,
        },
      }
  }
}

export const housingPath = ({ what }: HousingReport): string =>
  `/intake/housing/${what === 'duty-to-refer' ? 'duty-to-refer' : 'tenancies'}`

const outcomeReasons = {
  SUBMITTED: null,
  ACCEPTED: 'PREVENTION_AND_RELIEF_DUTY',
  NOT_ACCEPTED: 'NO_LOCAL_CONNECTION',
  WITHDRAWN: null,
} as const

function referralRecord(report: DutyToReferReport): object {
  const { referralId, recordVersion, authority, status, submittedOn, decidedOn } = report
  const withdrawn = status === 'WITHDRAWN'
  const outcomeReason = outcomeReasons[status]
  return {
    referralId,
    schemaVersion: '1.0',
    recordVersion,
    origin: { statutoryBody: true, bodyType: 'prison', organisation: 'HMP Synthetic' },
    destination: { housingAuthority: authority, country: 'England', chosenByIndividual: true },
    consent: {
      toReferral: report.agreed,
      toShareContactDetails: true,
      recordedAt: `${submittedOn}T00:00:00Z`,
    },
    individual: {
      name: { given: 'Sample', family: 'Specimen' },
      contact: { contactBeforeReleaseVia: 'the resettlement team' },
      identifiers: report.numbers,
    },
    circumstance: { kind: 'threatened_with_homelessness', reason: report.reason },
    lifecycle: {
      status,
      submissionDate: submittedOn,
      ...(outcomeReason === null ? {} : { outcomeReason, decidedOn }),
      ...(withdrawn ? { withdrawalReason: 'HOUSING_NEED_RESOLVED', withdrawnOn: decidedOn } : {}),
    },
  }
}

function tenancyRecord(report: TenancyReport): object {
  const { landlord, tenancyId, tenantId, startedOn, writtenAt, recordVersion, news } = report
  const ended = news.is === 'ended'
  return {
    meta: { profile: 'synthetic-housing-system', generatedAt: wireTime(writtenAt, 0) },
    recordVersion,
    tenancy: {
      tenancyId,
      landlord,
      tenure: 'general_needs',
      startDate: startedOn,
      ...(ended ? { endDate: news.on, endReason: news.reason } : {}),
      tenants: [{ personId: tenantId, isLead: true, identifiers: report.numbers }],
    },
    ...tenancyNews(tenancyId, news),
  }
}

function tenancyNews(tenancyId: string, news: TenancyNews): object {
  switch (news.is) {
    case 'started':
      return { events: [{ type: 'tenancy.started', occurredAt: wireTime(news.at, 0) }] }
    case 'ended':
      return {}
    case 'arrears':
      return {
        rentAccount: {
          accountId: `${tenancyId}-RENT`,
          frequency: 'weekly',
          grossRentPence: 10_000,
          balancePence: -10_000 * news.weeks,
          weeksInArrears: news.weeks,
          asAt: news.asAt,
        },
        events: [
          {
            type: 'tenancy.arrears.threshold-crossed',
            occurredAt: wireTime(news.at, 0),
            thresholdWeeks: news.weeks,
          },
        ],
      }
    case 'notice':
      return {
        possession: {
          noticeId: news.noticeId,
          noticeType: news.section,
          servedOn: news.servedOn,
          earliestProceedings: news.expiresOn,
        },
        events: [{ type: 'tenancy.possession-notice.served', occurredAt: wireTime(news.at, 0) }],
      }
    case 'asb':
      return {
        asbCases: [
          {
            caseId: `${tenancyId}-ASB`,
            role: 'complainant',
            category: 'noise',
            openedOn: news.openedOn,
            status: 'open',
          },
        ],
      }
  }
}

const extractColumns = [
  'case_id',
  'la_code',
  'application_date',
  'lead_person_id',
  'assessment_date',
  'circumstance',
  'duty_owed',
  'support_needs',
  'duty_end_date',
  'duty_end_reason',
]

/** The extract as CSV, one duty a row. */
export const homelessnessCsv = ({ authority, rows }: HomelessnessFile): string =>
  csvOf(
    extractColumns,
    rows.map(({ caseId, personId, assessedOn, duty, needs, ended, isBad }) => [
      caseId,
      authority,
      assessedOn,
      personId,
      isBad === true ? assessedOn.split('-').toReversed().join('/') : assessedOn,
      'homeless',
      duty,
      needs.join('|'),
      ended?.on ?? '',
      ended?.reason ?? '',
    ]),
  )
