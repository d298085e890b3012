import type { CanonicalEvent } from '@throughline/domain'
import { codecFor } from '@throughline/schemas'
import type { OutgoingRecord } from '@throughline/stream'
import type { BareStep } from './bare-hop.ts'

const dayMs = 24 * 3_600_000
const daysAfterRelease = [1, 3, 7, 14, 21]
const seenMax = 64
const noticesMax = 32

/** To the person whose claim it is. */
export const forward: BareStep = {
  name: 'link',
  input: 'agency.custody.v1',
  keepsState: false,
  lookups: (identifier) => [{ kind: 'claims', identifier }],
  fold: (batch, { known }) => ({
    states: [],
    timers: [],
    outbox: batch.flatMap(({ key, event }): OutgoingRecord[] => {
      const claim = known.claim(key)
      if (!claim) return []
      const { eventId } = event.value as CanonicalEvent
      const value = codecFor(event.schema).encode(event.value)
      return [{ topic: 'person.events.v1', key: claim.personId, id: eventId, value }]
    }),
  }),
}

interface Timer {
  readonly name: string
  readonly at: number
}

interface State {
  readonly seen: readonly string[]
  readonly notices: readonly { readonly id: string; readonly rule: string; readonly at: number }[]
  readonly timers: readonly Timer[]
}

/** What the peer's stateful step does: each event once, by its id; timers; a notice of two in four. */
export const watch: BareStep = {
  name: 'notify',
  input: 'person.events.v1',
  keepsState: true,
  lookups: (personId) => [{ kind: 'person', personId }],
  fold(batch, { states: stored, known }) {
    const states = new Map<string, State>()
    const timers = new Map<string, { key: string; name: string; at: number | null }>()
    const outbox: OutgoingRecord[] = []
    for (const { key, event } of batch) {
      const kept = stored.get(key)
      const before = states.get(key) ?? (kept ? stateIn(kept.value) : nothing)
      const { eventId, occurredAt, receivedAt } = event.value as CanonicalEvent
      const lead = known.person(key)?.assignments[0]?.practitionerId
      if (before.seen.includes(eventId) || lead === undefined) continue
      const waiting = timersAfter(event.schema, before.timers, occurredAt)
      for (const { name } of before.timers) timers.set(`${key} ${name}`, { key, name, at: null })
      for (const { name, at } of waiting) timers.set(`${key} ${name}`, { key, name, at })
      const rule = ruleOf(event.schema)
      const told = rule === null ? [] : [{ id: `${eventId}-${rule}`, rule, at: receivedAt }]
      for (const { id, rule } of told) {
        const value = codecFor('PractitionerNotice').encode(
          noticeOf({ id, rule, personId: key, lead, eventId, occurredAt, receivedAt }),
        )
        outbox.push({ topic: 'practitioner.notices.v1', key, id, value })
      }
      states.set(key, {
        seen: [...before.seen, eventId].slice(-seenMax),
        notices: [...before.notices, ...told].slice(-noticesMax),
        timers: waiting,
      })
    }
    return {
      states: [...states].map(([key, state]) => ({
        key,
        value: Buffer.from(JSON.stringify(state)),
        stateVersion: 1,
      })),
      timers: [...timers.values()],
      outbox,
    }
  },
}

const nothing: State = { seen: [], notices: [], timers: [] }

const stateIn = (value: Uint8Array): State => JSON.parse(Buffer.from(value).toString()) as State

function timersAfter(schema: string, before: readonly Timer[], at: number): readonly Timer[] {
  if (schema === 'LeftForCourt') return [...before, { name: 'court-no-return', at: at + dayMs }]
  if (schema !== 'ReleasedFromPrison') return []
  return daysAfterRelease.map((days) => ({ name: `release day ${days}`, at: at + days * dayMs }))
}

function ruleOf(schema: string): string | null {
  if (schema === 'ReceivedIntoPrison') return 'into-prison'
  return schema === 'ReleasedFromPrison' ? 'release' : null
}

interface Told {
  readonly id: string
  readonly rule: string
  readonly personId: string
  readonly lead: string
  readonly eventId: string
  readonly occurredAt: number
  readonly receivedAt: number
}

/** Word for word the peer's. */
const noticeOf = ({ id, rule, personId, lead, eventId, occurredAt, receivedAt }: Told) => ({
  noticeId: id,
  version: 1,
  personId,
  thread: eventId,
  episode: `${eventId}/${rule}`,
  rule,
  ruleVersion: 1,
  class: 'action',
  urgency: 'prompt',
  state: 'open',
  recipient: {
    practitionerId: lead,
    organisation: 'testshire-recovery',
    role: 'lead-practitioner',
  },
  headline: 'Custody told us something that you should act on',
  lines: ['It happened this morning at the prison.', 'Please ring them today.'],
  occurredAt,
  learnedAt: receivedAt,
  dueAt: receivedAt + dayMs,
  sources: ['custody'],
  categories: ['whereabouts', 'justice'],
  corrects: null,
  closedBecause: null,
  incomplete: false,
  because: { eventIds: [eventId], timer: null },
  push: true,
})
