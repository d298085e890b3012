import { type CanonicalEvent, eventIdOf, type Ids, recordIdOf } from '@throughline/domain'
import { type OpenedKey, type OutgoingRecord, type Random, sealRecord } from '@throughline/stream'
import type { Subject } from './county.ts'

const topic = 'agency.custody.v1'
const system = 'prison-offender-events'
const minuteMs = 60_000
const hourMs = 3_600_000

/** What happens to somebody, in order: each makes or settles notices, and sets or takes away timers. */
const stages = [
  { type: 'ReceivedIntoPrison', legalBasis: 'OTHER' },
  { type: 'LeftForCourt' },
  { type: 'ReturnedToPrison', from: 'COURT' },
  { type: 'ReleasedFromPrison', kind: 'TO_COMMUNITY', homeArea: null },
] as const

export const stagesInAStory = stages.length

interface Sealing {
  readonly ids: Ids
  readonly random: Random
  readonly dayKey: OpenedKey
  /** When the hub received it, in ms; it began an hour before. */
  readonly receivedAt: number
}

/** One stage of somebody's time in prison. `round` tells one stay from the next. */
export function eventOf(
  { person }: Subject,
  stage: number,
  round: number,
  { ids, receivedAt }: Pick<Sealing, 'ids' | 'receivedAt'>,
): CanonicalEvent {
  return {
    ...stages[stage % stages.length],
    eventId: eventIdOf(ids, system, `${person.noms} ${round} ${stage}`),
    version: 1,
    source: { partnership: 'testshire', agency: 'custody', system },
    occurredAt: receivedAt - hourMs + stage * minuteMs,
    occurredAtPrecision: 'INSTANT',
    occurredAtText: null,
    recordedAt: receivedAt - hourMs + stage * minuteMs,
    receivedAt,
    identifiers: [
      { type: 'NOMS', value: person.noms, issuer: null, verified: true },
      { type: 'NHS', value: person.nhs, issuer: null, verified: true },
    ],
    objectRef: null,
    handling: { holdUntil: null, restricted: false },
    prison: 'TSI',
    reasonCode: 'CR',
    confirmed: true,
  } as CanonicalEvent
}

/** The event as its connector leaves it on the agency's topic, sealed under the day's key. */
export function recordOf(
  subject: Subject,
  stage: number,
  round: number,
  sealing: Sealing,
): OutgoingRecord {
  const { ids, random, dayKey, receivedAt } = sealing
  const event = eventOf(subject, stage, round, sealing)
  return sealRecord({
    topic,
    key: subject.hashes[0],
    id: recordIdOf(ids, event.eventId, event.version),
    schema: event.type,
    value: event,
    sealUnder: dayKey,
    agency: 'custody',
    receivedAt,
    identifierHashes: subject.hashes,
    random,
  })
}
