import type { TreatmentEndReason } from '../events.generated.ts'
import { addDays } from '../times.ts'
import type { OutcomeFact } from './facts.ts'
import type { EndFact, JourneyFact, OrderFact, ReleaseFact, ReviewFact } from './journey-facts.ts'
import { later } from './periods.ts'

/**
 * One person's journey, made of their facts: episodes, and the journeys they form (formats,
 * treatment-housing 1.6). Order of arrival plays no part.
 */

export type SubstanceGroup =
  | 'opiate'
  | 'non-opiate'
  | 'non-opiate-and-alcohol'
  | 'alcohol'
  | 'not-known'

export const substanceGroups = [
  'opiate',
  'non-opiate',
  'non-opiate-and-alcohol',
  'alcohol',
  'not-known',
] as const satisfies readonly SubstanceGroup[]

/** A time with one provider, from triage to discharge; without an end it is open. */
export interface Episode {
  readonly provider: string
  readonly episodeRef: string
  readonly start: string
  readonly end: string | null
  readonly reason: TreatmentEndReason | null
  readonly area: string
  readonly substance: SubstanceGroup
}

/** Episodes in one area that follow each other closely enough to be one course of treatment. */
export interface Journey {
  readonly area: string
  /** In order of start; never empty. */
  readonly episodes: readonly Episode[]
  /** Null while an episode is open. */
  readonly end: string | null
  readonly completed: boolean
}

/** A fact of one kind with the day on which it happened. */
export type Dated<F extends JourneyFact> = F & { readonly day: string; readonly source: string }

export interface PersonJourney {
  /** Episodes outside prison that have a start, in order of start. */
  readonly community: readonly Episode[]
  /** Episodes in prison that have a start, in order of start. */
  readonly inPrison: readonly Episode[]
  /** Ends of treatment in prison, told with or without a start. */
  readonly prisonExits: readonly Dated<EndFact>[]
  readonly reviews: readonly Dated<ReviewFact>[]
  readonly releases: readonly Dated<ReleaseFact>[]
  readonly orders: readonly Dated<OrderFact>[]
}

export const notKnown = 'not-known'
const gapDaysMax = 21

/** A source's code as a group's name. Groups are published: what is no short code is not known. */
export const codeOf = (text: string | null): string =>
  text !== null && /^[A-Za-z0-9][\w.-]{0,15}$/.test(text) && text !== 'all' ? text : notKnown

/** What is known of a person by the end of `asOf`. */
export function journeyOf(facts: readonly OutcomeFact[], asOf: string): PersonJourney {
  const known = facts.filter(({ day }) => day <= asOf).toSorted(byDayAndId)
  const all = <K extends JourneyFact['kind']>(kind: K) =>
    known.flatMap(({ about, day, source }) =>
      about.kind === kind ? [{ ...(about as Extract<JourneyFact, { kind: K }>), day, source }] : [],
    )
  const starts = all('start')
  const ends = all('end')
  const episodes = episodesOf(starts, ends)
  return {
    community: episodes.filter(({ setting }) => setting !== 'PRISON'),
    inPrison: episodes.filter(({ setting }) => setting === 'PRISON'),
    prisonExits: ends.filter(({ setting }) => setting === 'PRISON'),
    reviews: all('review'),
    releases: all('release'),
    orders: all('order'),
  }
}

/** The journeys that community episodes form, in order of their first start. */
export function journeysOf(community: readonly Episode[]): readonly Journey[] {
  const open: Episode[][] = []
  for (const episode of community) {
    const before = open.findLast((episodes) => episodes[0]?.area === episode.area)
    if (before !== undefined && follows(episode, endOf(before))) before.push(episode)
    else open.push([episode])
  }
  return open.map((episodes) => {
    const end = endOf(episodes)
    const last = episodes.filter((one) => one.end === end)
    return {
      area: (episodes[0] as Episode).area,
      episodes,
      end,
      completed: end !== null && last.every(({ reason }) => reason === 'COMPLETED'),
    }
  })
}

/** Started on or before the day, and not ended before it. */
export const isOpenOn = ({ start, end }: Episode, day: string): boolean =>
  start <= day && (end === null || end >= day)

/** Of the first three substances, by their national codes; 9996 and 9997 say that there is no further one. */
export function substanceGroupOf(substances: readonly string[]): SubstanceGroup {
  const codes = substances
    .slice(0, 3)
    .filter((code) => /^\d{4}$/.test(code) && code !== '9996' && code !== '9997')
  if (codes.some((code) => code.startsWith('1'))) return 'opiate'
  const alcohol = codes.some((code) => code.startsWith('7'))
  const other = codes.some((code) => !code.startsWith('7'))
  if (alcohol && other) return 'non-opiate-and-alcohol'
  if (other) return 'non-opiate'
  return alcohol ? 'alcohol' : 'not-known'
}

type Start = Dated<Extract<JourneyFact, { kind: 'start' }>>

function episodesOf(starts: readonly Start[], ends: readonly Dated<EndFact>[]) {
  const first = new Map<string, Start>()
  for (const start of starts) if (!first.has(keyOf(start))) first.set(keyOf(start), start)
  return [...first.entries()]
    .map(([key, start]) => {
      const { provider, episodeRef, setting, day, area, substances } = start
      const end = ends.findLast((one) => keyOf(one) === key && one.day >= day)
      return {
        provider,
        episodeRef,
        setting,
        start: day,
        end: end?.day ?? null,
        reason: end?.reason ?? null,
        area: codeOf(area),
        substance: substanceGroupOf(substances),
      }
    })
    .toSorted(byStart)
}

export const keyOf = ({ provider, episodeRef }: Pick<Episode, 'provider' | 'episodeRef'>): string =>
  JSON.stringify([provider, episodeRef])

/** The latest end, or null while one of them is open. */
const endOf = (episodes: readonly Episode[]): string | null =>
  episodes.reduce<string | null>(
    (latest, { end }) => (latest === null || end === null ? null : later(latest, end)),
    '',
  )

const follows = ({ start }: Episode, end: string | null): boolean =>
  end === null || start <= addDays(end, gapDaysMax)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const byStart = (a: Episode, b: Episode): number =>
  compare(a.start, b.start) ||
  compare(a.provider, b.provider) ||
  compare(a.episodeRef, b.episodeRef)

const byDayAndId = (a: OutcomeFact, b: OutcomeFact): number =>
  compare(a.day, b.day) || compare(a.id, b.id)
