import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { whyNoKafka } from '../backends/kafka.ts'
import { sharedKafka } from '../backends/kafka-shared.ts'
import { type PostgresServer, startPostgres, whyNoPostgres } from '../backends/postgres.ts'
import { startHub } from '../demo/hub-process.ts'
import { madeUpPeople } from '../people/people.ts'
import { townAt } from './town.ts'

const missing = whyNoKafka() ?? whyNoPostgres()

describe.skipIf(missing !== null)(`a release${missing === null ? '' : `: ${missing}`}`, () => {
  let server: PostgresServer
  const data = mkdtempSync(join(tmpdir(), 'throughline-notice-'))
  beforeAll(async () => {
    server = await startPostgres()
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    rmSync(data, { recursive: true, force: true })
  }, 60_000)

  it('is told to the lead practitioner, by way of Kafka and PostgreSQL', async () => {
    const env = {
      HUB_DATABASE_URL: await server.newDatabase(),
      HUB_KAFKA_BROKERS: (await sharedKafka()).join(','),
      HUB_KAFKA_REPLICATION: '1',
      HUB_KAFKA_PREFIX: `notice.${process.pid}.`,
    }
    const options = { data, port: 0, mllpPort: 0, clock: Date.now(), killAt: null, env }
    await using hub = await startHub(options)
    const town = townAt({ hub: hub.base(), custody: hub.base(), credentials: hub.credentials() })
    const [person] = madeUpPeople(1, 1)
    if (person === undefined) throw new Error('nobody is made up')
    await town.agree(person)
    await town.release(person)
    await town.told(person)
  })
})
