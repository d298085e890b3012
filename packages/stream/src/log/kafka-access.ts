import kafkajs, { type AclEntry, type AclFilter } from 'kafkajs'
import { hubErrorOf, KafkaClient, type KafkaClientOptions } from './kafka-client.ts'
import { asking } from './kafka-refused.ts'

/** One entry of the brokers' access list, in Kafka's own words. */
export interface KafkaAccessEntry {
  /** `User:` and the name that SCRAM knows. */
  readonly principal: string
  readonly host: string
  readonly resource: keyof typeof resources
  readonly name: string
  readonly pattern: keyof typeof patterns
  readonly operation: keyof typeof operations
  readonly permission: keyof typeof permissions
}

const resources = {
  Topic: 2,
  Group: 3,
  Cluster: 4,
  TransactionalId: 5,
  DelegationToken: 6,
  User: 7,
}
const patterns = { LITERAL: 3, PREFIXED: 4 }
const permissions = { DENY: 2, ALLOW: 3 }
const operations = {
  All: 2,
  Read: 3,
  Write: 4,
  Create: 5,
  Delete: 6,
  Alter: 7,
  Describe: 8,
  ClusterAction: 9,
  DescribeConfigs: 10,
  AlterConfigs: 11,
  IdempotentWrite: 12,
  CreateTokens: 13,
  DescribeTokens: 14,
  TwoPhaseCommit: 15,
}

/** The brokers' access list, for whoever may change it. */
export interface KafkaAccess extends AsyncDisposable {
  entries(): Promise<readonly KafkaAccessEntry[]>
  add(entries: readonly KafkaAccessEntry[]): Promise<void>
  remove(entries: readonly KafkaAccessEntry[]): Promise<void>
}

/** `HUB_LOG_REFUSED` for whoever may not see or change the list. */
export async function openKafkaAccess(options: KafkaClientOptions): Promise<KafkaAccess> {
  const admin = await new KafkaClient(options).admin()
  const ask = async <T>(asked: 'see' | 'change', work: () => Promise<T>): Promise<T> => {
    try {
      return await asking(asked, 'the access list', work)
    } catch (error) {
      throw hubErrorOf(error)
    }
  }
  return {
    async entries() {
      const answer = await ask('see', () => admin.describeAcls(everything))
      return answer.resources.flatMap(({ acls, ...resource }) =>
        acls.map((acl) => entryOf({ ...resource, ...acl })),
      )
    },
    async add(entries) {
      if (entries.length === 0) return
      await ask('change', () => admin.createAcls({ acl: entries.map(aclOf) }))
    },
    async remove(entries) {
      if (entries.length === 0) return
      await ask('change', () => admin.deleteAcls({ filters: entries.map(aclOf) }))
    },
    [Symbol.asyncDispose]: () => admin.disconnect(),
  }
}

const everything: AclFilter = {
  resourceType: kafkajs.AclResourceTypes.ANY,
  resourcePatternType: kafkajs.ResourcePatternTypes.ANY,
  operation: kafkajs.AclOperationTypes.ANY,
  permissionType: kafkajs.AclPermissionTypes.ANY,
}

function aclOf(entry: KafkaAccessEntry): AclEntry {
  return {
    principal: entry.principal,
    host: entry.host,
    resourceType: resources[entry.resource],
    resourceName: entry.name,
    resourcePatternType: patterns[entry.pattern],
    operation: operations[entry.operation],
    permissionType: permissions[entry.permission],
  }
}

function entryOf(acl: AclEntry): KafkaAccessEntry {
  return {
    principal: acl.principal,
    host: acl.host,
    resource: nameOf(resources, acl.resourceType),
    name: acl.resourceName,
    pattern: nameOf(patterns, acl.resourcePatternType),
    operation: nameOf(operations, acl.operation),
    permission: nameOf(permissions, acl.permissionType),
  }
}

function nameOf<K extends string>(table: Readonly<Record<K, number>>, number: number): K {
  const found = (Object.keys(table) as K[]).find((name) => table[name] === number)
  if (found === undefined) throw new RangeError('a Kafka newer than this list of its words')
  return found
}
