import { dayInWords } from '../date-words.ts'
import { type Arrangement, arrangements } from '../notice.ts'
import { addDays, isWorkingDay, londonDate, londonTimeOn } from '../times.ts'
import { byLearning, type Fact, type Fired, isRelease } from './fact.ts'
import {
  type Closing,
  closedAfter,
  closedBy,
  deed,
  type Scene,
  type Wanted,
  wantedOf,
} from './wanted.ts'

/** The days of its moments, counted up to the release. */
export const aheadDays = [-56, -14] as const

/** 09:00 in London on that day. */
export const aheadAt = ({ about }: Fact, day: number): number =>
  londonTimeOn(addDays(about.day ?? '', day), 9, 0)

/** A release is coming: what has to be there on the day is arranged before it. */
export const releaseAhead = (scene: Scene): readonly Wanted[] =>
  scene.grounds('ReleaseDateSet').flatMap((fact) => {
    const over = planOver(scene, fact)
    const fired = fact.fired ?? []
    return fired.map((one) => {
      const next = fired.some(({ day }) => day > one.day)
      return asked(scene, fact, one, over ?? (next ? { because: 'superseded', by: null } : null))
    })
  })

function asked(scene: Scene, fact: Fact, fired: Fired, closed: Closing | null): Wanted {
  const { day = '' } = fact.about
  const weekend = isBeforeDaysOff(day)
  const open = stillOpen(scene, fact)
  return wantedOf('release-ahead', fact, {
    episode: `release-ahead:${fact.id}:${-fired.day}`,
    learnedAt: fired.at,
    ...((weekend || fired.day === -14) && { urgency: 'prompt' }),
    headline: `Release planned for ${dayInWords(Date.parse(day))}`,
    lines: [
      `Arrange what is still open: ${open.map((item) => inWords[item]).join(', ')}. Record each here as made, not needed or declined.`,
      ...(weekend
        ? [
            'That is a Friday or the day before a holiday: ask for an earlier day, and book the appointment, script and naloxone before it.',
          ]
        : []),
      ...(fired.incomplete ? ['Not every source has reported: the date may have moved.'] : []),
    ],
    timer: `release-ahead:${fact.id}`,
    incomplete: fired.incomplete === true,
    timed: true,
    closed,
  })
}

const inWords: Readonly<Record<Arrangement, string>> = {
  home: 'home',
  treatment: 'treatment',
  script: 'script',
  'identity-papers': 'identity papers',
}

/** On a Friday, or before a holiday, nobody is there when it goes wrong. */
const isBeforeDaysOff = (day: string): boolean =>
  !isWorkingDay(day) || !isWorkingDay(addDays(day, 1))

const stillOpen = ({ acts }: Scene, { id }: Fact): readonly Arrangement[] =>
  arrangements.filter((item) => !acts.has(deed('arranged', `release-ahead:${id}`, item)))

/** Why nothing needs to be arranged for this date, or not any more. */
export function planOver(scene: Scene, fact: Fact): Closing | null {
  const plans = scene.grounds('ReleaseDateSet')
  const last = plans.toSorted(byPlan).at(-1)
  const same = plans.filter(({ about }) => about.day === fact.about.day).toSorted(byLearning)
  const moved = last === undefined || last.about.day === fact.about.day ? undefined : last
  return (
    closedBy('superseded', moved ?? (same[0]?.id === fact.id ? undefined : same[0])) ??
    closedAfter(scene, fact, 'released', isRelease) ??
    (stillOpen(scene, fact).length === 0 ? { because: 'arranged', by: null } : null) ??
    (isPast(fact) ? { because: 'superseded', by: null } : null)
  )
}

/** The plan is the date that was set last. */
const byPlan = (a: Fact, b: Fact): number => a.occurredAt - b.occurredAt || byLearning(a, b)

/** It was learned when the day was over. */
const isPast = ({ about, fired }: Fact): boolean =>
  fired?.some(({ at }) => londonDate(at) > (about.day ?? '')) === true
