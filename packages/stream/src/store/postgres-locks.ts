/**
 * Which advisory locks stand for what. What people agree to (their rows, claims, the agreements) is
 * looked up by everybody and changed by few: it shares 64 places, so that a step of a thousand
 * lookups takes at most so many locks. Other names have 4,096, and two of them seldom meet.
 */
const headPlaces = 64
const namePlaces = 4096

export const headOf = {
  person: (personId: string) => hashOf(personId) % headPlaces,
  claim: (identifier: string) => hashOf(identifier) % headPlaces,
  agreements: headPlaces,
} as const

/** The place of anything else that one transaction must have for itself, such as a natural key. */
export const placeOf = (name: string): number => headPlaces + 1 + (hashOf(name) % namePlaces)

/** FNV-1a over UTF-16 units: short, and spread well enough. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  return (hash ^ (hash >>> 15)) >>> 0
}
