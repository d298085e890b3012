/** The event types of one publisher, and what each is to us. */
export interface Family<M> {
  readonly system: string
  readonly types: Readonly<Record<string, M>>
  /** Types whose members vary beyond listing, by how they start. */
  readonly prefixes?: Readonly<Record<string, M>>
}

export interface KnownType<M> {
  readonly system: string
  readonly meaning: M
}

/** What an event type is to us, or undefined for one that no family has. */
export function knownTypeIn<M>(
  families: readonly Family<M>[],
  eventType: string,
): KnownType<M> | undefined {
  for (const { system, types, prefixes = {} } of families) {
    if (Object.hasOwn(types, eventType)) return { system, meaning: types[eventType] as M }
    const prefix = Object.keys(prefixes).find((start) => eventType.startsWith(start))
    if (prefix !== undefined) return { system, meaning: prefixes[prefix] as M }
  }
  return undefined
}

export interface NamedTypes {
  /** What the sender routes on; undefined for a bare message. */
  readonly attribute: string | undefined
  readonly body: string | undefined
  /** The places where the type may stand, for the answer. */
  readonly places: readonly string[]
  /** What `test.` and `dummy.` before a type mean here: nothing at all, or the type without it. */
  readonly testEvents: 'ignore' | 'strip'
}

export type EventType =
  | {
      readonly ok: true
      readonly eventType: string
      /** Attribute and body named different types that belong together: both, for the log. */
      readonly differ?: { readonly attribute: string; readonly body: string }
    }
  | { readonly ok: false; readonly reason: string; readonly at: readonly string[] }

/** Route on the attribute, interpret by the body (formats/justice.md, section 2, fact 4). */
export function eventTypeOf({ attribute, body, places, testEvents }: NamedTypes): EventType {
  const [routed, said] = [attribute?.trim(), body?.trim()]
  if (routed === undefined && said === undefined) {
    return { ok: false, reason: 'event-type-missing', at: places }
  }
  if (testEvents === 'ignore' && [routed, said].some((name) => testPrefix.test(name ?? ''))) {
    return { ok: false, reason: 'test-event', at: [] }
  }
  const eventType = (said ?? routed ?? '').replace(testPrefix, '')
  const route = (routed ?? eventType).replace(testPrefix, '')
  if (!belongTogether(route, eventType)) {
    return { ok: false, reason: 'event-types-differ', at: places }
  }
  if (route === eventType) return { ok: true, eventType }
  return { ok: true, eventType, differ: { attribute: route, body: eventType } }
}

export const typeAttribute = 'MessageAttributes.eventType'

/**
 * OASys routes on one name and writes another into the body (section 2, fact 4). No other pair of
 * different names is known to belong together.
 */
const belongTogether = (attribute: string, body: string): boolean =>
  attribute.toLowerCase() === body.toLowerCase() ||
  (attribute === 'risk-assessment.scores.determined' && oasysBodies.has(body))

const oasysBodies: ReadonlySet<string> = new Set([
  'assessment.summary.produced',
  'risk-assessment.scores.rsr.determined',
  'risk-assessment.scores.ogrs.determined',
])

/** Publishers that are not in production put this before the name (section 1.2). */
const testPrefix = /^(?:test|dummy)\./
