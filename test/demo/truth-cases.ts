import { daysAfter, daysBetween, quarterOf, sixMonthsAfter } from './truth-days.ts'
import {
  codeOr,
  type Dated,
  type Episode,
  groupOf,
  inOrder,
  isOpenOn,
  type Journey,
  journeysOf,
  notKnown,
  type Treated,
} from './truth-treated.ts'

/** What is asked: days are London days, both ends included. */
export interface Frame {
  readonly from: string
  readonly to: string
  readonly asOf: string
  readonly earlierOpenEpisode: 'apart' | 'counts'
}

/** One case of a measure: in the numerator, and the group of each breakdown that it is in. */
export interface Case {
  readonly yes: boolean
  readonly groups: Readonly<Record<string, string>>
}

export type Measure =
  | 'continuity'
  | 'continuity-open'
  | 'continuity-releases'
  | 'continuity-releases-open'
  | 'in-treatment'
  | 'completed'
  | 'completed-no-return'
  | 'housing-resolved'
  | 'orders-started'

/** One person's cases. */
export function casesOf(
  treated: Treated,
  frame: Frame,
): Readonly<Record<Measure, readonly Case[]>> {
  const [continuity, continuityOpen] = afterLeaving(exitsOf(treated), treated, frame)
  const [releases, releasesOpen] = afterLeaving(releasesOf(treated), treated, frame)
  return {
    continuity,
    'continuity-open': continuityOpen,
    'continuity-releases': releases,
    'continuity-releases-open': releasesOpen,
    ...inTreatment(treated, frame),
    'housing-resolved': housingResolved(treated, frame),
    'orders-started': ordersStarted(treated, frame),
  }
}

interface Leaving {
  readonly on: string
  readonly place: string
  readonly groups: Readonly<Record<string, string>>
}

function exitsOf({ exits }: Treated): readonly Leaving[] {
  return exits
    .filter(
      ({ setting, reason, prisonExit, area }) =>
        setting === 'PRISON' &&
        reason === 'TRANSFERRED_NOT_IN_CUSTODY' &&
        prisonExit === 'RELEASED' &&
        ![notKnown, 'Z00B'].includes(codeOr(area)),
    )
    .map(({ on, provider, area, substances }) => ({
      on,
      place: provider,
      groups: {
        area: codeOr(area),
        substance: groupOf(substances),
        quarter: quarterOf(on),
        establishment: codeOr(provider),
      },
    }))
}

function releasesOf({ releases, episodes }: Treated): readonly Leaving[] {
  return releases
    .filter(({ kind }) => kind === 'TO_COMMUNITY')
    .map(({ on, prison, homeArea }) => ({
      on,
      place: prison ?? '',
      groups: {
        area: codeOr(homeArea),
        substance: episodes.findLast(({ start }) => start <= daysAfter(on, 21))?.group ?? notKnown,
        quarter: quarterOf(on),
        establishment: codeOr(prison),
      },
    }))
}

/** Those who started in three weeks, and of the others those who had an open episode already. */
function afterLeaving(
  leavings: readonly Leaving[],
  { episodes }: Treated,
  frame: Frame,
): readonly [readonly Case[], readonly Case[]] {
  const byDay = new Map<string, Leaving>()
  for (const leaving of leavings.toSorted((a, b) => inOrder(a.place, b.place)))
    if (isCounted(leaving.on, frame) && !byDay.has(leaving.on)) byDay.set(leaving.on, leaving)
  const cases = [...byDay.values()].map(({ on, groups }) => {
    const started = startsWithin(episodes, on)
    const open = !started && hadOpen(episodes, on)
    return { started, open, groups }
  })
  const openCounts = frame.earlierOpenEpisode === 'counts'
  return [
    cases.map(({ started, open, groups }) => ({ yes: started || (openCounts && open), groups })),
    cases.filter(({ started }) => !started).map(({ open }) => ({ yes: open, groups: {} })),
  ]
}

const isCounted = (on: string, { from, to, asOf }: Frame): boolean =>
  from <= on && on <= to && daysAfter(on, 21) <= asOf

const startsWithin = (episodes: readonly Episode[], on: string): boolean =>
  episodes.some(
    ({ isCommunity, start }) => isCommunity && on <= start && start <= daysAfter(on, 21),
  )

const hadOpen = (episodes: readonly Episode[], on: string): boolean =>
  episodes.some((one) => one.isCommunity && one.start < on && isOpenOn(one, on))

