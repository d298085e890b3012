import { flag, idText, type JsonObject, list, part, text } from '@throughline/intake'
import { z } from 'zod'

/**
 * Court messages, read tolerantly and sparingly: names, addresses, birth dates, offences and pleas are not
 * read at all (formats/justice.md, sections 9.1 to 9.4).
 */

const result = {
  judicialResultId: idText,
  judicialResultTypeId: idText,
  orderedHearingId: idText,
  label: text,
  resultText: text,
  cjsCode: idText,
  orderedDate: text,
  isDeleted: flag,
  judicialResultPrompts: list({ label: text, promptReference: text, value: text }),
  durationElement: part({ primaryDurationUnit: text, primaryDurationValue: idText }),
}
const judicialResult = z.object(result)
export type JudicialResult = z.output<typeof judicialResult>

const offences = list({ id: idText, judicialResults: list(result) })
const sittingDays = list({ sittingDay: text })
const courtCentre = part({ code: text })

const hearing = z.object({
  id: idText,
  courtCentre,
  hearingDays: sittingDays,
  prosecutionCases: list({
    defendants: list({
      id: idText,
      masterDefendantId: idText,
      pncId: idText,
      croNumber: idText,
      offences,
    }),
  }),
})
export type Hearing = z.output<typeof hearing>

/** One defendant's results, as HMCTS tells the police. Its own id is the hearing's. */
const policeResult = z.object({
  id: idText,
  caseId: idText,
  sessionDays: sittingDays,
  courtCentreWithLJA: part({ courtCentre }),
  defendant: z.object({
    defendantId: idText,
    id: idText,
    masterDefendantId: idText,
    pncId: idText,
    croNumber: idText,
    offences,
  }),
})
export type PoliceResult = z.output<typeof policeResult>

/** What a court message is, by its members. */
export type CourtMessage =
  | { readonly kind: 'hearing'; readonly hearing: Hearing; readonly unknownMembers: number }
  | { readonly kind: 'deletion'; readonly hearingId: string | undefined }
  | { readonly kind: 'police-result'; readonly told: PoliceResult }
  | { readonly kind: 'result'; readonly result: JudicialResult }
  | { readonly kind: 'libra' | 'leds' }
  | { readonly kind: 'attributes' }

/** Reads a court message by its shape; undefined for a shape nobody knows. */
export function readCourtMessage(object: JsonObject): CourtMessage | undefined {
  const wrapped = object['hearing']
  if (isObject(wrapped)) {
    const unknown = [
      ...Object.keys(object).filter((name) => name !== 'hearing'),
      ...Object.keys(wrapped).filter((name) => !hearingMembers.has(name)),
    ]
    return { kind: 'hearing', hearing: hearing.parse(wrapped), unknownMembers: unknown.length }
  }
  // Libra's cases have a hearing id too.
  if ('caseNo' in object && 'courtCode' in object) return { kind: 'libra' }
  if (Array.isArray(object['disposals']) && ('asn' in object || 'longPersonUrn' in object)) {
    return { kind: 'leds' }
  }
  if (isObject(object['defendant']) && ('sessionDays' in object || 'caseId' in object)) {
    return { kind: 'police-result', told: policeResult.parse(object) }
  }
  if ('judicialResultTypeId' in object || 'judicialResultId' in object) {
    return { kind: 'result', result: judicialResult.parse(object) }
  }
  if ('hearingId' in object) {
    // It takes something away, so nothing else may be meant by it.
    const isAlone = Object.keys(object).length === 1
    return isAlone ? { kind: 'deletion', hearingId: idText.parse(object['hearingId']) } : undefined
  }
  return 'hearingEventType' in object || 'messageType' in object
    ? { kind: 'attributes' }
    : undefined
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Members of a hearing that are known, needed or not. */
const hearingMembers: ReadonlySet<string> = new Set([
  ...Object.keys(hearing.shape),
  'type',
  'jurisdictionType',
  'courtApplications',
  'applicantCounsels',
  'applicationPartyCounsels',
  'companyRepresentatives',
  'crackedIneffectiveTrial',
  'defenceCounsels',
  'defendantAttendance',
  'defendantHearingYouthMarkers',
  'defendantJudicialResults',
  'defendantReferralReasons',
  'hasSharedResults',
  'hearingCaseNotes',
  'hearingLanguage',
  'isBoxHearing',
  'isEffectiveTrial',
  'isSJPHearing',
  'isVacatedTrial',
  'judiciary',
  'prosecutionCounsels',
  'reportingRestrictionReason',
  'respondentCounsels',
  'sharedTime',
  'youthCourt',
  'youthCourtDefendantIds',
])
