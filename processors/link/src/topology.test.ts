import {
  type CanonicalEvent,
  type Known,
  type PersonRegister,
  personEventIdOf,
  recordIdOf,
} from '@throughline/domain'
import { nodeIds } from '@throughline/stream'
import { drive, organisation } from '@throughline/stream/testing'
import { describe, expect, it } from 'vitest'
import { link } from './topology.ts'

const start = Date.parse('2025-11-18T10:00:00Z')
const day = 24 * 3_600_000
const ids = nodeIds(new Uint8Array(32))

const number = { type: 'NOMS', value: 'Z0000ZZ', issuer: null, verified: true }

interface Sketch {
  readonly identifiers?: readonly string[]
  readonly offset?: number
  readonly receivedAt?: number
  readonly type?: CanonicalEvent['type']
  readonly objectRef?: string
  readonly [member: string]: unknown
}

/** An inbound record as the runtime gives it: identifiers only as hashes. */
function inbound({ identifiers = ['noms'], offset = 1, receivedAt, ...more }: Sketch, now: number) {
  const event = {
    type: 'ReleasedFromPrison',
    eventId: `event-${offset}`,
    version: 1,
    source: { partnership: 'testshire', agency: 'custody', system: 'prison' },
    occurredAt: receivedAt ?? now,
    occurredAtPrecision: 'INSTANT',
    occurredAtText: null,
    recordedAt: null,
    receivedAt: receivedAt ?? now,
    identifiers: [],
    objectRef: null,
    handling: { holdUntil: null, restricted: false },
    prison: 'MDI',
    kind: 'TO_COMMUNITY',
    reasonCode: null,
    confirmed: true,
    homeArea: null,
    ...more,
  } as unknown as CanonicalEvent
  const at = { topic: 'agency.custody.v1', partition: 3, offset: String(offset) }
  return { kind: 'event' as const, event, identifierHashes: identifiers, at }
}

function county(past: ReturnType<Known['past']> = []) {
  const hub = drive(link, { start, ids, past: () => past })
  return {
    ...hub,
    hub,
    send: (sketch: Sketch = {}) => hub.pipe('x', inbound(sketch, hub.now())),
    agree: (person: string, identifiers: readonly string[], more = {}) =>
      hub.register.agree(person, { lead: 'lp-1', identifiers, ...more }),
    counts: () => Object.fromEntries(hub.counts()),
  }
}

describe('an event of somebody who agreed', () => {
  it('goes on to them under their key, whole, and under an id of its own', () => {
    const { agree, send, hub } = county()
    agree('ann', ['noms'])
    send()
    const [sent, ...others] = hub.emitted()
    expect(others).toEqual([])
    expect(sent).toMatchObject({
      topic: 'person.events.v1',
      key: 'ann',
      schema: 'ReleasedFromPrison',
      id: recordIdOf(ids, personEventIdOf(ids, 'event-1', 'ann'), 1),
      value: { eventId: 'event-1', kind: 'TO_COMMUNITY' },
    })
  })

  it('goes on though one of its numbers is claimed by nobody', () => {
    const { agree, send, hub } = county()
    agree('ann', ['noms'])
    send({ identifiers: ['pnc', 'noms'] })
    expect(hub.emitted().map(({ key }) => key)).toEqual(['ann'])
  })

  it('stays where it is when it was received before they agreed, or after they withdrew', () => {
    const { agree, send, hub, counts } = county()
    agree('ann', ['noms'])
    send({ receivedAt: start - 50 })
    send({ receivedAt: start, offset: 2 })
    expect(hub.emitted()).toHaveLength(1)
    hub.passTo(start + 1000)
    hub.register.withdraw('ann')
    send({ receivedAt: start + 900, offset: 3 })
    expect(hub.emitted()).toEqual([])
    expect(counts()).toMatchObject({ forwarded: 1, 'suppressed/not-yet': 1 })
  })

  it('stays where it is when the source, or the institutions, are not part of it', () => {
    const { agree, send, hub, counts } = county()
    agree('ann', ['noms'], { grants: [{ purpose: 'care-coordination', sources: ['housing'] }] })
    send()
    hub.register.agreements([])
    agree('ann', ['noms'])
    send({ offset: 2 })
    expect(hub.emitted()).toEqual([])
    expect(counts()).toEqual({ 'suppressed/source-not-granted': 1, 'suppressed/no-agreement': 1 })
  })
})

