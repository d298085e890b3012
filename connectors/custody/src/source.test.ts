import { HubError } from '@throughline/domain'
import type { RecordResult } from '@throughline/intake'
import { afterEach, describe, expect, it } from 'vitest'
import { type Desk, openDesk } from './testing/desk.ts'
import { changed, exampleNames, outcomes, textOf } from './testing/examples.ts'

const open: Desk[] = []
const desk = async (...given: Parameters<typeof openDesk>): Promise<Desk> => {
  const opened = await openDesk(...given)
  open.push(opened)
  return opened
}
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

const routeOf = (name: string) =>
  `/intake/custody/${name.startsWith('police-') ? 'police' : 'domain-events'}`
const eventIds = (result: RecordResult | undefined) =>
  result !== undefined && 'eventIds' in result ? result.eventIds : []

describe('each example through the real door', () => {
  it.each(exampleNames)('%s', async (name) => {
    const custody = await desk()
    const { status, results } = await custody.post(routeOf(name), textOf(name))
    const { outcome, events, reason, at, errors } = outcomes[name] ?? { outcome: '' }
    expect(status).toBe(outcome === 'rejected' ? 422 : 202)
    expect(results).toEqual([
      outcome === 'published'
        ? { outcome, eventIds: events?.map(() => expect.stringMatching(/^[\w-]{27}$/)), events }
        : outcome === 'ignored'
          ? { outcome, reason }
          : outcome === 'quarantined'
            ? { outcome, reason, at }
            : { outcome, errors: errors?.map(() => expect.anything()) },
    ])
  })
})

describe('one movement told three times', () => {
  const family = [
    'search-prisoner-received-readmission.json',
    'prisoner-received-admission.json',
    'nomis-raw-movement-reception.json',
  ]
  const orders = [
    [0, 1, 2],
    [1, 0, 2],
    [2, 1, 0],
    [1, 2, 0],
  ]

  it.each(orders)('is one event, whichever comes first (%i, %i, %i)', async (...order) => {
    const custody = await desk()
    const ids: (string | undefined)[] = []
    for (const at of order) {
      const { results } = await custody.post(
        '/intake/custody/domain-events',
        textOf(family[at] ?? ''),
      )
      ids.push(eventIds(results[0])[0])
    }
    expect(new Set(ids).size).toBe(1)
    const told = await custody.sent()
    const highest = told.toSorted(
      (a, b) => Number(b.value['version']) - Number(a.value['version']),
    )[0]
    expect(highest?.value).toMatchObject({ confirmed: true, legalBasis: 'UNCONVICTED_REMAND' })
  })

  it('is another event at another prison, and after an hour', async () => {
    const custody = await desk()
    const coded = 'prisoner-received-admission.json'
    const search = 'search-prisoner-received-readmission.json'
    const first = await custody.post('/intake/custody/domain-events', textOf(coded))
    const elsewhere = await custody.post(
      '/intake/custody/domain-events',
      changed(search, { 'additionalInformation.prisonId': 'QXJ' }),
    )
    const later = await custody.post(
      '/intake/custody/domain-events',
      changed(search, { occurredAt: '2025-07-02T15:31:12+01:00' }),
    )
    const ids = [first, elsewhere, later].map(({ results }) => eventIds(results[0])[0])
    expect(new Set(ids).size).toBe(3)
  })

  it('of a release whose code says the person died corrects the release home', async () => {
    const custody = await desk()
    const search = changed('search-prisoner-released-to-court.json', {
      'additionalInformation.reason': 'RELEASED',
      occurredAt: '2025-11-18T09:12:50Z',
    })
    const coded = changed('prisoner-released-home.json', {
      'additionalInformation.nomisMovementReasonCode': 'DEC',
    })
    const first = await custody.post('/intake/custody/domain-events', search)
    const second = await custody.post('/intake/custody/domain-events', coded)
    expect(second.results).toMatchObject([{ events: ['ReleasedFromPrison'] }])
    expect(eventIds(second.results[0])[0]).toBe(eventIds(first.results[0])[0])
    const told = await custody.sent()
    expect(told.map(({ value }) => value['kind'])).toEqual(['TO_COMMUNITY', 'DIED'])
  })
})

