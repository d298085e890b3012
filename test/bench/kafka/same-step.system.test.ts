import { randomBytes } from 'node:crypto'
import { decodeFramed, topicOf } from '@throughline/schemas'
import {
  type Log,
  type LogRecord,
  openKafkaLog,
  openPostgres,
  openRecord,
  type SealedFields,
} from '@throughline/stream'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { whyNoKafka } from '../../backends/kafka.ts'
import { haveMaven } from '../../backends/kafka-jars.ts'
import { sharedKafka } from '../../backends/kafka-shared.ts'
import { describeOnPostgres } from '../../backends/postgres-suite.ts'
import { morning, type Plan, stories } from '../flow.ts'
import { append, type Contender, until } from './contender.ts'
import { type KafkaCounty, makeKafkaCounty } from './kafka-county.ts'
import { ours } from './ours.ts'
import { buildPeer, peer } from './peer.ts'
import type { Services } from './services.ts'
import { shiftedClock, shiftTo } from './shifted-clock.ts'

const people = 9
const third = people / 3
const shift = shiftTo(morning)
const minuteMs = 60_000
const twoDaysMs = 48 * 60 * minuteMs

/** One of the two, and how to see what it waits for: `person|name|time`, in any order. */
interface Side {
  contender(services: Services, shift: number): Contender
  waiting(log: Log, url: string): Promise<readonly string[]>
  /** It counts what has come to its last hop; the other what has come to the first. */
  readonly countsForwarded: boolean
}

describeOnPostgres('the step by which ours and the peer are measured', (postgres) => {
  const missing = whyNoKafka() ?? (haveMaven() ? null : 'no Maven')
  let county: KafkaCounty
  let classPath: string
  beforeAll(async () => {
    if (missing !== null) return
    classPath = await buildPeer()
    const server = { postgres: postgres.server() }
    county = await makeKafkaCounty(server, people, shiftedClock(shift))
  }, 300_000)
  afterAll(() => county?.takeAway())

  for (const bare of [false, true]) {
    const ourSide: Side = {
      contender: (services, shift) =>
        ours('ours', { services, county, shift, bare, layout: [['forward', 'watch']] }),
      waiting: (_log, url) => timersIn(url),
      countsForwarded: true,
    }
    const theirSide: Side = {
      contender: (services, shift) => peer({ services, county, shift, bare, classPath }),
      waiting: timersOf,
      countsForwarded: false,
    }
    const how = bare ? 'in clear' : 'encrypted'
    it.skipIf(missing !== null)(
      `tells the same people of the same, and waits for the same, ${how}`,
      async () => {
        const mine = await toldBy(ourSide, bare)
        const theirs = await toldBy(theirSide, bare)
        expect(mine).toEqual(theirs)
        expect(mine.notices).toHaveLength(third * (2 + 1 + 1))
        expect(mine.waiting).toHaveLength(third * (5 + 1))
        expect(mine.waitingLater).toHaveLength(third * 4)
      },
      600_000,
    )
  }

  /** What a few stories, told twice, come to; and what is still waited for two days later. */
  async function toldBy(side: Side, bare: boolean) {
    const url = await postgres.server().newDatabase(county.template)
    const services = await servicesWith(url)
    const prefix = `step-${process.pid}-${randomBytes(4).toString('hex')}-`
    const { brokers } = services
    await using log = await openKafkaLog({
      brokers,
      clientId: 'test',
      prefix,
      replicationFactor: 1,
    })
    const waiting = async () => (await side.waiting(log, url)).toSorted()

    const running = await side.contender(services, shift).start(prefix)
    const { lost, plan } = happenings(county)
    for (const { one, receivedAt } of lost) {
      await append(running, [one], () => county.recordOf(one, receivedAt, bare))
    }
    for (const round of [1, 2]) {
      for (const { one, receivedAt } of plan) {
        await append(running, [one], () => county.recordOf(one, receivedAt, bare))
      }
      await running.untilDone(round * plan.length + (side.countsForwarded ? 0 : lost.length))
    }
    const { forwarded, notices: count } = await running.stop()
    const records = await recordsOn(log, 'practitioner.notices.v1')
    const told = {
      forwarded,
      count,
      notices: records.map((one) => noticeIn(one, county, bare)).toSorted(byId),
      bytes: records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0),
      waiting: await waiting(),
    }

    const later = await side.contender(services, shift - twoDaysMs).start(prefix)
    await until('what is due fires', async () => (await waiting()).length <= third * 4)
    await later.stop()
    return { ...told, waitingLater: await waiting() }
  }

  async function servicesWith(url: string): Promise<Services> {
    const brokers = await sharedKafka()
    return {
      brokers: [...brokers],
      kafka: new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }),
      postgres: { ...postgres.server(), newDatabase: async () => url },
      keyEncryptionKey: new Uint8Array(32).fill(7),
      withPrefix: (name, work) => work(name),
      [Symbol.asyncDispose]: async () => {},
    }
  }
})

