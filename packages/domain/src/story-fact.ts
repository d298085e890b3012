import type { EventType, Precision } from './events.generated.ts'
import type { Category } from './register.ts'
import type { StorySection } from './story-account.ts'

/** One thing known about the person. Shown only to who may see all its sources and categories. */
export interface StoryLine {
  /** Stays when the line is amended. */
  readonly id: string
  readonly section: StorySection
  /** The line, for the tier `detail`. */
  readonly text: string
  /** The kind of event, for the tier `headline`. */
  readonly headline: string
  /** Whom to ring, as the source's code. */
  readonly place: string | null
  readonly sources: readonly string[]
  readonly categories: readonly Category[]
  readonly occurredAt: number
  readonly precision: Precision
  readonly learnedAt: number
  /** Part of the situation now only before this instant. Null: until something newer is said. */
  readonly until: number | null
  readonly eventId: string
}

/** The account a person need not give again: what happened, and how things stand now. */
export interface Story {
  readonly personId: string
  readonly version: number
  readonly updatedAt: number
  /** Oldest first. */
  readonly lines: readonly StoryLine[]
  /** Ids of the lines that describe the situation now, in the order to show them. */
  readonly current: readonly string[]
}

/**
 * What the story remembers of one event, and what decides whether it stands. A state holds many, so
 * what is as usual is left out.
 */
export interface StoryFact {
  /** What link forwarded to this person: one id for all its versions. */
  readonly id: string
  readonly eventId: string
  readonly version: number
  readonly type: EventType
  /** The agency's system, `custody/police`: numbers of its objects mean nothing elsewhere. */
  readonly source: string
  /** The source's object it belongs to; left out where the event stands alone. */
  readonly object?: string
  readonly occurredAt: number
  /** Left out where the instant is known. */
  readonly precision?: Precision
  /** When it may first be told: when it was received, or its hold ended. */
  readonly learnedAt: number
  /** From when on consent must have held: when it was received, or the agreement whose look-back took it up. */
  readonly coveredFrom: number
  /** Nobody has asked yet whether it may be known here. */
  readonly isNew?: true
  /** The fields that its lines need. */
  readonly about: object
  /** Categories it needs beside those of its type; left out where there are none. */
  readonly needs?: readonly Category[]
}

/** The agency of a source `custody/police`. */
export const agencyOf = ({ source }: StoryFact): string => source.slice(0, source.indexOf('/'))
