import { dayInWords } from '../date-words.ts'
import { type Fact, type Fired, isRelease } from './fact.ts'
import { releasesIn, returnedAfter } from './release.ts'
import { openTreatment } from './treatment.ts'
import {
  type Closing,
  closedBy,
  inTreatmentSince,
  type Scene,
  type Wanted,
  wantedOf,
} from './wanted.ts'

/** The days after release on which somebody asks, at 09:00 in London. */
export const watchDays = [1, 7, 14, 21] as const

/** Asks on days 1, 7, 14 and 21 after release whether treatment has started, until it has. */
export const threeWeeks = (scene: Scene): readonly Wanted[] =>
  releasesIn(scene).flatMap((fact) =>
    (fact.fired ?? []).map((fired) => {
      const open = openTreatment(scene, fact.occurredAt, fired.at)
      return wantedOf('three-weeks', fact, {
        ...wordsFor(fired, open),
        episode: `release:${fact.id}:day-${fired.day}`,
        thread: `release:${fact.id}`,
        learnedAt: fired.at,
        timer: `three-weeks:${fact.id}`,
        incomplete: fired.incomplete === true,
        timed: true,
        closed: watchOver(scene, fact),
      })
    }),
  )

function wordsFor({ day, at, incomplete }: Fired, open: Fact | undefined) {
  const after = `${day === 1 ? '1 day' : `${day} days`} after`
  const unsure = incomplete ? ['Not every source has reported: they may have started.'] : []
  return open === undefined
    ? {
        headline: `No treatment reported ${after} release`,
        lines: [
          `No start reported; data complete to ${dayInWords(at)}.`,
          ...unsure,
          'Ask whether they have an appointment, and what would help them get there.',
        ],
      }
    : {
        on: [open],
        headline: `In treatment before release: confirm that they were seen (${after})`,
        lines: [
          `No start reported; data complete to ${dayInWords(at)}.`,
          ...unsure,
          'Ask the service whether they were seen, and what would help them get there.',
        ],
      }
}

/** Why nobody need ask any more after this release. */
export function watchOver(scene: Scene, released: Fact): Closing | null {
  const newest = scene.facts.findLast(isRelease)
  return (
    inTreatmentSince(scene, released) ??
    closedBy('returned', returnedAfter(scene, released)) ??
    closedBy('superseded', newest?.id === released.id ? undefined : newest)
  )
}
