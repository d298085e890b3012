import type {
  Attendance,
  CanonicalEvent,
  Classification,
  Direction,
  EventType,
  HomelessnessDuty,
  OpenPrescription,
  ReferralAnswer,
  ReleaseKind,
  TreatmentEndReason,
  TreatmentRequirement,
  TreatmentSetting,
} from '../events.generated.ts'

/** What a hospital visit is classified as, where somebody may be told of it. */
export type Tier = 'DRUG_POISONING' | 'ALCOHOL_SPECIFIC' | 'DRUG_DISORDER'

/** What rules need of an event beside its envelope. */
export interface About {
  readonly kind?: ReleaseKind
  readonly confirmed?: boolean
  readonly prescription?: OpenPrescription
  readonly force?: string
  readonly direction?: Direction
  readonly setting?: TreatmentSetting
  readonly attendance?: Attendance
  readonly endReason?: TreatmentEndReason
  readonly place?: string
  readonly homeArea?: string
  readonly positive?: true
  readonly assessment?: true
  readonly assessmentAt?: number
  /** A planned day of release, London, `yyyy-mm-dd`. */
  readonly day?: string
  readonly requirement?: TreatmentRequirement
  readonly months?: number
  readonly court?: true
  readonly released?: true
  /** The source's own number of what several of its events are about: a requirement, a referral. */
  readonly ref?: string
  /** A provider's visit, and the attendance that an admission belongs to. */
  readonly visit?: string
  readonly attendanceVisit?: string
  readonly emergency?: true
  readonly tiers?: readonly Tier[]
  readonly score?: number
  readonly nowhere?: true
  readonly provider?: string
  /** A provider's episode of treatment. */
  readonly episode?: string
  /** Days of missed doses, or weeks of rent that are owed. */
  readonly count?: number
  readonly duty?: HomelessnessDuty
  readonly accepted?: true
  readonly housed?: true
  readonly expiresOn?: string
  readonly service?: string
  readonly answer?: ReferralAnswer
}

type Details = {
  readonly [T in EventType]?: (event: Extract<CanonicalEvent, { type: T }>) => About
}

const nothing = (): About => ({})

/** What is kept of each event, and that it is kept at all: no rule looks at any other. */
const details: Details = {
  ArrestedIntoCustody: ({ openPrescription, force }) => ({ prescription: openPrescription, force }),
  DrugTestedOnArrest: ({ outcome, force, assessmentRequired, assessmentAt }) => ({
    force,
    ...(outcome === 'POSITIVE' && { positive: true }),
    ...(assessmentRequired && { assessment: true }),
    ...said('assessmentAt', assessmentAt),
  }),
  ReceivedIntoPrison: ({ prison }) => said('place', prison),
  ReturnedToPrison: nothing,
  LeftForCourt: nothing,
  TransferredBetweenPrisons: ({ direction, prison }) => ({ direction, ...said('place', prison) }),
  ReleaseDateSet: ({ releaseDate }) => ({ day: releaseDate }),
  ReleasedFromPrison: ({ kind, confirmed, homeArea }) => ({
    kind,
    confirmed,
    ...said('homeArea', homeArea),
  }),
  TreatmentRequirementMade: ({ requirement, requirementRef, lengthMonths, court }) => ({
    requirement,
    ref: requirementRef,
    ...said('months', lengthMonths),
    ...(court !== null && { court: true }),
  }),
  RequirementEnded: ({ requirementRef }) => ({ ref: requirementRef }),
  BreachRaised: nothing,
  RecallRaised: ({ releasedToLead }) => (releasedToLead ? { released: true } : {}),
  EmergencyAttendanceStarted: visit,
  EmergencyAttendanceEnded: visit,
  Admitted: (event) => ({
    ...visit(event),
    ...(event.attendanceRef !== null && {
      attendanceVisit: numberOf(event.provider, event.attendanceRef),
    }),
    ...(/^2[1-8ABD]$/.test(event.method ?? '') && { emergency: true }),
  }),
  Discharged: (event) => ({
    ...visit(event),
    ...(event.nowhereToLive && { nowhere: true }),
  }),
  EncounterReclassified: visit,
  AlcoholScoreRecorded: ({ provider, visitRef, instrument, score }) => ({
    ...(visitRef !== null && { visit: numberOf(provider, visitRef) }),
    ...(instrument === 'AUDIT_C' && { score }),
  }),
  DutyToReferDecided: ({ decision }) => (decision === 'ACCEPTED' ? { accepted: true } : {}),
  HomelessnessDutyOwed: ({ duty }) => ({ duty }),
  HomelessnessDutyEnded: ({ housed }) => (housed ? { housed: true } : {}),
  ArrearsThresholdCrossed: ({ weeksOwed }) => ({ count: weeksOwed }),
  PossessionNoticeServed: ({ expiresOn }) => said('expiresOn', expiresOn),
  TenancyStarted: nothing,
  RoughSleepingContact: nothing,
  TreatmentStarted: ({ setting, provider, episodeRef }) => ({
    setting,
    episode: numberOf(provider, episodeRef),
  }),
  TreatmentContact: ({ attendance, provider, episodeRef }) => ({
    attendance,
    provider,
    ...(episodeRef !== null && { episode: numberOf(provider, episodeRef) }),
  }),
  DosesMissed: ({ days, provider, episodeRef }) => ({
    count: days,
    provider,
    ...(episodeRef !== null && { episode: numberOf(provider, episodeRef) }),
  }),
  TreatmentEnded: ({ reason, setting, provider, episodeRef }) => ({
    endReason: reason,
    setting,
    provider,
    episode: numberOf(provider, episodeRef),
  }),
  ReferralMade: ({ referralRef, toService }) => ({ ref: referralRef, service: toService }),
  ReferralAnswered: ({ referralRef, answer }) => ({ ref: referralRef, answer }),
  SafeguardingConcernRaised: nothing,
  ExploitationConcernRaised: nothing,
  DeathReported: nothing,
  IdentifiersLinked: nothing,
  IdentifiersMerged: nothing,
  IdentifiersSplit: nothing,
}

/** Whether any rule looks at such an event. */
export const isKept = (type: EventType): boolean => details[type] !== undefined

export const aboutOf = (event: CanonicalEvent): About =>
  (details[event.type] as ((event: CanonicalEvent) => About) | undefined)?.(event) ?? {}

/** What decides whether two versions of an event ask the same of anybody. */
export function gistOf({ about }: { readonly about: About }): string {
  const { kind, prescription, positive, day, released, tiers, endReason, attendance, nowhere } =
    about
  return [
    kind,
    prescription === 'NO',
    positive,
    day,
    released,
    tiers,
    endReason,
    attendance,
    nowhere,
    about.direction,
    about.answer,
    (about.count ?? 0) >= 3,
  ].join(' ')
}

function visit(event: {
  readonly provider: string
  readonly visitRef: string
  readonly classifications: readonly Classification[]
}): About {
  const tiers = tiersOf.filter((tier) => event.classifications.some((one) => one.tier === tier))
  return {
    visit: numberOf(event.provider, event.visitRef),
    ...(tiers.length > 0 && { tiers }),
  }
}

/** POSSIBLE rests on working text or a symptom: nobody is told of it. */
const tiersOf: readonly Tier[] = ['DRUG_POISONING', 'ALCOHOL_SPECIFIC', 'DRUG_DISORDER']

/** Unique only within the provider. */
const numberOf = (provider: string, ref: string): string => `${provider} ${ref}`

const said = <K extends keyof About>(name: K, value: About[K] | null): About =>
  value === null ? {} : { [name]: value }
