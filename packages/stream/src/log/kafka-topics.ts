import { HubError } from '@throughline/domain'
import kafkajs, { type ITopicConfig } from 'kafkajs'
import type { Clock } from '../clock.ts'
import type { TopicSpec } from '../ports.ts'
import { topicBytesMax } from './kafka-append.ts'
import { hubErrorOf, type KafkaClient, kafkaErrorType } from './kafka-client.ts'
import { asking } from './kafka-refused.ts'
import { checkDrift } from './topic-drift.ts'

const day = 24 * 3_600_000

/** Creates what is missing, then reads back what there is. `HUB_TOPIC_DRIFT` where it differs. */
export async function ensureKafkaTopics(
  client: KafkaClient,
  specs: readonly TopicSpec[],
  replicationFactor: number,
  clock: Clock,
): Promise<void> {
  if (specs.length === 0) return
  const admin = await client.admin()
  try {
    const existing = new Set(await admin.listTopics())
    const missing = specs.filter(({ name }) => !existing.has(client.prefix + name))
    if (missing.length > 0) {
      await asking('make', namesOf(missing), () =>
        admin.createTopics({
          waitForLeaders: false,
          topics: missing.map((spec) => topicOf(spec, client.prefix, replicationFactor)),
        }),
      )
    }
    const names = specs.map(({ name }) => client.prefix + name)
    const { topics } = await onceKnown(clock, () => admin.fetchTopicMetadata({ topics: names }))
    const { resources } = await asking('see the settings of', namesOf(specs), () =>
      onceKnown(clock, () =>
        admin.describeConfigs({
          includeSynonyms: false,
          resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
        }),
      ),
    )
    for (const spec of specs) {
      const name = client.prefix + spec.name
      const partitions = topics.find((topic) => topic.name === name)?.partitions ?? []
      const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries
      const settings = new Map(entries?.map((entry) => [entry.configName, entry.configValue]))
      checkDrift(specOf(spec.name, partitions.length, settings), spec)
      checkDurability(spec.name, settings, replicationFactor)
      if (partitions.some(({ replicas }) => replicas.length < replicationFactor)) {
        throw drift(spec.name, 'replication factor')
      }
    }
  } catch (error) {
    throw hubErrorOf(error)
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}

const namesOf = (specs: readonly TopicSpec[]) => specs.map(({ name }) => name).join(', ')

const notYet: ReadonlySet<string> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'])
const knownMsMax = 15_000
const pauseMs = 100

/** A broker learns a moment later of what the controller has made. */
async function onceKnown<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  const until = clock.now() + knownMsMax
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!notYet.has(kafkaErrorType(error)) || clock.now() >= until) throw error
      await clock.until(clock.now() + pauseMs)
    }
  }
}

/** What holds for every topic, whatever it carries (assurance.md, section 3). */
const durable = (replicationFactor: number): Readonly<Record<string, string>> => ({
  'message.timestamp.type': 'LogAppendTime',
  'min.insync.replicas': String(Math.max(1, replicationFactor - 1)),
  'unclean.leader.election.enable': 'false',
})

function topicOf(spec: TopicSpec, prefix: string, replicationFactor: number): ITopicConfig {
  const settings: Record<string, string> = {
    ...durable(replicationFactor),
    'cleanup.policy': spec.cleanup,
    'retention.ms': String(spec.retentionMs ?? -1),
    // Only whole segments are deleted or compacted: nothing stays much longer than it should.
    'segment.ms': String(Math.min(day, spec.retentionMs ?? day)),
    'message.timestamp.after.max.ms': '3600000',
    'max.message.bytes': String(topicBytesMax + 4096),
  }
  return {
    topic: prefix + spec.name,
    numPartitions: spec.partitions,
    replicationFactor,
    configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
  }
}

type Settings = ReadonlyMap<string, string>

function specOf(name: string, partitions: number, settings: Settings): TopicSpec {
  const retention = Number(settings.get('retention.ms'))
  return {
    name,
    partitions,
    retentionMs: retention < 0 ? null : retention,
    cleanup: settings.get('cleanup.policy') as TopicSpec['cleanup'],
  }
}

function checkDurability(topic: string, settings: Settings, replicationFactor: number): void {
  for (const [name, value] of Object.entries(durable(replicationFactor))) {
    const found = settings.get(name)
    const enough = name === 'min.insync.replicas' && Number(found) >= Number(value)
    if (found !== value && !enough) throw drift(topic, name)
  }
}

const drift = (topic: string, setting: string) =>
  new HubError('HUB_TOPIC_DRIFT', `topic ${topic} differs in ${setting}`)
