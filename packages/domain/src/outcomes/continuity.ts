import { addDays } from '../times.ts'
import type { Case, Policy } from './case.ts'
import {
  codeOf,
  type Episode,
  isOpenOn,
  notKnown,
  type PersonJourney,
  type SubstanceGroup,
  substanceGroupOf,
} from './journeys.ts'
import { type Frame, isBetween, quarterOf } from './periods.ts'

/** National practice: in treatment within three weeks, and day 21 counts (formats, treatment-housing 3, O1). */
const daysMax = 21

/** Somebody left prison on a day, and should be in treatment within three weeks. */
interface Leaving {
  readonly day: string
  readonly area: string
  readonly substance: SubstanceGroup
  readonly establishment: string
}

/** Leaving as the secure setting's extract tells it: of people who were in treatment there. */
export const prisonExitsOf = ({ prisonExits, inPrison }: PersonJourney): readonly Leaving[] =>
  prisonExits.flatMap((exit) => {
    const { day, reason, prisonExit, substances, provider, episodeRef } = exit
    const area = codeOf(exit.area)
    const leaves = reason === 'TRANSFERRED_NOT_IN_CUSTODY' && prisonExit === 'RELEASED'
    if (!leaves || area === notKnown || area === outsideEngland) return []
    const begun = inPrison.find((one) => one.provider === provider && one.episodeRef === episodeRef)
    const told = substances.length > 0 ? substanceGroupOf(substances) : begun?.substance
    return [{ day, area, substance: told ?? notKnown, establishment: codeOf(provider) }]
  })

/** Leaving as custody tells it: of whoever agreed, in need of treatment or not. */
export const releasesOf = (person: PersonJourney): readonly Leaving[] =>
  person.releases
    .filter(({ release }) => release === 'TO_COMMUNITY')
    .map(({ day, prison, homeArea }) => ({
      day,
      area: codeOf(homeArea),
      substance: lastBegun(person, addDays(day, daysMax))?.substance ?? notKnown,
      establishment: codeOf(prison),
    }))

export const continuity =
  (leavings: typeof releasesOf) =>
  (person: PersonJourney, frame: Frame, policy: Policy): readonly Case[] =>
    casesOf(leavings(person), frame).map((leaving) => ({
      yes:
        startsAfter(person, leaving.day) ||
        (policy.earlierOpenEpisode === 'counts' && wasOpen(person, leaving.day)),
      groups: groupsOf(leaving),
    }))

/** Of those who did not start: who had been in community treatment all along. */
export const continuityOpen =
  (leavings: typeof releasesOf) =>
  (person: PersonJourney, frame: Frame): readonly Case[] =>
    casesOf(leavings(person), frame)
      .filter(({ day }) => !startsAfter(person, day))
      .map(({ day }) => ({ yes: wasOpen(person, day), groups: {} }))

/** Court orders with treatment, and whether it had begun by three weeks later. */
export function ordersStarted(person: PersonJourney, frame: Frame): readonly Case[] {
  const first = new Map<string, (typeof person.orders)[number]>()
  for (const order of person.orders) {
    const key = `${order.source} ${order.requirementRef}`
    if (!first.has(key)) first.set(key, order)
  }
  return [...first.values()]
    .filter(({ day }) => isRipe(day, frame))
    .map(({ day, requirement }) => ({
      yes: startsAfter(person, day) || wasOpen(person, day),
      groups: { requirement, quarter: quarterOf(day) },
    }))
}

const outsideEngland = 'Z00B'

/** One case for each day in the window whose three weeks have run out. */
function casesOf(leavings: readonly Leaving[], frame: Frame): readonly Leaving[] {
  const byDay = new Map<string, Leaving>()
  for (const leaving of leavings) {
    const { day, establishment } = leaving
    const other = byDay.get(day)
    if (other === undefined || establishment < other.establishment) byDay.set(day, leaving)
  }
  return [...byDay.values()].filter(({ day }) => isRipe(day, frame))
}

const isRipe = (day: string, { from, to, asOf }: Frame): boolean =>
  isBetween(day, from, to) && addDays(day, daysMax) <= asOf

const startsAfter = ({ community }: PersonJourney, day: string): boolean =>
  community.some(({ start }) => isBetween(start, day, addDays(day, daysMax)))

const wasOpen = ({ community }: PersonJourney, day: string): boolean =>
  community.some((episode) => episode.start < day && isOpenOn(episode, day))

const groupsOf = ({ day, area, substance, establishment }: Leaving): Case['groups'] => ({
  area,
  substance,
  establishment,
  quarter: quarterOf(day),
})

/** The episode, in or out of prison, with the latest start up to a day. */
const lastBegun = ({ community, inPrison }: PersonJourney, day: string): Episode | undefined =>
  [...inPrison, ...community]
    .filter(({ start }) => start <= day)
    .reduce<Episode | undefined>(
      (last, one) => (last === undefined || one.start >= last.start ? one : last),
      undefined,
    )
