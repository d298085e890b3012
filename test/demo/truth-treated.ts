import type { Facts, FactsOf, Happening } from './happening.ts'
import { dateIn } from './london.ts'
import { daysAfter } from './truth-days.ts'

/** What one person's treatment comes to, from the facts that count. Days are London days. */
export interface Treated {
  /** In the order in which they began. */
  readonly episodes: readonly Episode[]
  readonly reviews: readonly Dated<'TreatmentReviewed'>[]
  readonly exits: readonly Dated<'TreatmentEnded'>[]
  readonly releases: readonly Dated<'ReleasedFromPrison'>[]
  readonly orders: readonly Dated<'TreatmentRequirementMade'>[]
}

export type Dated<T extends Facts['type']> = FactsOf<T> & { readonly on: string }

export interface Episode {
  readonly provider: string
  readonly ref: string
  readonly start: string
  /** Null while it is open. */
  readonly end: string | null
  readonly isCompleted: boolean
  readonly isCommunity: boolean
  readonly area: string
  readonly group: string
  /** That treatment began is all it says. */
  readonly isSign: boolean
}

export interface Journey {
  readonly episodes: readonly Episode[]
  readonly end: string | null
  readonly isCompleted: boolean
}

export function treatedOf(happenings: readonly Happening[], asOf: string): Treated {
  const of = <T extends Facts['type']>(type: T): readonly Dated<T>[] =>
    happenings.flatMap(({ facts, occurredAt }) => {
      const on = dateIn(occurredAt)
      return facts.type === type && on <= asOf ? [{ ...(facts as FactsOf<T>), on }] : []
    })
  const ends = of('TreatmentEnded')
  return {
    episodes: episodesOf(of('TreatmentStarted'), ends),
    reviews: of('TreatmentReviewed'),
    exits: ends,
    releases: of('ReleasedFromPrison'),
    orders: of('TreatmentRequirementMade'),
  }
}

function episodesOf(
  starts: readonly Dated<'TreatmentStarted'>[],
  ends: readonly Dated<'TreatmentEnded'>[],
): readonly Episode[] {
  const firsts = new Map<string, Dated<'TreatmentStarted'>>()
  for (const start of starts) {
    const name = nameOf(start)
    const known = firsts.get(name)
    if (known === undefined || start.on < known.on) firsts.set(name, start)
  }
  return [...firsts]
    .map(([name, { provider, episodeRef, on, setting, area, substances }]): Episode => {
      const last = ends
        .filter((one) => nameOf(one) === name && one.on >= on)
        .reduce<(typeof ends)[number] | null>(
          (latest, one) => (latest === null || one.on > latest.on ? one : latest),
          null,
        )
      const [where, group] = [codeOr(area), groupOf(substances)]
      return {
        provider,
        ref: episodeRef,
        start: on,
        end: last?.on ?? null,
        isCompleted: last?.reason === 'COMPLETED',
        isCommunity: setting !== 'PRISON',
        area: where,
        group,
        isSign: where === notKnown && group === notKnown,
      }
    })
    .toSorted(
      (a, b) =>
        inOrder(a.start, b.start) || inOrder(a.provider, b.provider) || inOrder(a.ref, b.ref),
    )
}

const nameOf = ({ provider, episodeRef }: { provider: string; episodeRef: string }): string =>
  `${provider} ${episodeRef}`

export const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const isOpenOn = ({ start, end }: Episode, on: string): boolean =>
  start <= on && (end === null || end >= on)

/** Chains of episodes in one area with no gap of more than 21 days. */
export function journeysOf(episodes: readonly Episode[]): readonly Journey[] {
  const areas = [...new Set(episodes.map(({ area }) => area))]
  return areas.flatMap((area) => {
    const chains: Episode[][] = []
    for (const episode of episodes.filter((one) => one.area === area)) {
      const chain = chains.at(-1)
      const end = chain === undefined ? undefined : endOf(chain)
      if (chain === undefined || (end && episode.start > daysAfter(end, 21))) chains.push([episode])
      else chain.push(episode)
    }
    return chains.map((chain): Journey => {
      const end = endOf(chain)
      const lasts = chain.filter((one) => one.end === end)
      return {
        episodes: chain,
        end,
        isCompleted: end !== null && lasts.every(({ isCompleted }) => isCompleted),
      }
    })
  })
}

function endOf(chain: readonly Episode[]): string | null {
  const ends = chain.flatMap(({ end }) => (end === null ? [] : [end]))
  if (ends.length < chain.length) return null
  return ends.toSorted((a, b) => (a < b ? -1 : 1)).at(-1) ?? null
}

export const notKnown = 'not-known'

/** A code of 1 to 16 characters that is not the word for everything. */
export const codeOr = (text: string | null): string =>
  text !== null && text !== 'all' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,15}$/.test(text)
    ? text
    : notKnown

/** By the first three substances. */
export function groupOf(substances: readonly string[] | null): string {
  const codes = (substances ?? [])
    .slice(0, 3)
    .filter((code) => /^\d{4}$/.test(code) && code !== '9996' && code !== '9997')
  if (codes.length === 0) return notKnown
  if (codes.some((code) => code.startsWith('1'))) return 'opiate'
  const alcohol = codes.some((code) => code.startsWith('7'))
  const other = codes.some((code) => !code.startsWith('7'))
  if (alcohol && other) return 'non-opiate-and-alcohol'
  return other ? 'non-opiate' : 'alcohol'
}
