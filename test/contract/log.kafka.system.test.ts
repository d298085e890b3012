import { type KafkaLogOptions, openKafkaLog, partitionOf } from '@throughline/stream'
import kafkajs from 'kafkajs'
import { beforeAll, describe, expect, it } from 'vitest'
import { whyNoKafka } from '../backends/kafka.ts'
import { startKafkaProxy, throughProxy } from '../backends/kafka-proxy.ts'
import { sharedKafka } from '../backends/kafka-shared.ts'
import { type LogDesk, logFeatures, specs } from './log.features.ts'

const missing = whyNoKafka()

/** Kafka's api keys: to join a group, and to say that one is still there. */
const joinKey = 11
const beatKey = 12

/** What the adapter gives to a compacted topic. Kafka replaces all settings of a topic together. */
const compacted = {
  'cleanup.policy': 'compact',
  'retention.ms': '-1',
  'message.timestamp.type': 'LogAppendTime',
  'min.insync.replicas': '1',
  'unclean.leader.election.enable': 'false',
}

describe.skipIf(missing !== null)(`kafka${missing ? ` (${missing})` : ''}`, () => {
  let brokers: readonly string[]
  beforeAll(async () => {
    brokers = await sharedKafka()
  }, 120_000)

  const admin = async () => {
    const asked = new kafkajs.Kafka({
      brokers: [...brokers],
      logLevel: kafkajs.logLevel.NOTHING,
    }).admin()
    await asked.connect()
    return Object.assign(asked, { [Symbol.asyncDispose]: () => asked.disconnect() })
  }

  let tests = 0
  /** Topics of its own for every test: brokers last, topics do not. */
  const freshPrefix = () => `${Date.now().toString(36)}-${(tests += 1)}.`
  const open = async (
    prefix = freshPrefix(),
    more: Partial<KafkaLogOptions> = {},
  ): Promise<LogDesk> => {
    const log = await openKafkaLog({
      brokers,
      clientId: 'contract',
      prefix,
      replicationFactor: 1,
      ...more,
    })
    await log.ensureTopics(specs)
    return {
      log,
      async restarted() {
        await log[Symbol.asyncDispose]()
        return open(prefix)
      },
      async retentionPasses(topic, partition) {
        const { end } = await log.bounds(topic, partition)
        await using asked = await admin()
        // It knows of no topic that it has not been asked about, and a broker learns only a moment later what it leads.
        await expect.poll(() => asked.fetchTopicOffsets(prefix + topic)).toHaveLength(4)
        await asked.deleteTopicRecords({
          topic: prefix + topic,
          partitions: [{ partition, offset: end.toString() }],
        })
      },
      [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
    }
  }

  logFeatures(() => open())

  it.each([
    // From Kafka's own UtilsTest.testMurmur2, without the sign and by four.
    ['21', (-973932308 & 0x7fffffff) % 4],
    ['foobar', (-790332482 & 0x7fffffff) % 4],
    ['a-little-bit-long-string', (-985981536 & 0x7fffffff) % 4],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', (-58897971 & 0x7fffffff) % 4],
    ['abc', 479470107 % 4],
  ])('puts %s where a Java client would', async (key, partition) => {
    await using desk = await open()
    await desk.log.append([{ topic: 'moves.v1', key, id: 'in', value: Buffer.from('in') }])
    expect(await desk.log.bounds('moves.v1', partition)).toEqual({ start: 0n, end: 1n })
  })

  it.each([
    ['message.timestamp.type', 'CreateTime'],
    ['unclean.leader.election.enable', 'true'],
  ])('refuses a topic whose %s somebody has changed', async (name, value) => {
    const prefix = freshPrefix()
    await using desk = await open(prefix)
    const settings = { ...compacted, [name]: value }
    {
      await using asked = await admin()
      const type = kafkajs.ConfigResourceTypes.TOPIC
      const configEntries = Object.entries(settings).map(([key, set]) => ({
        name: key,
        value: set,
      }))
      const changed = { type, name: `${prefix}changes.v1`, configEntries }
      await asked.alterConfigs({ validateOnly: false, resources: [changed] })
    }
    const asked = specs.filter((spec) => spec.name === 'changes.v1')
    // The broker hears of it a moment later.
    await expect
      .poll(() => desk.log.ensureTopics(asked).catch(({ message }: Error) => message))
      .toBe(`topic changes.v1 differs in ${name}`)
  })

  it('stamps records with the time the broker wrote them', async () => {
    await using desk = await open()
    const before = Date.now() - 60_000
    await desk.log.append([{ topic: 'moves.v1', key: 'ann', id: 'in', value: null }])
    for await (const [record] of desk.log.read('moves.v1', partitionOf('ann', 4), 0n)) {
      expect(record?.appendedAt).toBeGreaterThan(before)
      expect(record?.appendedAt).toBeLessThan(Date.now() + 60_000)
    }
  })

  it('gathers a group again only when somebody comes or goes, and tells the brokers how far it is', async () => {
    const prefix = freshPrefix()
    await using proxy = await startKafkaProxy(Number(brokers[0]?.split(':')[1]))
    await using desk = await open(prefix, { socketFactory: throughProxy(proxy) })
    await desk.log.append([{ topic: 'moves.v1', key: 'ann', id: 'in', value: null }])
    let given = 0
    await using _consumer = await desk.log.consume('story', ['moves.v1'], {
      assigned: async () => new Map(),
      revoked: async () => {},
      records: async (_partition, batch) => void (given += batch.length),
    })
    const gathered = proxy.seen(joinKey)
    await expect.poll(() => given).toBe(1)
    await using asked = await admin()
    const told = async () => {
      const [moves] = await asked.fetchOffsets({
        groupId: `${prefix}story`,
        topics: [`${prefix}moves.v1`],
      })
      return moves?.partitions.find(({ partition }) => partition === partitionOf('ann', 4))?.offset
    }
    await expect.poll(told, { timeout: 20_000 }).toBe('1')
    await expect.poll(() => proxy.seen(beatKey), { timeout: 20_000 }).toBeGreaterThan(3)
    expect(proxy.seen(joinKey)).toBe(gathered)
  }, 60_000)

  it('refuses a record that no topic takes, and only that', async () => {
    await using desk = await open()
    const of = (id: string, bytes: number) => [
      { topic: 'moves.v1', key: 'ann', id, value: Buffer.alloc(bytes) },
    ]
    const appended = await Promise.allSettled([
      desk.log.append(of('small', 10)),
      desk.log.append(of('too large', 1_100_000)),
      desk.log.append(of('as large as may be', 1_048_000)),
    ])
    expect(appended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(appended[1]).toMatchObject({ reason: { code: 'HUB_CONFIG_INVALID' } })
    expect((await desk.log.bounds('moves.v1', partitionOf('ann', 4))).end).toBe(2n)
  })

  it('finds one record among many at once', async () => {
    await using desk = await open()
    const moves = Array.from({ length: 5_000 }, (_, n) => ({
      topic: 'moves.v1',
      key: 'ann',
      id: `move ${n}`,
      value: Buffer.alloc(400),
    }))
    await desk.log.append(moves)
    const partition = partitionOf('ann', 4)
    const times: number[] = []
    for (const offset of [0n, 1n, 2_500n, 4_999n, 17n, 3_333n]) {
      const from = performance.now()
      for await (const [first] of desk.log.read('moves.v1', partition, offset)) {
        expect(first).toMatchObject({ offset, id: `move ${offset}` })
        break
      }
      times.push(performance.now() - from)
    }
    expect(times.toSorted((a, b) => a - b)[3]).toBeLessThan(100)
  })
})
