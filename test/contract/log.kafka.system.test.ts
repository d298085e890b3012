import { openKafkaLog } from '@throughline/stream'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe } from 'vitest'
import { type KafkaCluster, startKafka, whyNoKafka } from '../backends/kafka.ts'
import { type LogDesk, logFeatures, specs } from './log.features.ts'

const missing = whyNoKafka()

describe.skipIf(missing !== null)(`kafka${missing ? ` (${missing})` : ''}`, () => {
  let cluster: KafkaCluster
  beforeAll(async () => {
    cluster = await startKafka()
  }, 120_000)
  afterAll(() => cluster?.stop())

  let tests = 0
  /** Topics of its own for every test: brokers last, topics do not. */
  const open = async (prefix = `${Date.now().toString(36)}-${(tests += 1)}.`): Promise<LogDesk> => {
    const log = await openKafkaLog({
      brokers: cluster.bootstrap.split(','),
      clientId: 'contract',
      prefix,
      replicationFactor: 1,
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
        const admin = new Kafka({
          brokers: cluster.bootstrap.split(','),
          logLevel: logLevel.NOTHING,
        }).admin()
        await admin.connect()
        // It knows of no topic that it has not been asked about.
        await admin.fetchTopicOffsets(prefix + topic)
        await admin.deleteTopicRecords({
          topic: prefix + topic,
          partitions: [{ partition, offset: end.toString() }],
        })
        await admin.disconnect()
      },
      [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
    }
  }

  logFeatures(() => open())
})