describe('what a sender is told', () => {
  it('HTTP-24: hears duplicate the second time, and one event goes on', async () => {
    const custody = await desk()
    const first = await custody.post(
      '/intake/custody/domain-events',
      textOf('prisoner-received-admission.json'),
    )
    const again = await custody.post(
      '/intake/custody/domain-events',
      textOf('sns-notification-prisoner-received.json'),
    )
    expect(again.status).toBe(202)
    expect(again.results).toEqual([
      {
        outcome: 'duplicate',
        eventIds: eventIds(first.results[0]),
        events: ['ReceivedIntoPrison'],
      },
    ])
    expect(await custody.sent()).toHaveLength(1)
  })

  it('HTTP-24: hears of a conflict where the same record says something else', async () => {
    const custody = await desk()
    await custody.post('/intake/custody/domain-events', textOf('prisoner-released-home.json'))
    const other = changed('prisoner-released-home.json', {
      'additionalInformation.nomisMovementReasonCode': 'UAL',
    })
    const { status, results } = await custody.post('/intake/custody/domain-events', other)
    expect(status).toBe(202)
    expect(results).toEqual([{ outcome: 'quarantined', reason: 'conflict', at: [] }])
    const told = await custody.sent()
    expect(told.map(({ topic }) => topic)).toEqual(['agency.custody.v1', 'quarantine.v1'])
  })

  it('HTTP-18: cannot tell who has agreed, neither where events are held nor where they are dropped', async () => {
    const custody = await desk()
    await custody.claim({ type: 'NOMS', value: 'Z9134QX', issuer: null })
    const police = (value: string, reference: string) =>
      changed('police-arrest.json', {
        custodyReference: reference,
        'person.identifiers': [{ type: 'NOMS', value }],
      })
    const prison = (value: string) =>
      changed('prisoner-released-home.json', {
        'additionalInformation.nomsNumber': value,
        'personReference.identifiers': [{ type: 'NOMS', value }],
      })
    const agreed = [
      await custody.post('/intake/custody/police', police('Z9134QX', 'SYN/1')),
      await custody.post('/intake/custody/domain-events', prison('Z9134QX')),
      await custody.post('/intake/custody/police', police('Z9134QX', 'SYN/1')),
    ]
    const notAgreed = [
      await custody.post('/intake/custody/police', police('Z9135QY', 'SYN/2')),
      await custody.post('/intake/custody/domain-events', prison('Z9135QY')),
      await custody.post('/intake/custody/police', police('Z9135QY', 'SYN/2')),
    ]
    const shape = (answers: typeof agreed) =>
      answers.map(({ status, text, results }) => [
        status,
        text.length,
        results.map(({ outcome }) => outcome),
      ])
    expect(shape(notAgreed)).toEqual(shape(agreed))
    const told = await custody.sent()
    expect(told.map(({ schema }) => schema)).toEqual([
      'ArrestedIntoCustody',
      'ReleasedFromPrison',
      'ReleasedFromPrison',
    ])
  })

  it('HTTP-27: the good records of a list go on beside the bad, and a list of bad ones is 422', async () => {
    const custody = await desk()
    const bad = JSON.parse(textOf('police-faulty.json')) as object
    const good = JSON.parse(textOf('police-arrest.json')) as object
    const mixed = await custody.post('/intake/custody/police', [bad, good])
    expect(mixed.status).toBe(202)
    expect(mixed.results.map(({ outcome }) => outcome)).toEqual(['rejected', 'published'])
    const none = await custody.post('/intake/custody/police', [bad, bad])
    expect(none.status).toBe(422)
  })

  it('HTTP-23, HTTP-27: hears 503 when nothing could be kept, and nothing is', async () => {
    const down = {
      beforeAccept: () => {
        throw new HubError('HUB_STORE_UNAVAILABLE', 'the disk')
      },
    }
    const custody = await desk({}, down)
    const { status, text } = await custody.post(
      '/intake/custody/domain-events',
      textOf('prisoner-released-home.json'),
    )
    expect(status).toBe(503)
    expect(JSON.parse(text)).toEqual({
      error: { code: 'unavailable', message: 'Nothing was kept. Send it again in a moment.' },
    })
    expect(await custody.sent()).toEqual([])
  })

  it('hears 503 while no key can be had: nothing is ever kept in plain text', async () => {
    const custody = await desk()
    custody.keys.available = false
    const { status } = await custody.post(
      '/intake/custody/domain-events',
      textOf('prisoner-released-home.json'),
    )
    expect(status).toBe(503)
    custody.keys.available = true
    const again = await custody.post(
      '/intake/custody/domain-events',
      textOf('prisoner-released-home.json'),
    )
    expect(again.results).toMatchObject([{ outcome: 'published' }])
  })

  it.each(['"text"', '7', 'null', 'true', '[]'])(
    'hears 400 for %s, which is no record',
    async (body) => {
      const custody = await desk()
      expect((await custody.post('/intake/custody/domain-events', body)).status).toBe(400)
      expect((await custody.post('/intake/custody/police', body)).status).toBe(400)
    },
  )

  it('has what stands in a list and is no record kept or refused one by one', async () => {
    const custody = await desk()
    const odd = await custody.post('/intake/custody/domain-events', [[], 7, null, ['x', {}]])
    expect(odd.status).toBe(202)
    expect(odd.results).toEqual(
      Array.from({ length: 4 }, () => ({
        outcome: 'quarantined',
        reason: 'not-an-object',
        at: [],
      })),
    )
    const refused = await custody.post('/intake/custody/police', [[], 7, null])
    expect(refused.status).toBe(422)
    expect(refused.results).toHaveLength(3)
  })

  it('is limited to so many records at once', async () => {
    const custody = await desk({ recordsMax: 2 })
    const { status } = await custody.post('/intake/custody/domain-events', [{}, {}, {}])
    expect(status).toBe(413)
  })

  it('HTTP-19: is custody itself, and nobody else', async () => {
    const custody = await desk()
    expect(
      (
        await custody.post('/intake/custody/police', textOf('police-arrest.json'), {
          token: 'other',
        })
      ).status,
    ).toBe(403)
    expect(
      (
        await custody.post('/intake/custody/police', textOf('police-arrest.json'), {
          token: 'nobody',
        })
      ).status,
    ).toBe(401)
  })
})

