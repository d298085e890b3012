import { createPostgresKeys, readKeyFile } from '@throughline/consent'
import type { Processor } from '@throughline/domain'
import { type Topic, topicOf } from '@throughline/schemas'
import {
  createPostgresStore,
  type Log,
  nodeIds,
  openKafkaLog,
  openPostgres,
  type RunningProcessor,
  startProcessor,
  systemRandom,
} from '@throughline/stream'
import type { OursPlace } from './ours.ts'
import { shiftedClock } from './shifted-clock.ts'

const safetyPollMs = 1_000

/** One service of ours: connections of its own, and the processors that it is told to run. */
export interface OurService extends AsyncDisposable {
  run<S>(processor: Processor<S>): Promise<RunningProcessor>
}

/** `over` stands between the log and the processors. */
export async function openOurService(
  place: Omit<OursPlace, 'processors'>,
  over: (log: Log) => Log,
): Promise<OurService> {
  const { brokers, prefix, url } = place
  const clock = shiftedClock(place.shift)
  const random = systemRandom()
  const file = readKeyFile(place.keys)
  const db = await openPostgres({ url })
  const log = over(
    await openKafkaLog({
      brokers,
      clientId: 'bench',
      prefix,
      replicationFactor: 1,
      makesTopics: false,
    }),
  )
  const keys = createPostgresKeys({ db, file, clock, random })
  const store = createPostgresStore({ db, clock })
  const ids = nodeIds(file.hmacKey('testshire'))
  const running: RunningProcessor[] = []
  return {
    async run(processor) {
      const onFault = ({ error }: { readonly error: unknown }) => {
        throw error
      }
      const ports = { log, store, keys, ids, clock, random, safetyPollMs, onFault }
      const one = await startProcessor({
        ...ports,
        ...(place.bare ? inClear(processor) : { processor }),
      })
      running.push(one)
      return one
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((one) => one.stop()))
      await log[Symbol.asyncDispose]()
      keys[Symbol.dispose]()
      await db.close()
    },
  }
}

/** The same processor where nothing is personal: its state, and what lies on its topics, unsealed. */
const inClear = <S>(processor: Processor<S>) => ({
  processor: { ...processor, personal: false },
  topicOf: (name: string): Topic => {
    const topic = topicOf(name)
    return { ...topic, privacy: 'no-content', schemas: topic.carries }
  },
})
