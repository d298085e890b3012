import { readFileSync } from 'node:fs'
import { HubError } from '@throughline/domain'
import { faultsInIds, type SchemaIds, type WireIds, wireIds } from '@throughline/schemas'
import type { Log, LogRecord, OutgoingRecord } from './ports.ts'

/**
 * A log whose outside bears the schema ids of somebody else's registry. Inside the hub, and inside what is
 * sealed, ids are the repository's: states, outboxes and stored records outlive a change of registry, and
 * only what an outsider can read is renumbered. The log itself where the ids are the same.
 */
export function logWithIds(log: Log, ids: SchemaIds): Log {
  const wire = wireIds(ids)
  if (wire === null) return log
  return {
    ensureTopics: (topics) => log.ensureTopics(topics),
    append: (records) => log.append(records.map((record) => outward(record, wire))),
    consume: (group, topics, owner) =>
      log.consume(group, topics, {
        assigned: (partition) => owner.assigned(partition),
        records: (partition, batch) => owner.records(partition, inward(batch, wire)),
        revoked: (partition) => owner.revoked(partition),
        faulted: (partition, error) => owner.faulted?.(partition, error),
      }),
    async *read(topic, partition, from) {
      for await (const batch of log.read(topic, partition, from)) yield inward(batch, wire)
    },
    bounds: (topic, partition) => log.bounds(topic, partition),
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  }
}

const outward = (record: OutgoingRecord, wire: WireIds): OutgoingRecord =>
  record.value === null ? record : { ...record, value: wire.outward(record.value) }

const inward = (batch: readonly LogRecord[], wire: WireIds): readonly LogRecord[] =>
  batch.map((record) =>
    record.value === null ? record : { ...record, value: wire.inward(record.value) },
  )

/**
 * The ids that `hub schemas register` wrote down, for `logWithIds`: a service starts and runs by them while no
 * registry answers. `HUB_CONFIG_INVALID` where the file cannot be read, or has no id for a schema of this release.
 */
export function readSchemaIds(path: string): SchemaIds {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw new HubError('HUB_CONFIG_INVALID', 'the file of schema ids cannot be read')
  }
  const faults = faultsInIds(json)
  if (faults.length === 0) return json as SchemaIds
  throw new HubError('HUB_CONFIG_INVALID', `the file of schema ids: ${faults.join('; ')}`)
}