describe('strange messages', () => {
  it('SQS-10: a body of the limit is taken, one byte more is not', async () => {
    const custody = await desk({ bodyLimit: 256 * 1024 })
    const text = textOf('prisoner-released-home.json')
    expect(
      (await custody.post('/intake/custody/domain-events', text.padEnd(256 * 1024))).status,
    ).toBe(202)
    expect(
      (await custody.post('/intake/custody/domain-events', text.padEnd(256 * 1024 + 1))).status,
    ).toBe(413)
  })

  it('SQS-6: the same content under a new MessageId is the same record; other content under the same one is not', async () => {
    const custody = await desk()
    const name = 'sns-notification-prisoner-received.json'
    await custody.post('/intake/custody/domain-events', textOf(name))
    const redriven = await custody.post(
      '/intake/custody/domain-events',
      changed(name, { MessageId: 'another' }),
    )
    expect(redriven.results).toMatchObject([{ outcome: 'duplicate' }])
    const released = JSON.stringify(changed('prisoner-released-home.json', {}))
    const MessageAttributes = {}
    const other = await custody.post(
      '/intake/custody/domain-events',
      changed(name, { Message: released, MessageAttributes }),
    )
    expect(other.results).toMatchObject([{ outcome: 'published', events: ['ReleasedFromPrison'] }])
  })

  it('SQS-13: a message two weeks late is still told, with both times', async () => {
    const custody = await desk()
    const late = changed('prisoner-released-home.json', { occurredAt: '2026-02-17T09:00:00Z' })
    expect((await custody.post('/intake/custody/domain-events', late)).results).toMatchObject([
      { outcome: 'published' },
    ])
    const [told] = await custody.sent()
    expect(told?.value).toMatchObject({
      occurredAt: Date.parse('2026-02-17T09:00:00Z'),
      receivedAt: Date.parse('2026-03-03T09:00:00Z'),
    })
  })

  it.each([
    ['NaN', '{"eventType":"x","version":NaN}'],
    ['a comment', '{"eventType":"x"/*y*/}'],
    ['a trailing comma', '{"eventType":"x",}'],
    ['a byte order mark', '\uFEFF{"eventType":"x"}'],
    ['base64 of gzip', 'H4sIAAAAAAAAA6tWKkktLlGyUlAqS8wpTtVRAgBbVxgQFAAAAA=='],
  ])('SQS-14, SQS-15: a body with %s is refused', async (_what, body) => {
    const custody = await desk()
    expect((await custody.post('/intake/custody/domain-events', body)).status).toBe(400)
  })

  it.each(['__proto__', 'constructor', 'prototype'])(
    'HTTP-16: %s is left out of other people’s messages and refused in ours',
    async (name) => {
      const custody = await desk()
      const event = textOf('prisoner-released-home.json').replace(
        '{',
        `{"${name}":{"polluted":true},`,
      )
      expect((await custody.post('/intake/custody/domain-events', event)).results).toMatchObject([
        { outcome: 'published' },
      ])
      const record = textOf('police-arrest.json').replace('{', `{"${name}":{"polluted":true},`)
      expect((await custody.post('/intake/custody/police', record)).status).toBe(400)
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    },
  )

  it('HTTP-17: an unknown type is kept, sealed and whole, for people to look at', async () => {
    const custody = await desk()
    const text = textOf('prisoner-released-home.json').replace(
      'prisoner.released',
      'prisoner.levitated',
    )
    const { status, results } = await custody.post('/intake/custody/domain-events', text)
    expect(status).toBe(202)
    expect(results).toEqual([
      { outcome: 'quarantined', reason: 'event-type-unknown', at: ['eventType'] },
    ])
    const [kept] = await custody.sent()
    expect(kept).toMatchObject({ topic: 'quarantine.v1', schema: 'QuarantinedRecord' })
    expect(Buffer.from(kept?.value['payload'] as Uint8Array).toString()).toBe(text)
  })

  it('HTTP-17: in our own format an unknown kind is rejected', async () => {
    const custody = await desk()
    const { status, results } = await custody.post(
      '/intake/custody/police',
      changed('police-arrest.json', { recordType: 'escape' }),
    )
    expect(status).toBe(422)
    expect(results).toMatchObject([
      { outcome: 'rejected', errors: [{ path: 'recordType', rule: 'not-in-list' }] },
    ])
  })

  it('HTTP-25: an unknown member is counted in other people’s messages and refused in ours', async () => {
    const custody = await desk()
    await custody.post(
      '/intake/custody/domain-events',
      changed('prisoner-released-home.json', { favouriteColour: 'blue' }),
    )
    expect(custody.metrics.text()).toContain(
      'intake_unknown_members_total{agency="custody",format="hmpps-domain-event"} 1',
    )
    const { status, results } = await custody.post(
      '/intake/custody/police',
      changed('police-arrest.json', { 'arrest.mood': 'low' }),
    )
    expect(status).toBe(422)
    expect(results).toEqual([
      {
        outcome: 'rejected',
        errors: [
          {
            path: 'arrest.mood',
            rule: 'unknown-member',
            message: 'This format has no such member.',
          },
        ],
      },
    ])
  })

  it('SQS-11: an attribute and a body that differ are both written into the log', async () => {
    const custody = await desk()
    const [Value, eventType] = ['risk-assessment.scores.determined', 'assessment.summary.produced']
    const Message = JSON.stringify({ eventType, occurredAt: '2026-01-01T09:00:00Z' })
    const MessageAttributes = { eventType: { Type: 'String', Value } }
    await custody.post('/intake/custody/domain-events', {
      Type: 'Notification',
      Message,
      MessageAttributes,
    })
    const line = custody.lines.find((text) => text.includes('attribute and body differ'))
    expect(JSON.parse(line ?? '{}')).toMatchObject({ route: Value, point: eventType })
  })
})

