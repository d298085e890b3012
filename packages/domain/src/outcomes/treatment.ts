import { addDays } from '../times.ts'
import type { Case } from './case.ts'
import type { ReviewFact } from './journey-facts.ts'
import {
  type Dated,
  type Episode,
  type Journey,
  journeysOf,
  keyOf,
  notKnown,
  type PersonJourney,
} from './journeys.ts'
import { addMonths, type Frame, isBetween } from './periods.ts'

/** O2: people with a community episode on any day of the window, by their latest one. */
export const inTreatment = (person: PersonJourney, frame: Frame): readonly Case[] =>
  treated(person, frame).map(({ groups }) => ({ yes: true, groups }))

/** O4: the same people; yes when their latest journey that ended in the window was completed. */
export const completed = (person: PersonJourney, frame: Frame): readonly Case[] =>
  treated(person, frame).map(({ groups, done }) => ({ yes: done !== undefined, groups }))

/** O5: as O4, unless a new episode began, anywhere, in the six calendar months after. */
export const completedNoReturn = (person: PersonJourney, frame: Frame): readonly Case[] =>
  treated(person, frame).map(({ groups, done }) => ({
    yes: done !== undefined && !returned(person, done),
    groups,
  }))

/** O8: of those with an acute housing problem at the start, who had none at the latest review. */
export function housingResolved(person: PersonJourney, frame: Frame): readonly Case[] {
  const pairs = [...coursesOf(person)].flatMap(({ reviews, groups }) => {
    const pair = pairOf(reviews, frame)
    return pair === undefined ? [] : [{ ...pair, groups }]
  })
  const last = pairs.reduce<(typeof pairs)[number] | undefined>(
    (latest, one) => (latest === undefined || one.day >= latest.day ? one : latest),
    undefined,
  )
  return last === undefined ? [] : [{ yes: last.resolved, groups: last.groups }]
}

const pairDaysMin = 28

interface Treated {
  readonly groups: Case['groups']
  /** The latest journey that ended in the window, when it was completed. */
  readonly done: Journey | undefined
}

/** At most one: the person, if they were in treatment in the window. */
function treated({ community }: PersonJourney, { from, to }: Frame): readonly Treated[] {
  const begun = community.filter((episode) => episode.start <= to && !isOnlyASign(episode))
  const last = begun.findLast(({ end }) => end === null || end >= from)
  if (last === undefined) return []
  const ended = journeysOf(begun).filter(
    ({ area, end }) => area === last.area && end !== null && isBetween(end, from, to),
  )
  const latest = ended.reduce<Journey | undefined>(
    (best, one) => (best === undefined || String(one.end) >= String(best.end) ? one : best),
    undefined,
  )
  return [{ groups: groupsOf(last), done: latest?.completed ? latest : undefined }]
}

/**
 * The list of starts after release names neither service, area nor substance: a sign that treatment began
 * somewhere. The service's own file tells the episode, and a person is not in treatment twice.
 */
const isOnlyASign = ({ area, substance }: Episode): boolean =>
  area === notKnown && substance === notKnown

/** The day of discharge counts as a return, the same day six months later does not. */
function returned({ community }: PersonJourney, { end, episodes }: Journey): boolean {
  const until = addDays(addMonths(end as string, 6), -1)
  return community.some(
    (one) => !episodes.includes(one) && isBetween(one.start, end as string, until),
  )
}

interface Course {
  readonly reviews: readonly Dated<ReviewFact>[]
  readonly groups: Case['groups']
}

/** Reviews by the journey they belong to; those of an episode nobody told the start of stand alone. */
function* coursesOf({ community, inPrison, reviews }: PersonJourney): Generator<Course> {
  const byEpisode = Map.groupBy(reviews, keyOf)
  for (const episode of inPrison) byEpisode.delete(keyOf(episode))
  for (const { episodes } of journeysOf(community)) {
    const own = episodes.flatMap((episode) => byEpisode.get(keyOf(episode)) ?? [])
    for (const episode of episodes) byEpisode.delete(keyOf(episode))
    yield { reviews: own, groups: groupsOf(episodes.at(-1) as Episode) }
  }
  for (const own of byEpisode.values()) {
    yield { reviews: own, groups: { area: notKnown, substance: notKnown } }
  }
}

/** The latest review of the window: what somebody says after it changes no figure that is final. */
function pairOf(reviews: readonly Dated<ReviewFact>[], window: Pick<Frame, 'from' | 'to'>) {
  const first = earliest(reviews.filter(({ stage }) => stage === 'START'))
  if (first === undefined || !first.some(({ housingProblem }) => housingProblem)) return undefined
  const from = addDays((first[0] as Dated<ReviewFact>).day, pairDaysMin)
  const after = reviews.filter(
    ({ stage, day }) =>
      (stage === 'REVIEW' || stage === 'EXIT') &&
      day >= from &&
      isBetween(day, window.from, window.to),
  )
  const day = after
    .map((one) => one.day)
    .toSorted()
    .at(-1)
  if (day === undefined) return undefined
  const resolved = after.every((one) => one.day !== day || !one.housingProblem)
  return { day, resolved }
}

/** All of the first day. */
function earliest(reviews: readonly Dated<ReviewFact>[]) {
  const day = reviews.map((one) => one.day).toSorted()[0]
  return day === undefined ? undefined : reviews.filter((one) => one.day === day)
}

const groupsOf = ({ area, substance }: Episode): Case['groups'] => ({ area, substance })
