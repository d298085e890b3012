import type { Notice } from './notice.ts'
import type { Category } from './register.ts'
import type { Warned } from './rules/consent.ts'
import type { Correction } from './rules/correction.ts'
import { type Fact, learnedAt } from './rules/fact.ts'
import { attendedKept } from './rules/frequent-attender.ts'
import type { Attended } from './rules/stays.ts'
import type { AskName } from './rules/table.ts'
import type { Acts } from './rules/wanted.ts'
import { firstEpisode, waits } from './rules/watches.ts'

/**
 * What notify remembers of one person. Sealed under the person's key; small, because it is read and
 * written at every event: what is as usual is left out.
 */
export interface NotifyState {
  /** The highest version known of each event that is neither a fact nor held, for ever: nobody is told twice. */
  readonly used: Readonly<Record<string, number>>
  /** Up to which version an event (`event <id>`) or a source's object (`object …`) was withdrawn, for ever. */
  readonly withdrawn: Readonly<Record<string, number>>
  /** Events that their source still holds back. */
  readonly held: Readonly<Record<string, Held>>
  readonly facts: Readonly<Record<string, Fact>>
  readonly episodes: Readonly<Record<string, Episode>>
  readonly corrections: Readonly<Record<string, Correction>>
  readonly acts: Acts
  /** Emergency stays for alcohol or drugs, for as long as they count. */
  readonly attended: readonly Attended[]
  /** Of the end of the consent, and that it is a year old. */
  readonly warned: Warned | null
  readonly reviewed: Warned | null
  readonly dead: boolean
  /** When the last report of a death turned out to be wrong. */
  readonly restoredAt: number | null
  /** The timers that are set, by name. */
  readonly timers: Readonly<Record<string, number>>
}

export interface Held {
  readonly fact: Fact
  /** What it withdraws, where it is a withdrawal. */
  readonly withdraws: readonly string[]
}

/** One case of a rule, and everybody who got a copy: nobody, where nobody could be told when it came. */
export interface Episode {
  readonly ask: AskName
  readonly rule: Notice['rule']
  readonly ruleVersion: number
  /** Where it is not the episode's own name. */
  readonly thread?: string
  /** What it stands on, its own fact first; none for what rests on the register alone. */
  readonly factIds?: readonly string[]
  readonly eventIds: readonly string[]
  readonly occurredAt: number
  readonly learnedAt: number
  readonly urgency: Notice['urgency']
  readonly dueAt: number | null
  readonly sources: readonly string[]
  readonly categories: readonly Category[]
  /** 1: the deputies have it too; 2: the duty team too. */
  readonly level?: 1 | 2
  /** The lead's copy was taken back and nobody could be given it yet. */
  readonly seeking?: true
  /** By practitioner or duty role. */
  readonly copies: Readonly<Record<string, Copy>>
}

export interface Copy {
  readonly noticeId: string
  readonly version: number
  readonly state: Notice['state']
  readonly because?: string
  /** Taken away from this recipient for good, whatever the case does. */
  readonly final?: 'permission' | 'handed-over'
  readonly part: 'lead' | 'deputy' | 'duty' | 'role' | 'team' | 'named'
  readonly organisation: string
  /** Where it is not that of a lead. */
  readonly role?: string
  /** A digest of what the last version said. */
  readonly print: string
  /** An escalated copy counts from its own instant. */
  readonly escalatedAt?: number
  /** It was escalated before every source had reported. */
  readonly incomplete?: true
}

export const nothingNotified: NotifyState = {
  used: {},
  withdrawn: {},
  held: {},
  facts: {},
  episodes: {},
  corrections: {},
  acts: {},
  attended: [],
  warned: null,
  reviewed: null,
  dead: false,
  restoredAt: null,
  timers: {},
}

/** The highest version of an event that was ever taken in; -1 for none. */
export const versionUsed = ({ used, facts, held }: NotifyState, id: string): number =>
  Math.max(used[id] ?? -1, facts[id]?.version ?? -1, held[id]?.fact.version ?? -1)

