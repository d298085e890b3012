import { describe, expect, it } from 'vitest'
import { steppedClock } from '../clock.ts'
import type { LogRecord } from '../ports.ts'
import { logWithKnownEnds } from './known-ends.ts'
import { createMemoryLog } from './memory.ts'

const topic = {
  name: 'agency.custody.v1',
  partitions: 2,
  retentionMs: null,
  cleanup: 'delete',
} as const

describe('a log that knows its ends', () => {
  it('is busy from an append until its record is with the owner, who then knows for itself', async () => {
    const held = Promise.withResolvers<void>()
    const at = (point: string) => (point === 'log.deliver.before' ? held.promise : undefined)
    const memory = createMemoryLog({ clock: steppedClock(0), schedule: { at } })
    await using log = logWithKnownEnds(memory)
    await log.ensureTopics([topic])
    const seen: string[] = []
    const given = Promise.withResolvers<void>()
    await using consumer = await log.consume('link', [topic.name], {
      assigned: async () => new Map(),
      async records(_partition: number, batch: readonly LogRecord[]) {
        seen.push(...batch.map(({ id }) => id))
        given.resolve()
      },
      revoked: async () => {},
    })
    expect(consumer.busy?.()).toBe(false)
    await log.append([{ topic: topic.name, key: 'ann', id: 'in', value: null }])
    expect(consumer.busy?.()).toBe(true)
    held.resolve()
    await given.promise
    await expect.poll(() => consumer.busy?.()).toBe(false)
    expect(seen).toEqual(['in'])
  })
})
