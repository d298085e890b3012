import type { Topic } from '@throughline/schemas'
import type { KafkaAccessEntry } from '@throughline/stream'

/** Something one service may do to one topic, group or the brokers as a whole. All else is refused. */
export interface Grant {
  readonly service: string
  readonly resource: 'Topic' | 'Group' | 'Cluster'
  /** Whole, as `topics.json` has it: never a pattern. */
  readonly name: string
  readonly operation: KafkaAccessEntry['operation']
}

export interface AccessOptions {
  /** The outcome feeds that somebody may read. */
  readonly feeds?: readonly string[]
  /** Only for brokers before 2.8, where whoever may write may not yet number what is written. */
  readonly idempotentWrite?: boolean
}

/** Services that join a group to read, by the name of that group too. */
const processors = ['link', 'notify', 'story', 'outcomes', 'inbox'] as const

/** Every service there is a user for; what it may do follows from `topics.json`. */
export const services: Readonly<Record<string, string>> = {
  relay: 'sends on what the register has accepted, from every edge',
  link: 'joins events to people',
  notify: 'tells practitioners',
  story: 'keeps the story so far',
  outcomes: 'counts',
  inbox: 'what the pages show',
  releases: 'publishes what was approved for a feed',
  hub: 'all of the above in one process',
  operators: 'read what was put aside, and keep the audit’s checkpoints',
  deployer: 'makes topics and keeps this list, when a release is deployed',
}

/** What `hub` runs. Deployment, operators and analysts are others. */
const inOneProcess: ReadonlySet<string> = new Set([...processors, 'relay', 'releases'])

/** Edges write to the database only, and the relay sends it on: a broken edge cannot touch the log. */
export const edgesOf = (topics: readonly Topic[]): readonly string[] => [
  ...new Set(
    topics
      .flatMap(({ writers }) => writers)
      .filter((writer) => serviceFor(writer) === 'relay' && writer.startsWith('connectors/'))
      .map((writer) => writer.slice('connectors/'.length))
      .filter((edge) => !(edge in services)),
  ),
]

/** The user of whoever reads one feed from outside. */
export const analystOf = (feed: string): string => `analyst-${feed}`

/**
 * Who may do what on the brokers, drawn from the topic list: reading and writing as it says, joining
 * one's own group, and seeing the settings that are asserted at start. No pattern, nobody for everything,
 * no transactions. Throws for a writer or reader that no service stands for.
 */
export function accessMatrix(
  topics: readonly Topic[],
  { feeds = [], idempotentWrite = false }: AccessOptions = {},
): readonly Grant[] {
  const all = topics.flatMap((topic) => ofFeeds(topic, feeds))
  const single = [...all.flatMap(grantsOn), ...groups(feeds)]
  const theHub = single
    .filter(({ service }) => inOneProcess.has(service))
    .map((grant) => ({ ...grant, service: 'hub' }))
  const grants = [...single, ...theHub, ...deployment(all)]
  const writers = new Set(
    grants.filter(({ operation }) => operation === 'Write').map(({ service }) => service),
  )
  const numbering = idempotentWrite
    ? [...writers].map((one) => cluster(one, 'IdempotentWrite'))
    : []
  return distinct([...grants, ...numbering])
}

interface OneTopic {
  readonly name: string
  readonly writers: readonly string[]
  readonly readers: readonly string[]
}

function ofFeeds({ name, writers, readers }: Topic, feeds: readonly string[]): readonly OneTopic[] {
  if (!name.includes('<feed>')) {
    return [{ name, writers: writers.map(serviceFor), readers: readers.map(serviceFor) }]
  }
  return feeds.map((feed) => ({
    name: name.replace('<feed>', feed),
    writers: writers.map(serviceFor),
    readers: readers.map((one) => (one === 'analysts' ? analystOf(feed) : serviceFor(one))),
  }))
}

/** The service that does what the topic list ascribes to one of its writers or readers. */
function serviceFor(party: string): string {
  if (party === 'connectors/outcomes') return 'releases'
  if (party === 'register' || party.startsWith('connectors')) return 'relay'
  if (party in services) return party
  throw new RangeError(`no service stands for a writer or reader in topics.json: ${party}`)
}

function grantsOn({ name, writers, readers }: OneTopic): readonly Grant[] {
  const on = (operation: Grant['operation']) => (service: string) =>
    ({ service, resource: 'Topic', name, operation }) as const
  const ours = [...writers, ...readers].filter((service) => inOneProcess.has(service))
  return [
    ...writers.map(on('Write')),
    ...readers.map(on('Read')),
    ...ours.map(on('DescribeConfigs')),
  ]
}

const groups = (feeds: readonly string[]): readonly Grant[] =>
  [...processors, 'operators', ...feeds.map(analystOf)].map((service) => ({
    service,
    resource: 'Group',
    name: service,
    operation: 'Read',
  }))

const deployment = (all: readonly OneTopic[]): readonly Grant[] => [
  ...all.flatMap(({ name }) =>
    (['Create', 'Describe', 'DescribeConfigs'] as const).map(
      (operation) => ({ service: 'deployer', resource: 'Topic', name, operation }) as const,
    ),
  ),
  cluster('deployer', 'Describe'),
  cluster('deployer', 'Alter'),
]

/** What Kafka calls the brokers as a whole. */
export const clusterName = 'kafka-cluster'

const cluster = (service: string, operation: Grant['operation']): Grant => ({
  service,
  resource: 'Cluster',
  name: clusterName,
  operation,
})

const distinct = (grants: readonly Grant[]): readonly Grant[] => [
  ...new Map(grants.map((grant) => [Object.values(grant).join(' '), grant])).values(),
]
