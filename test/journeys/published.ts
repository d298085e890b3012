import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createFileKeys } from '@throughline/consent'
import type { Agency, CanonicalEvent } from '@throughline/domain'
import {
  keyRefOf,
  openRecord,
  openSqliteLog,
  steppedClock,
  systemRandom,
} from '@throughline/stream'
import type { TestHub } from './hub.ts'

/** Everything the hub still holds of what an agency published, opened with its own keys, by when it happened. */
export async function publishedBy(
  hub: TestHub,
  agency: Agency,
): Promise<readonly CanonicalEvent[]> {
  await hub.idle()
  const clock = steppedClock(Date.parse(hub.now()))
  await using log = await openSqliteLog({ path: join(hub.data, 'log.db'), clock })
  using keys = createFileKeys({ directory: hub.data, clock, random: systemRandom() })
  const events: CanonicalEvent[] = []
  for (let partition = 0; partition < partitions; partition += 1) {
    for await (const records of log.read(`agency.${agency}.v1`, partition, 0n)) {
      for (const record of records) {
        const ref = keyRefOf(record)
        const key = ref === null ? undefined : (await keys.open([ref])).get(ref)
        if (key === undefined || key === 'erased') throw new Error('a record nobody can open')
        events.push(openRecord(record, key).value as CanonicalEvent)
      }
    }
  }
  return events.toSorted((a, b) => a.occurredAt - b.occurredAt || compare(a.type, b.type))
}

const partitions = 12
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

/** Each call gives what an agency has published since the one before: the log forgets after a week. */
export function newlyPublishedBy(
  hub: TestHub,
  agency: Agency,
): () => Promise<readonly CanonicalEvent[]> {
  const known = new Set<string>()
  return async () => {
    const found = (await publishedBy(hub, agency)).map((event) => ({
      event,
      id: `${event.eventId} ${event.version}`,
    }))
    const fresh = found.filter(({ id }) => !known.has(id))
    for (const { id } of fresh) known.add(id)
    return fresh.map(({ event }) => event)
  }
}

/** What happened, when, and, where it is not known to the instant, how exactly: `Admitted 2026-… MINUTE`. */
export function brief({ type, occurredAt, occurredAtPrecision }: CanonicalEvent): string {
  const at = new Date(occurredAt).toISOString().replace('.000Z', 'Z')
  return occurredAtPrecision === 'INSTANT'
    ? `${type} ${at}`
    : `${type} ${at} ${occurredAtPrecision}`
}

const connectors = new URL('../../connectors/', import.meta.url)

/** A connector's copy of a sample, byte for byte. */
export const sampleBytes = (connector: string, name: string): Buffer =>
  readFileSync(new URL(`${connector}/examples/${name}`, connectors))
