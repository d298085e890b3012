import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { seededRandom } from '../../simulation/random.ts'
import { append, type Contender } from './contender.ts'
import type { KafkaCounty } from './kafka-county.ts'
import type { Services } from './services.ts'
import type { Load } from './throughput.ts'

const pauseMsMax = 200

/**
 * Milliseconds from sending an event to the agency's topic until a client that reads what is committed has
 * its notice; one after the other on a quiet system, at moments that keep no step with anybody's interval.
 */
export async function latenciesOf(
  contender: Contender,
  services: Services,
  county: KafkaCounty,
  { warming, plan }: Load,
  receivedAt: number,
  samples: number,
): Promise<readonly number[]> {
  const random = seededRandom(samples, 'latency')
  return services.withPrefix('latency', async (prefix) => {
    const running = await contender.start(prefix)
    const record = (one: Load['plan'][number]) => county.recordOf(one, receivedAt, contender.bare)
    await append(running, warming, record)
    await running.untilDone(warming.length)
    await using notices = await watchNotices(services.kafka, prefix)
    const taken: number[] = []
    // The first few for nothing: the reader has just joined.
    for (const one of plan.slice(0, samples + 5)) {
      await sleep(random.below(pauseMsMax))
      const next = notices.next()
      const start = performance.now()
      await running.append([record(one)])
      await next
      taken.push(performance.now() - start)
    }
    await running.stop()
    return taken.slice(5)
  })
}

interface Notices extends AsyncDisposable {
  /** Resolves with the next one to come. */
  next(): Promise<void>
}

async function watchNotices(kafka: Kafka, prefix: string): Promise<Notices> {
  const consumer = kafka.consumer({ groupId: `${prefix}reader`, maxWaitTimeInMs: 1_000 })
  let came: () => void = () => {}
  await consumer.connect()
  await consumer.subscribe({ topic: `${prefix}practitioner.notices.v1`, fromBeginning: false })
  const joined = new Promise<void>((resolve) => consumer.on('consumer.group_join', () => resolve()))
  await consumer.run({ eachMessage: async () => came() })
  await joined
  // It asks for the ends of the partitions once it has joined.
  await sleep(1_000)
  return {
    next: () =>
      new Promise((resolve) => {
        came = resolve
      }),
    [Symbol.asyncDispose]: () => consumer.disconnect(),
  }
}
