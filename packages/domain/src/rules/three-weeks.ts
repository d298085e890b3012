import { morningAfter } from '../times.ts'
import { type Fact, isRelease } from './fact.ts'
import { returnedAfter } from './release.ts'
import { type Closing, closedBy, type Scene, type Wanted, wantedOf } from './wanted.ts'
import { dayInWords } from './words.ts'

/** The days after release on which somebody asks, at 09:00 in London. */
export const watchDays = [1, 7, 14, 21] as const

/** The next day of a watch after `passed`, and when it is due; undefined after the last. */
export function nextWatchDay(
  releasedAt: number,
  passed: number,
): { readonly day: number; readonly at: number } | undefined {
  const day = watchDays.find((one) => one > passed)
  return day === undefined ? undefined : { day, at: morningAfter(releasedAt, day) }
}

/** The latest day of the watch that is due at `at`; undefined while none is. */
export const lastWatchDay = (releasedAt: number, at: number): number | undefined =>
  watchDays.findLast((day) => morningAfter(releasedAt, day) <= at)

/** Asks on days 1, 7, 14 and 21 after release whether treatment has started, until it has. */
export const threeWeeks = (scene: Scene): readonly Wanted[] =>
  scene.facts.filter(isRelease).flatMap((fact) =>
    fact.fired.map((fired) =>
      wantedOf('three-weeks', fact, {
        episode: `release:${fact.id}:day-${fired.day}`,
        thread: `release:${fact.id}`,
        learnedAt: fired.at,
        headline: `No treatment reported ${fired.day === 1 ? '1 day' : `${fired.day} days`} after release`,
        lines: [
          `No start reported; data complete to ${dayInWords(fired.at)}.`,
          ...(fired.incomplete ? ['Not every source has reported: they may have started.'] : []),
          'Ask whether they have an appointment, and what would help them get there.',
        ],
        timer: `three-weeks:${fact.id}`,
        incomplete: fired.incomplete,
        timed: true,
        closed: watchOver(scene, fact),
      }),
    ),
  )

/** Why nobody need ask any more after this release. */
export function watchOver(scene: Scene, released: Fact): Closing | null {
  const since = scene.facts.filter(({ latestAt }) => latestAt >= released.occurredAt)
  const newest = scene.facts.findLast(isRelease)
  return (
    closedBy('treatment-started', since.find(isStart)) ??
    closedBy('contact-attended', since.find(isContact)) ??
    closedBy('returned', returnedAfter(scene, released)) ??
    closedBy('superseded', newest === undefined || newest.id === released.id ? undefined : newest)
  )
}

/** Treatment inside prison is no continuity outside it. */
const isStart = ({ type, about }: Fact): boolean =>
  type === 'TreatmentStarted' && about.setting !== 'PRISON'

const isContact = ({ type, about }: Fact): boolean =>
  type === 'TreatmentContact' && about.attendance === 'ATTENDED'
