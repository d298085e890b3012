import { policyByDefault } from '../case.ts'
import type { OutcomeFact } from '../facts.ts'
import type { JourneyFact } from '../journey-facts.ts'
import type { ReleaseQuestion } from '../release.ts'

/** Facts as the processor keeps them, of whoever agreed to all of it. */
export function facts(...told: readonly (readonly [day: string, about: JourneyFact])[]) {
  return told.map(
    ([day, about], place): OutcomeFact => ({
      id: `fact-${place}`,
      version: 1,
      type: 'TreatmentStarted',
      source: 'treatment/made-up',
      object: null,
      receivedAt: 0,
      learnedAt: 0,
      coveredFrom: 0,
      day,
      about,
    }),
  )
}

type Of<K extends JourneyFact['kind']> = Partial<Extract<JourneyFact, { kind: K }>>

export const started = (more: Of<'start'> = {}): JourneyFact => ({
  kind: 'start',
  provider: 'N9901',
  episodeRef: '1',
  setting: 'COMMUNITY',
  area: 'X91B',
  substances: ['1011'],
  ...more,
})

export const ended = (more: Of<'end'> = {}): JourneyFact => ({
  kind: 'end',
  provider: 'N9901',
  episodeRef: '1',
  setting: 'COMMUNITY',
  reason: 'COMPLETED',
  area: 'X91B',
  prisonExit: null,
  substances: [],
  ...more,
})

/** A treated prisoner goes home, as the secure-setting extract tells it. */
export const leftPrison = (more: Of<'end'> = {}): JourneyFact =>
  ended({
    provider: 'MDI',
    episodeRef: 'prison',
    setting: 'PRISON',
    reason: 'TRANSFERRED_NOT_IN_CUSTODY',
    prisonExit: 'RELEASED',
    ...more,
  })

export const reviewed = (more: Of<'review'> = {}): JourneyFact => ({
  kind: 'review',
  provider: 'N9901',
  episodeRef: '1',
  stage: 'START',
  housingProblem: true,
  ...more,
})

export const released = (more: Of<'release'> = {}): JourneyFact => ({
  kind: 'release',
  prison: 'MDI',
  release: 'TO_COMMUNITY',
  homeArea: null,
  ...more,
})

export const ordered = (more: Of<'order'> = {}): JourneyFact => ({
  kind: 'order',
  requirement: 'DRR',
  requirementRef: 'R1',
  ...more,
})

export const asOf = (day: string, more: Partial<ReleaseQuestion> = {}): ReleaseQuestion => ({
  quarter: '2026-Q4',
  completeTo: '2026-Q3',
  policy: policyByDefault,
  asOf: day,
  ...more,
})