describe('a record that waits for its booking', () => {
  it('goes on by itself once another event says whose booking it is', async () => {
    const custody = await desk()
    const raw = changed('nomis-raw-movement-reception.json', { offenderIdDisplay: undefined })
    const waiting = await custody.post('/intake/custody/domain-events', raw)
    expect(waiting.results).toMatchObject([{ outcome: 'quarantined', reason: 'waits-for-booking' }])
    await custody.post('/intake/custody/domain-events', textOf('imprisonment-status-changed.json'))
    const told = await custody.sent()
    expect(told.map(({ schema }) => schema)).toEqual(['QuarantinedRecord', 'ReceivedIntoPrison'])
    expect(told[1]?.value['identifiers']).toMatchObject([{ value: 'Z9134QX' }])
    const again = await custody.post('/intake/custody/domain-events', raw)
    expect(again.results).toMatchObject([{ outcome: 'duplicate' }])
  })

  it('stays where it says nothing even with its person, and is counted once', async () => {
    const custody = await desk()
    await custody.post(
      '/intake/custody/domain-events',
      textOf('nomis-raw-external-movement-inserted.json'),
    )
    await custody.post('/intake/custody/domain-events', textOf('imprisonment-status-changed.json'))
    expect(await custody.sent()).toHaveLength(1)
    const rows = await custody.register.ledger()
    const received = rows.filter(({ outcome }) => outcome === 'received')
    expect(received.reduce((sum, { count }) => sum + count, 0)).toBe(2)
  })
})

describe('the last minute of a day', () => {
  it('is sealed under the key of the day on which it was received', async () => {
    const custody = await desk()
    await custody.clock.advanceTo(Date.parse('2026-03-03T23:59:59.999Z'))
    await custody.post('/intake/custody/domain-events', textOf('prisoner-released-home.json'))
    await custody.clock.advanceTo(Date.parse('2026-03-04T00:00:00.000Z'))
    await custody.post('/intake/custody/domain-events', textOf('prisoner-received-admission.json'))
    expect((await custody.sent()).map(({ schema }) => schema)).toEqual([
      'ReleasedFromPrison',
      'ReceivedIntoPrison',
    ])
    const opened = await custody.keys.open(['day:2026-03-03', 'day:2026-03-04'])
    expect([...opened.values()]).not.toContain('erased')
  })
})
