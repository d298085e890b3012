import type { Notice } from './notice.ts'
import type { Category } from './register.ts'
import type { Warned } from './rules/consent.ts'
import { type Correction, correctionEpisode } from './rules/correction.ts'
import type { Fact } from './rules/fact.ts'
import type { Attended } from './rules/stays.ts'
import type { AskName } from './rules/table.ts'
import { firstEpisode, waits } from './rules/watches.ts'

/**
 * What notify remembers of one person. Sealed under the person's key; small, because it is read and
 * written at every event: what is as usual is left out.
 */
export interface NotifyState {
  /** The highest version known of each event that is neither a fact nor held, for ever: nobody is told twice. */
  readonly used: Rows<number>
  /** Up to which version an event (`event <id>`) or a source's object (`object …`) was withdrawn, for ever. */
  readonly withdrawn: Rows<number>
  /** Events that their source still holds back. */
  readonly held: readonly Held[]
  readonly facts: readonly Fact[]
  readonly episodes: Rows<Episode>
  readonly corrections: readonly Correction[]
  /** What practitioners did, and when. */
  readonly acts: Rows<number>
  /** Emergency stays for alcohol or drugs, for as long as they count. */
  readonly attended: readonly Attended[]
  /** Of the end of the consent, and that it is a year old. */
  readonly warned: Warned | null
  readonly reviewed: Warned | null
  readonly dead: boolean
  /** When the last report of a death turned out to be wrong. */
  readonly restoredAt: number | null
  /** The timers that are set, by name. */
  readonly timers: Rows<number>
}

/**
 * Rows by name, in the order in which they came. No object: names differ from person to person, and
 * an engine makes a class for every new set of names.
 */
export type Rows<T> = readonly (readonly [name: string, row: T])[]

/** The state while a step is being worked out, by name. Nothing of it outlives the step. */
export interface Draft {
  readonly used: Map<string, number>
  readonly withdrawn: Map<string, number>
  readonly held: Map<string, Held>
  readonly facts: Map<string, Fact>
  readonly episodes: Map<string, Episode>
  readonly corrections: Map<string, Correction>
  readonly acts: Map<string, number>
  attended: readonly Attended[]
  warned: Warned | null
  reviewed: Warned | null
  dead: boolean
  restoredAt: number | null
  timers: Map<string, number>
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
  used: [],
  withdrawn: [],
  held: [],
  facts: [],
  episodes: [],
  corrections: [],
  acts: [],
  attended: [],
  warned: null,
  reviewed: null,
  dead: false,
  restoredAt: null,
  timers: [],
}

export const draftOf = (state: NotifyState): Draft => ({
  used: new Map(state.used),
  withdrawn: new Map(state.withdrawn),
  held: new Map(state.held.map((one) => [one.fact.id, one])),
  facts: new Map(state.facts.map((fact) => [fact.id, fact])),
  episodes: new Map(state.episodes),
  corrections: new Map(state.corrections.map((one) => [correctionEpisode(one), one])),
  acts: new Map(state.acts),
  attended: state.attended,
  warned: state.warned,
  reviewed: state.reviewed,
  dead: state.dead,
  restoredAt: state.restoredAt,
  timers: new Map(state.timers),
})

export const stateOf = (draft: Draft): NotifyState => ({
  used: rowsOf(draft.used),
  withdrawn: rowsOf(draft.withdrawn),
  held: valuesOf(draft.held),
  facts: valuesOf(draft.facts),
  episodes: rowsOf(draft.episodes),
  corrections: valuesOf(draft.corrections),
  acts: rowsOf(draft.acts),
  attended: draft.attended,
  warned: draft.warned,
  reviewed: draft.reviewed,
  dead: draft.dead,
  restoredAt: draft.restoredAt,
  timers: rowsOf(draft.timers),
})

// Most of them are empty of most people.
const rowsOf = <T>(rows: ReadonlyMap<string, T>): Rows<T> => (rows.size === 0 ? [] : [...rows])
const valuesOf = <T>(rows: ReadonlyMap<string, T>): readonly T[] =>
  rows.size === 0 ? [] : [...rows.values()]

/** The highest version of an event that was ever taken in; -1 for none. */
export const versionUsed = ({ used, facts, held }: Draft, id: string): number =>
  Math.max(used.get(id) ?? -1, facts.get(id)?.version ?? -1, held.get(id)?.fact.version ?? -1)

export const isLive = (state: Notice['state']): boolean =>
  state === 'open' || state === 'acknowledged' || state === 'paused'

/** Whether what is known of it holds: not withdrawn in this or a later version. */
export const isEffective = (
  { withdrawn }: Pick<Draft, 'withdrawn'>,
  { id, version, object, type }: Fact,
): boolean =>
  type !== 'EventWithdrawn' &&
  (withdrawn.size === 0 ||
    ((withdrawn.get(`event ${id}`) ?? -1) < version &&
      (object === undefined || (withdrawn.get(`object ${object}`) ?? -1) < version)))

/** Still waiting for the first moment of its watch, with nothing told before: it has been counted nowhere yet. */
export const isUndecided = (draft: Pick<Draft, 'withdrawn' | 'episodes'>, fact: Fact): boolean =>
  waits(fact) &&
  fact.passed === undefined &&
  fact.ended === undefined &&
  isEffective(draft, fact) &&
  !draft.episodes.has(firstEpisode(fact))
