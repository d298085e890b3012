import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inNotification } from '../agencies/prison.ts'
import { moved, newcomers, noms } from '../journeys/events.ts'
import type { RecordResult } from '../journeys/hub.ts'
import { type Door, domainEvents, openDoor } from './door.ts'

const newcomer = newcomers(912)
const from = '2026-03-02T09:00:00Z'
const published = Date.parse(from)

let door: Door
/** Where messages point that must never be followed; counts who comes by. */
let visits = 0
const elsewhere = createServer((_req, res) => {
  visits += 1
  res.end()
})
let elsewhereUrl = ''

beforeAll(async () => {
  door = await openDoor({ from })
  await new Promise<void>((ready) => elsewhere.listen(0, '127.0.0.1', ready))
  elsewhereUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`
})
afterAll(async () => {
  elsewhere.close()
  await door?.[Symbol.asyncDispose]()
})

async function sent(body: object | string): Promise<RecordResult | undefined> {
  const answer = await door.post(domainEvents, body)
  expect(answer.status).toBe(202)
  await door.hub.idle()
  return (answer.body as { readonly results: readonly RecordResult[] }).results[0]
}

describe('what comes through SNS and SQS', () => {
  it('SQS-5: an event is the same bare or in its notification', async () => {
    const ann = newcomer()
    await door.hub.consent({ identifiers: [noms(ann)], lead: 'lp-1' })
    const event = moved(ann, 'released', from)
    const bare = await sent(event)
    const wrapped = await sent(inNotification(event, 'm-1', published))
    expect(bare).toMatchObject({ outcome: 'published' })
    expect(wrapped).toEqual({ ...bare, outcome: 'duplicate' })
    const bea = newcomer()
    await door.hub.consent({ identifiers: [noms(bea)], lead: 'lp-1' })
    expect(
      await sent(inNotification(moved(bea, 'released', from), 'm-2', published)),
    ).toMatchObject({ outcome: 'published', events: ['ReleasedFromPrison'] })
    expect(await door.hub.inboxOf('lp-1', 'any')).toHaveLength(2)
  })

  it('SQS-6: the natural key decides, the MessageId never', async () => {
    const [ann, bea] = [newcomer(), newcomer()]
    const first = inNotification(moved(ann, 'released', from), 'm-3', published)
    expect(await sent(first)).toMatchObject({ outcome: 'published' })
    const redriven = inNotification(moved(ann, 'released', from), 'm-4', published + 60_000)
    expect(await sent(redriven)).toMatchObject({ outcome: 'duplicate' })
    const other = inNotification(moved(bea, 'released', from), 'm-3', published)
    expect(await sent(other)).toMatchObject({ outcome: 'published' })
  })

  it('SQS-10: 256 KB and 1 MB are taken to the byte', async () => {
    for (const size of [256 * 1024, 1024 * 1024]) {
      const text = JSON.stringify(
        inNotification(moved(newcomer(), 'released', from), 'm', published),
      )
      expect(await sent(text.padEnd(size))).toMatchObject({ outcome: 'published' })
    }
  })

  it('SQS-10: a pointer to a bucket is parked, and nobody goes and fetches it', async () => {
    const pointer = [
      'software.amazon.payloadoffloading.PayloadS3Pointer',
      { s3BucketName: `${elsewhereUrl}/bucket-canary`, s3Key: door.plant('key-canary') },
    ]
    door.plant('bucket-canary')
    const parked = { outcome: 'quarantined', reason: 'fetch-later' }
    expect(await sent(pointer)).toMatchObject(parked)
    const wrapped = inNotification({ eventType: 'x' }, 'm-5', published)
    expect(await sent({ ...wrapped, Message: JSON.stringify(pointer) })).toMatchObject(parked)
    expect(
      await sent({
        Type: 'SubscriptionConfirmation',
        SubscribeURL: `${elsewhereUrl}/confirm`,
        Token: door.plant('token-canary'),
      }),
    ).toMatchObject({ outcome: 'ignored', reason: 'subscription' })
    expect(visits).toBe(0)
  })

  it('SQS-11: two names for one type are both written down; two that do not belong together are parked', async () => {
    const scores = {
      ...moved(newcomer(), 'released', from),
      eventType: 'assessment.summary.produced',
    }
    const attributed = (event: object, Value: string) => ({
      ...inNotification(event, 'm-6', published),
      MessageAttributes: { eventType: { Type: 'String', Value } },
    })
    expect(await sent(attributed(scores, 'risk-assessment.scores.determined'))).toMatchObject({
      outcome: 'ignored',
      reason: 'not-needed',
    })
    expect(
      door.hub.logs.filter((line) => line.includes('risk-assessment.scores.determined')),
    ).toEqual([expect.stringContaining('assessment.summary.produced')])
    const crossed = attributed(
      moved(newcomer(), 'released', from),
      'prison-offender-events.prisoner.received',
    )
    expect(await sent(crossed)).toMatchObject({
      outcome: 'quarantined',
      reason: 'event-types-differ',
    })
  })

  it('SQS-13: a message two weeks old is told as what it is: late', async () => {
    const ann = newcomer()
    await door.hub.consent({ identifiers: [noms(ann)], lead: 'lp-2' })
    const event = moved(ann, 'released', '2026-02-16T08:00:00Z')
    const sentAt = Date.parse('2026-02-16T08:45:00Z')
    expect(await sent(inNotification(event, 'm-7', sentAt))).toMatchObject({ outcome: 'published' })
    const [release] = (await door.hub.inboxOf('lp-2')).filter(({ rule }) => rule === 'release')
    expect(release).toMatchObject({
      urgency: 'prompt',
      occurredAt: '2026-02-16T08:00:00Z',
      learnedAt: from,
      headline: 'Released from prison: happened 16 February, learned today',
    })
  })

  const event = '{"eventType":"prison-offender-events.prisoner.released"'
  it.each([
    ['SQS-14: NaN', `${event},"version":NaN}`],
    ['SQS-14: a comment', `${event}/* canary-comment */}`],
    ['SQS-14: a trailing comma', `${event},}`],
    ['SQS-14: single quotes', `{'eventType':'canary-quote'}`],
    ['SQS-14: a byte order mark', `\uFEFF${event}}`],
    ['SQS-15: unannounced gzip', gzipSync(`${event}}`)],
    ['SQS-15: base64 of gzip', gzipSync(`${event}}`).toString('base64')],
  ])('%s is refused, and nothing is kept', async (_what, body) => {
    for (const secret of ['canary-comment', 'canary-quote']) door.plant(secret)
    const before = await door.counted()
    expect((await door.post(domainEvents, body)).status).toBe(400)
    expect(await door.counted()).toEqual(before)
  })

  it.each([
    ['SQS-14: NaN', `${event},"version":NaN}`],
    ['SQS-15: base64 of gzip', gzipSync(`${event}}`).toString('base64')],
  ])('%s inside a notification is kept for people to look at', async (_what, Message) => {
    expect(await sent({ Type: 'Notification', MessageId: 'm-8', Message })).toMatchObject({
      outcome: 'quarantined',
      reason: 'message-not-json',
      at: ['Message'],
    })
  })

  it('and the hub is well after all that', async () => {
    await door.stillWell()
  })
})