/**
 * Some go through all of it; some leave for court, and the day moves; some only arrive. Lost: what happened to
 * somebody whom nobody knows, and what was received before they agreed.
 */
function happenings({ subjects, agreedAt }: KafkaCounty) {
  const receivedAt = agreedAt + minuteMs
  const [whole, court, arrived] = [0, 1, 2].map((n) => subjects.slice(n * third, (n + 1) * third))
  const at = (receivedAt: number) => (one: Plan) => ({ one, receivedAt })
  const all = stories(whole ?? [], 1)
  const leaving = stories(court ?? [], 1).filter(({ stage }) => stage <= 1)
  const moved = leaving.filter(({ stage }) => stage === 1).map((one) => ({ ...one, round: 1 }))
  const arriving = stories(arrived ?? [], 1).filter(({ stage }) => stage === 0)
  const [somebody, stranger] = subjects as [Plan['subject'], Plan['subject']]
  const nobody = {
    ...stranger,
    hashes: ['nobody', 'nobody-else'] as const,
    person: { ...stranger.person, noms: 'Z0000ZZ' },
  }
  return {
    plan: [
      ...[...all, ...leaving, ...arriving].map(at(receivedAt)),
      ...moved.map(at(receivedAt + 5 * minuteMs)),
    ],
    lost: [
      { one: { subject: nobody, stage: 0, round: 0 }, receivedAt },
      { one: { subject: somebody, stage: 0, round: 9 }, receivedAt: agreedAt - 1 },
    ],
  }
}

function noticeIn(record: LogRecord, county: KafkaCounty, bare: boolean) {
  const outside = decodeFramed(record.value as Uint8Array).value
  if (bare) return { key: record.key, notice: outside as { noticeId: string } }
  // The peer's carries the header of what it comes of; the envelope says whose id it is.
  const { recordId, keyRef } = outside as SealedFields
  const key = county.personKeys.get(keyRef)
  if (!key) throw new Error('sealed under an unknown key')
  const { value } = openRecord({ ...record, id: recordId }, key)
  return { key: record.key, notice: value as { noticeId: string } }
}

type Noticed = ReturnType<typeof noticeIn>

const byId = (a: Noticed, b: Noticed) => (a.notice.noticeId < b.notice.noticeId ? -1 : 1)

async function timersIn(url: string): Promise<readonly string[]> {
  await using db = await openPostgres({ url, connectionsMax: 1 })
  const rows = await db.query('SELECT key, name, at FROM timer')
  return rows.map(({ key, name, at }) => [key, name, at].join('|'))
}

/** As they stand at the end of the store's changelog. */
async function timersOf(log: Log): Promise<readonly string[]> {
  const waiting = new Map<string, string>()
  for (const { key, value } of await recordsOn(log, 'peer-timers-changelog')) {
    const [at, person, name] = key.split('|')
    if (value === null) waiting.delete(key)
    else waiting.set(key, `${person}|${name}|${Number(at)}`)
  }
  return [...waiting.values()]
}

async function recordsOn(log: Log, topic: string): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = []
  for (let partition = 0; partition < partitions; partition += 1) {
    for await (const batch of log.read(topic, partition, 0n)) records.push(...batch)
  }
  return records
}

const { partitions } = topicOf('practitioner.notices.v1')
