import {
  type CanonicalEvent,
  type Envelope,
  type EventType,
  eventIdOf,
  type Identifier,
  type Ids,
  londonTimeOn,
} from '@throughline/domain'
import type { Fact } from '@throughline/intake'
import { dayText } from './days.ts'

/** Whom and what the facts of one file's rows are about. */
export interface About {
  readonly partnership: string
  readonly system: string
  readonly identifiers: readonly Identifier[]
  /** The source's own object, such as `N9901/50001`. */
  readonly objectRef: string
}

/** A fact that the rows tell for a day (yyyymmdd). */
export interface ToldOn {
  readonly day: number
  readonly event: (of: Envelope) => CanonicalEvent
}

/** A fact of a file under its natural key; `told` null: the rows say that it is not so. */
export function factOf(
  ids: Ids,
  type: EventType,
  naturalKey: readonly string[],
  about: About,
  told: ToldOn | null,
): Fact {
  const eventId = eventIdOf(ids, about.system, JSON.stringify(naturalKey))
  if (told === null) return { eventId, type, event: null }
  const { partnership, system, identifiers, objectRef } = about
  const event = told.event({
    eventId,
    version: 1,
    source: { partnership, agency: 'treatment', system },
    occurredAt: londonTimeOn(dayText(told.day), 0, 0),
    occurredAtPrecision: 'DAY',
    occurredAtText: null,
    recordedAt: null,
    receivedAt: 0,
    identifiers: [...identifiers],
    objectRef,
    handling: { holdUntil: null, restricted: false },
  })
  return { eventId, type, event }
}
