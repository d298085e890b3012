import { type Fact, isStart, latestAt } from './fact.ts'
import type { Scene } from './wanted.ts'

/**
 * The start of an episode of treatment that was open at `at` and is not known to have ended by
 * `asked`, where the lead may hear of it; otherwise it counts as not known.
 */
export const openTreatment = (scene: Scene, at: number, asked: number): Fact | undefined =>
  scene
    .grounds('TreatmentStarted')
    .findLast(
      (start) =>
        isStart(start) &&
        latestAt(start) < at &&
        !hasEnded(scene, start, asked) &&
        scene.mayTell(start),
    )

/** What is told of the beginning and the end of each episode of treatment. */
export const episodesIn = (scene: Scene): readonly (readonly Fact[])[] => [
  ...Map.groupBy(
    scene.facts.filter(({ type }) => type === 'TreatmentStarted' || type === 'TreatmentEnded'),
    ({ agency, about }) => `${agency} ${about.episode}`,
  ).values(),
]

const hasEnded = (scene: Scene, start: Fact, by: number): boolean =>
  scene.facts.some(
    ({ type, about, agency, occurredAt }) =>
      type === 'TreatmentEnded' &&
      agency === start.agency &&
      about.episode === start.about.episode &&
      occurredAt <= by,
  )
