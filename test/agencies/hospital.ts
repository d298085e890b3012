import { hl7Time } from './wire-time.ts'

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

const titles: Readonly<Record<DiagnosisCode, string>> = {
  'T40.1': 'Poisoning by heroin',
  'T40.2': 'Poisoning by other opioids',
  'F10.0': 'Acute intoxication due to use of alcohol',
  'F10.3': 'Alcohol withdrawal state',
  'F11.2': 'Opioid dependence syndrome',
  'R07.4': 'Chest pain',
  'J18.9': 'Pneumonia',
}

const referrals: Readonly<Record<Referral, string>> = {
  'alcohol-treatment': '431260004^Referral to specialist alcohol treatment service^SCT',
  'drug-and-alcohol-team': '417096006^Referral to community drug and alcohol team^SCT',
}

/** The message in ER7, as an ITK sender writes it: London wall time, to the minute but for its own header. */
export function adtMessage(report: AdtReport): string {
  const { trigger, trust, controlId, sentAt, at, visit } = report
  const structure = trigger === 'A03' ? 'A03' : trigger === 'A40' ? 'A39' : 'A01'
  const lines = [
    `MSH|^~\\&|PAS|${trust}|ROUTE|ROUTE|${hl7Time(sentAt, 14)}||ADT^${trigger}^ADT_${structure}|${controlId}|P|2.4|||||GBR|UNICODE|EN||ITKv1.0`,
    segment('EVN', { 2: hl7Time(at, 12), 6: hl7Time(at, 12) }),
    patient(report),
    ...(report.merges === null ? [] : [segment('MRG', { 1: `${report.merges}^^^${trust}` })]),
    ...(visit === null ? [] : [visitSegment(report, visit)]),
    ...(visit?.arrivalMode ? [segment('PV2', { 38: visit.arrivalMode })] : []),
    ...observations(report),
    ...diagnoses(report),
    ...(report.coded?.final ? [segment('ZU1', { 3: 'C' })] : []),
  ]
  return `${lines.join('\r')}\r`
}

function patient({ nhs, mrn, died, at, visit }: AdtReport): string {
  const numbers = [
    ...(nhs === null ? [] : [`${nhs.value}^^^NHS`]),
    ...(mrn === null ? [] : [`${mrn.value}^^^${mrn.trust}`]),
  ]
  const postcode = visit?.noFixedAbode ? 'ZZ99 3VZ' : 'ZZ9 9ZZ'
  return segment('PID', {
    1: '1',
    3: numbers.join('~'),
    5: 'SPECIMEN^Sample^^^Mx^^L',
    7: '19800101',
    8: '9',
    11: `2 TEST STREET^^TESTHAM^^${postcode}^GBR^H`,
    ...(died === null ? {} : { 29: died ? hl7Time(at, 12) : '""', 30: died ? 'Y' : '""' }),
    ...(nhs === null ? {} : { 32: nhs.traced ? 'NSTS01' : 'NSTS02' }),
  })
}

function visitSegment({ trust }: AdtReport, visit: AdtVisit): string {
  const inA = visit.kind === 'attendance'
  return segment('PV1', {
    1: '1',
    2: inA ? 'E' : 'I',
    3: inA ? `ED^MAJORS^3^${trust}01` : `AMU^AMU1^BAY2-6^${trust}01`,
    4: visit.method ?? '',
    14: visit.from ?? '',
    19: `${visit.ref}^^^${trust}${inA ? 'ED' : 'SPELL'}`,
    [inA ? 36 : 37]: visit.leftFor ?? '',
    44: hl7Time(visit.startedAt, 12),
    45: visit.endedAt === null ? '' : hl7Time(visit.endedAt, 12),
    50: visit.attendanceRef === null ? '' : `${visit.attendanceRef}^^^${trust}ED`,
  })
}

const diagnoses = ({ coded }: AdtReport): readonly string[] =>
  (coded?.codes ?? []).map((code, i) =>
    segment('DG1', {
      1: String(i + 1),
      3: `${code}^${titles[code]}^I10`,
      6: coded?.final ? 'F' : 'W',
      15: String(i + 1),
    }),
  )

function observations({ score, referral }: AdtReport): readonly string[] {
  const auditC = '763256006^Alcohol Use Disorders Identification Test - Consumption score^SCT'
  return [
    ...(score === null
      ? []
      : [
          segment('OBX', {
            2: 'NM',
            3: auditC,
            5: String(score.auditC),
            11: 'F',
            14: hl7Time(score.takenAt, 12),
          }),
        ]),
    ...(referral === null
      ? []
      : [
          segment('OBX', {
            2: 'CE',
            3: 'ACTREF^Referral out^RZZLOCAL',
            5: referrals[referral.to],
            11: 'F',
            14: hl7Time(referral.at, 12),
          }),
        ]),
  ]
}

/** A segment from its fields by number; those in between are empty. */
function segment(name: string, fields: Readonly<Record<number, string>>): string {
  const last = Math.max(...Object.keys(fields).map(Number))
  return [name, ...Array.from({ length: last }, (_, i) => fields[i + 1] ?? '')].join('|')
}
