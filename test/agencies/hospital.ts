/** What a trust's system writes down of one patient event, before it is a message. Times are milliseconds. */
export interface AdtReport {
  readonly trigger: AdtTrigger
  /** MSH-10. */
  readonly controlId: string
  /** When the message is sent (to the second), and when it happened (to the minute). */
  readonly sentAt: number
  readonly at: number
  /** ODS code of the trust that sends. */
  readonly trust: string
  /** `traced` is the tracing status: only a traced number names anybody. */
  readonly nhs: { readonly value: string; readonly traced: boolean } | null
  /** The patient's number at a trust, which need not be the one that sends. */
  readonly mrn: { readonly value: string; readonly trust: string } | null
  readonly visit: AdtVisit | null
  /** Diagnoses as coded so far; `final` when coding is complete. Null: none are sent. */
  readonly coded: { readonly codes: readonly DiagnosisCode[]; readonly final: boolean } | null
  readonly score: { readonly auditC: number; readonly takenAt: number } | null
  readonly referral: { readonly to: Referral; readonly at: number } | null
  /** `true` reports a death, `false` takes a report back, null says nothing. */
  readonly died: boolean | null
  /** The patient's number before a merge (A40). */
  readonly merges: string | null
}

export type AdtTrigger =
  `A${'01' | '02' | '03' | '04' | '05' | '08' | '11' | '12' | '13' | '28' | '31' | '38' | '40' | '47'}`

/** A&E, or a stay on a ward. */
export interface AdtVisit {
  readonly kind: 'attendance' | 'spell'
  readonly ref: string
  readonly startedAt: number
  readonly endedAt: number | null
  /** A stay: how and whence they were admitted, and the attendance it came from. */
  readonly method: string | null
  readonly from: string | null
  readonly attendanceRef: string | null
  /** A&E: how they came. */
  readonly arrivalMode: string | null
  /** Where they went: destination of a stay, disposal of an attendance. */
  readonly leftFor: string | null
  /** The pseudo-postcode of no fixed abode is given. */
  readonly noFixedAbode: boolean
}

/** ICD-10. */
export type DiagnosisCode = 'T40.1' | 'T40.2' | 'F10.0' | 'F10.3' | 'F11.2' | 'R07.4' | 'J18.9'

export type Referral = 'alcohol-treatment' | 'drug-and-alcohol-team'
