import { HubError } from '@throughline/domain'
import { describe, expect, it } from 'vitest'
import { steppedClock } from '../clock.ts'
import type { TaskOwner } from '../ports.ts'
import { KafkaReader, type KafkaReaderOptions } from './kafka-reader.ts'

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

const topic = 'moves.v1'
const unavailable = () => new HubError('HUB_LOG_UNAVAILABLE', 'nobody answers')
const unknown = () => new HubError('HUB_TOPIC_DRIFT', 'there is no such topic')

/** A reader of brokers that answer so at each second, and its first ten seconds. */
async function started(answerAt: (second: number) => HubError | null) {
  const clock = steppedClock(0)
  const faults: unknown[] = []
  const client = {
    use: async () => {
      const fault = answerAt(clock.now() / 1_000)
      if (fault) throw fault
      return 1 as never
    },
    bounds: async () => ({ start: 0n, end: 0n }),
    fetch: () => Promise.reject(unavailable()),
  }
  const options: KafkaReaderOptions = {
    client,
    clock,
    topics: [topic],
    owner: {
      assigned: async () => new Map(),
      records: async () => {},
      revoked: async () => {},
      faulted: (_partition, error) => faults.push(error),
    },
    sessionTimeoutMs: 6_000,
    batchMax: 10,
  }
  const reader = new KafkaReader(options, 0, () => {})
  const ready = reader.start()
  for (let at = 0; at <= 10_000; at += 200) {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
    await clock.advanceTo(at)
  }
  await ready
  return { reader, faults }
}

it('begins after brokers were away for long, though one that is only just back knows no topics yet', async () => {
  const { reader, faults } = await started((second) =>
    second < 7 ? unavailable() : second < 8 ? unknown() : null,
  )
  expect(faults).toEqual([])
  expect(reader.wanted()).toEqual([{ topic, partition: 0, offset: 0n }])
})

it('gives up a topic of which nobody has heard for five seconds', async () => {
  const { faults } = await started(unknown)
  expect(faults).toEqual([unknown()])
})
