import { describe, expect, it } from 'vitest'
import { domainEvents, hearings, openDesk } from './testing/desk.ts'
import { changed, exampleNames, notified, outcomes, pathOf, textOf } from './testing/examples.ts'

const result = 'hearing.prosecutionCases.0.defendants.0.offences.0.judicialResults'
const hearing = 'court-hearing-alcohol-treatment.json'
const resulted = { hearingEventType: 'Resulted', eventType: 'commonplatform.case.received' }

describe('each example', () => {
  it('has an outcome, and each outcome an example', () => {
    expect(Object.keys(outcomes).toSorted()).toEqual(exampleNames)
  })

  it.each(exampleNames)('gets the answer of its table at its door: %s', async (name) => {
    await using probation = await openDesk()
    const { status, results } = await probation.post(pathOf(name), textOf(name))
    expect(status).toBe(202)
    expect(results).toMatchObject([outcomes[name]])
    const sent = await probation.sent()
    const events = outcomes[name]?.events ?? []
    const topics = sent.map(({ topic, schema }) => `${topic} ${schema}`)
    const kept = outcomes[name]?.outcome === 'quarantined' ? ['QuarantinedRecord'] : []
    expect(topics).toEqual([
      ...events.map((event) => `agency.probation.v1 ${event}`),
      ...kept.map((schema) => `quarantine.v1 ${schema}`),
    ])
    const again = await probation.post(pathOf(name), textOf(name))
    const expected = events.length > 0 ? { outcome: 'duplicate', events } : outcomes[name]
    expect(again.results).toMatchObject([expected])
    expect(await probation.sent()).toHaveLength(sent.length)
  })
})

describe('a hearing told again', () => {
  it('with another length is the next version of the same requirement', async () => {
    await using probation = await openDesk()
    await probation.post(hearings, notified(changed(hearing, {}), resulted))
    const longer = changed(hearing, { [`${result}.0.judicialResultPrompts.0.value`]: '9 Months' })
    await probation.post(hearings, notified(longer, resulted))
    const [first, second, ...others] = await probation.sent()
    expect(others).toEqual([])
    expect(second?.value['eventId']).toBe(first?.value['eventId'])
    expect([first?.value, second?.value]).toMatchObject([
      { version: 1, lengthMonths: 6 },
      { version: 2, lengthMonths: 9 },
    ])
  })

  it('that only calls its court otherwise says nothing new', async () => {
    await using probation = await openDesk()
    await probation.post(hearings, changed(hearing, {}))
    const renamed = changed(hearing, { 'hearing.courtCentre.roomName': 'Courtroom 07' })
    const { results } = await probation.post(hearings, renamed)
    expect(results).toMatchObject([{ outcome: 'duplicate', events: ['TreatmentRequirementMade'] }])
  })

  it('without a result takes it back, and with it again brings it back', async () => {
    await using probation = await openDesk()
    const without = notified(changed(hearing, { [result]: [] }), resulted)
    const answers = []
    for (const message of [changed(hearing, {}), without, without, changed(hearing, {})]) {
      answers.push((await probation.post(hearings, message)).results[0])
    }
    expect(answers).toMatchObject([
      { outcome: 'published', events: ['TreatmentRequirementMade'] },
      { outcome: 'published', events: ['EventWithdrawn'] },
      { outcome: 'duplicate', events: ['EventWithdrawn'] },
      { outcome: 'published', events: ['TreatmentRequirementMade'] },
    ])
    const sent = (await probation.sent()).map(({ schema, value }) => [schema, value['version']])
    expect(sent).toEqual([
      ['TreatmentRequirementMade', 1],
      ['EventWithdrawn', 1],
      ['TreatmentRequirementMade', 3],
    ])
  })

  it('after its deletion stands again; before it, goes with it', async () => {
    await using probation = await openDesk()
    const deletion = textOf('court-hearing-deleted.json')
    const longer = changed(hearing, { [`${result}.0.judicialResultPrompts.0.value`]: '9 Months' })
    for (const message of [deletion, changed(hearing, {}), longer, deletion, longer]) {
      await probation.post(hearings, message)
    }
    const sent = (await probation.sent()).map(({ schema, value }) => [schema, value['version']])
    expect(sent).toEqual([
      ['EventWithdrawn', 1],
      // Withdrawn already when it comes.
      ['TreatmentRequirementMade', 1],
      ['TreatmentRequirementMade', 2],
      ['EventWithdrawn', 2],
      ['TreatmentRequirementMade', 3],
    ])
    const objects = (await probation.sent()).map(({ value }) => value['objectRef'])
    expect(new Set(objects).size).toBe(1)
  })

  it('without any requirement leaves no trace', async () => {
    await using probation = await openDesk()
    const without = notified(changed(hearing, { [result]: [] }), resulted)
    const { results } = await probation.post(hearings, without)
    expect(results).toEqual([{ outcome: 'ignored', reason: 'not-needed' }])
    expect(await probation.sent()).toEqual([])
  })
})

