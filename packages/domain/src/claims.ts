import type { Ids } from './ids.ts'

/** How an identifier is known everywhere but in memory and under encryption: an HMAC of its canonical text. */
export const identifierHash = (ids: Ids, canonical: string): string =>
  ids.hmac('identifier', canonical)

/**
 * The key of an inbound record: the hash of the event's first identifier, so that one source's
 * events about one person stay in order. Undefined for an event that names only an object.
 */
export const recordKeyOf = (hashes: readonly string[]): string | undefined => hashes[0]
