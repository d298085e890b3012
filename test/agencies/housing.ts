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
