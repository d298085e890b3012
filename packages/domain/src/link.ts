import type { Ids } from './ids.ts'
import type { Input, Known, Lookup, Stepped } from './processor.ts'

export const personEventsTopic = 'person.events.v1'

/** What link wants to know before it looks at a record. */
export function linkLookups(_input: Input, _key: string | null, _ids: Ids): readonly Lookup[] {
  return []
}

/** Joins an agency's event to the one person it is about, where that person has agreed. */
export function linkStep(
  state: null,
  _known: Known,
  _input: Input,
  _key: string | null,
  _ids: Ids,
): Stepped<null> {
  return { state }
}
