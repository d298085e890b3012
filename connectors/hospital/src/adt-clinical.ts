import type { Classification, Ids } from '@throughline/domain'
import { type AdtSegments, textOf } from './adt-segments.ts'
import { readHl7Time, type When } from './adt-times.ts'
import { lookUp } from './adt-visit.ts'
import { type Coding, classify, isOnScale, isSnomed, withText } from './classification/classify.ts'
import { loinc, snomed } from './classification/snomed.ts'
import { type Hl7Field, type Hl7Segment, isNull } from './hl7/message.ts'
import type { SenderProfile } from './profiles.ts'
import {
  type Codes,
  type Draft,
  isReferral,
  referralWithdrawn,
  referred,
  scored,
  scoreWithdrawn,
  type Visit,
} from './visit-events.ts'

export interface Diagnoses extends Codes {
  readonly removed: readonly Classification[]
  /** Coding is complete: what is not in the list any more does not hold. */
  readonly final: boolean
}

const final = new Set(['F', 'FINAL'])

/**
 * The diagnoses that our lists hold; all others stay here. Working codes count as they stand, because coding is done
 * weeks after discharge (section 5, the timing trap). Where no code says anything the admission text may.
 */
export function diagnosesIn(segments: AdtSegments, { possibleCodes }: SenderProfile): Diagnoses {
  const list: Classification[] = []
  const removed: Classification[] = []
  let confidential = false
  let isFinal = textOf(segments.ZU1, 3).toUpperCase() === 'C'
  for (const DG1 of segments.DG1) {
    const found = classify(codingsIn(DG1), textOf(DG1, 15) === '1', possibleCodes)
    if (textOf(DG1, 18).toUpperCase() === 'Y') confidential = true
    if (final.has(textOf(DG1, 6).toUpperCase())) isFinal = true
    if (found !== undefined) (textOf(DG1, 21) === 'D' ? removed : list).push(found)
  }
  const codes = withText(list, reasonText(segments.PV2))
  return { list: codes, removed, final: isFinal, confidential }
}

const reasonText = (PV2: Hl7Segment | undefined): string => {
  if (PV2 === undefined || PV2.field(3) === '') return ''
  const reason = PV2.repetitions(3)[0]
  return reason === undefined ? '' : `${reason.component(1)} ${reason.component(2)}`
}

function codingsIn(DG1: Hl7Segment): readonly Coding[] {
  if (DG1.field(3) === '') return []
  const codings: Coding[] = []
  for (const field of DG1.repetitions(3)) {
    codings.push(...codingsOf(field, DG1))
    if (codings.length > codingsMax) break
  }
  return codings
}

const codingsMax = 10

/** The code and its alternate. Before 2.4 the coding system of a diagnosis stood in DG1-2, beside a bare code. */
function codingsOf(field: Hl7Field, DG1?: Hl7Segment): readonly Coding[] {
  const first = { code: field.component(1), system: field.component(3) || textOf(DG1, 2) }
  const alternate = field.component(4)
  return alternate === '' ? [first] : [first, { code: alternate, system: field.component(6) }]
}

/** Scores and referrals among the observations, each once; what else an OBX holds stays here. */
export function observationsIn(
  { OBX }: AdtSegments,
  visit: Visit,
  profile: SenderProfile,
  ids: Ids,
): readonly Draft[] {
  const drafts: Draft[] = []
  for (const segment of OBX) {
    const draft = observationIn(segment, visit, profile, ids)
    if (draft !== undefined) drafts.push(draft)
    if (drafts.length === observationsMax) break
  }
  return drafts
}

const observationsMax = 20

function observationIn(
  OBX: Hl7Segment,
  visit: Visit,
  profile: SenderProfile,
  ids: Ids,
): Draft | undefined {
  const status = textOf(OBX, 11).toUpperCase()
  // Deleted, or filed under the wrong patient; pending and missing results say nothing yet.
  const withdrawn = status === 'D' || status === 'W'
  if (!withdrawn && status !== '' && !'FCPRSU'.includes(status)) return undefined
  const taken = takenAt(OBX, profile.ignoreOffset)
  const instrument = instrumentIn(OBX, profile)
  if (instrument !== undefined) {
    if (withdrawn) return scoreWithdrawn(visit, { instrument, ...taken }, profile, ids)
    const score = scoreIn(textOf(OBX, 5))
    if (score === undefined || !isOnScale(instrument, score)) return undefined
    return scored(visit, { instrument, score, ...taken })
  }
  const code = referralIn(OBX)
  if (code === undefined) return undefined
  if (withdrawn) return referralWithdrawn(visit, { code, ...taken }, profile, ids)
  return referred(visit, { code, ...taken }, profile)
}

function takenAt(OBX: Hl7Segment, ignoreOffset: boolean): { takenText: string; when?: When } {
  const takenText = textOf(OBX, 14)
  const when = takenText === '' ? undefined : readHl7Time(takenText, ignoreOffset)
  return when === undefined ? { takenText: '' } : { takenText: instantKey(when), when }
}

/** The same minute in one text, so that HL7 and FHIR name one score alike. */
export const instantKey = ({ at }: When): string => String(Math.floor(at / 60_000))

const loincNames: ReadonlySet<string> = new Set(['LN', 'LOINC'])

export function instrumentOf({ code, system }: Coding): 'AUDIT_C' | 'AUDIT' | undefined {
  if (isSnomed(system)) {
    if (code === snomed.auditC) return 'AUDIT_C'
    return code === snomed.audit ? 'AUDIT' : undefined
  }
  const isLoinc = system === 'http://loinc.org' || loincNames.has(system.trim().toUpperCase())
  return isLoinc && code === loinc.auditC ? 'AUDIT_C' : undefined
}

function instrumentIn(
  OBX: Hl7Segment,
  { alcoholScores }: SenderProfile,
): 'AUDIT_C' | 'AUDIT' | undefined {
  const field = OBX.field(3) === '' ? undefined : OBX.repetitions(3)[0]
  if (field === undefined) return undefined
  for (const coding of codingsOf(field)) {
    const found = lookUp(alcoholScores, coding.code) ?? instrumentOf(coding)
    if (found !== undefined) return found
  }
  return undefined
}

const scoreIn = (text: string): number | undefined =>
  /^\d{1,2}(?:\.0+)?$/.test(text) ? Number(text) : undefined

function referralIn(OBX: Hl7Segment): string | undefined {
  if (OBX.field(5) === '' || isNull(OBX.field(5))) return undefined
  if (!codedTypes.has(textOf(OBX, 2))) return undefined
  const field = OBX.repetitions(5)[0]
  if (field === undefined) return undefined
  const found = codingsOf(field).find(({ code, system }) => isSnomed(system) && isReferral(code))
  return found?.code
}

/** Documents and pictures in OBX-5 are never looked into. */
const codedTypes: ReadonlySet<string> = new Set(['CE', 'CWE', 'CNE', 'CF'])
