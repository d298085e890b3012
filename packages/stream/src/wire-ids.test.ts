import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryIds, type SchemaIds } from '@throughline/schemas'
import { describe, expect, it } from 'vitest'
import { steppedClock } from './clock.ts'
import { avroCodec } from './codec.ts'
import { createMemoryLog, MemoryLogData } from './log/memory.ts'
import type { LogRecord, OutgoingRecord } from './ports.ts'
import { logWithIds, readSchemaIds } from './wire-ids.ts'

const topic = { name: 'consent.changes.v1', partitions: 1, retentionMs: null, cleanup: 'compact' }
const theirs: SchemaIds = { ...repositoryIds, ConsentChanged: { 1: 40_007 } }
const change = { personId: 'ann', version: 1, changedAt: 5 }
const records: readonly OutgoingRecord[] = [
  { topic: topic.name, key: 'ann', id: 'a', value: avroCodec.encode('ConsentChanged', change) },
  { topic: topic.name, key: 'bob', id: 'b', value: null },
]

async function open() {
  const broker = createMemoryLog({ data: new MemoryLogData(), clock: steppedClock(0) })
  const log = logWithIds(broker, theirs)
  await log.ensureTopics([topic as never])
  await log.append(records)
  return { broker, log }
}

const batches = (from: AsyncIterable<readonly LogRecord[]>) => Array.fromAsync(from)

describe('a log under a registry that is not ours', () => {
  it('shows outsiders the ids of that registry', async () => {
    const { broker } = await open()
    const [[first, second] = []] = await batches(broker.read(topic.name, 0, 0n))
    expect(Buffer.from(first?.value ?? []).readUInt32BE(1)).toBe(40_007)
    expect(second?.value).toBeNull()
  })

  it('gives the hub its own back, whether it reads or listens', async () => {
    const { log } = await open()
    const [read] = await batches(log.read(topic.name, 0, 0n))
    const heard = await new Promise<readonly LogRecord[]>((resolve) => {
      void log.consume('story', [topic.name], {
        assigned: async () => new Map(),
        records: async (_partition, batch) => resolve(batch),
        revoked: async () => {},
      })
    })
    for (const batch of [read, heard]) {
      expect(batch?.map(({ id, key }) => [id, key])).toEqual([
        ['a', 'ann'],
        ['b', 'bob'],
      ])
      expect(avroCodec.decode(batch?.[0]?.value ?? new Uint8Array())).toEqual({
        schema: 'ConsentChanged',
        value: change,
      })
    }
    expect((await log.bounds(topic.name, 0)).end).toBe(2n)
  })
})

it('is the log itself where the ids are the same', () => {
  const broker = createMemoryLog({ data: new MemoryLogData(), clock: steppedClock(0) })
  expect(logWithIds(broker, repositoryIds)).toBe(broker)
})

describe('a file of ids', () => {
  it('is refused where it is missing, or lacks a schema of this release', () => {
    const folder = mkdtempSync(join(tmpdir(), 'throughline-ids-'))
    const file = join(folder, 'ids.json')
    expect(() => readSchemaIds(file)).toThrow(/cannot be read/)
    writeFileSync(file, JSON.stringify({ ...repositoryIds, Sealed: {} }))
    expect(() => readSchemaIds(file)).toThrow('the file of schema ids: Sealed version 1: no id')
    writeFileSync(file, JSON.stringify(repositoryIds))
    expect(readSchemaIds(file)).toEqual(repositoryIds)
    rmSync(folder, { recursive: true })
  })
})
