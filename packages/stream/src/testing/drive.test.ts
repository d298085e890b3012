import type { Processor } from '@throughline/domain'
import { expect, it } from 'vitest'
import { drive } from './drive.ts'

interface Waiting {
  readonly since: number | null
}

const day = 24 * 3_600_000

/** Asks the lead on the next day about everybody who was released, unless they withdrew. */
const asker: Processor<Waiting> = {
  name: 'asker',
  inputs: ['person.events.v1', 'consent.changes.v1'],
  outputs: ['practitioner.notices.v1'],
  upstream: ['connectors'],
  stateVersion: 1,
  upgrade: (state) => state as Waiting,
  initial: { since: null },
  personal: true,
  keyOf: (input) => ('personId' in input ? input.personId : null),
  lookups: (_input, key) => (key === null ? [] : [{ kind: 'person', personId: key }]),
  step(state, known, input, key, ids) {
    const person = known.person(key ?? '')
    if (person?.versions.at(-1)?.state !== 'given') return { state: { since: null } }
    if (input.kind === 'person-event' && input.event.objectRef === 'poison')
      throw new Error('poison')
    if (input.kind === 'person-event') {
      const since = input.event.occurredAt
      return { state: { since }, timers: [{ name: 'ask', at: since + day }] }
    }
    if (input.kind !== 'timer' || state.since === null) return { state }
    const lead = person.assignments[0]?.practitionerId ?? ''
    const id = ids.hash('ask', key ?? '')
    const emission = {
      topic: 'practitioner.notices.v1',
      key: key ?? '',
      id,
      schema: 'ConsentChanged',
      value: { personId: lead, version: 1, changedAt: input.firedAt },
      receivedAt: input.dueAt,
    }
    return { state: { since: null }, emit: [emission] }
  },
}

const released = { type: 'ReleasedFromPrison', kind: 'TO_COMMUNITY' } as const

it('tells only the lead of the person who was released, at the time of the timer', () => {
  const hub = drive(asker)
  hub.register.agree('ann', { lead: 'lp-1' })
  hub.register.agree('bob', { lead: 'lp-2' })
  hub.pipe('ann', released)
  hub.passTo(day - 1)
  expect(hub.read()).toEqual([])
  hub.passTo(3 * day)
  expect(hub.read()).toEqual([
    { key: 'ann', value: { personId: 'lp-1', version: 1, changedAt: day } },
  ])
  expect(hub.read()).toEqual([])
  expect(hub.now()).toBe(3 * day)
})

it('sends the trigger when the register changes', () => {
  const hub = drive(asker)
  hub.register.agree('ann')
  hub.pipe('ann', released)
  hub.register.withdraw('ann')
  expect(hub.stateOf('ann')).toEqual({ since: null })
  hub.passTo(2 * day)
  expect(hub.read()).toEqual([])
})

it('shows a step’s error, unless the test is about what is set aside', () => {
  const raising = drive(asker)
  raising.register.agree('ann')
  expect(() => raising.pipe('ann', { ...released, objectRef: 'poison' })).toThrow('poison')
  const parking = drive(asker, { poison: 'park' })
  parking.register.agree('ann')
  parking.pipe('ann', { ...released, objectRef: 'poison' })
  parking.pipe('ann', released)
  expect(parking.parked.map(({ reason }) => reason)).toEqual(['step-failed', 'behind'])
})
