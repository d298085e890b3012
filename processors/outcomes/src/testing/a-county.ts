import {
  agencies,
  countedFacts,
  type OutcomeFact,
  type OutcomeFacts,
  outcomeFactsView,
} from '@throughline/domain'
import { type Driven, drive, organisation } from '@throughline/stream/testing'
import { outcomes } from '../topology.ts'

export const day = (text: string): number => Date.parse(`${text}T12:00:00Z`)

export interface County extends Driven {
  /** Agrees to be counted: one version of consent with a grant for outcomes, and one for care unless told. */
  counted(personId: string, more?: { readonly alsoCare?: boolean }): void
  /** The last row of each person's view. */
  rows(): ReadonlyMap<string, OutcomeFacts>
  /** What a release made now would count of each person. */
  people(): readonly (readonly OutcomeFact[])[]
}

/** The processor with agreements for every agency and both purposes. */
export function aCounty(start = day('2025-06-01')): County {
  const hub = drive(outcomes, { start })
  const agreements = agencies.flatMap((source) =>
    (['care-coordination', 'outcomes'] as const).map((purpose) => ({
      agreementId: `${source}-${purpose}`,
      source,
      purpose,
      recipientOrganisation: organisation,
      from: 0,
      until: day('2100-01-01'),
    })),
  )
  hub.register.agreements(agreements)
  const rows = new Map<string, OutcomeFacts>()
  const look = () => {
    for (const row of hub.views()) {
      if (row.view === outcomeFactsView) rows.set(row.personId, row.content as OutcomeFacts)
    }
    return rows
  }
  return {
    ...bound(hub),
    counted(personId, { alsoCare = true } = {}) {
      const care = alsoCare ? [{ purpose: 'care-coordination' as const }] : []
      const until = day('2030-01-01')
      hub.register.agree(personId, { grants: [{ purpose: 'outcomes' }, ...care], until })
    },
    rows: look,
    people: () =>
      [...look()].map(([personId, { facts }]) => {
        const person = hub.register.read([]).person(personId)
        if (person === undefined) return []
        return countedFacts(facts, person, agreements, hub.now())
      }),
  }
}

/** A driver's methods, for an object that adds to them. */
function bound(hub: Driven): Driven {
  return {
    register: hub.register,
    parked: hub.parked,
    now: () => hub.now(),
    pipe: (...fed) => hub.pipe(...fed),
    passTo: (at) => hub.passTo(at),
    read: () => hub.read(),
    emitted: () => hub.emitted(),
    views: () => hub.views(),
    counts: () => hub.counts(),
    stateOf: (key) => hub.stateOf(key),
    timersOf: (key) => hub.timersOf(key),
  }
}

const source = { partnership: 'testshire', agency: 'treatment', system: 'ndtms' }

export const began = (
  on: string,
  more: { readonly provider?: string; readonly episodeRef?: string } & Record<string, unknown> = {},
) => {
  const { provider = 'N9901', episodeRef = '1' } = more
  const eventId = `start ${provider} ${episodeRef}`
  const event = { type: 'TreatmentStarted', eventId, source, occurredAt: day(on) } as const
  const body = { setting: 'COMMUNITY', substances: ['1011'], referralSource: null, area: 'X91B' }
  return { ...event, ...body, provider, episodeRef, ...more }
}

export const finished = (
  on: string,
  more: { readonly provider?: string; readonly episodeRef?: string } & Record<string, unknown> = {},
) => {
  const { provider = 'N9901', episodeRef = '1' } = more
  const eventId = `end ${provider} ${episodeRef}`
  const event = { type: 'TreatmentEnded', eventId, source, occurredAt: day(on) } as const
  const body = { setting: 'COMMUNITY', reason: 'COMPLETED', destination: null, area: 'X91B' }
  return { ...event, ...body, prisonExit: null, substances: null, provider, episodeRef, ...more }
}

export const asked = (
  on: string,
  stage: 'START' | 'REVIEW' | 'EXIT',
  housingProblem: boolean | null,
  more: { readonly provider?: string; readonly episodeRef?: string } = {},
) => {
  const { provider = 'N9901', episodeRef = '1' } = more
  const eventId = `review ${provider} ${episodeRef} ${on}`
  const event = { type: 'TreatmentReviewed', eventId, source, occurredAt: day(on) } as const
  const rest = { daysInWork: null, mentalHealthTreatmentNeed: null }
  return { ...event, provider, episodeRef, stage, housingProblem, ...rest }
}
