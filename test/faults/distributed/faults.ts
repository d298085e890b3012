import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { machinePause } from '@throughline/stream'
import kafkajs from 'kafkajs'
import type { KafkaCluster } from '../../backends/kafka.ts'
import { fetchKey, type KafkaProxy, produceKey } from '../../backends/kafka-proxy.ts'
import { plant } from '../planted-copy.ts'
import type { Fault, Heal } from './fault.ts'
import { rowsOf, spoiltKey } from './outcome.ts'
import type { Rig } from './rig.ts'

/** Every fault, in an order in which none hides another. */
export const faults: readonly Fault[] = [
  {
    name: 'a broker that leads is killed',
    limited: true,
    strike: async (rig, random) =>
      broken(rig, await leaderOf(rig, 'practitioner.notices.v1', random.below(12))),
  },
  ...['link-1', 'notify-2', 'custody-1', 'front-1'].map(killed),
  {
    name: 'the controller is killed',
    limited: true,
    strike: (rig) => broken(rig, controllerOf(rig)),
  },
  {
    name: 'a broker is stopped in order',
    limited: true,
    strike: async (rig, random) => broken(rig, 1 + random.below(3), 'SIGTERM'),
  },
  {
    name: 'all connections of the database are cut',
    limited: true,
    async strike({ postgres, url }) {
      await postgres.cutConnections(url)
      return asItWas
    },
  },
  {
    name: 'the database server is killed',
    limited: false,
    async strike({ postgres }) {
      await postgres.kill()
      await postgres.restart()
      return asItWas
    },
  },
  {
    name: 'connections are cut in the middle of requests',
    limited: false,
    strike: (rig, random) =>
      between(rig, (proxy) => {
        proxy.fate = (apiKey) =>
          (apiKey === produceKey || apiKey === fetchKey) && random.chance(0.1) ? 'cut' : 'pass'
      }),
  },
  {
    name: 'records arrive, and their acknowledgements are lost',
    limited: false,
    strike: (rig, random) =>
      between(rig, (proxy) => {
        proxy.fate = (apiKey) => (apiKey === produceKey && random.chance(0.2) ? 'lose' : 'pass')
      }),
  },
  {
    name: 'answers of brokers are held, and come late',
    limited: false,
    strike: (rig, random) =>
      between(rig, (proxy) => {
        proxy.answered = (apiKey) =>
          (apiKey === produceKey || apiKey === fetchKey) && random.chance(0.1) ? 'hold' : 'pass'
      }),
  },
  {
    name: 'an answer of each broker never comes',
    limited: false,
    strike: (rig) =>
      between(rig, (proxy) => {
        let left = 1
        proxy.answered = (apiKey) => (apiKey === produceKey && left-- > 0 ? 'drop' : 'pass')
      }),
  },
  ...['link-2', 'notify-1', 'front-2'].map(frozen),
  {
    name: 'a notify joins and leaves every two seconds',
    limited: false,
    async strike(rig) {
      const visitor = rig.another('notify')
      for (let n = 0; n < visits; n += 1) {
        await visitor.start()
        await machinePause(visitMs)
        await visitor.signal('SIGTERM')
        await machinePause(visitMs)
      }
      return asItWas
    },
  },
  {
    name: 'one notify after the other is replaced by its next version',
    limited: false,
    async strike(rig) {
      const { directory: tree, remove } = plant(nextVersion)
      rig.atEnd(remove)
      const replace = async (name: string) => {
        await rig.named(name).signal('SIGTERM')
        await rig.named(name).start({ tree })
      }
      await replace('notify-1')
      await machinePause(visitMs)
      await replace('notify-2')
      await machinePause(visitMs)
      // One of the old version comes by mistake: it must leave alone whatever it does not know.
      const old = rig.another('notify')
      await old.start()
      await machinePause(visitMs)
      await old.signal('SIGTERM')
      // From now on it is this version: what it has written, the old one would not read.
      return asItWas
    },
  },
  {
    name: 'spoilt and enormous records lie on a topic',
    limited: false,
    async strike({ cluster }) {
      await withKafka(cluster, async (kafka) => {
        const producer = kafka.producer()
        await producer.connect()
        for (const [n, size] of [3, megabyte - 1, megabyte, megabyte + 1, 2 * megabyte].entries()) {
          const key = `${spoiltKey} ${n}`
          const message = { key, headers: { eid: key }, value: Buffer.alloc(size, 1) }
          // What is too large for the topic is refused: that is as it should be.
          await producer.send({ topic: 'agency.custody.v1', messages: [message] }).catch(() => {})
        }
        await producer.disconnect()
      })
      return asItWas
    },
  },
  {
    name: 'the disk of a broker is full',
    limited: false,
    async strike({ cluster, disks }) {
      disks.broker?.fill()
      await machinePause(fullMs)
      return async () => {
        disks.broker?.empty()
        await cluster.restart(3)
      }
    },
  },
  {
    name: 'the disk of the database is full',
    limited: false,
    async strike({ postgres, url, disks }) {
      disks.postgres?.fill()
      await machinePause(fullMs)
      disks.postgres?.empty()
      await machinePause(visitMs)
      const answers = await rowsOf(url, 'SELECT 1').catch(() => [])
      if (answers.length === 0) await postgres.restart()
      return asItWas
    },
  },
]

