import {
  type AccessDifference,
  accessDifference,
  accessMatrix,
  analystOf,
  applyAccess,
  edgesOf,
  entryFor,
  type Grant,
  services,
} from '@throughline/hub'
import { topics as single, topicOf, topicTemplates } from '@throughline/schemas'
import {
  type KafkaAccessEntry,
  type KafkaLogOptions,
  type Log,
  openKafkaAccess,
  openKafkaLog,
} from '@throughline/stream'
import kafkajs from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type KafkaCluster, startKafka, whyNoKafka } from '../backends/kafka.ts'

const missing = whyNoKafka()
const password = 'made-up-for-one-run'
const prefix = 'testshire.'
const feed = 'north'
const declared = [...single, ...topicTemplates]
const topics = [
  ...single,
  ...topicTemplates.map(({ name }) => topicOf(name.replace('<feed>', feed))),
]
  // One of each is enough to be refused at.
  .map((topic) => ({ ...topic, partitions: 1 }))
const grants = accessMatrix(declared, { feeds: [feed] })
const everybody = [
  ...Object.keys(services),
  ...edgesOf(topics),
  analystOf(feed),
  analystOf('south'),
]
/** Those that work, as opposed to those that deploy, look after or look on. */
const working = new Set([
  'relay',
  'link',
  'notify',
  'story',
  'outcomes',
  'inbox',
  'releases',
  'hub',
])
const may = (service: string, operation: Grant['operation'], name: string) =>
  grants.some((one) => one.service === service && one.operation === operation && one.name === name)
const refused = (asked: string, what: string) =>
  `HUB_LOG_REFUSED: the brokers do not allow this service to ${asked} ${what}`

describe.skipIf(missing !== null)(`who may do what${missing ? ` (${missing})` : ''}`, () => {
  let cluster: KafkaCluster
  beforeAll(async () => {
    cluster = await startKafka({
      users: Object.fromEntries(everybody.map((name) => [prefix + name, password])),
      settings: {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'allow.everyone.if.no.acl.found': 'false',
        // The brokers among themselves, and whoever looks after them, on a listener of their own.
        'super.users': 'User:ANONYMOUS',
      },
    })
    await using access = await administrator()
    await applyAccess(access, await difference())
    // The brokers' own list follows the controller's.
    await vi.waitUntil(async () => (await difference()).missing.length === 0, { timeout: 10_000 })
    await using log = await logOf('deployer')
    await log.ensureTopics(topics)
    await using all = await openKafkaLog({ ...asAdministrator(), makesTopics: false })
    await all.append(topics.map(({ name }) => recordOf(name)))
  }, 120_000)
  afterAll(() => cluster?.stop())

  const asAdministrator = () => ({
    brokers: cluster.bootstrap.split(','),
    clientId: 'administrator',
    prefix,
    replicationFactor: 1,
  })
  const asService = (service: string) => {
    const { bootstrap = '', ca = '' } = cluster.scram ?? {}
    const sasl = { mechanism: 'scram-sha-512' as const, username: prefix + service, password }
    return { ...asAdministrator(), brokers: bootstrap.split(','), ssl: { ca: [ca] }, sasl }
  }
  const administrator = () => openKafkaAccess(asAdministrator())
  const logOf = (service: string): Promise<Log> => openKafkaLog(asService(service))

  async function difference(): Promise<AccessDifference> {
    await using access = await administrator()
    return accessDifference(await access.entries(), grants, { topics: declared, prefix })
  }

  it.each(everybody)(
    'lets %s write and read what is its own, and nothing else',
    async (service) => {
      await using log = await logOf(service)
      const wrong: string[] = []
      for (const { name } of topics) {
        const seen = grants.some((one) => one.service === service && one.name === name)
        const expected = {
          write: may(service, 'Write', name) ? 'done' : refused(seen ? 'write' : 'see', name),
          read: may(service, 'Read', name) ? 'done' : refused(seen ? 'read' : 'see', name),
        }
        const found = {
          write: await outcome(() => log.append([recordOf(name)])),
          read: await outcome(() => firstOf(log, name)),
        }
        for (const what of ['write', 'read'] as const) {
          if (found[what] !== expected[what]) wrong.push(`${what} ${name}: ${found[what]}`)
        }
      }
      expect(wrong).toEqual([])
    },
  )

  it.each(['link', 'notify', 'story', 'outcomes', 'inbox'])(
    'lets %s work through its topics in its own group, and no other',
    async (service) => {
      await using log = await logOf(service)
      const mine = topics.map(({ name }) => name).filter((name) => may(service, 'Read', name))
      expect(await heardBy(log, service, mine)).toEqual(mine.toSorted())
      const other = service === 'link' ? 'notify' : 'link'
      expect(await outcome(() => heardBy(log, other, mine))).toBe(refused('join', other))
      const hidden = 'quarantine.v1'
      expect(await outcome(() => heardBy(log, service, [hidden]))).toBe(refused('see', hidden))
    },
  )

  it('tells link that it may not read what it writes', async () => {
    await using log = await logOf('link')
    const reading = heardBy(log, 'link', ['person.events.v1'])
    expect(await outcome(() => reading)).toBe(refused('read', 'person.events.v1'))
  })

  it('lets services assert the settings of their own topics, and make none', async () => {
    for (const service of everybody.filter((one) => one !== 'deployer')) {
      await using log = await logOf(service)
      const own = topics.filter(({ name }) => may(service, 'DescribeConfigs', name))
      expect(own.length > 0).toBe(working.has(service))
      expect(await outcome(() => log.ensureTopics(own))).toBe('done')
      const made = { name: 'agency.new.v1', partitions: 1, retentionMs: null, cleanup: 'delete' }
      expect(await outcome(() => log.ensureTopics([made as (typeof own)[number]]))).toBe(
        refused('make', made.name),
      )
    }
  })

  it('gives nobody a transaction, and nobody the deletion of anything', async () => {
    const name = `${prefix}person.events.v1`
    for (const service of everybody) {
      await using asked = await brokerFor(asService(service))
      const { broker } = asked
      const answers = await Promise.all([
        typeOf(() =>
          broker.initProducerId({ transactionalId: service, transactionTimeout: 1_000 }),
        ),
        typeOf(() => broker.deleteTopics({ topics: [name] })),
        typeOf(() =>
          broker.deleteRecords({
            topics: [{ topic: name, partitions: [{ partition: 0, offset: '1' }] }],
          }),
        ),
        broker.deleteGroups([`${prefix}link`]).then(({ results: [group] }) => group?.errorCode),
      ])
      expect({ service, answers }).toEqual({
        service,
        answers: [
          'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
          'TOPIC_AUTHORIZATION_FAILED',
          'TOPIC_AUTHORIZATION_FAILED',
          // Kafka's code for a group that is not one's own: this answer is no error to kafkajs.
          30,
        ],
      })
    }
  })

  it('is put right by the deployer alone: what is missing comes, what is too much goes', async () => {
    const asked = { service: 'link', resource: 'Topic', operation: 'Write' } as const
    const surplus = entryFor({ ...asked, name: 'audit.v1' }, prefix)
    const stranger: KafkaAccessEntry = { ...surplus, principal: 'User:*', operation: 'Read' }
    const lost = entryFor(grants[0] as Grant, prefix)
    await using hub = await openKafkaAccess(asService('hub'))
    expect(await outcome(() => hub.add([surplus]))).toBe(refused('change', 'the access list'))
    await using deployer = await openKafkaAccess(asService('deployer'))
    await deployer.add([surplus, stranger])
    await deployer.remove([lost])
    const planted = { missing: [lost], surplus: [surplus], doubtful: [stranger] }
    await expect.poll(difference).toEqual(planted)
    await applyAccess(deployer, await difference())
    // Whose it is, only the administrator can say.
    await expect.poll(difference).toEqual({ missing: [], surplus: [], doubtful: [stranger] })
    await deployer.remove([stranger])
  })
})

