import type { Disclosure, Referral, ReferralDecision } from '@throughline/consent'
import type { CanonicalEvent, Envelope, Ids } from '@throughline/domain'
import { hashesOf, type Translation } from '@throughline/intake'
import { answersFor, type DeskCopy, eventIdFor, format, objectRefOf } from './translate.ts'

export interface Deed {
  readonly copy: DeskCopy
  readonly referral: Pick<Referral, 'referralId' | 'version' | 'sender'>
  /** The register's time. */
  readonly now: number
}

export interface Decision {
  readonly answer: ReferralDecision
  readonly because: string | null
  readonly by: Disclosure['recipient']
}

/**
 * What a service decided, in the hub's words. It comes from the referral's own source, so that whoever
 * may hear of the referral hears of its answer, and the referral's object has both.
 */
export function answerOf(
  { copy, referral, now }: Deed,
  { answer, because, by }: Decision,
  ids: Ids,
): Translation {
  const key = ['referral-answer', answer, copy.record.recordReference]
  const event: CanonicalEvent = {
    type: 'ReferralAnswered',
    ...envelopeOf(copy, key, referral.version, now, ids),
    referralRef: copy.record.recordReference,
    answer: answersFor[answer],
  }
  const { referralId } = referral
  const change = { kind: 'answered', referralId, answer, because, by } as const
  return { ...published(copy, key, event, ids), referral: change }
}

/** The person took back what they had agreed to. Names only the object, so it reaches everybody who had it. */
export function takenBackOf({ copy, referral, now }: Deed, ids: Ids): Translation {
  const key = ['withdrawal', 'person', copy.record.recordReference]
  const { identifiers: _identifiers, ...envelope } = envelopeOf(
    copy,
    key,
    referral.version,
    now,
    ids,
  )
  const event: CanonicalEvent = {
    type: 'EventWithdrawn',
    ...envelope,
    identifiers: [],
    withdrawnEventId: null,
    reason: 'person-took-it-back',
  }
  const { referralId, sender } = referral
  const change = { kind: 'withdrawn', referralId, sender, by: 'person' } as const
  return { ...published(copy, key, event, ids), referral: change }
}

function envelopeOf(
  { partnership, agency, record, identifiers }: DeskCopy,
  key: readonly string[],
  version: number,
  now: number,
  ids: Ids,
): Envelope {
  const system = record.source.organisation
  return {
    eventId: eventIdFor(ids, system, key),
    version,
    source: { partnership, agency, system },
    occurredAt: now,
    occurredAtPrecision: 'INSTANT',
    occurredAtText: null,
    recordedAt: now,
    receivedAt: 0,
    identifiers: [...identifiers],
    objectRef: objectRefOf('referral', record.recordReference),
    handling: { holdUntil: null, restricted: record.restricted },
  }
}

/** Pressing twice is one deed: when it was pressed is no part of what it says. */
function published(
  { record }: DeskCopy,
  key: readonly string[],
  event: CanonicalEvent,
  ids: Ids,
): Translation {
  const system = record.source.organisation
  const { version, identifiers } = event
  return {
    format,
    system,
    outcome: 'published',
    naturalKey: ids.hmac('natural-key', system, 'desk', ...key),
    version,
    contentHash: ids.hmac('content', ...key, String(version)),
    resolves: [],
    unknownMembers: 0,
    events: [{ event, identifierHashes: hashesOf(ids, identifiers) }],
  }
}
