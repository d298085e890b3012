import { retryFor } from '@throughline/domain'
import { type Log, machinePause, type TaskOwner, type TopicSpec } from '@throughline/stream'

const placeOf = (topic: string, partition: number): string => `${topic}/${partition}`

/** Every partition of every topic. */
export const placesIn = (topics: readonly TopicSpec[]) =>
  topics.flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => [name, partition] as const),
  )

/** Brokers that have just made a topic may not yet agree on who leads it. */
async function endOf(log: Log, topic: string, partition: number): Promise<bigint> {
  for (;;) {
    try {
      return (await log.bounds(topic, partition)).end
    } catch (error) {
      if (retryFor(error) === 'never') throw error
      await machinePause(50)
    }
  }
}

/**
 * A log that begins where another ends now: many lives share one set of topics, one after another, and
 * none sees what was before it. To make topics takes longer than to live.
 */
export async function windowOn(log: Log, topics: readonly TopicSpec[]): Promise<Log> {
  const starts = new Map(
    await Promise.all(
      placesIn(topics).map(
        async (place) => [placeOf(...place), await endOf(log, ...place)] as const,
      ),
    ),
  )
  const startOf = (topic: string, partition: number): bigint =>
    starts.get(placeOf(topic, partition)) ?? 0n

  /** Whoever has no position yet begins where the window does. */
  const within = (owner: TaskOwner, wanted: readonly string[]): TaskOwner => ({
    async assigned(partition) {
      const begun = wanted.map(
        (topic) => [topic, { offset: startOf(topic, partition), anchor: null }] as const,
      )
      return new Map([...begun, ...(await owner.assigned(partition))])
    },
    records: (partition, batch) => owner.records(partition, batch),
    revoked: (partition) => owner.revoked(partition),
    faulted: (partition, error) => owner.faulted?.(partition, error),
  })

  return {
    ensureTopics: (specs) => log.ensureTopics(specs),
    append: (records) => log.append(records),
    consume: (group, wanted, owner) => log.consume(group, wanted, within(owner, wanted)),
    read(topic, partition, from) {
      const start = startOf(topic, partition)
      return log.read(topic, partition, from < start ? start : from)
    },
    async bounds(topic, partition) {
      return { ...(await log.bounds(topic, partition)), start: startOf(topic, partition) }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}
