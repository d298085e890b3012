import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { moved, newcomers, noms } from '../journeys/events.ts'
import type { TestHub } from '../journeys/hub.ts'
import type { Receiver, ToldSpan } from './receiver.ts'
import { startToldHub, type ToldHub } from './told-hub.ts'

let told: ToldHub
let receiver: Receiver
let hub: TestHub
beforeAll(async () => {
  told = await startToldHub()
  ;({ hub, receiver } = told)
})
afterAll(() => told?.[Symbol.asyncDispose]())
const newcomer = newcomers(77)

/** The way of one prison release, from the door to the notice; each step's span by its name. */
const way = [
  'POST /intake/custody/domain-events',
  'accept',
  'send agency.custody.v1',
  'process agency.custody.v1',
  'send person.events.v1',
  'process person.events.v1',
  'send practitioner.notices.v1',
  'process practitioner.notices.v1',
]

const callersTrace = '4bf92f3577b34da6a3ce929d0e0e4736'
const callersSpan = '00f067aa0ba902b7'

/** Posts the release of somebody who agreed, with these headers. */
async function release(headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const ann = newcomer()
  await hub.consent({ identifiers: [noms(ann)], lead: 'lp-1' })
  const event = moved(ann, 'released', '2026-01-05T08:30:00Z')
  const answer = await hub.ask('custody', 'POST', '/intake/custody/domain-events', event, headers)
  expect(answer.status).toBe(202)
  await hub.idle()
}

/** The names of the spans from this one up to the beginning of its trace. */
function upwards(from: ToldSpan | undefined, spans: readonly ToldSpan[]): readonly string[] {
  if (from === undefined) return []
  const parent = spans.find(({ spanId }) => spanId === from.parentSpanId)
  return [from.name, ...upwards(parent, spans)]
}

describe('one release, posted at the edge of custody', () => {
  it('is one trace, from the request over every hop to the notice', async () => {
    await release({ traceparent: `00-${callersTrace}-${callersSpan}-01` })
    const aside = ['send person.stories.v1', 'process person.stories.v1']
    const spans = await receiver.trace(callersTrace, ...way, ...aside)
    expect(new Set(spans.map(({ name }) => name))).toEqual(new Set([...way, ...aside]))
    const notice = spans.find(({ name }) => name === 'process practitioner.notices.v1')
    expect(upwards(notice, spans)).toEqual([
      'process practitioner.notices.v1',
      'process person.events.v1',
      'process agency.custody.v1',
      'accept',
      'POST /intake/custody/domain-events',
    ])
    const edge = spans.find(({ name }) => name.startsWith('POST'))
    expect(edge).toMatchObject({ service: 'hub', parentSpanId: callersSpan })
    expect(edge?.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/intake/custody/domain-events',
      'http.response.status_code': 202,
    })
    const readers = spans
      .filter(({ name }) => name === 'process person.events.v1')
      .map(({ attributes }) => String(attributes['messaging.consumer.group.name']))
    expect(readers.toSorted()).toEqual(['notify', 'outcomes', 'story'])
  })

  it('is linked to by the steps that handled it', async () => {
    await release()
    const processed = () => receiver.spans.filter(({ name }) => name.startsWith('process '))
    const linked = () => new Set(receiver.spans.flatMap(({ links }) => links))
    await receiver.until(
      () => processed().length > 0 && processed().every(({ spanId }) => linked().has(spanId)),
      'links to every span of a record',
    )
  })

  it('has log lines that name its trace', async () => {
    const lines = () =>
      hub.logs.map((line) => JSON.parse(line) as { event: string; traceId?: string })
    const before = lines().length
    await release({ traceparent: `00-${callersTrace}-${callersSpan}-01` })
    const answered = lines()
      .slice(before)
      .filter(({ event }) => event === 'answered')
    expect(answered.map(({ traceId }) => traceId)).toContain(callersTrace)
    expect(answered.every(({ traceId }) => /^[0-9a-f]{32}$/.test(traceId ?? ''))).toBe(true)
  })
})

it.each([
  ['nothing', 'nonsense'],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${callersSpan}-01`],
  ['the forbidden version', `ff-${callersTrace}-${callersSpan}-01`],
  ['more than it may say', `00-${callersTrace}-${callersSpan}-01-more`],
  ['a list', `00-${callersTrace}-${callersSpan}-01, 00-${callersTrace}-${callersSpan}-01`],
])('a request whose traceparent says %s begins a trace of its own', async (_what, traceparent) => {
  const before = receiver.spans.length
  const path = '/notices?practitioner=lp-1'
  expect((await hub.ask('lp-1', 'GET', path, undefined, { traceparent })).status).toBe(200)
  const mine = () =>
    receiver.spans
      .slice(before)
      .filter(
        ({ name, attributes }) =>
          name === 'GET /notices' && attributes['throughline.caller'] === 'practitioner',
      )
  await receiver.until(() => mine().length > 0, 'the request')
  expect(mine()[0]?.parentSpanId).toBe('')
  expect(mine()[0]?.traceId).not.toBe(callersTrace)
})

/** What a hub measures and a collector is told, once somebody has been told something. */
const measured = [
  'http.server.request.duration',
  'intake.records',
  'messaging.client.consumed.messages',
  'messaging.client.sent.messages',
  'messaging.process.duration',
  'throughline.decisions',
  'throughline.event.age',
  'throughline.gate.refusals',
  'throughline.lag.records',
  'throughline.lag.time',
  'throughline.outbox.age',
  'throughline.quarantine.depth',
]

it('a collector is told what the hub measures, under the names that are declared', async () => {
  await release()
  await hub.custody({ nothing: 'that custody ever sent' })
  const [notice] = await hub.inboxOf('lp-1')
  await hub.withdraw(notice?.personId ?? '')
  // The notice itself is gone with the agreement; whoever still has its page open is refused.
  await hub.acknowledge('lp-1', notice?.noticeId ?? '')
  await receiver.until(
    () => measured.every((name) => receiver.metricNames.has(name)),
    `all of ${measured.join(', ')}`,
  )
})