export const isLive = (state: Notice['state']): boolean =>
  state === 'open' || state === 'acknowledged' || state === 'paused'

/** Whether what is known of it holds: not withdrawn in this or a later version. */
export const isEffective = (
  { withdrawn }: Pick<NotifyState, 'withdrawn'>,
  { id, version, object, type }: Fact,
): boolean =>
  type !== 'EventWithdrawn' &&
  (isEmpty(withdrawn) ||
    ((withdrawn[`event ${id}`] ?? -1) < version &&
      (object === undefined || (withdrawn[`object ${object}`] ?? -1) < version)))

function isEmpty(rows: object): boolean {
  for (const _ in rows) return false
  return true
}

/** Still waiting for the first moment of its watch, with nothing told before: it has been counted nowhere yet. */
export const isUndecided = (
  state: Pick<NotifyState, 'withdrawn' | 'episodes'>,
  fact: Fact,
): boolean =>
  waits(fact) &&
  fact.passed === undefined &&
  fact.ended === undefined &&
  isEffective(state, fact) &&
  state.episodes[firstEpisode(fact)] === undefined

/**
 * Cases that are over are forgotten after this time, but only of somebody who has had many: a
 * correction can then no longer reach who was told. Ids and withdrawals are remembered for ever.
 */
const overForMs = 90 * 24 * 3_600_000
const factsBeforePruning = 12
/** No version is higher: nothing that comes of a forgotten event starts it again. */
const spent = Number.MAX_SAFE_INTEGER

export function pruned(state: NotifyState, now: number): NotifyState {
  const facts = Object.values(state.facts)
  if (facts.length <= factsBeforePruning) return state
  const kept = keptFacts(state, facts)
  const old = facts.filter(
    (fact) => Math.max(learnedAt(fact), fact.occurredAt) + overForMs < now && !kept.has(fact.id),
  )
  if (old.length === 0) return state
  const gone = new Set(old.map(({ id }) => id))
  const isOver = ({ factIds }: Episode): boolean => factIds?.some((id) => gone.has(id)) === true
  const over = Object.entries(state.episodes).filter(([, episode]) => isOver(episode))
  const answered = new Set(
    over.flatMap(([name, { thread, copies }]) => [
      thread ?? name,
      ...Object.values(copies).map(({ noticeId }) => noticeId),
    ]),
  )
  const next = {
    ...state,
    used: { ...state.used, ...Object.fromEntries(old.map(({ id }) => [id, spent])) },
    facts: without(state.facts, (_, id) => gone.has(id)),
    episodes: without(state.episodes, isOver),
    // `<kind> <notice or thread>`, and for an arrangement its item.
    acts: without(state.acts, (_, name) => answered.has(name.split(' ')[1] ?? '')),
  }
  return { ...next, attended: attendedKept(next.attended, (id) => !(id in next.facts), now) }
}

const without = <T>(
  rows: Readonly<Record<string, T>>,
  isGone: (row: T, name: string) => boolean,
): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(rows).filter(([name, row]) => !isGone(row, name)))

/** What still matters: open cases, watches, what a correction is about, and the latest of each kind. */
function keptFacts(state: NotifyState, facts: readonly Fact[]): ReadonlySet<string> {
  const kept = new Set<string>()
  const newest = new Map<string, Fact>()
  for (const fact of facts) {
    const known = newest.get(fact.type)
    if (known === undefined || fact.occurredAt > known.occurredAt) newest.set(fact.type, fact)
  }
  for (const { id } of newest.values()) kept.add(id)
  const keep = (episode: Episode | undefined): void => {
    for (const id of episode?.factIds ?? []) kept.add(id)
  }
  for (const episode of Object.values(state.episodes)) {
    if (Object.values(episode.copies).some((copy) => isLive(copy.state))) keep(episode)
  }
  for (const { of } of Object.values(state.corrections)) keep(state.episodes[of])
  for (const name of Object.keys(state.timers)) kept.add(name.slice(name.indexOf(':') + 1))
  return kept
}
