import type { Notice } from './notice.ts'
import type { Category } from './register.ts'
import type { Warned } from './rules/consent.ts'
import type { Correction } from './rules/correction.ts'
import type { Fact } from './rules/fact.ts'
import type { AskName } from './rules/table.ts'
import type { Acts } from './rules/wanted.ts'

/** What notify remembers of one person. Sealed under the person's key; small, because it is read at every event. */
export interface NotifyState {
  /** The highest version known of each event, for ever: nobody is told twice. */
  readonly used: Readonly<Record<string, number>>
  /** Up to which version an event (`event <id>`) or a source's object (`object …`) was withdrawn, for ever. */
  readonly withdrawn: Readonly<Record<string, number>>
  /** Events that their source still holds back. */
  readonly held: Readonly<Record<string, Held>>
  readonly facts: Readonly<Record<string, Fact>>
  readonly episodes: Readonly<Record<string, Episode>>
  readonly corrections: Readonly<Record<string, Correction>>
  readonly acts: Acts
  readonly warned: Warned | null
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

/** One case of a rule, and everybody who got a copy. */
export interface Episode {
  readonly ask: AskName
  readonly rule: Notice['rule']
  readonly ruleVersion: number
  readonly thread: string
  readonly factId: string | null
  readonly eventIds: readonly string[]
  readonly occurredAt: number
  readonly learnedAt: number
  readonly urgency: Notice['urgency']
  readonly dueAt: number
  readonly sources: readonly string[]
  readonly categories: readonly Category[]
  /** 0: nobody but those it was for; 1: the deputies too; 2: the duty team too. */
  readonly level: 0 | 1 | 2
  /** The lead's copy was taken back and nobody could be given it yet. */
  readonly seeking: boolean
  /** By practitioner or duty role. */
  readonly copies: Readonly<Record<string, Copy>>
}

export interface Copy {
  readonly noticeId: string
  readonly version: number
  readonly state: Notice['state']
  readonly because: string | null
  /** Taken away from this recipient for good, whatever the case does. */
  readonly final: 'permission' | 'handed-over' | null
  readonly part: 'lead' | 'deputy' | 'duty' | 'role' | 'team' | 'named'
  readonly organisation: string
  readonly role: string
  /** A digest of what the last version said. */
  readonly print: string
  /** An escalated copy counts from its own instant. */
  readonly escalatedAt: number | null
}

export const nothingNotified: NotifyState = {
  used: {},
  withdrawn: {},
  held: {},
  facts: {},
  episodes: {},
  corrections: {},
  acts: { acknowledged: {}, contacted: {}, prescriptionConfirmed: {} },
  warned: null,
  dead: false,
  restoredAt: null,
  timers: {},
}

export const isLive = (state: Notice['state']): boolean =>
  state === 'open' || state === 'acknowledged' || state === 'paused'

/** Whether what is known of it holds: not withdrawn in this or a later version. */
export const isEffective = (
  { withdrawn }: Pick<NotifyState, 'withdrawn'>,
  { id, version, object, type }: Fact,
): boolean =>
  type !== 'EventWithdrawn' &&
  (withdrawn[`event ${id}`] ?? -1) < version &&
  (object === null || (withdrawn[`object ${object}`] ?? -1) < version)

/** Still waiting for the evening: it has been counted nowhere yet. */
export const isUndecided = (state: Pick<NotifyState, 'withdrawn'>, fact: Fact): boolean =>
  fact.type === 'LeftForCourt' && fact.passed < 0 && fact.ended === null && isEffective(state, fact)

/** As long as the log keeps a person's events. What is over for longer has no more to say. */
const keptMs = 400 * 24 * 3_600_000
const factsBeforePruning = 32

/** Forgets cases that are long over, with the facts behind them; ids and withdrawals stay for ever. */
export function pruned(state: NotifyState, now: number): NotifyState {
  const facts = Object.values(state.facts)
  if (facts.length <= factsBeforePruning) return state
  const episodes = Object.entries(state.episodes)
  const alive = new Set(
    episodes
      .filter(([, { copies }]) => Object.values(copies).some((copy) => isLive(copy.state)))
      .map(([, { factId }]) => factId),
  )
  const newestOfEach = new Map<string, Fact>()
  for (const fact of facts) {
    const newest = newestOfEach.get(fact.type)
    if (newest === undefined || fact.occurredAt > newest.occurredAt)
      newestOfEach.set(fact.type, fact)
  }
  const watched = new Set(
    Object.keys(state.timers).map((name) => name.slice(name.indexOf(':') + 1)),
  )
  const old = facts.filter(
    (fact) =>
      Math.max(fact.receivedAt, fact.occurredAt) + keptMs < now &&
      !alive.has(fact.id) &&
      !watched.has(fact.id) &&
      newestOfEach.get(fact.type) !== fact,
  )
  if (old.length === 0) return state
  const gone = new Set<string | null>(old.map(({ id }) => id))
  return {
    ...state,
    facts: Object.fromEntries(Object.entries(state.facts).filter(([id]) => !gone.has(id))),
    episodes: Object.fromEntries(
      episodes.filter(([, { factId }]) => factId === null || !gone.has(factId)),
    ),
  }
}
