import type { EventType } from '../events.generated.ts'
import { accountedFor, courtEvening } from './court-no-return.ts'
import { type Fact, type Fired, isRelease, sinceOf } from './fact.ts'
import { answerDue, answered } from './referral-unanswered.ts'
import { aheadMoments, planOver } from './release-ahead.ts'
import { watchMoments, watchOver } from './three-weeks.ts'
import type { Closing, Scene } from './wanted.ts'

/** A moment at which a watch asks; `day` names it within its fact, and grows. */
export interface Moment {
  readonly day: number
  readonly at: number
}

/** What one kind of fact is watched for. The timer only wakes us; the rule decides. */
interface Watch {
  readonly timer: string
  readonly moments: (fact: Fact) => readonly Moment[]
  readonly episode: (fact: Fact, day: number) => string
  /** Why nobody need ask any more. */
  readonly over: (scene: Scene, fact: Fact) => Closing | null
  /** Nothing is told of the fact before the first moment, as a rule. */
  readonly waits: boolean
}

const watches: { readonly [T in EventType]?: Watch } = {
  LeftForCourt: {
    timer: 'court',
    moments: ({ occurredAt }) => [{ day: 0, at: courtEvening(occurredAt) }],
    episode: ({ id }) => `court-no-return:${id}`,
    over: accountedFor,
    waits: true,
  },
  ReleasedFromPrison: {
    timer: 'three-weeks',
    moments: watchMoments,
    episode: ({ id }, day) => `release:${id}:day-${day}`,
    over: watchOver,
    waits: false,
  },
  ReleaseDateSet: {
    timer: 'release-ahead',
    moments: aheadMoments,
    episode: ({ id }, day) => `release-ahead:${id}:${-day}`,
    over: planOver,
    waits: true,
  },
  ReferralMade: {
    timer: 'referral',
    moments: (fact) => [{ day: 0, at: answerDue(fact) }],
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

/** The next moment of the watch, if it has one; the timer of a fact that is not watched is nobody's. */
export const nextMoment = (fact: Fact): Moment | undefined =>
  watchOn(fact)
    ?.moments(fact)
    .find(({ day }) => fact.passed === undefined || day > fact.passed)

export const episodeAt = (fact: Fact, day: number): string =>
  watchOn(fact)?.episode(fact, day) ?? ''

/** The episode that the first moment of its watch would open. */
export const firstMoment = (fact: Fact): string | undefined => {
  const first = watchOn(fact)?.moments(fact)[0]
  return first === undefined ? undefined : episodeAt(fact, first.day)
}

export const watchIsOver = (scene: Scene, fact: Fact): boolean =>
  (watchOn(fact)?.over(scene, fact) ?? null) !== null

/** The fact, and which moment it was learned too late for: of several the last is due at once. */
export function lateWatch(fact: Fact): Fact {
  if (fact.passed !== undefined) return fact
  const since = sinceOf(fact)
  const missed = watchOn(fact)
    ?.moments(fact)
    .findLast(({ at }) => at <= since)
  return missed === undefined ? fact : firedAt(fact, { day: missed.day, at: since })
}

export const firedAt = (fact: Fact, fired: Fired): Fact => ({
  ...fact,
  passed: fired.day,
  fired: fact.fired?.some(({ day }) => day === fired.day)
    ? fact.fired
    : [...(fact.fired ?? []), fired],
})
