import type { Classification, Ids } from '@throughline/domain'
import { instantKey, instrumentOf } from './adt-clinical.ts'
import { readHl7Time, type When } from './adt-times.ts'
import { destinationIn, methodIn, noFixedAbode, sourceIn } from './adt-visit.ts'
import { type Coding, classify, isOnScale, isSnomed } from './classification/classify.ts'
import { snomed } from './classification/snomed.ts'
import type { Concept, Condition, Encounter, Observation, ServiceRequest } from './fhir.ts'
import type { FhirMessage } from './fhir-message.ts'
import type { SenderProfile } from './profiles.ts'
import {
  type Arrival,
  type Codes,
  type Departure,
  type Draft,
  isReferral,
  referralWithdrawn,
  referred,
  scored,
  scoreWithdrawn,
  type Visit,
} from './visit-events.ts'

/** The act codes of an encounter's class; short stays and observation are beds, planned ones are not needed yet. */
const classes: Readonly<Record<string, Visit['kind'] | 'other'>> = {
  EMER: 'attendance',
  IMP: 'spell',
  ACUTE: 'spell',
  NONAC: 'spell',
  OBSENC: 'spell',
  SS: 'spell',
  AMB: 'other',
  FLD: 'other',
  HH: 'other',
  PRENC: 'other',
  VR: 'other',
}

export const fhirClass = ({ class: { code } }: Encounter): Visit['kind'] | 'other' | undefined =>
  Object.hasOwn(classes, code) ? classes[code] : undefined

/** R4's times carry their offset, so only a bare date is London's. */
export const fhirTime = (written: string | undefined): When | undefined =>
  written === undefined ? undefined : readHl7Time(written)

const codeOf = (concept: Concept | undefined): string =>
  concept?.coding.find(({ code }) => code !== undefined)?.code ?? ''

const extensionCode = (extensions: Encounter['extension'], name: string): string =>
  codeOf(extensions.find(({ url }) => url.endsWith(name))?.valueCodeableConcept)

export function fhirArrival({ hospitalization }: Encounter, profile: SenderProfile): Arrival {
  return {
    method: methodIn(extensionCode(hospitalization?.extension ?? [], 'AdmissionMethod'), profile),
    from: sourceIn(codeOf(hospitalization?.admitSource), profile),
    attendanceRef: null,
    arrivalMode: null,
  }
}

export function fhirDeparture(
  { encounter, patient }: FhirMessage,
  profile: SenderProfile,
): Departure {
  const written = codeOf(encounter?.hospitalization?.dischargeDisposition)
  const destination = destinationIn(written, profile)
  const homeless =
    (destination === null || destination === '19' || destination === '29') &&
    patient?.address.some(({ postalCode }) => noFixedAbode(postalCode ?? '')) === true
  return { destination, disposal: destination, nowhereToLive: homeless ? true : null }
}

/** The emergency department's own words for a death, or the destination's. */
export function diedThere({ extension }: Encounter, { destination }: Departure): boolean {
  const status = extensionCode(extension, 'EmergencyCareDischargeStatus')
  const method = extensionCode(extension, 'DischargeMethod')
  const dead = status === snomed.deadOnArrival || status === snomed.diedInDepartment
  // Here the code system says what the digit means, so 4 is a death.
  return dead || destination === '79' || method === '4'
}

export interface FhirCodes extends Codes {
  readonly removed: readonly Classification[]
  readonly any: boolean
}

/** Conditions, and the encounter's own reasons. */
export function fhirCodes(message: FhirMessage, { possibleCodes }: SenderProfile): FhirCodes {
  const { encounter } = message
  const list: Classification[] = []
  const removed: Classification[] = []
  const conditions = message.others.filter((one) => one.resourceType === 'Condition')
  const first = encounter?.diagnosis.find(({ rank }) => rank === 1)?.condition
  for (const condition of conditions) {
    const primary = first !== undefined && message.resolve(first) === condition
    const found = classify(codingsOf(condition.code), primary, possibleCodes)
    if (found !== undefined) (isRefuted(condition) ? removed : list).push(found)
  }
  for (const reason of encounter?.reasonCode ?? []) {
    const found = classify(codingsOf(reason), false, possibleCodes)
    if (found !== undefined) list.push(found)
  }
  const confidential = conditions.some(({ meta }) =>
    meta?.security.some(({ code }) => code === 'R' || code === 'V'),
  )
  return { list, removed, confidential, any: conditions.length > 0 }
}

const isRefuted = ({ verificationStatus }: Condition): boolean =>
  ['refuted', 'entered-in-error'].includes(codeOf(verificationStatus))

const codingsOf = (concept: Concept | undefined): readonly Coding[] =>
  (concept?.coding ?? []).map(({ code = '', system = '' }) => ({ code, system }))

/** Scores and referrals that belong to the visit. */
export const fhirObservations = (
  { others }: FhirMessage,
  visit: Visit,
  profile: SenderProfile,
  ids: Ids,
): readonly Draft[] =>
  others
    .flatMap((one) => {
      if (one.resourceType === 'Observation') return scoreOf(one, visit, profile, ids)
      return one.resourceType === 'ServiceRequest' ? referralOf(one, visit, profile, ids) : []
    })
    .slice(0, 20)

const told = new Set(['final', 'amended', 'corrected', 'preliminary'])

function scoreOf(
  { code, status, effectiveDateTime, valueInteger, valueQuantity }: Observation,
  visit: Visit,
  profile: SenderProfile,
  ids: Ids,
): readonly Draft[] {
  const instrument = codingsOf(code).map(instrumentOf).find(Boolean)
  if (instrument === undefined) return []
  const taken = takenAt(effectiveDateTime)
  if (status === 'entered-in-error' || status === 'cancelled') {
    return [scoreWithdrawn(visit, { instrument, ...taken }, profile, ids)]
  }
  const score = valueInteger ?? valueQuantity?.value
  if (!told.has(status) || score === undefined || !isOnScale(instrument, score)) return []
  return [scored(visit, { instrument, score, ...taken })]
}

/** A proposal or a plan is no referral yet. */
const orders: ReadonlySet<string> = new Set(
  'order original-order reflex-order filler-order instance-order directive'.split(' '),
)

function referralOf(
  { code, status, intent, authoredOn }: ServiceRequest,
  visit: Visit,
  profile: SenderProfile,
  ids: Ids,
): readonly Draft[] {
  const found = codingsOf(code).find((one) => isSnomed(one.system) && isReferral(one.code))
  if (found === undefined || !orders.has(intent)) return []
  const referral = { code: found.code, ...takenAt(authoredOn) }
  if (status === 'revoked' || status === 'entered-in-error') {
    return [referralWithdrawn(visit, referral, profile, ids)]
  }
  const made = status === 'active' || status === 'completed' || status === 'on-hold'
  return made ? [referred(visit, referral, profile)] : []
}

function takenAt(written: string | undefined): { takenText: string; when?: When } {
  const when = fhirTime(written)
  return when === undefined ? { takenText: '' } : { takenText: instantKey(when), when }
}
