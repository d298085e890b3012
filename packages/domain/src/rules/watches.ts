import type { EventType } from '../events.generated.ts'
import { morningAfter } from '../times.ts'
import { accountedFor, courtEvening } from './court-no-return.ts'
import { type Fact, type Fired, isRelease, sinceOf } from './fact.ts'
import { answerDue, answered } from './referral-unanswered.ts'
import { aheadAt, aheadDays, planOver } from './release-ahead.ts'
import { watchDays, watchOver } from './three-weeks.ts'
import type { Closing, Scene } from './wanted.ts'

/** A moment at which a watch asks; `day` names it within its fact, and grows. */
interface Moment {
  readonly day: number
  readonly at: number
}

/** What one kind of fact is watched for. The timer only wakes us; the rule decides. */
interface Watch {
  readonly timer: string
  /** Of its moments, in order. */
  readonly days: readonly number[]
  readonly at: (fact: Fact, day: number) => number
  readonly episode: (fact: Fact, day: number) => string
  /** Why nobody need ask any more. */
  readonly over: (scene: Scene, fact: Fact) => Closing | null
  /** Nothing is told of the fact before the first moment, as a rule. */
  readonly waits: boolean
}

const watches: { readonly [T in EventType]?: Watch } = {
  LeftForCourt: {
    timer: 'court',
    days: [0],
    at: ({ occurredAt }) => courtEvening(occurredAt),
    episode: ({ id }) => `court-no-return:${id}`,
    over: accountedFor,
    waits: true,
  },
  ReleasedFromPrison: {
    timer: 'three-weeks',
    days: watchDays,
    at: ({ occurredAt }, day) => morningAfter(occurredAt, day),
    episode: ({ id }, day) => `release:${id}:day-${day}`,
    over: watchOver,
    waits: false,
  },
  ReleaseDateSet: {
    timer: 'release-ahead',
    days: aheadDays,
    at: aheadAt,
    episode: ({ id }, day) => `release-ahead:${id}:${-day}`,
    over: planOver,
    waits: true,
  },
  ReferralMade: {
    timer: 'referral',
    days: [0],
    at: answerDue,
    episode: ({ id }) => `referral-unanswered:${id}`,
    over: answered,
    waits: true,
  },
}

const watchOn = (fact: Fact): Watch | undefined =>
  fact.type === 'ReleasedFromPrison' && !isRelease(fact) ? undefined : watches[fact.type]

export const waits = (fact: Fact): boolean => watchOn(fact)?.waits === true

/** The name of the timer that wakes the watch on this fact. */
export const timerOf = (fact: Fact): string => `${watchOn(fact)?.timer}:${fact.id}`

/** The next moment of the watch, if it has one. */
export function nextMoment(fact: Fact): Moment | undefined {
  const watch = watchOn(fact)
  const day = watch?.days.find((one) => fact.passed === undefined || one > fact.passed)
  return watch === undefined || day === undefined ? undefined : { day, at: watch.at(fact, day) }
}

export const episodeAt = (fact: Fact, day: number): string =>
  watchOn(fact)?.episode(fact, day) ?? ''

/** The episode that the first moment of its watch would open. */
export const firstEpisode = (fact: Fact): string => episodeAt(fact, watchOn(fact)?.days[0] ?? 0)

export const watchIsOver = (scene: Scene, fact: Fact): boolean =>
  (watchOn(fact)?.over(scene, fact) ?? null) !== null

/** Learned after some of its moments: the last of them is due at once. */
export function lateWatch(fact: Fact): Fact {
  const watch = watchOn(fact)
  if (watch === undefined || fact.passed !== undefined) return fact
  const since = sinceOf(fact)
  const day = watch.days.findLast((one) => watch.at(fact, one) <= since)
  return day === undefined ? fact : firedAt(fact, { day, at: since })
}

export const firedAt = (fact: Fact, fired: Fired): Fact => ({
  ...fact,
  passed: fired.day,
  fired: fact.fired?.some(({ day }) => day === fired.day)
    ? fact.fired
    : [...(fact.fired ?? []), fired],
})
