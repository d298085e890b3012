import { describe, expect, it } from 'vitest'
import { steppedClock } from '../clock.ts'
import type { TaskOwner } from '../ports.ts'
import { KafkaReader } from './kafka-reader.ts'

const finishMsMax = 5_000
const record = {
  topic: 'agency.custody.v1',
  partition: 0,
  offset: 0n,
  key: 'ann',
  id: 'e1',
  value: null,
  headers: {},
  appendedAt: 0,
}

describe('a reader whose owner is slow with its last batch', () => {
  it('gives its partition up once more when that ends, and only then does the next one begin', async () => {
    const clock = steppedClock(0)
    const said: string[] = []
    const batch = Promise.withResolvers<void>()
    const owner: TaskOwner = {
      assigned: async () => {
        said.push('assigned')
        return new Map()
      },
      records: async () => {
        said.push('batch')
        await batch.promise
        said.push('done')
      },
      revoked: async () => void said.push('revoked'),
    }
    const readerOf = () =>
      new KafkaReader(
        {
          client: {
            use: async () => 1 as never,
            bounds: async () => ({ start: 0n, end: 1n }),
            fetch: async () => Promise.reject(new Error('nobody asks')),
          },
          clock,
          topics: [record.topic],
          owner,
          sessionTimeoutMs: 6_000,
          batchMax: 10,
        },
        0,
        () => {},
      )
    const first = readerOf()
    await first.start()
    const [spot] = first.wanted()
    if (!spot) throw new Error('it wants nothing')
    first.offer({ spot, error: 0, records: [record], next: 1n })
    await turns()

    const stopped = first.stop()
    await clock.advanceTo(finishMsMax)
    await stopped
    const second = readerOf()
    const started = second.start(first.ended)
    await turns()
    expect(said).toEqual(['assigned', 'batch', 'revoked'])

    batch.resolve()
    await started
    expect(said).toEqual(['assigned', 'batch', 'revoked', 'done', 'revoked', 'assigned'])
    await second.stop()
  })
})

const turns = () => new Promise((resolve) => setImmediate(resolve))
