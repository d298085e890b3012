import { avroCodec, keyRefOf, type LogRecord, openRecord } from '@throughline/stream'
import type { Ports } from '../simulation/process.ts'
import { placesIn } from './window.ts'

/**
 * By topic and key: what each record says, in the order in which they were first written. Whoever
 * relays writes again on doubt, so a repeat is not another record.
 */
export type Kept = ReadonlyMap<string, readonly string[]>

type Kindly = Pick<Ports, 'log' | 'keys' | 'topics'>

export async function keptIn(ports: Kindly): Promise<Kept> {
  const places = placesIn(ports.topics ?? [])
  const kept = await Promise.all(places.map((place) => keptAt(ports, ...place)))
  return new Map(kept.flatMap((one) => [...one]))
}

/** A key lies in one partition of a topic. */
async function keptAt({ log, keys }: Kindly, topic: string, partition: number): Promise<Kept> {
  const kept = new Map<string, Map<string, string>>()
  const { start } = await log.bounds(topic, partition)
  for await (const batch of log.read(topic, partition, start)) {
    for (const record of batch) {
      const place = `${topic} ${record.key}`
      const here = kept.get(place) ?? new Map<string, string>()
      kept.set(place, here)
      if (!here.has(record.id)) here.set(record.id, await wordsOf(record, keys))
    }
  }
  return new Map(
    [...kept].map(([place, records]) => [
      place,
      [...records].map(([id, words]) => `${id} ${words}`),
    ]),
  )
}

async function wordsOf(record: LogRecord, keys: Kindly['keys']): Promise<string> {
  const headers = JSON.stringify(record.headers)
  if (record.id.startsWith('poison')) return headers
  const ref = keyRefOf(record)
  if (ref === null) {
    const value = record.value === null ? null : avroCodec.decode(record.value)
    return headers + JSON.stringify(value)
  }
  const key = (await keys.open([ref])).get(ref)
  if (key === undefined || key === 'erased') return `${headers} under a key that is gone`
  return headers + JSON.stringify(openRecord(record, key))
}
