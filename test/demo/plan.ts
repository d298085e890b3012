import type { HearingReport } from '../agencies/court.ts'
import type { AdtReport } from '../agencies/hospital.ts'
import type { HomelessnessFile, HousingReport } from '../agencies/housing.ts'
import type { CustodyRecord } from '../agencies/police.ts'
import type { MovementReport, Noise } from '../agencies/prison.ts'
import type { ProbationReport } from '../agencies/probation.ts'
import type { ContactReport, NdtmsFile, SecureFile } from '../agencies/treatment.ts'
import type { Person } from '../people/people.ts'

/** Everything that will be done to the hub, in time order. Times are milliseconds. */
export interface Plan {
  readonly people: readonly Person[]
  readonly start: number
  readonly end: number
  readonly entries: readonly Entry[]
  /** When every inbox is read and compared with the truth. The last one is `end`. */
  readonly checks: readonly number[]
}

/** One request, or several where somebody acts on all they find. `person` is a `ref`; of a file, who sends it. */
export type Entry = { readonly at: number; readonly person: string } & Deed

export type Deed =
  /** `copies` are sent at once; a copy in a notification has its own MessageId. */
  | {
      readonly kind: 'movement'
      readonly report: MovementReport
      readonly wrapped: boolean
      readonly copies: number
    }
  | {
      readonly kind: 'noise'
      readonly noise: Noise
      readonly noms: string
      readonly wrapped: boolean
    }
  | { readonly kind: 'police'; readonly record: CustodyRecord }
  | (Sent & {
      readonly kind: 'probation'
      readonly report: ProbationReport
      readonly wrapped: boolean
    })
  | (Sent & { readonly kind: 'court'; readonly report: HearingReport })
  | (Sent & {
      readonly kind: 'hospital'
      readonly report: AdtReport
      readonly over: 'mllp' | 'http'
    })
  | (Sent & { readonly kind: 'housing'; readonly report: HousingReport })
  | (Sent & { readonly kind: 'treatment'; readonly report: ContactReport })
  /** Everything that one sender has to say, told again. */
  | { readonly kind: 'file'; readonly file: AgencyFile }
  | { readonly kind: 'consent'; readonly terms: Terms }
  | { readonly kind: 'withdrawal' }
  | {
      readonly kind: 'assignment'
      readonly practitionerId: string
      readonly relation: 'lead' | 'deputy'
    }
  /** The practitioner looks at what is open for them about this person, and does this to all of it. */
  | { readonly kind: 'act'; readonly by: string; readonly act: Act }

interface Sent {
  /** What must become of it: `published`, or why not, such as `ignored/not-needed`. */
  readonly expects: string
  /** Times the same is sent, one after the other; only the first counts. */
  readonly copies: number
}

export type AgencyFile = NdtmsFile | SecureFile | HomelessnessFile

export type Act = 'acknowledge' | 'seen' | 'spoken' | 'tried'

/** What the person agrees to, complete each time. */
export interface Terms {
  readonly identifiers: readonly {
    readonly type:
      | 'NOMS'
      | 'NHS'
      | 'PNC'
      | 'CRO'
      | 'CRN'
      | 'MRN'
      | 'NDTMS'
      | 'TENANCY'
      | 'HOUSING_APPLICATION'
    readonly value: string
    /** Whose number it is, of those that are unique within one organisation only. */
    readonly issuer?: string
  }[]
  readonly lead: string
  readonly deputies: readonly string[]
  readonly team: readonly string[]
  readonly grants: readonly Grant[]
}

/** The same words as the register's own, written again: this is the test's understanding of them. */
export interface Grant {
  readonly purpose: 'care-coordination' | 'outcomes'
  readonly sources: readonly string[]
  readonly recipients: readonly { readonly organisation: string; readonly role: string }[]
  readonly categories: readonly string[]
  readonly tier: 'involvement' | 'headline' | 'detail'
  readonly from: number
  readonly until: number
  readonly lookBackDays: number
}
