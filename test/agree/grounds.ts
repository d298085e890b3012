import { openHubServices } from '@throughline/consent'
import type { Ids } from '@throughline/domain'
import {
  type Log,
  logWithKnownEnds,
  MemoryDatabase,
  MemoryLogData,
  nodeIds,
  openKafkaLog,
  steppedClock,
} from '@throughline/stream'
import { memoryKeys } from '@throughline/stream/testing'
import { start } from '../simulation/machine.ts'
import { memoryPlace, postgresRows } from '../simulation/place.ts'
import { type Disks, memoryPorts, partnership, smallTopics } from '../simulation/process.ts'
import { seededRandom } from '../simulation/random.ts'
import type { Ground } from './live.ts'
import { windowOn } from './window.ts'

/** Everything in memory; the same secrets for the same seed, but for `ids` that are given. */
export function inMemory(seed: number, ids?: Ids): Ground {
  const made = disksOf(seed)
  const disks = { ...made, ids: ids ?? made.ids }
  const random = seededRandom(seed, 'bytes')
  return {
    ports: { ...memoryPorts(disks, (length) => random.bytes(length)), clock: disks.clock },
    rows: memoryPlace(disks).rows,
  }
}

/** The same, but the log, which is Kafka's. */
export async function onKafka(seed: number, kafka: Log): Promise<Ground> {
  const ground = inMemory(seed)
  const log = logWithKnownEnds(await windowOn(kafka, smallTopics))
  return { ...ground, ports: { ...ground.ports, log } }
}

export interface Services {
  /** Topics of `openLane`. */
  readonly kafka: { readonly brokers: readonly string[]; readonly prefix: string }
  /** A migrated database of its own. */
  readonly databaseUrl: string
  /** The folder of a key file. */
  readonly keys: string
}

/** Everything on services, through the product's own hand on them. */
export async function onServices(
  seed: number,
  { kafka, databaseUrl, keys }: Services,
): Promise<Ground & AsyncDisposable> {
  const clock = steppedClock(start)
  const random = seededRandom(seed, 'bytes')
  const ports = await openHubServices({
    place: { databaseUrl, kafka: { ...kafka, replication: 1 }, keys },
    partnership,
    makeKeys: false,
    clock,
    stepped: true,
    random: (length) => random.bytes(length),
  })
  const rows = await postgresRows(databaseUrl)
  const log = await windowOn(ports.log, smallTopics)
  return {
    ports: { ...ports, clock, log, topics: smallTopics },
    rows,
    async [Symbol.asyncDispose]() {
      await rows.close()
      await ports[Symbol.asyncDispose]()
    },
  }
}

/** Topics of one's own on the brokers, for one life after another. */
export async function openLane(brokers: readonly string[], prefix: string): Promise<Log> {
  const log = await openKafkaLog({ brokers, clientId: 'agree', prefix, replicationFactor: 1 })
  await log.ensureTopics(smallTopics)
  return log
}

function disksOf(seed: number): Disks {
  const secrets = seededRandom(seed, 'secrets')
  return {
    clock: steppedClock(start),
    database: new MemoryDatabase(),
    log: new MemoryLogData(),
    keys: memoryKeys((length) => secrets.bytes(length)),
    ids: nodeIds(secrets.bytes(32)),
  }
}
