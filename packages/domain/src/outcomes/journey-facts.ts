import type {
  CanonicalEvent,
  HomelessnessDuty,
  ReleaseKind,
  ReviewStage,
  TreatmentEndReason,
  TreatmentRequirement,
  TreatmentSetting,
} from '../events.generated.ts'

/** What is kept of an event for the measures: codes and flags, never an identifier of the person or free text. */
export type JourneyFact =
  | StartFact
  | EndFact
  | ReviewFact
  | ReleaseFact
  | { readonly kind: 'reception'; readonly prison: string | null }
  | OrderFact
  | { readonly kind: 'duty-owed'; readonly caseRef: string; readonly duty: HomelessnessDuty }
  | {
      readonly kind: 'duty-ended'
      readonly caseRef: string
      readonly duty: HomelessnessDuty
      readonly housed: boolean | null
    }
  | { readonly kind: 'death' }

interface OfEpisode {
  readonly provider: string
  readonly episodeRef: string
}

export interface StartFact extends OfEpisode {
  readonly kind: 'start'
  readonly setting: TreatmentSetting
  readonly area: string | null
  readonly substances: readonly string[]
}

export interface EndFact extends OfEpisode {
  readonly kind: 'end'
  readonly setting: TreatmentSetting
  readonly reason: TreatmentEndReason
  readonly area: string | null
  readonly prisonExit: string | null
  readonly substances: readonly string[]
}

export interface ReviewFact extends OfEpisode {
  readonly kind: 'review'
  readonly stage: ReviewStage
  readonly housingProblem: boolean
}

export interface ReleaseFact {
  readonly kind: 'release'
  readonly prison: string | null
  readonly release: ReleaseKind
  readonly homeArea: string | null
}

export interface OrderFact {
  readonly kind: 'order'
  readonly requirement: TreatmentRequirement
  readonly requirementRef: string
}

/** What the measures need of an event; undefined for what they need nothing of, or what its source restricts. */
export function journeyFactOf(event: CanonicalEvent): JourneyFact | undefined {
  if (event.handling.restricted) return undefined
  switch (event.type) {
    case 'TreatmentStarted': {
      const { provider, episodeRef, setting, area = null, substances } = event
      return { kind: 'start', provider, episodeRef, setting, area, substances }
    }
    case 'TreatmentEnded': {
      const { provider, episodeRef, setting, reason, area = null, prisonExit = null } = event
      const substances = event.substances ?? []
      return { kind: 'end', provider, episodeRef, setting, reason, area, prisonExit, substances }
    }
    case 'TreatmentReviewed': {
      const { provider, episodeRef, stage, housingProblem } = event
      if (housingProblem === null) return undefined
      return { kind: 'review', provider, episodeRef, stage, housingProblem }
    }
    case 'ReleasedFromPrison': {
      const { prison, kind: release, homeArea } = event
      return { kind: 'release', prison, release, homeArea }
    }
    case 'ReceivedIntoPrison':
      return { kind: 'reception', prison: event.prison }
    case 'TreatmentRequirementMade': {
      const { requirement, requirementRef } = event
      return { kind: 'order', requirement, requirementRef }
    }
    case 'HomelessnessDutyOwed':
      return { kind: 'duty-owed', caseRef: event.caseRef, duty: event.duty }
    case 'HomelessnessDutyEnded': {
      const { caseRef, duty, housed } = event
      return { kind: 'duty-ended', caseRef, duty, housed }
    }
    case 'DeathReported':
      return { kind: 'death' }
    default:
      return undefined
  }
}
