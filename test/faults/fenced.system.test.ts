import type { Processor } from '@throughline/domain'
import { topicOf, topics } from '@throughline/schemas'
import {
  createMemoryStore,
  emptyStep,
  MemoryDatabase,
  nodeIds,
  openKafkaLog,
  partitionOf,
  startProcessor,
  systemClock,
} from '@throughline/stream'
import { memoryKeys, memoryRegister, seeded } from '@throughline/stream/testing'
import { expect, it } from 'vitest'
import { whyNoKafka } from '../backends/kafka.ts'
import { sharedKafka } from '../backends/kafka-shared.ts'

const input = 'person.events.v1'
const output = 'practitioner.actions.v1'

/** It hears nothing in this test, and says nothing by itself. */
const quiet: Processor<null> = {
  name: 'quiet',
  inputs: [input],
  outputs: [output],
  upstream: [],
  stateVersion: 1,
  upgrade: () => null,
  initial: null,
  personal: false,
  keyOf: () => null,
  lookups: () => [],
  step: () => ({ state: null }),
}

it.skipIf(whyNoKafka() !== null)(
  'what a passing owner has left unsent is sent, though no record ever comes',
  async () => {
    const clock = systemClock()
    const random = seeded(1).bytes
    const lookups = memoryRegister(() => clock.now())
    const store = createMemoryStore({ clock, lookups, db: new MemoryDatabase() })
    await using log = await openKafkaLog({
      brokers: await sharedKafka(),
      clientId: 'fenced',
      prefix: `fenced.${process.pid}.`,
      replicationFactor: 1,
      sessionTimeoutMs: 1_500,
    })
    await log.ensureTopics(topics.filter(({ name }) => quiet.inputs.concat(output).includes(name)))
    await using running = await startProcessor({
      processor: quiet,
      log,
      store,
      keys: memoryKeys(random),
      clock,
      ids: nodeIds(new Uint8Array(32)),
      random,
      safetyPollMs: 100,
    })
    const partition = partitionOf('ann', topicOf(output).partitions)
    const other = await store.open({ processor: quiet.name, generation: 1, partition })
    const record = { topic: output, key: 'ann', id: 'unsent', value: Buffer.from('news') }
    await other.commit({ ...emptyStep, outbox: [record] })
    const idsThere = async (): Promise<readonly string[]> => {
      const ids: string[] = []
      for await (const batch of log.read(output, partition, 0n))
        ids.push(...batch.map(({ id }) => id))
      return ids
    }
    await expect.poll(idsThere, { timeout: 30_000, interval: 200 }).toEqual(['unsent'])
    void running
  },
)
