import type { CanonicalEvent, EventType, Story, StoryLine } from '@throughline/domain'
import { type Driven, drive } from '@throughline/stream/testing'
import { story } from '../topology.ts'

/** A Tuesday in winter: London and UTC are the same. */
export const tuesday = Date.parse('2025-11-18T10:00:00Z')
export const hour = 3_600_000
export const day = 24 * hour

const agencies: Readonly<Partial<Record<EventType, string>>> = {}
const of = (agency: string, ...types: readonly EventType[]) => {
  for (const type of types) Object.assign(agencies, { [type]: agency })
}
of('probation', 'TreatmentRequirementMade', 'RequirementEnded', 'SupervisionStarted')
of('probation', 'SupervisionManagerAllocated', 'BreachRaised', 'RecallRaised', 'LicenceActivated')
of('probation', 'RegistrationChanged')
of('hospital', 'EmergencyAttendanceStarted', 'EmergencyAttendanceEnded', 'Admitted', 'Discharged')
of('hospital', 'EncounterReclassified', 'AlcoholScoreRecorded', 'DeathReported')
of('housing', 'DutyToReferMade', 'DutyToReferDecided', 'HomelessnessDutyOwed')
of('housing', 'HomelessnessDutyEnded', 'ArrearsThresholdCrossed', 'PossessionNoticeServed')
of('housing', 'TenancyStarted', 'TenancyEnded', 'RoughSleepingContact')
of('treatment', 'TreatmentStarted', 'TreatmentContact', 'DosesMissed', 'TreatmentReviewed')
of('treatment', 'InterventionStarted', 'InterventionEnded', 'NaloxoneSupplied', 'TreatmentEnded')

const visit = { provider: 'RZZ', visitRef: 'V1', classifications: [] }
const police = { force: 'NF', custodyReference: 'C1' }
const prison = { prison: 'MDI', reasonCode: null, confirmed: true }
const council = { authority: 'E1', referralRef: 'D1' }
const episode = { provider: 'L1', episodeRef: 'E1' }

const bodies: Readonly<Partial<Record<EventType, object>>> = {
  ArrestedIntoCustody: { ...police, custodySuite: null, openPrescription: 'UNKNOWN' },
  DrugTestedOnArrest: { ...police, assessmentRequired: null, assessmentAt: null },
  ReleasedFromPoliceCustody: { ...police, disposal: 'CHARGED', bailUntil: null },
  ReceivedIntoPrison: { ...prison, legalBasis: 'OTHER' },
  ReturnedToPrison: { ...prison, from: 'COURT' },
  LeftForCourt: prison,
  TransferredBetweenPrisons: { ...prison, direction: 'IN' },
  ReleaseDateSet: { releaseDate: '2025-12-12', previousReleaseDate: null, prison: 'MDI' },
  ReleasedFromPrison: { ...prison, kind: 'TO_COMMUNITY', homeArea: null },
  TreatmentRequirementMade: { requirement: 'DRR', lengthMonths: null, court: null },
  RequirementEnded: { requirement: 'DRR' },
  SupervisionManagerAllocated: { manager: null, team: 'T1' },
  RecallRaised: { releasedToLead: false },
  EmergencyAttendanceStarted: visit,
  EmergencyAttendanceEnded: visit,
  Admitted: visit,
  Discharged: { ...visit, nowhereToLive: null },
  EncounterReclassified: { ...visit, removed: [] },
  AlcoholScoreRecorded: { provider: 'RZZ', instrument: 'AUDIT_C', score: 9 },
  DutyToReferMade: council,
  DutyToReferDecided: { ...council, decision: 'ACCEPTED', activeUntil: null },
  HomelessnessDutyOwed: { authority: 'E1', caseRef: 'H1', duty: 'RELIEF' },
  HomelessnessDutyEnded: { authority: 'E1', caseRef: 'H1', duty: 'RELIEF', housed: null },
  ArrearsThresholdCrossed: { landlord: 'TH', weeksOwed: 8 },
  PossessionNoticeServed: { landlord: 'TH', expiresOn: null },
  TenancyStarted: { landlord: 'TH' },
  TenancyEnded: { landlord: 'TH' },
  RoughSleepingContact: { service: 'OUT' },
  TreatmentStarted: { ...episode, setting: 'COMMUNITY' },
  TreatmentContact: { provider: 'L1', attendance: 'ATTENDED' },
  DosesMissed: { provider: 'L1', days: 3 },
  TreatmentReviewed: { ...episode, housingProblem: null },
  InterventionStarted: { ...episode, interventionRef: 'I1', intervention: 'psychosocial' },
  InterventionEnded: { ...episode, interventionRef: 'I1', intervention: 'psychosocial' },
  NaloxoneSupplied: { provider: 'L1' },
  TreatmentEnded: { ...episode, reason: 'COMPLETED', setting: 'COMMUNITY' },
  ReferralMade: { referralRef: 'R1', toService: 'L1', toAttendBy: null },
  ReferralAnswered: { referralRef: 'R1', answer: 'ACCEPTED' },
  TrainingRecorded: { completed: true },
  EventWithdrawn: { withdrawnEventId: null, reason: null },
}

/** What a test says of an event: the rest is made up. `on` is how many days after the Tuesday it happened. */
export type Sketch<T extends EventType> = Partial<Extract<CanonicalEvent, { type: T }>> & {
  readonly on?: number
}

let made = 0

export function event<T extends EventType>(type: T, { on = 0, ...more }: Sketch<T> = {}) {
  made += 1
  const occurredAt = tuesday + on * day
  return {
    type,
    eventId: `${type}-${made}`,
    source: { partnership: 'testshire', agency: agencies[type] ?? 'custody', system: 'made-up' },
    occurredAt,
    ...bodies[type],
    ...more,
  }
}

export interface Told {
  readonly hub: Driven
  readonly happens: (...events: readonly ReturnType<typeof event>[]) => void
  /** The latest version of the story. */
  readonly story: () => Story | undefined
  /** The situation now, as `section: text`. */
  readonly now: () => readonly string[]
  /** The texts of every line, oldest first. */
  readonly texts: () => readonly string[]
  readonly line: (text: string) => StoryLine | undefined
}

/** Somebody who agreed ten days before the Tuesday, and whose story the processor keeps. */
export function ann(): Told {
  const hub = drive(story, { start: tuesday - 10 * day })
  hub.register.agree('ann', { lead: 'lp-1' })
  hub.passTo(tuesday)
  let last: Story | undefined
  const told = (): Story | undefined => {
    for (const { value } of hub.read()) last = value as Story
    return last
  }
  return {
    hub,
    happens: (...events) => {
      for (const one of events) hub.pipe('ann', one)
    },
    story: told,
    now() {
      const lines = new Map(told()?.lines.map((line) => [line.id, line]))
      return (told()?.current ?? []).map(
        (id) => `${lines.get(id)?.section}: ${lines.get(id)?.text}`,
      )
    },
    texts: () => told()?.lines.map(({ text }) => text) ?? [],
    line: (text) => told()?.lines.find((line) => line.text === text),
  }
}
