import { execFile } from 'node:child_process'
import { createCipheriv, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { repositoryIds, topicOf } from '@throughline/schemas'
import { type OpenedKey, openKafkaLog, type TopicSpec } from '@throughline/stream'
import type { Admin } from 'kafkajs'
import { cacheOf } from '../../backends/cache.ts'
import { findJava } from '../../backends/kafka-jars.ts'
import { grantAt, newPlace, takeAway } from '../county.ts'
import { type Contender, until } from './contender.ts'
import type { KafkaCounty } from './kafka-county.ts'
import { startService } from './service-process.ts'
import type { Services } from './services.ts'

export interface PeerOptions {
  readonly services: Services
  readonly county: KafkaCounty
  readonly shift: number
  readonly bare: boolean
  /** What `buildPeer` gave. */
  readonly classPath: string
}

const project = fileURLToPath(new URL('../kafka-streams', import.meta.url))
const schemas = fileURLToPath(new URL('../../../schemas/avro', import.meta.url))
const out = cacheOf('kafka-streams-peer')
const partitions = 12
const threads = 2
/** That of Kafka Streams itself where it runs exactly once. */
const commitMs = 100

/** Compiles it where a source is newer than what was built, beside the broker's jars. Gives its class path. */
export async function buildPeer(): Promise<string> {
  const classPath = [join(out, 'target', 'peer.jar'), join(out, 'libs', '*')].join(':')
  if (builtAt() < newest(project)) {
    mkdirSync(out, { recursive: true })
    await promisify(execFile)('mvn', ['-q', '-B', 'package', `-Dout=${out}`], { cwd: project })
  }
  return classPath
}

const builtAt = (): number =>
  statSync(join(out, 'target', 'peer.jar'), { throwIfNoEntry: false })?.mtimeMs ?? 0

const newest = (folder: string): number =>
  Math.max(
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  )

/** The same topology in Kafka Streams, exactly once. */
export function peer(options: PeerOptions): Contender {
  const { services, bare } = options
  return {
    name: 'Kafka Streams',
    bare,
    async start(prefix) {
      const { brokers, kafka } = services
      const log = await openKafkaLog({ brokers, clientId: 'bench', prefix, replicationFactor: 1 })
      await log.ensureTopics([
        topicOf('agency.custody.v1'),
        topicOf('practitioner.notices.v1'),
        ...tables,
      ])
      const { claims, people } = rowsFor(options)
      for (const rows of [claims, people]) {
        for (let n = 0; n < rows.length; n += rowsAtOnce) {
          await log.append(rows.slice(n, n + rowsAtOnce))
        }
      }
      const admin = kafka.admin()
      await admin.connect()
      const folder = newPlace()
      const service = await startJvm(options, prefix, folder)
      const group = `${prefix}peer`
      const claimed = { group, topic: `${prefix}claims` }
      await until('reads its claims', async () => (await readOf(admin, claimed)) >= claims.length)
      return {
        services: [service],
        append: (records) => log.append(records),
        untilDone: (events) => until('Kafka Streams', () => isDone(admin, prefix, events)),
        async stop() {
          const [forwarded = 0, notices = 0] = await service.stop()
          await admin.disconnect()
          await log[Symbol.asyncDispose]()
          takeAway(folder)
          return { forwarded, notices }
        },
      }
    },
  }
}

const rowsAtOnce = 5_000

/** Claims are joined with the agency's topic, partition by partition; people are known everywhere. */
const tables = [
  { ...topicOf('agency.custody.v1'), name: 'claims' },
  { ...topicOf('agency.custody.v1'), name: 'people' },
] satisfies readonly TopicSpec[]

function rowsFor({ county, services }: PeerOptions) {
  const { keyEncryptionKey } = services
  const { from, until } = grantAt(county.agreedAt)
  const claims = county.subjects.flatMap(({ personId, hashes }) =>
    hashes.map((key) => rowOf('claims', key, personId)),
  )
  const people = county.subjects.map(({ personId, lead }) => {
    const ref = `person:${personId}`
    const key = county.personKeys.get(ref) as OpenedKey
    return rowOf('people', ref, `${lead}|${from}|${until}|${wrap(key, keyEncryptionKey)}`)
  })
  const { dayKey } = county
  const day = rowOf('people', dayKey.ref, `|||${wrap(dayKey, keyEncryptionKey)}`)
  return { claims, people: [day, ...people] }
}

const rowOf = (topic: string, key: string, text: string) => ({
  topic,
  key,
  id: key,
  value: Buffer.from(text),
})

function wrap({ ref, key }: OpenedKey, under: Uint8Array): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', under, nonce)
  cipher.setAAD(Buffer.from(ref))
  const body = Buffer.concat([cipher.update(key.export()), cipher.final()])
  return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64')
}

const read = [
  'Sealed',
  'ReceivedIntoPrison',
  'LeftForCourt',
  'ReturnedToPrison',
  'ReleasedFromPrison',
  'PractitionerNotice',
]

function startJvm(
  { services, shift, bare, classPath }: PeerOptions,
  prefix: string,
  folder: string,
) {
  const settings = {
    bootstrap: services.brokers.join(','),
    prefix,
    bare: String(bare),
    folder: join(folder, 'state'),
    schemas,
    'schema.ids': read.map((name) => `${name}=${repositoryIds[name]?.['1']}`).join(','),
    key: Buffer.from(services.keyEncryptionKey).toString('hex'),
    now: String(Date.now() - shift),
    threads: String(threads),
    partitions: String(partitions),
    'commit.ms': String(commitMs),
  }
  const file = join(folder, 'peer.properties')
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(file, lines.join(''))
  const java = ['-Xmx1g', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', '-cp', classPath]
  return startService(findJava() ?? 'java', [...java, 'throughline.peer.Peer', file])
}

/** How far the group has committed on a topic, over all partitions. */
async function readOf(admin: Admin, { group, topic }: { group: string; topic: string }) {
  const [fetched] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
  return (fetched?.partitions ?? []).reduce(
    (sum, { offset }) => sum + Math.max(0, Number(offset)),
    0,
  )
}

/**
 * All of the input is committed, and so is all that was made of it. What the last transaction of a
 * partition leaves behind its records is a marker, which nobody reads.
 */
async function isDone(admin: Admin, prefix: string, events: number): Promise<boolean> {
  const group = `${prefix}peer`
  if ((await readOf(admin, { group, topic: `${prefix}agency.custody.v1` })) < events) return false
  const topic = `${group}-person-repartition`
  const ends = await admin.fetchTopicOffsets(topic)
  const [fetched] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
  return ends.every(({ partition, high }) => {
    const committed = fetched?.partitions.find((one) => one.partition === partition)?.offset
    return Number(high) - Math.max(0, Number(committed ?? 0)) <= 1
  })
}
