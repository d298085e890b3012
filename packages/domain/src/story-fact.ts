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

/** What the story remembers of one event, and what decides whether it stands. */
export interface StoryFact {
  /** What link forwarded to this person: one id for all its versions. */
  readonly id: string
  readonly eventId: string
  readonly version: number
  readonly type: EventType
  readonly agency: string
  /** The agency's system: numbers of its objects mean nothing elsewhere. */
  readonly source: string
  readonly object: string | null
  readonly occurredAt: number
  readonly precision: Precision
  readonly receivedAt: number
  /** When it may first be told: when it was received, or its hold ended. */
  readonly learnedAt: number
  /** From when on consent must have held; null until the fact was first allowed. */
  readonly coveredFrom: number | null
  /** The fields that its lines need. */
  readonly about: object
  /** Categories it needs beside those of its type. */
  readonly needs: readonly Category[]
}