describe('an event of somebody who agreed to be counted, and to nothing else of it', () => {
  const counted = {
    agreementId: 'custody-outcomes',
    source: 'custody',
    purpose: 'outcomes',
    recipientOrganisation: organisation,
    from: 0,
    until: start + 400 * day,
  } as const
  const care = { ...counted, agreementId: 'custody-care', purpose: 'care-coordination' } as const
  it('goes on, and says that it is for whoever counts', () => {
    const { agree, send, hub } = county()
    hub.register.agreements([counted])
    agree('ann', ['noms'], { grants: [{ purpose: 'outcomes' }] })
    send()
    expect(hub.emitted()).toMatchObject([{ key: 'ann', purposes: ['outcomes'] }])
  })
  it('says that it is for both where they agreed to both', () => {
    const { agree, send, hub } = county()
    hub.register.agreements([counted, care])
    agree('ann', ['noms'], { grants: [{ purpose: 'outcomes' }, { purpose: 'care-coordination' }] })
    send()
    expect(hub.emitted()).toMatchObject([{ purposes: ['care-coordination', 'outcomes'] }])
  })
  it('goes on once more, for care too, when they agree to that and look back', () => {
    const past: ReturnType<Known['past']>[number][] = []
    const { agree, send, hub } = county(past)
    hub.register.agreements([counted, care])
    agree('ann', ['noms'], { grants: [{ purpose: 'outcomes' }] })
    send()
    past.push(inbound({}, start))
    hub.passTo(start + day)
    agree('ann', ['noms'], {
      grants: [{ purpose: 'outcomes' }, { purpose: 'care-coordination', lookBackDays: 2 }],
    })
    expect(hub.emitted().map(({ id, purposes }) => [id, purposes])).toEqual([
      [recordIdOf(ids, personEventIdOf(ids, 'event-1', 'ann'), 1), ['outcomes']],
      [
        recordIdOf(ids, personEventIdOf(ids, 'event-1', 'ann'), 1),
        ['care-coordination', 'outcomes'],
      ],
    ])
  })
  it('is for everybody who has the event when it takes one back', () => {
    const { agree, send, hub } = county()
    hub.register.agreements([counted])
    agree('ann', ['noms'], { grants: [{ purpose: 'outcomes' }] })
    send({ type: 'EventWithdrawn', withdrawnEventId: 'event-9', reason: null })
    expect(hub.emitted()).toMatchObject([{ purposes: ['care-coordination', 'outcomes'] }])
  })
  it('stays where it is when the source is not part of that either, and care says why', () => {
    const { agree, send, hub, counts } = county()
    hub.register.agreements([counted])
    agree('ann', ['noms'], { grants: [{ purpose: 'outcomes', sources: ['housing'] }] })
    send()
    expect(hub.emitted()).toEqual([])
    expect(counts()).toEqual({ 'suppressed/no-consent': 1 })
  })
})

describe('an event that names two people', () => {
  it('reaches neither, and is left for somebody to look at', () => {
    const { agree, send, hub, counts } = county()
    agree('ann', ['noms'])
    agree('bob', ['pnc'])
    send({ identifiers: ['noms', 'pnc'] })
    expect(hub.emitted()).toEqual([])
    expect(counts()).toEqual({ 'suppressed/conflict': 1 })
  })

  it('reaches neither when it proposes that their two numbers are one person', () => {
    const { agree, send, hub, counts } = county()
    agree('ann', ['noms'])
    agree('bob', ['pnc'])
    send({ identifiers: ['noms', 'pnc'], type: 'IdentifiersLinked' })
    expect(hub.emitted()).toEqual([])
    expect(counts()).toEqual({ 'suppressed/conflict': 1 })
  })
})

it('a proposal about one person’s number goes to that person, and joins nothing', () => {
  const { agree, send, hub } = county()
  agree('ann', ['noms'])
  send({
    identifiers: ['noms', 'other'],
    type: 'IdentifiersMerged',
    surviving: number,
    removed: number,
  })
  expect(hub.emitted().map(({ key }) => key)).toEqual(['ann'])
  send({ identifiers: ['other'], offset: 2 })
  expect(hub.emitted()).toEqual([])
})

