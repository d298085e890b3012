import { randomBytes } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { type KafkaCluster, startKafka } from '../../backends/kafka.ts'
import { type PostgresServer, startPostgres } from '../../backends/postgres.ts'

/** One broker and one PostgreSQL, both durable, for everything that is measured in one command. */
export interface Services extends AsyncDisposable {
  readonly brokers: readonly string[]
  readonly kafka: Kafka
  readonly postgres: PostgresServer
  /** Wraps the peer's keys, as the key file wraps ours. */
  readonly keyEncryptionKey: Uint8Array
  /** Topics are told apart by it; they are gone after the work. */
  withPrefix<T>(name: string, work: (prefix: string) => Promise<T>): Promise<T>
}

export async function startServices(): Promise<Services> {
  const cluster: KafkaCluster = await startKafka()
  const brokers = cluster.bootstrap.split(',')
  const kafka = new Kafka({ brokers, clientId: 'bench', logLevel: logLevel.NOTHING })
  const postgres = await startPostgres()
  let runs = 0
  return {
    brokers,
    kafka,
    postgres,
    keyEncryptionKey: randomBytes(32),
    async withPrefix(name, work) {
      const prefix = `${name}-${process.pid}-${(runs += 1)}-`
      try {
        return await work(prefix)
      } finally {
        await deleteTopics(kafka, prefix)
      }
    },
    async [Symbol.asyncDispose]() {
      await postgres.stop()
      await cluster.stop()
    },
  }
}

async function deleteTopics(kafka: Kafka, prefix: string): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix))
    await admin.deleteTopics({ topics })
  } finally {
    await admin.disconnect()
  }
}
