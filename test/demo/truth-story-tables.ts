import type { Facts, Happening } from './happening.ts'
import * as care from './truth-story-care.ts'
import * as home from './truth-story-home.ts'
import * as justice from './truth-story-justice.ts'
import type { Said, Section, Tell } from './truth-story-said.ts'

export const sections: readonly Section[] = [
  'death',
  'home',
  'custody',
  'treatment',
  'hospital',
  'ahead',
  'people',
]

type Tables = { readonly [T in Facts['type']]: Tell<T> | null }

/** What each event says, in the order in which events of one instant stand; null: no line. */
const tables: Tables = {
  ArrestedIntoCustody: justice.arrested,
  DrugTestedOnArrest: justice.tested,
  ReleasedFromPoliceCustody: justice.leftPolice,
  ReceivedIntoPrison: justice.received,
  ReturnedToPrison: justice.returned,
  LeftForCourt: justice.toCourt,
  TransferredBetweenPrisons: justice.transferred,
  ReleaseDateSet: justice.releasePlanned,
  ReleasedFromPrison: justice.releasedFromPrison,
  TreatmentRequirementMade: justice.requirementMade,
  RequirementEnded: justice.requirementEnded,
  SupervisionStarted: justice.supervised,
  SupervisionManagerAllocated: justice.managed,
  BreachRaised: justice.breached,
  RecallRaised: justice.recalled,
  LicenceActivated: justice.licensed,
  EmergencyAttendanceStarted: care.arrived,
  EmergencyAttendanceEnded: care.leftEmergency,
  Admitted: care.admitted,
  Discharged: care.discharged,
  EncounterReclassified: null,
  AlcoholScoreRecorded: care.screened,
  DutyToReferMade: home.referredToCouncil,
  DutyToReferDecided: home.councilDecided,
  HomelessnessDutyOwed: home.dutyOwed,
  HomelessnessDutyEnded: home.dutyEnded,
  ArrearsThresholdCrossed: home.inArrears,
  PossessionNoticeServed: home.noticeServed,
  TenancyEnded: home.tenancyEnded,
  TenancyStarted: home.tenancyStarted,
  RoughSleepingContact: home.sleptOutside,
  TreatmentStarted: care.started,
  TreatmentContact: care.contact,
  DosesMissed: care.dosesMissed,
  TreatmentReviewed: care.reviewed,
  InterventionStarted: care.interventionStarted,
  InterventionEnded: care.interventionEnded,
  NaloxoneSupplied: care.naloxoneSupplied,
  TreatmentEnded: care.treatmentEnded,
  ReferralMade: care.referred,
  ReferralAnswered: care.referralAnswered,
  NaloxoneUsed: care.naloxoneUsed,
  TrainingRecorded: care.trained,
  DeathReported: justice.death,
  RegistrationChanged: null,
  SafeguardingConcernRaised: null,
  ExploitationConcernRaised: null,
  EventWithdrawn: null,
  IdentifiersMerged: null,
  IdentifiersSplit: null,
  IdentifiersLinked: null,
  PersonErased: null,
}

const order = Object.keys(tables)
/** The place of an event among those of its instant. */
export const placeOf = ({ facts }: Happening): number => order.indexOf(facts.type)

/** What an event says taken alone. */
export function saidBy(happening: Happening): readonly Said[] {
  const tell = tables[happening.facts.type] as
    | ((facts: Facts, happening: Happening) => readonly Said[])
    | null
  return tell?.(happening.facts, happening) ?? []
}
