import type {
  CanonicalEvent,
  EventType,
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
  const read = readers[event.type] as
    | ((event: CanonicalEvent) => JourneyFact | undefined)
    | undefined
  return read?.(event)
}

const readers: {
  readonly [T in EventType]?: (event: EventOf<T>) => JourneyFact | undefined
} = {
  TreatmentStarted({ provider, episodeRef, setting, area, substances }) {
    return { kind: 'start', provider, episodeRef, setting, area, substances }
  },
  TreatmentEnded({ provider, episodeRef, setting, reason, area, prisonExit, substances }) {
    const told = { provider, episodeRef, setting, reason, area, prisonExit }
    return { kind: 'end', ...told, substances: substances ?? [] }
  },
  TreatmentReviewed({ provider, episodeRef, stage, housingProblem }) {
    if (housingProblem === null) return undefined
    return { kind: 'review', provider, episodeRef, stage, housingProblem }
  },
  ReleasedFromPrison({ prison, kind: release, homeArea }) {
    return { kind: 'release', prison, release, homeArea }
  },
  ReceivedIntoPrison: ({ prison }) => ({ kind: 'reception', prison }),
  TreatmentRequirementMade({ requirement, requirementRef }) {
    return { kind: 'order', requirement, requirementRef }
  },
  HomelessnessDutyOwed: ({ caseRef, duty }) => ({ kind: 'duty-owed', caseRef, duty }),
  HomelessnessDutyEnded: ({ caseRef, duty, housed }) => ({
    kind: 'duty-ended',
    caseRef,
    duty,
    housed,
  }),
  DeathReported: () => ({ kind: 'death' }),
}

type EventOf<T extends EventType> = Extract<CanonicalEvent, { readonly type: T }>
