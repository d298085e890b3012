import type { CanonicalEvent } from './events.generated.ts'
import { dayInWords } from './rules/words.ts'

/** The parts of the story, in the order to show them. */
export const storySections = [
  'custody',
  'whereabouts',
  'treatment',
  'hospital',
  'home',
  'ahead',
  'people',
] as const
export type StorySection = (typeof storySections)[number]

export interface Telling {
  readonly section: StorySection
  /** What it is the latest word on; null for what happened and passed. The latest of each is the situation now. */
  readonly of: string | null
  readonly text: string
}

/**
 * One event as one line, in plain and kind words; undefined for what has no place in a story:
 * withdrawals, proposals, and concerns that only safeguarding roles may read.
 */
export const telling = (event: CanonicalEvent): Telling | undefined =>
  (words[event.type] as ((event: CanonicalEvent) => Telling) | undefined)?.(event)

const line = (section: StorySection, of: string | null, text: string): Telling => ({
  section,
  of,
  text,
})

const custody = (text: string) => () => line('custody', 'custody', text)
const hospital = (text: string) => () => line('hospital', 'hospital', text)
const duty = (text: string) => () => line('home', 'duty', text)

const words: {
  readonly [T in CanonicalEvent['type']]?: (event: Extract<CanonicalEvent, { type: T }>) => Telling
} = {
  ArrestedIntoCustody: custody('Arrested and taken into police custody.'),
  ReleasedFromPoliceCustody: custody('Left police custody.'),
  ReceivedIntoPrison: custody('Received into prison.'),
  ReturnedToPrison: custody('Came back to prison.'),
  LeftForCourt: custody('Left prison for court.'),
  TransferredBetweenPrisons: ({ direction }) =>
    custody(direction === 'IN' ? 'Arrived at another prison.' : 'Moved between prisons.')(),
  ReleasedFromPrison: ({ kind }) => custody(releases[kind])(),
  DrugTestedOnArrest: () => line('custody', null, 'Had a drug test after arrest.'),

  TreatmentRequirementMade: () =>
    line('custody', 'requirement', 'A court made a treatment requirement.'),
  RequirementEnded: () => line('custody', 'requirement', 'The treatment requirement ended.'),
  SupervisionStarted: () => line('custody', 'supervision', 'Probation supervision started.'),
  LicenceActivated: () => line('custody', 'supervision', 'A licence is in force.'),
  BreachRaised: () => line('custody', null, 'Probation raised a breach.'),
  RecallRaised: () => line('custody', null, 'Probation raised a recall to prison.'),
  SupervisionManagerAllocated: () => line('people', 'manager', 'Has a probation practitioner.'),

  RoughSleepingContact: () => line('whereabouts', 'whereabouts', 'Met while sleeping outside.'),
  DeathReported: () => line('whereabouts', 'death', 'A death has been reported.'),

  EmergencyAttendanceStarted: hospital('Came to an emergency department.'),
  EmergencyAttendanceEnded: hospital('Left the emergency department.'),
  Admitted: hospital('Admitted to hospital.'),
  Discharged: hospital('Discharged from hospital.'),
  NaloxoneUsed: () => line('hospital', null, 'Naloxone was used.'),

  TenancyStarted: () => line('home', 'home', 'A tenancy started.'),
  TenancyEnded: () => line('home', 'home', 'A tenancy ended.'),
  PossessionNoticeServed: () => line('home', 'notice', 'Home at risk: a notice was served.'),
  ArrearsThresholdCrossed: () => line('home', 'notice', 'Home at risk: rent is owed.'),
  DutyToReferMade: duty('Referred to the council as at risk of homelessness.'),
  DutyToReferDecided: ({ decision }) =>
    duty(`The council ${decision === 'ACCEPTED' ? 'accepted' : 'answered'} the referral.`)(),
  HomelessnessDutyOwed: duty('The council owes help with housing.'),
  HomelessnessDutyEnded: duty('The council’s help with housing ended.'),

  TreatmentStarted: () => line('treatment', 'treatment', 'Treatment started.'),
  TreatmentEnded: ({ reason }) =>
    line(
      'treatment',
      'treatment',
      reason === 'COMPLETED' ? 'Treatment was completed.' : 'Treatment ended early.',
    ),
  TreatmentContact: ({ attendance }) =>
    line(
      'treatment',
      'contact',
      attendance === 'ATTENDED' ? 'Came to an appointment.' : 'No contact reported.',
    ),
  DosesMissed: () => line('treatment', 'doses', 'Doses were not collected.'),
  TreatmentReviewed: () => line('treatment', null, 'Treatment was reviewed.'),
  InterventionStarted: () => line('treatment', null, 'A kind of help started.'),
  InterventionEnded: () => line('treatment', null, 'A kind of help ended.'),
  NaloxoneSupplied: () => line('treatment', 'naloxone', 'Has a naloxone kit.'),

  ReleaseDateSet: ({ releaseDate }) =>
    line('ahead', 'release-date', `Release is planned for ${releaseDate}.`),
  ReferralMade: ({ referralRef, toAttendBy }) =>
    line(
      'ahead',
      `referral ${referralRef}`,
      `Referred to a service${toAttendBy === null ? '' : `, to attend by ${dayInWords(toAttendBy)}`}.`,
    ),
  ReferralAnswered: ({ referralRef }) =>
    line('ahead', `referral ${referralRef}`, 'The service answered a referral.'),
}

const releases: Readonly<
  Record<Extract<CanonicalEvent, { type: 'ReleasedFromPrison' }>['kind'], string>
> = {
  TO_COMMUNITY: 'Released from prison.',
  TO_HOSPITAL: 'Went from prison to hospital.',
  TEMPORARY: 'Left prison for a time, on licence.',
  DIED: 'Reported to have died in prison.',
  ABSCONDED: 'Not where the prison expected them.',
  ADMINISTRATIVE: 'The prison changed its records; nobody left.',
  UNKNOWN: 'Left prison; it is not known how.',
}
