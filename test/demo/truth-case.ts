import type { Reader } from './agreed.ts'
import type { Happening } from './happening.ts'
import { clockTime, dateIn, endOfDay, workingDaysAfter } from './london.ts'
import { hour } from './slots.ts'
import { categoriesNeeded } from './truth-covered.ts'
import { type Fact, isAfter, saying } from './truth-facts.ts'

export type Urgency = 'safety' | 'prompt' | 'routine'
/** By when, counted from when it was learned. */
export type Due = (learnedAt: number) => number

/** Something that should stand in somebody's notices, as far as is known. Times are milliseconds. */
export interface Case {
  readonly rule: string
  readonly episode: string
  readonly thread: string
  /** Everything that it stands on, its own event first. */
  readonly stands: readonly Fact[]
  /** What the lead must be allowed to hear, of every agency in `stands`. */
  readonly categories: readonly string[]
  readonly learnedAt: number
  /** A timer asks it no later than this: then the next day's question takes its place. */
  readonly askedUntil: number
  readonly occurredAt: number
  readonly urgency: Urgency
  /** Null: information, which asks for nothing. */
  readonly due: Due | null
  readonly headline: string | null
  /** Why it is over. */
  readonly closed: string | null
  readonly byAcknowledging: boolean
  readonly byContact: boolean
  /** Who hears of it beside the lead, and what more they must be allowed to hear for it. */
  readonly others: readonly { readonly reader: Reader; readonly alsoNeeds: readonly string[] }[]
  /** A timer asks it: not while somebody is reported dead, and on its own day it is not late. */
  readonly byTimer: boolean
  readonly aboutDeath: boolean
  /** Where that could not be told, neither is this. */
  readonly needs: string | null
}

/** What the rules may know of one person. */
export interface Known {
  /** What holds: what ends a case is one of these. */
  readonly facts: readonly Fact[]
  /** What a case may stand on: no permission was lost for it, and its source does not restrict it. */
  readonly grounds: readonly Fact[]
  /** No timer later than this has rung. */
  readonly asOf: number
  /** May the lead hear of it, and could they ever since it came? */
  heard(fact: Fact): boolean
}

export type Rule = (known: Known) => readonly Case[]

export function caseOf(
  rule: string,
  stands: readonly [Fact, ...Fact[]],
  says: Partial<Case> & Pick<Case, 'urgency' | 'due'>,
): Case {
  const [own] = stands
  const episode = says.episode ?? `${rule}:${own.key}`
  return {
    rule,
    thread: episode,
    stands,
    categories: [...new Set(stands.flatMap(categoriesOf))],
    learnedAt: Math.max(...stands.map((fact) => fact.learnedAt)),
    askedUntil: Number.POSITIVE_INFINITY,
    occurredAt: own.occurredAt,
    headline: null,
    closed: null,
    byAcknowledging: false,
    byContact: false,
    others: [],
    byTimer: false,
    aboutDeath: false,
    needs: null,
    ...says,
    episode,
  }
}

export const hours =
  (n: number): Due =>
  (at) =>
    at + n * hour
export const workingDays =
  (n: number): Due =>
  (at) =>
    workingDaysAfter(at, n)
/** 17:00 some days on. */
export const days =
  (n: number): Due =>
  (at) =>
    clockTime(dateIn(at), '17:00', n)
export const sameDay: Due = endOfDay

/** What is told for information: nothing is to be done by any time. */
export const toKnow = { urgency: 'routine', due: null, byAcknowledging: true } as const

/** The first reason for which something is over. */
export const firstOf = (...reasons: readonly (readonly [string, readonly Fact[]])[]) =>
  reasons.find(([, facts]) => facts.length > 0)?.[0] ?? null

export const startsOf = ({ facts }: Known) =>
  saying(facts, ['TreatmentStarted'], ({ setting }) => setting !== 'PRISON')

export const attendedOf = ({ facts }: Known) =>
  saying(facts, ['TreatmentContact'], ({ attendance }) => attendance === 'ATTENDED')

/** Treatment began, or they were seen there. */
export const inTouchAfter = (known: Known, own: Fact) =>
  [
    ['treatment-started', startsOf(known).filter(isAfter(own))],
    ['contact-attended', attendedOf(known).filter(isAfter(own))],
  ] as const

/** A start before it whose episode had not ended up to that moment, where the lead may hear of it. */
export function openAt(known: Known, own: Fact, until: number): Fact | undefined {
  const ends = saying(known.facts, ['TreatmentEnded'])
  return startsOf(known)
    .filter((start) => !isAfter(own)(start) && known.heard(start))
    .filter(
      ({ facts: { provider, episodeRef } }) =>
        !ends.some(
          ({ facts, occurredAt }) =>
            facts.provider === provider && facts.episodeRef === episodeRef && occurredAt <= until,
        ),
    )
    .at(-1)
}

/** Of two that are the same matter the one learned first stands. */
export function toldOnce(
  cases: readonly Case[],
  isSame: (one: Case, other: Case) => boolean,
): readonly Case[] {
  const standing: Case[] = []
  return cases
    .toSorted((a, b) => a.learnedAt - b.learnedAt)
    .map((one) => {
      if (standing.some((other) => isSame(one, other))) return { ...one, closed: 'superseded' }
      standing.push(one)
      return one
    })
}

export const within =
  (ms: number) =>
  (one: Case, other: Case): boolean =>
    Math.abs(one.occurredAt - other.occurredAt) <= ms

export const categoriesOf = ({ facts: { type } }: Happening) => categoriesNeeded(type)