describe('a request', () => {
  it('of several records answers each, in order, and one bad record stops no other', async () => {
    await using probation = await openDesk()
    const { status, results } = await probation.post(domainEvents, [
      changed('licence-activated.json', {}),
      changed('licence-activated.json', { occurredAt: '{createdDate}' }),
      'not a message',
      changed('licence-activated.json', {}),
      notified(changed('engagement-created.json', {})),
    ])
    expect(status).toBe(202)
    expect(results.map(({ outcome }) => outcome)).toEqual([
      'published',
      'quarantined',
      'quarantined',
      'duplicate',
      'ignored',
    ])
  })

  it('HTTP-18: is answered alike whether the person has agreed or not', async () => {
    await using agreed = await openDesk()
    await using stranger = await openDesk()
    await agreed.claim({ type: 'CRN', value: 'Q904417', issuer: null })
    for (const name of exampleNames) {
      const [one, other] = [
        await agreed.post(pathOf(name), textOf(name)),
        await stranger.post(pathOf(name), textOf(name)),
      ]
      expect(one.text).toBe(other.text)
    }
  })

  it('may have what nobody claims dropped, and hears the same', async () => {
    await using probation = await openDesk({ unclaimed: 'drop' })
    for (const name of ['licence-activated.json', hearing]) {
      const { results } = await probation.post(pathOf(name), textOf(name))
      expect(results).toMatchObject([outcomes[name]])
    }
    expect(await probation.sent()).toEqual([])
  })

  it('HTTP-1, HTTP-19: needs probation’s own token', async () => {
    await using probation = await openDesk()
    for (const path of [domainEvents, hearings]) {
      expect((await probation.post(path, {}, { token: 'nobody' })).status).toBe(401)
      expect((await probation.post(path, {}, { token: 'other' })).status).toBe(403)
    }
    expect(await probation.sent()).toEqual([])
  })

  it.each([
    ['HTTP-13: another type of content', '{}', 'text/plain', 415],
    ['HTTP-14: no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 'application/json', 400],
    ['HTTP-14: a byte order mark', '\uFEFF{}', 'application/json', 400],
    ['HTTP-15: a member twice', '{"eventType":"a","eventType":"b"}', 'application/json', 400],
    ['HTTP-15: a number past all bounds', '{"version":1e400}', 'application/json', 400],
    ['HTTP-15: a pit', '['.repeat(10_000), 'application/json', 400],
    ['SQS-14: NaN', '{"version":NaN}', 'application/json', 400],
    ['a text', '"hello"', 'application/json', 400],
    ['an empty list', '[]', 'application/json', 400],
  ])('is not read where it is %s', async (_, body, contentType, status) => {
    await using probation = await openDesk()
    for (const path of [domainEvents, hearings]) {
      expect((await probation.post(path, body, { contentType })).status).toBe(status)
    }
  })

  it('HTTP-11: of the limit is taken, one byte more is not', async () => {
    await using probation = await openDesk({ bodyLimit: 4096 })
    const message = (length: number) => `{"eventType":"${'x'.repeat(length - 16)}"}`
    expect((await probation.post(domainEvents, message(4096))).status).toBe(202)
    expect((await probation.post(domainEvents, message(4097))).status).toBe(413)
  })

  it('of more records than the limit is not read', async () => {
    await using probation = await openDesk({ recordsMax: 2 })
    expect((await probation.post(domainEvents, [{}, {}, {}])).status).toBe(413)
  })

  it('HTTP-16: with members named like the machine’s own changes nothing', async () => {
    await using probation = await openDesk()
    const text = textOf('licence-activated.json').replace('{', '{"__proto__":{"odd":1},')
    const { results } = await probation.post(domainEvents, text)
    expect(results).toMatchObject([{ outcome: 'published' }])
    expect(({} as { odd?: number }).odd).toBeUndefined()
  })

  it('HTTP-24: with other content under one key goes to people', async () => {
    await using probation = await openDesk()
    await probation.post(domainEvents, textOf('enforcement-recall-raised.json'))
    const other = changed('enforcement-recall-raised.json', {
      'additionalInformation.outcome': 'REC02',
    })
    const { results } = await probation.post(domainEvents, other)
    expect(results).toEqual([{ outcome: 'quarantined', reason: 'conflict', at: [] }])
  })

  it('HTTP-27: that cannot be kept is refused whole, and can be sent again', async () => {
    let isBroken = true
    const beforeAccept = () => {
      if (isBroken) throw new Error('no disk')
    }
    await using probation = await openDesk({}, { beforeAccept })
    const body = textOf('licence-activated.json')
    expect((await probation.post(domainEvents, body)).status).toBe(503)
    isBroken = false
    expect((await probation.post(domainEvents, body)).results).toMatchObject([
      { outcome: 'published' },
    ])
  })

  it('SQS-6: is known again by what it says, never by its message id', async () => {
    await using probation = await openDesk()
    const wrapped = notified(changed('licence-activated.json', {}))
    await probation.post(domainEvents, wrapped)
    const { results } = await probation.post(domainEvents, { ...wrapped, MessageId: 'another' })
    expect(results).toMatchObject([{ outcome: 'duplicate' }])
  })
})
