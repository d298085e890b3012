import { type Ids, type Input, identifierHash, type Processor } from '@throughline/domain'

type EventInput = Extract<Input, { kind: 'event' }>

/**
 * What the peer's `Forward` does, on the hub's own runtime: who claims the event's first identifier, and
 * whether they agreed when it was received.
 */
export const forward: Processor<null> = {
  name: 'forward',
  inputs: ['agency.custody.v1'],
  outputs: ['person.events.v1'],
  upstream: [],
  keyOf: () => null,
  personal: false,
  initial: null,
  stateVersion: 1,
  upgrade: () => null,
  lookups: (input, _key, ids) =>
    input.kind === 'event' ? [{ kind: 'claims', identifier: firstOf(input, ids) }] : [],
  step(state, known, input, _key, ids) {
    if (input.kind !== 'event') return { state }
    const { event } = input
    const personId = known.claim(firstOf(input, ids))?.personId
    const grant = known.person(personId ?? '')?.versions.at(-1)?.grants[0]
    if (personId === undefined || grant === undefined) return { state }
    const { eventId, receivedAt } = event
    if (receivedAt < grant.from || receivedAt >= grant.until) return { state }
    const forwarded = {
      topic: 'person.events.v1',
      key: personId,
      id: eventId,
      schema: event.type,
      value: event,
      receivedAt,
      purposes: ['care-coordination'],
    } as const
    return { state, emit: [forwarded] }
  },
}

/** Nothing that lies in clear carries hashes beside it. */
function firstOf({ identifierHashes, event }: EventInput, ids: Ids): string {
  const [hash] = identifierHashes
  const [first] = event.identifiers
  return hash ?? identifierHash(ids, `${first?.type}:${first?.value}`)
}