function inTreatment({ episodes }: Treated, { from, to, asOf }: Frame) {
  const community = episodes.filter(({ isCommunity }) => isCommunity)
  const told = community.filter(({ isSign, start }) => !isSign && start <= to)
  const latest = told.findLast(({ end }) => end === null || end >= from)
  if (latest === undefined)
    return { 'in-treatment': [], completed: [], 'completed-no-return': [] } as const
  const groups = { area: latest.area, substance: latest.group }
  const ended = journeysOf(told)
    .filter(({ episodes: [first], end }) => first?.area === latest.area && isIn(end, from, to))
    .toSorted((a, b) => inOrder(a.end ?? '', b.end ?? ''))
    .at(-1)
  const completed = ended?.isCompleted ?? false
  return {
    'in-treatment': [{ yes: true, groups }],
    completed: [{ yes: completed, groups }],
    'completed-no-return': [
      { yes: completed && ended !== undefined && !comesBack(ended, community, asOf), groups },
    ],
  }
}

const isIn = (on: string | null, from: string, to: string): boolean =>
  on !== null && from <= on && on <= to

function comesBack({ end, episodes }: Journey, all: readonly Episode[], asOf: string): boolean {
  return all.some(
    (one) =>
      !episodes.includes(one) &&
      end !== null &&
      end <= one.start &&
      one.start < sixMonthsAfter(end) &&
      one.start <= asOf,
  )
}

interface Stretch {
  readonly area: string
  readonly substance: string
  readonly began: string
  readonly reviews: readonly Dated<'TreatmentReviewed'>[]
}

function housingResolved(treated: Treated, { from, to }: Frame): readonly Case[] {
  const pairs = stretchesOf(treated).flatMap((stretch) => {
    const first = answersOf(stretch.reviews, ['START'])[0]
    if (first === undefined || !first.problem) return []
    const later = answersOf(stretch.reviews, ['REVIEW', 'EXIT']).filter(
      ({ on }) => daysBetween(first.on, on) >= 28 && isIn(on, from, to),
    )
    const last = later.at(-1)
    return last === undefined ? [] : [{ ...stretch, ...last }]
  })
  const [one] = pairs.toSorted((a, b) => inOrder(b.on, a.on) || inOrder(b.began, a.began))
  if (one === undefined) return []
  return [{ yes: !one.problem, groups: { area: one.area, substance: one.substance } }]
}

/** A review of an episode whose start nobody told stands alone; one of a prison's counts for nothing. */
function stretchesOf({ episodes, reviews, exits }: Treated): readonly Stretch[] {
  const isOf = (review: Dated<'TreatmentReviewed'>) => (one: Episode) =>
    one.provider === review.provider && one.ref === review.episodeRef
  const journeys = journeysOf(episodes.filter(({ isCommunity }) => isCommunity)).map((journey) => {
    const last = journey.episodes.at(-1) as Episode
    return {
      area: last.area,
      substance: last.group,
      began: (journey.episodes[0] as Episode).start,
      reviews: reviews.filter((review) => journey.episodes.some(isOf(review))),
    }
  })
  const alone = Map.groupBy(
    reviews.filter((review) => !episodes.some(isOf(review))),
    ({ provider, episodeRef }) => `${provider} ${episodeRef}`,
  )
  const prisons = new Set(
    exits
      .filter(({ setting }) => setting === 'PRISON')
      .map(({ provider, episodeRef }) => `${provider} ${episodeRef}`),
  )
  const others = [...alone]
    .filter(([name]) => !prisons.has(name))
    .map(([, own]) => ({ area: notKnown, substance: notKnown, began: '', reviews: own }))
  return [...journeys, ...others]
}

/** Day by day: a problem that one of them names is one. */
function answersOf(
  reviews: readonly Dated<'TreatmentReviewed'>[],
  stages: readonly string[],
): readonly { readonly on: string; readonly problem: boolean }[] {
  const days = new Map<string, boolean>()
  for (const { stage, on, housingProblem } of reviews)
    if (stages.includes(stage) && housingProblem !== null)
      days.set(on, (days.get(on) ?? false) || housingProblem)
  return [...days].map(([on, problem]) => ({ on, problem })).toSorted((a, b) => inOrder(a.on, b.on))
}

function ordersStarted({ orders, episodes }: Treated, frame: Frame): readonly Case[] {
  const firsts = new Map<string, Dated<'TreatmentRequirementMade'>>()
  for (const order of orders) {
    const known = firsts.get(order.requirementRef)
    if (known === undefined || order.on < known.on) firsts.set(order.requirementRef, order)
  }
  return [...firsts.values()]
    .filter(({ on }) => isCounted(on, frame))
    .map(({ on, requirement }) => ({
      yes: startsWithin(episodes, on) || hadOpen(episodes, on),
      groups: { requirement, quarter: quarterOf(on) },
    }))
}