it('a source that joins two numbers the person has already given leaves nothing to ask', () => {
  const { agree, send, hub, counts } = county()
  agree('ann', ['noms', 'crn'])
  send({ identifiers: ['crn', 'noms'], type: 'IdentifiersLinked', one: number, other: number })
  expect(hub.emitted()).toEqual([])
  expect(counts()).toEqual({ 'no-rule': 1 })
})

it('an event of nobody who agreed is counted, and nothing of it is kept but where it stands', () => {
  const { send, hub, counts } = county()
  send()
  expect(hub.emitted()).toEqual([])
  expect(counts()).toEqual({ unclaimed: 1 })
})

describe('a look-back', () => {
  const earlier = (identifiers: readonly string[], age: number, offset = 1) =>
    inbound({ identifiers, offset, receivedAt: start - age }, start)

  it('takes up what came in the days before the consent, and no more', () => {
    const { agree, hub } = county([
      earlier(['noms'], 8 * day, 1),
      earlier(['noms'], 3 * day, 2),
      earlier(['noms'], 2 * day + 1, 3),
      earlier(['noms'], 2 * day, 4),
    ])
    agree('ann', ['noms'], { lookBackDays: 2 })
    expect(hub.emitted().map(({ value }) => (value as CanonicalEvent).eventId)).toEqual(['event-4'])
  })

  it('takes up nothing that names somebody else too', () => {
    const { agree, hub } = county([earlier(['noms', 'pnc'], day)])
    agree('bob', ['pnc'])
    agree('ann', ['noms'], { lookBackDays: 7 })
    expect(hub.emitted()).toEqual([])
  })

  it('takes up nothing when the person did not ask for it', () => {
    const { agree, hub } = county([earlier(['noms'], 1)])
    agree('ann', ['noms'])
    expect(hub.emitted()).toEqual([])
  })
})

describe('a withdrawal that names only the object', () => {
  const withdrawal = {
    type: 'EventWithdrawn',
    identifiers: [],
    objectRef: 'visit 7',
    offset: 9,
    withdrawnEventId: null,
    reason: null,
  } as const

  it('goes to whom the object went', () => {
    const { agree, send, hub } = county()
    agree('ann', ['noms'])
    send({ objectRef: 'visit 7' })
    hub.read()
    send(withdrawal)
    expect(hub.emitted()).toMatchObject([
      { key: 'ann', schema: 'EventWithdrawn', value: { objectRef: 'visit 7' } },
    ])
  })

  it('waits seven days for the object when it comes first, and then goes in front of it', () => {
    for (const [wait, schemas] of [
      [7 * day - 1, ['EventWithdrawn', 'ReleasedFromPrison']],
      [7 * day, ['ReleasedFromPrison']],
    ] as const) {
      const { agree, send, hub, counts } = county()
      agree('ann', ['noms'])
      send(withdrawal)
      expect(counts()).toEqual({ 'waiting-withdrawal': 1 })
      hub.passTo(start + wait)
      send({ objectRef: 'visit 7' })
      expect(hub.emitted().map(({ schema }) => schema)).toEqual(schemas)
    }
  })

  it('is still there where the object was accepted in time and is read days later, behind a backlog', () => {
    const { agree, send, hub } = county()
    agree('ann', ['noms'])
    send(withdrawal)
    hub.passTo(start + 8 * day)
    send({ objectRef: 'visit 7', receivedAt: start + 6 * day })
    expect(hub.emitted().map(({ schema }) => schema)).toContain('EventWithdrawn')
  })

  it('does not touch the object of another system that has the same number', () => {
    const { agree, send, hub } = county()
    agree('ann', ['noms'])
    send({
      objectRef: 'visit 7',
      source: { partnership: 'testshire', agency: 'custody', system: 'police' },
    })
    hub.read()
    send(withdrawal)
    expect(hub.emitted()).toEqual([])
  })
})

it('nothing reaches somebody who was erased', () => {
  const { agree, send, hub } = county()
  agree('ann', ['noms'])
  hub.register.erase('ann')
  send()
  expect(hub.emitted()).toEqual([])
  const gone: PersonRegister = { personId: 'ann', status: 'erased', versions: [], assignments: [] }
  hub.register.put(gone)
  expect(hub.emitted()).toEqual([])
})
