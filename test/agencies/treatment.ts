/** A contact, missed doses or naloxone as a treatment service reports it. Times are milliseconds. */
export interface ContactReport {
  readonly provider: string
  /** The service's own number of the record; a higher version corrects it. */
  readonly recordReference: string
  readonly recordVersion: number
  readonly episode: string | null
  readonly at: number
  readonly numbers: readonly {
    readonly type: 'NHS' | 'NDTMS' | 'NOMS'
    readonly value: string
  }[]
  readonly restricted: boolean
  readonly news:
    | { readonly is: 'contact'; readonly attended: boolean }
    | { readonly is: 'doses-missed'; readonly days: number; readonly pharmacy: boolean }
    | { readonly is: 'naloxone'; readonly form: 'NASAL' | 'INJECTABLE' }
}

/** A service's monthly NDTMS file: everything it has to say, told again each time. Days are London days. */
export interface NdtmsFile {
  readonly what: 'ndtms'
  readonly provider: string
  /** The first and last day it covers, and the letter of its data set. */
  readonly from: string
  readonly to: string
  readonly dataSet: 'P'
  readonly rows: readonly NdtmsRow[]
}

/** One episode, with at most one intervention and one review beside it; or somebody who refused to be reported. */
export type NdtmsRow =
  | {
      readonly is: 'episode'
      readonly client: string
      readonly episode: string
      readonly person: { readonly initials: string; readonly born: string; readonly sex: 'M' | 'F' }
      readonly referredOn: string
      readonly triagedOn: string
      readonly area: string
      readonly substances: readonly string[]
      readonly referralSource: string
      readonly ended: { readonly on: string; readonly reason: string } | null
      readonly intervention: NdtmsIntervention | null
      readonly review: NdtmsReview | null
      /** What is wrong with the row, so that it must be refused. */
      readonly mistake?: 'triage-before-referral' | 'no-substance' | 'date-not-readable'
    }
  | { readonly is: 'refusal'; readonly client: string }

export interface NdtmsIntervention {
  readonly ref: string
  /** 94 psychosocial, 95 pharmacological, 96 recovery support. */
  readonly kind: '94' | '95' | '96'
  readonly startedOn: string
  readonly endedOn: string | null
}

export interface NdtmsReview {
  readonly ref: string
  readonly on: string
  readonly stage: 'S' | 'R' | 'E'
  readonly housingProblem: boolean | null
  readonly daysInWork: number | null
}

/** The secure-setting extract: who left treatment in one prison, told again each time. */
export interface SecureFile {
  readonly what: 'secure-setting'
  /** The establishment that the file is of. */
  readonly prison: string
  readonly rows: readonly SecureRow[]
}

export interface SecureRow {
  readonly noms: string
  readonly receivedOn: string
  readonly drugs: readonly string[]
  readonly reason: 'not-in-custody' | 'in-custody' | 'completed' | 'dropped-out'
  readonly left: {
    readonly on: string
    readonly how: 'Released' | 'Transferred to another prison'
    readonly area: string
  }
  /** A prison number that cannot be one: the row must be refused. */
  readonly isBad?: boolean
}