const asItWas: Heal = async () => {}
const troubleMs = 3_000
/** Longer than a session, and than a database waits for who stands still in a transaction. */
const frozenMs = 8_000
const fullMs = 4_000
const visitMs = 2_000
const visits = 3
const megabyte = 1024 * 1024

/** The same decisions, but what they remember is written as of another version. */
const nextVersion = {
  id: 'the next version',
  wrong: 'nothing',
  file: 'processors/notify/src/topology.ts',
  find: 'stateVersion: 1,',
  replace: 'stateVersion: 2,',
}

/** For a while, between every service and every broker. */
async function between({ proxies }: Rig, trouble: (proxy: KafkaProxy) => void): Promise<Heal> {
  for (const proxy of proxies) trouble(proxy)
  await machinePause(troubleMs)
  for (const proxy of proxies) {
    proxy.fate = () => 'pass'
    proxy.answered = () => 'pass'
    proxy.release()
  }
  return asItWas
}

/** It stands still for longer than its session, then goes on with whatever it was doing. */
function frozen(name: string): Fault {
  return {
    name: `${name} stands still past its session`,
    limited: false,
    async strike(rig) {
      await rig.named(name).signal('SIGSTOP')
      await machinePause(frozenMs)
      await rig.named(name).signal('SIGCONT')
      return asItWas
    },
  }
}

/** Another of its kind takes over what it had. */
function killed(name: string): Fault {
  return {
    name: `${name} is killed`,
    limited: true,
    async strike(rig) {
      await rig.named(name).signal('SIGKILL')
      return () => rig.named(name).start()
    },
  }
}

async function broken({ cluster }: Rig, id: number, how: 'SIGKILL' | 'SIGTERM' = 'SIGKILL') {
  await cluster.kill(id, how)
  return () => cluster.restart(id)
}

function leaderOf({ cluster }: Rig, topic: string, partition: number): Promise<number> {
  return withKafka(cluster, async (kafka) => {
    const admin = kafka.admin()
    await admin.connect()
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    await admin.disconnect()
    return topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader ?? 1
  })
}

/** A client that is not ours, past the proxies. */
function withKafka<T>(cluster: KafkaCluster, work: (kafka: kafkajs.Kafka) => Promise<T>) {
  const brokers = cluster.bootstrap.split(',')
  return work(new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }))
}

/** Who leads the brokers' quorum, as they write it down themselves. */
function controllerOf(rig: Rig): number {
  const folder = rig.folderOf(1)
  const state = readFileSync(join(folder, '__cluster_metadata-0', 'quorum-state'), 'utf8')
  const { leaderId } = JSON.parse(state) as { readonly leaderId: number }
  return leaderId > 0 ? leaderId : 1
}
