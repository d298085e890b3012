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
    (fact) => Math.max(fact.receivedAt, fact.occurredAt) + overForMs < now && !kept.has(fact.id),
  )
  if (old.length === 0) return state
  const gone = new Set<string | null>(old.map(({ id }) => id))
  const without = <T>(
    rows: Readonly<Record<string, T>>,
    isGone: (row: T, name: string) => boolean,
  ) => Object.fromEntries(Object.entries(rows).filter(([name, row]) => !isGone(row, name)))
  const over = Object.values(state.episodes).filter(({ factId }) => gone.has(factId))
  const threads = new Set(over.map(({ thread }) => thread))
  const notices = new Set(
    over.flatMap(({ copies }) => Object.values(copies).map(({ noticeId }) => noticeId)),
  )
  const { acknowledged, contacted, prescriptionConfirmed } = state.acts
  return {
    ...state,
    used: { ...state.used, ...Object.fromEntries(old.map(({ id }) => [id, spent])) },
    facts: without(state.facts, (_, id) => gone.has(id)),
    episodes: without(state.episodes, ({ factId }) => gone.has(factId)),
    acts: {
      acknowledged: without(acknowledged, (_, id) => notices.has(id)),
      contacted: without(contacted, (_, thread) => threads.has(thread)),
      prescriptionConfirmed: without(prescriptionConfirmed, (_, thread) => threads.has(thread)),
    },
  }
}

/** What still matters: open cases, watches, what a correction is about, and the latest of each kind. */
function keptFacts(state: NotifyState, facts: readonly Fact[]): ReadonlySet<string | null> {
  const kept = new Set<string | null>()
  const newest = new Map<string, Fact>()
  for (const fact of facts) {
    const known = newest.get(fact.type)
    if (known === undefined || fact.occurredAt > known.occurredAt) newest.set(fact.type, fact)
  }
  for (const { id } of newest.values()) kept.add(id)
  for (const { factId, copies } of Object.values(state.episodes)) {
    if (Object.values(copies).some((copy) => isLive(copy.state))) kept.add(factId)
  }
  for (const { of } of Object.values(state.corrections)) {
    kept.add(state.episodes[of]?.factId ?? null)
  }
  for (const name of Object.keys(state.timers)) kept.add(name.slice(name.indexOf(':') + 1))
  return kept
}
