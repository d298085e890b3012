import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import type { Fault } from './fault.ts'
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
      return async () => {}
    },
  },
  {
    name: 'the database server is killed',
    limited: false,
    async strike({ postgres }) {
      await postgres.kill()
      await postgres.restart()
      return async () => {}
    },
  },
]

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

async function leaderOf({ cluster }: Rig, topic: string, partition: number): Promise<number> {
  const brokers = cluster.bootstrap.split(',')
  const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    const found = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)
    return found?.leader ?? 1
  } finally {
    await admin.disconnect()
  }
}

/** Who leads the brokers' quorum, as they write it down themselves. */
function controllerOf({ folderOf }: Rig): number {
  const state = readFileSync(join(folderOf(1), '__cluster_metadata-0', 'quorum-state'), 'utf8')
  const { leaderId } = JSON.parse(state) as { readonly leaderId: number }
  return leaderId > 0 ? leaderId : 1
}
