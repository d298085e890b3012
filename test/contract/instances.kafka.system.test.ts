import { link } from '@throughline/link'
import { notify } from '@throughline/notify'
import { topics } from '@throughline/schemas'
import {
  createPostgresViews,
  type Log,
  machinePause,
  openKafkaLog,
  openPostgres,
  type PostgresDatabase,
  type TaskOwner,
} from '@throughline/stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { whyNoKafka } from '../backends/kafka.ts'
import { sharedKafka } from '../backends/kafka-shared.ts'
import { describeOnPostgres } from '../backends/postgres-suite.ts'
import { morning, stories } from '../bench/flow.ts'
import { withOwners } from '../bench/kafka/gate.ts'
import { type KafkaCounty, makeKafkaCounty } from '../bench/kafka/kafka-county.ts'
import { type OurService, openOurService } from '../bench/kafka/our-service.ts'
import { isDone } from '../bench/kafka/ours.ts'
import { shiftedClock, shiftTo } from '../bench/kafka/shifted-clock.ts'

const partitions = 12
const people = 48
const shift = shiftTo(morning)

/** Which partitions an instance has now, and of which it has been given records. */
class Watched {
  readonly has = new Set<number>()
  readonly worked = new Set<number>()

  over(log: Log): Log {
    return withOwners(log, (owner) => this.#before(owner))
  }

  #before(owner: TaskOwner): TaskOwner {
    return {
      assigned: async (partition) => {
        const positions = await owner.assigned(partition)
        this.has.add(partition)
        return positions
      },
      records: async (partition, batch) => {
        this.worked.add(partition)
        await owner.records(partition, batch)
      },
      revoked: async (partition) => {
        this.has.delete(partition)
        await owner.revoked(partition)
      },
      faulted: (partition, error) => owner.faulted?.(partition, error),
    }
  }
}

describeOnPostgres('several instances of notify', (postgres) => {
  const missing = whyNoKafka()
  let county: KafkaCounty
  beforeAll(async () => {
    const server = { postgres: postgres.server() }
    county = await makeKafkaCounty(server, people, shiftedClock(shift))
  }, 120_000)
  afterAll(() => county.takeAway())

  for (const count of [2, 4]) {
    const title = `share the partitions, ${count} of them: each works, and nobody is told twice or not at all`
    it.skipIf(missing !== null)(
      title,
      async () => {
        const brokers = await sharedKafka()
        const prefix = `instances-${process.pid}-${count}-`
        const url = await postgres.server().newDatabase(county.template)
        const place = { url, brokers, prefix, keys: county.keys, shift }
        await using log = await openKafkaLog({
          brokers,
          clientId: 'test',
          prefix,
          replicationFactor: 1,
        })
        await log.ensureTopics(topics)
        await using db = await openPostgres({ url, connectionsMax: 1 })
        const watched = Array.from({ length: count }, () => new Watched())
        await using services = new AsyncDisposableStack()
        const start = async (over: (log: Log) => Log): Promise<OurService> =>
          services.use(await openOurService(place, over))
        for (const one of watched) await (await start((log) => one.over(log))).run(notify)
        await until(() => watched.every(({ has }) => has.size === partitions / count))
        expect(watched.flatMap(({ has }) => [...has]).toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: partitions }, (_, n) => n),
        )

        await (await start((log) => log)).run(link)
        const receivedAt = shiftedClock(shift).now()
        const plan = stories(county.subjects, 1)
        const records = plan.map((one) => county.recordOf(one, receivedAt, false))
        // Each of them twice, as after a lost answer.
        await log.append(records)
        await log.append(records)
        await until(() => isDone(db, 'link', 2 * plan.length))
        await until(async () => isDone(db, 'notify', await forwarded(log)))

        for (const { worked } of watched) expect(worked.size).toBeGreaterThan(0)
        expect(new Set(watched.flatMap(({ worked }) => [...worked])).size).toBe(partitions)
        // One that loses a partition may have sent what the next one sends: under the same id.
        expect(new Set(await idsOn(log, 'practitioner.notices.v1')).size).toBe(2 * people)
        expect(await noticed(db)).toBe(2 * people)
      },
      300_000,
    )
  }
})

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await machinePause(50)
}

async function noticed(db: PostgresDatabase): Promise<number> {
  const counts = await createPostgresViews({ db }).counts('noticed')
  return [...counts.values()].reduce((sum, one) => sum + one, 0)
}

const forwarded = async (log: Log) => (await idsOn(log, 'person.events.v1')).length

async function idsOn(log: Log, topic: string): Promise<readonly string[]> {
  const ids: string[] = []
  for (let partition = 0; partition < partitions; partition += 1) {
    for await (const batch of log.read(topic, partition, 0n)) ids.push(...batch.map(({ id }) => id))
  }
  return ids
}
