import type { Counted, Restated, Restatement } from '@throughline/consent'
import {
  type CanonicalEvent,
  type Envelope,
  type EventType,
  eventIdOf,
  type Identifier,
  type Ids,
} from '@throughline/domain'
import { acceptSpans } from './accept-spans.ts'
import type { IntakeDeps } from './acceptance.ts'
import { hashesOf } from './house.ts'
import type { Unclaimed } from './message.ts'
import { dayKeys, type Sealing, sealEvent } from './seal.ts'

/** One thing of a source that tells everything again each time, as its rows tell it now. */
export interface Thing {
  /** HMAC of the thing's natural key; asked for only where a row is new, so it may be a getter. */
  readonly key: string
  /** HMAC of each row, of the identifiers and all that is read of it. */
  readonly rows: readonly string[]
  /** Worked out only where a row is new or different. Pure. */
  readonly says: () => Said
}

export interface Said {
  readonly identifiers: readonly Identifier[]
  /** The source's own object, to which all these facts belong. */
  readonly objectRef: string
  /** HMAC of what makes each row the same row next time. */
  readonly rowKeys: readonly string[]
  readonly facts: readonly Fact[]
}

/** A fact on which the rows have a say. */
export interface Fact {
  readonly eventId: string
  readonly type: EventType
  /** Complete but for what acceptance decides (`version`, `receivedAt`); null where the rows say that it is not so. */
  readonly event: CanonicalEvent | null
}

/** Compares with what was last accepted, in one transaction, and publishes what differs. */
export type Restate = (
  things: readonly Thing[],
  counted: readonly Counted[],
) => Promise<readonly Restated[]>

export interface RestatingOptions {
  readonly agency: string
  readonly system: string
  readonly unclaimed: Unclaimed
}

/** The way in for sources that tell everything again, such as monthly files. */
export function restating(deps: IntakeDeps, options: RestatingOptions): Restate {
  const { register, keys, ids, random, partnership } = deps
  const { agency, system, unclaimed } = options
  const keyFor = dayKeys(keys)
  return async (things, counted) => {
    const keyOfDay = await keyFor(register.now())
    const request = {}
    const spans = acceptSpans(agency, [request])
    const carried = spans.carriedBy(request)
    const sealing = { agency, partnership, ids, random, keyOfDay, carried }
    const restatements = things.map((thing): Restatement => {
      const says = () => statedOf(thing, system, sealing)
      return {
        agency,
        system,
        get key() {
          return thing.key
        },
        rows: thing.rows,
        unclaimed,
        says,
      }
    })
    return spans.within(() => register.restate(restatements, counted))
  }
}

function statedOf(thing: Thing, system: string, sealing: Sealing): ReturnType<Restatement['says']> {
  const { ids } = sealing
  const { identifiers, objectRef, rowKeys, facts } = thing.says()
  const identifierHashes = hashesOf(ids, identifiers)
  const back = (withdrawal: Withdrawal) => (final: { version: number; receivedAt: number }) =>
    sealEvent(
      {
        event: withdrawalOf(ids, system, withdrawal, { ...final, sealing }),
        identifierHashes: withdrawal.identifiers.length === 0 ? [] : identifierHashes,
      },
      { ...final, eventId: withdrawalIdOf(ids, system, withdrawal) },
      sealing,
    )
  return {
    identifiers: identifierHashes,
    rowKeys,
    facts: facts.map(({ eventId, type, event }) => ({
      eventId,
      type,
      contentHash: event === null ? null : ids.hmac('content', JSON.stringify(event)),
      tell: (final) => {
        if (event === null) throw new Error('there is nothing to tell')
        return sealEvent({ event, identifierHashes }, { ...final, eventId }, sealing)
      },
      takeBack: back({ of: eventId, identifiers, objectRef: null, reason: 'no-longer-stated' }),
    })),
    // Named by its object alone: whoever has had it loses it, whoever that was.
    disown: back({ of: thing.key, identifiers: [], objectRef, reason: 'of-somebody-else' }),
  }
}

interface Withdrawal {
  /** An event's id, or a thing's key. */
  readonly of: string
  readonly identifiers: readonly Identifier[]
  readonly objectRef: string | null
  readonly reason: string
}

const withdrawalIdOf = (ids: Ids, system: string, { of }: Withdrawal): string =>
  eventIdOf(ids, system, JSON.stringify(['withdrawn', of]))

/** A file does not say when something stopped being so: it is known since it was received. */
function withdrawalOf(
  ids: Ids,
  system: string,
  withdrawal: Withdrawal,
  { version, receivedAt, sealing }: { version: number; receivedAt: number; sealing: Sealing },
): CanonicalEvent {
  const { of, identifiers, objectRef, reason } = withdrawal
  const envelope: Envelope = {
    eventId: withdrawalIdOf(ids, system, withdrawal),
    version,
    source: { partnership: sealing.partnership, agency: sealing.agency, system },
    occurredAt: receivedAt,
    occurredAtPrecision: 'INSTANT',
    occurredAtText: null,
    recordedAt: null,
    receivedAt,
    identifiers: [...identifiers],
    objectRef,
    handling: { holdUntil: null, restricted: false },
  }
  const withdrawnEventId = objectRef === null ? of : null
  return { type: 'EventWithdrawn', ...envelope, withdrawnEventId, reason }
}