const recordOf = (topic: string) => ({ topic, key: 'ann', id: 'in', value: Buffer.from('in') })

async function firstOf(log: Log, topic: string): Promise<void> {
  for await (const [first] of log.read(topic, 0, 0n)) {
    expect(first?.id).toBe('in')
    return
  }
}

/** The topics of the first records that a member of the group hears of, once all have come. */
async function heardBy(
  log: Log,
  group: string,
  names: readonly string[],
): Promise<readonly string[]> {
  const heard = new Set<string>()
  const all = Promise.withResolvers<void>()
  // Nobody may be waiting yet when it fails.
  all.promise.catch(() => undefined)
  await using _consumer = await log.consume(group, names, {
    assigned: async () => new Map(),
    async records(_partition, batch) {
      for (const { topic } of batch) heard.add(topic)
      if (heard.size === names.length) all.resolve()
    },
    revoked: async () => {},
    faulted: (_partition, error) => all.reject(error),
  })
  await all.promise
  return [...heard].toSorted()
}

async function outcome(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return 'done'
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string }
    return `${code}: ${message}`
  }
}

interface AskedBroker {
  initProducerId(request: object): Promise<unknown>
  deleteTopics(request: object): Promise<unknown>
  deleteRecords(request: object): Promise<unknown>
  deleteGroups(
    groups: readonly string[],
  ): Promise<{ readonly results: readonly { readonly errorCode: number }[] }>
}

/** One broker to be asked at first hand: for kafkajs' own producers and admins make other errors of refusals. */
async function brokerFor(options: KafkaLogOptions) {
  const { brokers, ssl, sasl } = options
  const kafka = new kafkajs.Kafka({
    brokers: [...brokers],
    ...(ssl && { ssl }),
    ...(sasl && { sasl }),
    logLevel: kafkajs.logLevel.NOTHING,
  })
  const found: kafkajs.Cluster[] = []
  const none = { name: 'none', version: 0, assign: async () => [] }
  const protocol = () => ({ name: 'none', metadata: Buffer.alloc(0) })
  kafka.consumer({
    groupId: 'never-joined',
    partitionAssigners: [({ cluster }) => (found.push(cluster), { ...none, protocol })],
  })
  const [cluster] = found as [kafkajs.Cluster]
  await cluster.connect()
  await cluster.refreshMetadata()
  const [nodeId = ''] = cluster.getNodeIds()
  const broker = (await cluster.findBroker({ nodeId: String(nodeId) })) as unknown as AskedBroker
  return { broker, [Symbol.asyncDispose]: () => cluster.disconnect() }
}

/** Kafka's own name for what was wrong. */
async function typeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
    return 'done'
  } catch (error) {
    const { type, partitions, message } = error as {
      readonly type?: string
      readonly partitions?: readonly { readonly error: { readonly type?: string } }[]
      readonly message: string
    }
    return type ?? partitions?.[0]?.error.type ?? message
  }
}
