import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import {
  type Consumer,
  type KafkaLogOptions,
  type Log,
  type LogRecord,
  machinePause,
  type OutgoingRecord,
  openKafkaLog,
  type Position,
  partitionOf,
  type TaskOwner,
} from '@throughline/stream'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KafkaCluster, startKafka, whyNoKafka } from '../backends/kafka.ts'
import { produceKey, startKafkaProxy, throughProxy } from '../backends/kafka-proxy.ts'

const missing = whyNoKafka()
const topics = ['moves.v1', 'changes.v1']
const partitions = 6
const sessionTimeoutMs = 6_000
const password = 'made-up-for-this-test'

/** As whoever stands before a broker that is gone: takes every connection, and closes it. */
async function startShutDoor() {
  const server = createServer((socket) => socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}

describe.skipIf(missing !== null)(`kafka in trouble${missing ? ` (${missing})` : ''}`, () => {
  let cluster: KafkaCluster
  beforeAll(async () => {
    cluster = await startKafka({ users: { hub: password } })
  }, 120_000)
  afterAll(() => cluster?.stop())

  let tests = 0
  const freshPrefix = () => `${Date.now().toString(36)}-${(tests += 1)}.`
  const open = async (prefix: string, more: Partial<KafkaLogOptions> = {}): Promise<Log> => {
    const brokers = cluster.bootstrap.split(',')
    const options = { brokers, clientId: 'faults', prefix, replicationFactor: 1, sessionTimeoutMs }
    const log = await openKafkaLog({ ...options, ...more })
    await log.ensureTopics(
      topics.map((name) => ({ name, partitions, retentionMs: null, cleanup: 'delete' })),
    )
    return log
  }

  it('lets in who has the password, over TLS, and nobody else', async () => {
    const { bootstrap = '', ca = '' } = cluster.scram ?? {}
    const as = (word: string, ssl: NonNullable<KafkaLogOptions['ssl']>) =>
      open(freshPrefix(), {
        brokers: bootstrap.split(','),
        ssl,
        sasl: { mechanism: 'scram-sha-512', username: 'hub', password: word },
      })
    await using log = await as(password, { ca: [ca] })
    await log.append([move('ann', 'in')])
    expect(await idsOf(log, 'ann')).toEqual(['ann in'])
    const refused = { code: 'HUB_LOG_UNAVAILABLE' }
    await expect(as('wrong', { ca: [ca] })).rejects.toMatchObject(refused)
    // A broker that nobody vouches for is not spoken to.
    await expect(as(password, true)).rejects.toMatchObject(refused)
  })

  it('has, in order, what was sent again after its answer was lost', async () => {
    const prefix = freshPrefix()
    await using proxy = await startKafkaProxy(cluster.portOf(1))
    await using log = await open(prefix, { socketFactory: throughProxy(proxy) })
    await log.append([move('ann', 'in')])
    let left = 1
    proxy.fate = (apiKey) => (apiKey === produceKey && left-- > 0 ? 'lose' : 'pass')
    const both = [move('ann', 'out'), move('ann', 'back')]
    await expect(log.append(both)).rejects.toMatchObject({ code: 'HUB_LOG_UNAVAILABLE' })
    await log.append(both)
    await log.append([move('ann', 'gone')])
    const ids = await idsOf(log, 'ann')
    expect([...new Set(ids)]).toEqual(['ann in', 'ann out', 'ann back', 'ann gone'])
    expect(ids.slice(-3)).toEqual(['ann out', 'ann back', 'ann gone'])
  })

  it('goes on over the others where the first address takes connections and closes them', async () => {
    const prefix = freshPrefix()
    await using shut = await startShutDoor()
    await using made = await open(prefix)
    await made.append([move('ann', 'in')])
    const brokers = [shut.address, ...cluster.bootstrap.split(',')]
    const options = { brokers, clientId: 'faults', prefix, replicationFactor: 1, sessionTimeoutMs }
    await using log = await openKafkaLog(options)
    await log.append([move('ann', 'out')])
    expect(await idsOf(log, 'ann')).toEqual(['ann in', 'ann out'])
  })

  it('is not confused by a request that arrives after its sender has given it up', async () => {
    const prefix = freshPrefix()
    await using proxy = await startKafkaProxy(cluster.portOf(1))
    await using log = await open(prefix, {
      socketFactory: throughProxy(proxy),
      requestTimeoutMs: 1_500,
    })
    await log.append([move('ann', 'in')])
    let left = 1
    proxy.fate = (apiKey) => (apiKey === produceKey && left-- > 0 ? 'hold' : 'pass')
    await expect(log.append([move('ann', 'out')])).rejects.toMatchObject({
      code: 'HUB_LOG_UNAVAILABLE',
    })
    await log.append([move('ann', 'out')])
    await log.append([move('ann', 'back')])
    proxy.release()
    await expect.poll(() => idsOf(log, 'ann')).toHaveLength(4)
    await log.append([move('ann', 'gone')])
    const ids = await idsOf(log, 'ann')
    expect([...new Set(ids)]).toEqual(['ann in', 'ann out', 'ann back', 'ann gone'])
  })

  it('shares the partitions among members, the same numbers of every topic', async () => {
    const prefix = freshPrefix()
    const work = new SharedWork()
    await using first = await work.join(await open(prefix), 'first')
    await using second = await work.join(await open(prefix), 'second')
    await expect.poll(() => work.shares(), { timeout: 15_000 }).toEqual([3, 3])
    await first.log.append(
      people.flatMap((person) => topics.map((topic) => move(person, 'in', topic))),
    )
    await expect.poll(() => work.seen.length, { timeout: 15_000 }).toBe(people.length * 2)
    for (const person of people) {
      expect(new Set(work.whoSaw(person)).size).toBe(1)
    }
    expect(new Set(work.whoSaw(...people))).toEqual(new Set(['first', 'second']))
    expect(work.atOnce).toEqual([])
    void second
  })

  it('gives every record to one of them, in order, while members come and go', async () => {
    const prefix = freshPrefix()
    const work = new SharedWork()
    await using log = await open(prefix)
    await using _stays = await work.join(await open(prefix), 'stays')
    const sending = send(log, 120, 40)
    for (const name of ['comes', 'comes again']) {
      await using _member = await work.join(await open(prefix), name)
      await expect.poll(() => work.shares(), { timeout: 15_000 }).toEqual([3, 3])
    }
    const sent = await sending
    await expect.poll(() => work.seen.length, { timeout: 20_000 }).toBe(sent.length)
    expect(work.inOrder()).toEqual(inOrder(sent))
    expect(work.atOnce).toEqual([])
  })

  it('follows a member that has died within its session and three seconds, and skips nothing', async () => {
    const prefix = freshPrefix()
    const work = new SharedWork()
    await using log = await open(prefix)
    await using proxy = await startKafkaProxy(cluster.portOf(1))
    await using stays = await work.join(await open(prefix), 'stays')
    const dies = await work.join(await open(prefix, { socketFactory: throughProxy(proxy) }), 'dies')
    await expect.poll(() => work.shares(), { timeout: 15_000 }).toEqual([3, 3])
    const before = await send(log, 10, 10)
    await expect.poll(() => work.seen.length, { timeout: 15_000 }).toBe(before.length)
    work.kill('dies')
    proxy.fate = () => 'drop'
    const from = Date.now()
    const after = await send(log, 10, 10)
    const sent = [...before, ...after]
    await expect.poll(() => work.seen.length, { timeout: 15_000, interval: 50 }).toBe(sent.length)
    expect(Date.now() - from).toBeLessThan(sessionTimeoutMs + 3_000)
    expect(work.inOrder()).toEqual(inOrder(sent))
    proxy.fate = () => 'cut'
    await dies[Symbol.asyncDispose]()
    void stays
  })

  it('stops where a topic was made anew under its name, and skips nothing of it', async () => {
    const prefix = freshPrefix()
    await using log = await open(prefix)
    const partition = partitionOf('ann', partitions)
    const fault = Promise.withResolvers<unknown>()
    const ids: string[] = []
    const positions = new Map<string, Position>()
    await using consumer = await log.consume('story', ['moves.v1'], {
      assigned: async () => positions,
      revoked: async () => {},
      faulted: (faulted, error) => faulted === partition && fault.resolve(error),
      records: async (_partition, batch) => {
        for (const { offset, id } of batch) {
          positions.set('moves.v1', { offset: offset + 1n, anchor: id })
          ids.push(id)
        }
      },
    })
    await log.append([move('ann', 'in'), move('ann', 'out')])
    await expect.poll(() => ids.length).toBe(2)
    const admin = new kafkajs.Kafka({ brokers: cluster.bootstrap.split(',') }).admin()
    await admin.deleteTopics({ topics: [`${prefix}moves.v1`] })
    await admin.disconnect()
    await expect(fault.promise).resolves.toMatchObject({ code: 'HUB_TOPIC_DRIFT' })
    await using again = await open(prefix)
    await again.append(['a', 'b', 'c'].map((what) => move('ann', what)))
    const lost = Promise.withResolvers<unknown>()
    await using _second = await again.consume('story again', ['moves.v1'], {
      assigned: async (at) => (at === partition ? positions : new Map()),
      revoked: async () => {},
      faulted: (_partition, error) => lost.resolve(error),
      records: async () => {},
    })
    await expect(lost.promise).resolves.toMatchObject({ code: 'HUB_POSITION_LOST' })
    void consumer
  })

  it('lets nobody wait for a slow one', async () => {
    const prefix = freshPrefix()
    await using log = await open(prefix, { batchMax: 50 })
    const released = Promise.withResolvers<void>()
    const slow = partitionOf('ann', partitions)
    const seen = new Map<number, number>()
    await using _consumer = await log.consume('story', ['moves.v1'], {
      assigned: async () => new Map(),
      revoked: async () => {},
      async records(partition, batch) {
        if (partition === slow) await released.promise
        seen.set(partition, (seen.get(partition) ?? 0) + batch.length)
      },
    })
    const other = people.find((person) => partitionOf(person, partitions) !== slow) as string
    for (let n = 0; n < 10; n += 1) {
      const some = Array.from({ length: 100 }, (_, i) => `${n * 100 + i}`)
      await log.append(some.flatMap((what) => [move('ann', what), move(other, what)]))
    }
    await expect
      .poll(() => seen.get(partitionOf(other, partitions)), { timeout: 10_000 })
      .toBe(1_000)
    expect(seen.get(slow)).toBeUndefined()
    released.resolve()
    await expect.poll(() => seen.get(slow), { timeout: 10_000 }).toBe(1_000)
  })

  it('has everything it acknowledged, for those who were reading too, after its broker was killed', async () => {
    const prefix = freshPrefix()
    const work = new SharedWork()
    await using log = await open(prefix)
    await using _member = await work.join(await open(prefix), 'reads')
    const sending = send(log, 60, 50)
    await expect.poll(() => work.seen.length, { timeout: 15_000 }).toBeGreaterThan(30)
    await cluster.kill(1)
    await cluster.restart(1)
    const sent = await sending
    const seen = () => new Set(work.seen.map(({ record }) => record.id)).size
    await expect.poll(seen, { timeout: 30_000 }).toBe(sent.length)
    expect(firstTimes(work.inOrder())).toEqual(inOrder(sent))
    for (const person of people) {
      const mine = sent.filter(({ key }) => key === person).map(({ id }) => id)
      expect([...new Set(await idsOf(log, person))]).toEqual(mine)
    }
  })
})

const people = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida', 'jon', 'kit', 'lea']

const move = (person: string, what: string, topic = 'moves.v1'): OutgoingRecord => ({
  topic,
  key: person,
  id: `${person} ${what}`,
  value: Buffer.from(what),
})

async function idsOf(log: Log, person: string): Promise<string[]> {
  const ids: string[] = []
  for await (const batch of log.read('moves.v1', partitionOf(person, partitions), 0n)) {
    for (const { key, id } of batch) if (key === person) ids.push(id)
  }
  return ids
}

/** Sends as a relay does: in order, one after the other, and again whenever it is in doubt. */
async function send(log: Log, rounds: number, pauseMs: number): Promise<OutgoingRecord[]> {
  const sent: OutgoingRecord[] = []
  const at = Date.now()
  for (let n = 0; n < rounds; n += 1) {
    const records = people.map((person) => move(person, `${at} ${n}`))
    while (
      !(await log.append(records).then(
        () => true,
        () => false,
      ))
    )
      await machinePause(100)
    sent.push(...records)
    await machinePause(pauseMs)
  }
  return sent
}

const inOrder = (records: readonly Pick<OutgoingRecord, 'key' | 'id'>[]) =>
  new Map(
    people.map((person) => [
      person,
      records.filter(({ key }) => key === person).map(({ id }) => id),
    ]),
  )

const firstTimes = (byPerson: ReadonlyMap<string, readonly string[]>) =>
  new Map([...byPerson].map(([person, ids]) => [person, [...new Set(ids)]]))

interface Joined extends AsyncDisposable {
  readonly log: Log
}

/** What members do together: positions are held where all of them see them, as in the store. */
class SharedWork {
  readonly seen: { readonly who: string; readonly record: LogRecord }[] = []
  /** Partitions that two members worked on at the same time. */
  readonly atOnce: number[] = []
  readonly #positions = new Map<number, Map<string, Position>>()
  readonly #owners = new Map<number, string>()
  readonly #dead = new Set<string>()

  async join(log: Log, name: string): Promise<Joined> {
    const consumer: Consumer = await log.consume('story', topics, this.#owner(name))
    return {
      log,
      async [Symbol.asyncDispose]() {
        await consumer[Symbol.asyncDispose]()
        await log[Symbol.asyncDispose]()
      },
    }
  }

  /** From now on it has no say: its process is gone. */
  kill(name: string): void {
    this.#dead.add(name)
    for (const [partition, owner] of this.#owners) {
      if (owner === name) this.#owners.delete(partition)
    }
  }

  /** How many partitions each living member works on. */
  shares(): number[] {
    const owners = [...this.#owners.values()]
    return [...new Set(owners)].map((name) => owners.filter((owner) => owner === name).length)
  }

  whoSaw(...persons: string[]): string[] {
    return this.seen.filter(({ record }) => persons.includes(record.key)).map(({ who }) => who)
  }

  inOrder(): ReadonlyMap<string, readonly string[]> {
    return inOrder(this.seen.map(({ record }) => record))
  }

  #owner(who: string): TaskOwner {
    return {
      assigned: async (partition) => {
        const other = this.#owners.get(partition)
        if (other !== undefined && other !== who) this.atOnce.push(partition)
        this.#owners.set(partition, who)
        return new Map(this.#positions.get(partition))
      },
      records: async (partition, batch) => {
        if (this.#dead.has(who)) throw new Error('it is dead')
        if (this.#owners.get(partition) !== who) this.atOnce.push(partition)
        await machinePause(1)
        const last = batch.at(-1) as LogRecord
        const positions = this.#positions.get(partition) ?? new Map<string, Position>()
        positions.set(last.topic, { offset: last.offset + 1n, anchor: last.id })
        this.#positions.set(partition, positions)
        this.seen.push(...batch.map((record) => ({ who, record })))
      },
      revoked: async (partition) => {
        if (this.#owners.get(partition) === who) this.#owners.delete(partition)
      },
    }
  }
}
