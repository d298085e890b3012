/**
 * The small port through which pure code gets keyed and unkeyed digests. Parts are joined
 * unambiguously (length-prefixed), and the label separates the uses, so two uses never collide.
 */
export interface Ids {
  /** HMAC-SHA-256 under the partnership's key, base64url, 27 characters (160 bits). */
  hmac(label: string, ...parts: readonly string[]): string
  /** SHA-256, base64url, 27 characters (160 bits). Only over parts that are already keyed or public. */
  hash(label: string, ...parts: readonly string[]): string
}

/** An event's id: the same real-world happening from one source has one id, whatever its version. */
export const eventIdOf = (ids: Ids, system: string, naturalKey: string): string =>
  ids.hmac('event', system, naturalKey)

/** The id a log record carries: one for each version of an event. */
export const recordIdOf = (ids: Ids, eventId: string, version: number): string =>
  ids.hash('record', eventId, String(version))

/** What link forwards to one person: one id for each event and person, whatever the version. */
export const personEventIdOf = (ids: Ids, eventId: string, personId: string): string =>
  ids.hash('person-event', eventId, personId)

/**
 * A notice's id (design, section 6). The rule's version is no part of it: an episode keeps the one that
 * opened it. The person is: an episode of consent (`consent:withdrawn:2`) is named alike for everybody.
 */
export const noticeIdOf = (
  ids: Ids,
  rule: string,
  personId: string,
  episode: string,
  recipient: string,
): string => ids.hash('notice', rule, personId, episode, recipient)
