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
export function telling(event: CanonicalEvent): Telling | undefined {
  return (
    custody(event) ??
    supervision(event) ??
    hospital(event) ??
    home(event) ??
    treatment(event) ??
    other(event)
  )
}

function custody(event: CanonicalEvent): Telling | undefined {
  const now = (text: string): Telling => ({ section: 'custody', of: 'custody', text })
  switch (event.type) {
    case 'ArrestedIntoCustody':
      return now('Arrested and taken into police custody.')
    case 'ReleasedFromPoliceCustody':
      return now('Left police custody.')
    case 'ReceivedIntoPrison':
      return now('Received into prison.')
    case 'ReturnedToPrison':
      return now('Came back to prison.')
    case 'LeftForCourt':
      return now('Left prison for court.')
    case 'TransferredBetweenPrisons':
      return now(event.direction === 'IN' ? 'Arrived at another prison.' : 'Moved between prisons.')
    case 'ReleasedFromPrison':
      return now(releases[event.kind])
    case 'ReleaseDateSet':
      return {
        section: 'ahead',
        of: 'release-date',
        text: `Release is planned for ${event.releaseDate}.`,
      }
    case 'DrugTestedOnArrest':
      return { section: 'custody', of: null, text: 'Had a drug test after arrest.' }
    default:
      return undefined
  }
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

function supervision(event: CanonicalEvent): Telling | undefined {
  switch (event.type) {
    case 'TreatmentRequirementMade':
      return {
        section: 'custody',
        of: 'requirement',
        text: 'A court made a treatment requirement.',
      }
    case 'RequirementEnded':
      return { section: 'custody', of: 'requirement', text: 'The treatment requirement ended.' }
    case 'SupervisionStarted':
      return { section: 'custody', of: 'supervision', text: 'Probation supervision started.' }
    case 'SupervisionManagerAllocated':
      return { section: 'people', of: 'manager', text: 'Has a probation practitioner.' }
    case 'BreachRaised':
      return { section: 'custody', of: null, text: 'Probation raised a breach.' }
    case 'RecallRaised':
      return { section: 'custody', of: null, text: 'Probation raised a recall to prison.' }
    case 'LicenceActivated':
      return { section: 'custody', of: 'supervision', text: 'A licence is in force.' }
    default:
      return undefined
  }
}

function hospital(event: CanonicalEvent): Telling | undefined {
  const now = (text: string): Telling => ({ section: 'hospital', of: 'hospital', text })
  switch (event.type) {
    case 'EmergencyAttendanceStarted':
      return now('Came to an emergency department.')
    case 'EmergencyAttendanceEnded':
      return now('Left the emergency department.')
    case 'Admitted':
      return now('Admitted to hospital.')
    case 'Discharged':
      return now('Discharged from hospital.')
    default:
      return undefined
  }
}

function home(event: CanonicalEvent): Telling | undefined {
  const now = (text: string): Telling => ({ section: 'home', of: 'home', text })
  const duty = (text: string): Telling => ({ section: 'home', of: 'duty', text })
  switch (event.type) {
    case 'TenancyStarted':
      return now('A tenancy started.')
    case 'TenancyEnded':
      return now('A tenancy ended.')
    case 'PossessionNoticeServed':
      return { section: 'home', of: 'notice', text: 'Home at risk: a notice was served.' }
    case 'ArrearsThresholdCrossed':
      return { section: 'home', of: 'notice', text: 'Home at risk: rent is owed.' }
    case 'RoughSleepingContact':
      return { section: 'whereabouts', of: 'whereabouts', text: 'Met while sleeping outside.' }
    case 'DutyToReferMade':
      return duty('Referred to the council as at risk of homelessness.')
    case 'DutyToReferDecided':
      return duty(
        event.decision === 'ACCEPTED'
          ? 'The council accepted the referral.'
          : 'The council answered the referral.',
      )
    case 'HomelessnessDutyOwed':
      return duty('The council owes help with housing.')
    case 'HomelessnessDutyEnded':
      return duty('The council’s help with housing ended.')
    default:
      return undefined
  }
}

function treatment(event: CanonicalEvent): Telling | undefined {
  const now = (text: string): Telling => ({ section: 'treatment', of: 'treatment', text })
  switch (event.type) {
    case 'TreatmentStarted':
      return now('Treatment started.')
    case 'TreatmentContact':
      return {
        section: 'treatment',
        of: 'contact',
        text: event.attendance === 'ATTENDED' ? 'Came to an appointment.' : 'No contact reported.',
      }
    case 'DosesMissed':
      return { section: 'treatment', of: 'doses', text: 'Doses were not collected.' }
    case 'TreatmentReviewed':
      return { section: 'treatment', of: null, text: 'Treatment was reviewed.' }
    case 'InterventionStarted':
      return { section: 'treatment', of: null, text: 'A kind of help started.' }
    case 'InterventionEnded':
      return { section: 'treatment', of: null, text: 'A kind of help ended.' }
    case 'NaloxoneSupplied':
      return { section: 'treatment', of: 'naloxone', text: 'Has a naloxone kit.' }
    case 'TreatmentEnded':
      return now(
        event.reason === 'COMPLETED' ? 'Treatment was completed.' : 'Treatment ended early.',
      )
    default:
      return undefined
  }
}

function other(event: CanonicalEvent): Telling | undefined {
  switch (event.type) {
    case 'ReferralMade': {
      const by = event.toAttendBy === null ? '' : `, to attend by ${dayInWords(event.toAttendBy)}`
      return {
        section: 'ahead',
        of: `referral ${event.referralRef}`,
        text: `Referred to a service${by}.`,
      }
    }
    case 'ReferralAnswered':
      return {
        section: 'ahead',
        of: `referral ${event.referralRef}`,
        text: 'The service answered a referral.',
      }
    case 'NaloxoneUsed':
      return { section: 'hospital', of: null, text: 'Naloxone was used.' }
    case 'DeathReported':
      return { section: 'whereabouts', of: 'death', text: 'A death has been reported.' }
    default:
      return undefined
  }
}
