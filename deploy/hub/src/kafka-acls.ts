import type { Topic } from '@throughline/schemas'
import type { KafkaAccess, KafkaAccessEntry } from '@throughline/stream'
import { clusterName, edgesOf, type Grant, services } from './kafka-access.ts'

/** What the brokers' list says, held against what it should say. */
export interface AccessDifference {
  readonly missing: readonly KafkaAccessEntry[]
  /** What services of ours may do and need not. */
  readonly surplus: readonly KafkaAccessEntry[]
  /** What is not ours to change: others who reach our topics and groups, and what somebody denies us. */
  readonly doubtful: readonly KafkaAccessEntry[]
}

/** A grant as the brokers hold it. `prefix` stands before users, topics and groups alike. */
export const entryFor = ({ service, resource, name, operation }: Grant, prefix: string) =>
  ({
    principal: `User:${prefix}${service}`,
    host: '*',
    resource,
    name: resource === 'Cluster' ? clusterName : prefix + name,
    pattern: 'LITERAL',
    operation,
    permission: 'ALLOW',
  }) satisfies KafkaAccessEntry

/** Ours is every user that `services` names, every edge and every analyst, with the prefix before it. */
export function accessDifference(
  found: readonly KafkaAccessEntry[],
  grants: readonly Grant[],
  { topics, prefix }: { readonly topics: readonly Topic[]; readonly prefix: string },
): AccessDifference {
  const wanted = new Map(grants.map((grant) => keyed(entryFor(grant, prefix))))
  const present = new Map(found.map(keyed))
  const users = new Set([...Object.keys(services), ...edgesOf(topics)])
  const ours = ({ principal }: KafkaAccessEntry) => {
    const start = `User:${prefix}`
    const user = principal.startsWith(start) ? principal.slice(start.length) : ''
    return users.has(user) || /^analyst-[a-z0-9-]+$/.test(user)
  }
  const named = [...wanted.values()].filter(({ resource }) => resource !== 'Cluster')
  const reaching = (entry: KafkaAccessEntry) => named.some((one) => reaches(entry, one))
  return {
    missing: [...wanted].filter(([key]) => !present.has(key)).map(([, entry]) => entry),
    surplus: [...present]
      .filter(([key, entry]) => ours(entry) && entry.permission === 'ALLOW' && !wanted.has(key))
      .map(([, entry]) => entry),
    doubtful: found.filter((entry) =>
      entry.permission === 'DENY'
        ? ours(entry) || reaching(entry)
        : !ours(entry) && reaching(entry),
    ),
  }
}

const keyed = (entry: KafkaAccessEntry): readonly [string, KafkaAccessEntry] => [
  lineOf(entry),
  entry,
]

function reaches({ resource, name, pattern }: KafkaAccessEntry, one: KafkaAccessEntry): boolean {
  if (resource !== one.resource) return false
  if (pattern === 'PREFIXED') return one.name.startsWith(name)
  return name === '*' || name === one.name
}

/** The options of Kafka's own `kafka-acls` after `--add` or `--remove`, for one entry. */
export function lineOf(entry: KafkaAccessEntry): string {
  const { principal, host, resource, name, pattern, operation, permission } = entry
  const who = permission === 'ALLOW' ? '--allow' : '--deny'
  const where = resource === 'Cluster' ? '--cluster' : `${resourceOptions[resource]} '${name}'`
  const kind = pattern === 'LITERAL' ? '' : ` --resource-pattern-type ${pattern.toLowerCase()}`
  return `${who}-principal '${principal}' ${who}-host '${host}' --operation ${operation} ${where}${kind}`
}

const resourceOptions = {
  Topic: '--topic',
  Group: '--group',
  TransactionalId: '--transactional-id',
  DelegationToken: '--delegation-token',
  User: '--user-principal',
} as const

/**
 * Makes the brokers' list what it should be: first what is missing, so that nobody is without for a
 * moment, then away with what is too much. Again, it changes nothing.
 */
export async function applyAccess(
  access: KafkaAccess,
  difference: AccessDifference,
): Promise<void> {
  await access.add(difference.missing)
  await access.remove(difference.surplus)
}

/** What is to be done, or was, as lines that `kafka-acls` would take, and what somebody must look at. */
export const linesOf = ({ missing, surplus, doubtful }: AccessDifference): readonly string[] => [
  ...missing.map((entry) => `--add ${lineOf(entry)}`),
  ...surplus.map((entry) => `--remove ${lineOf(entry)}`),
  ...doubtful.map((entry) => `NOT OURS TO CHANGE: ${lineOf(entry)}`),
]
