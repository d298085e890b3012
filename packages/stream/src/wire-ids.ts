import { type SchemaIds, type WireIds, wireIds } from '@throughline/schemas'
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
