import { HubError } from '@throughline/domain'
import {
  type Log,
  type LogRecord,
  machinePause,
  partitionOf,
  type TaskOwner,
} from '@throughline/stream'

/** What any log may do to those who use it, whatever it is made of; `where` is the beginning of a topic's name. */
export type LogFault =
  /** What was appended is durable, and whoever appended it is told it cannot be known. */
  | { readonly kind: 'append-answer-lost'; readonly where: string }
  | { readonly kind: 'append-refused'; readonly where: string }
  | { readonly kind: 'append-doubled'; readonly where: string }
  /** The last partition of each topic is given its records first. */
  | { readonly kind: 'partitions-reversed' }
  /** A poll gives one record, and the next poll the next. */
  | { readonly kind: 'polls-cut-short' }

export interface FaultyLog {
  readonly log: Log
  /** How many have struck, by kind. */
  readonly struck: ReadonlyMap<string, number>
  /** Each of these that concerns an append strikes once; the others until `calm`. */
  arm(faults: readonly LogFault[]): void
  calm(): void
  /** This group is about to be sent back to the start. */
  readsAgain(group: string): void
}

const marked = 'by the scenario'

/**
 * The same faults for every adapter: they lie between the log and whoever uses it. Which of a topic's
 * partitions is given its records first no log promises; here it is the same for all adapters.
 */
export function faultyLog(log: Log): FaultyLog {
  let armed: readonly LogFault[] = []
  const partitionsOf = new Map<string, number>()
  const order = new PartitionOrder()
  const struck = new Map<string, number>()

  /** Whether a fault of that kind meets these records; then it has struck. */
  const strikes = (kind: LogFault['kind'], topics: readonly string[]): boolean => {
    const isMet = (one: LogFault) =>
      one.kind === kind && 'where' in one && topics.some((topic) => topic.startsWith(one.where))
    const fault = armed.find(isMet)
    armed = armed.filter((one) => one !== fault)
    return fault !== undefined && count(kind)
  }
  const count = (kind: LogFault['kind']): true => {
    struck.set(kind, (struck.get(kind) ?? 0) + 1)
    return true
  }
  const isArmed = (kind: LogFault['kind']) => armed.some((one) => one.kind === kind) && count(kind)
  const unknown = () => new HubError('HUB_LOG_UNAVAILABLE', 'made up by a scenario')

  const hindered = (group: string, owner: TaskOwner, waiting: { count: number }): TaskOwner => ({
    assigned: (partition) => owner.assigned(partition),
    async records(partition, batch) {
      waiting.count += 1
      await order.turn(group, partition, batch, isArmed('partitions-reversed'))
      waiting.count -= 1
      const given = isArmed('polls-cut-short') ? batch.map((record) => [record]) : [batch]
      for (const some of given) await owner.records(partition, some)
      order.handled(group, partition, batch)
    },
    revoked: (partition) => owner.revoked(partition),
    faulted: (partition, error) => owner.faulted?.(partition, error),
  })

  return {
    struck,
    arm(faults) {
      armed = faults
    },
    calm() {
      armed = []
    },
    readsAgain: (group) => order.again(group),
    log: {
      async ensureTopics(topics) {
        await log.ensureTopics(topics)
        for (const { name, partitions } of topics) {
          partitionsOf.set(name, partitions)
          for (let partition = 0; partition < partitions; partition++)
            order.begins(name, partition, (await log.bounds(name, partition)).end)
        }
      },
      async append(records) {
        const topics = records.map(({ topic }) => topic)
        if (strikes('append-refused', topics)) throw unknown()
        const times = strikes('append-doubled', topics) ? 2 : 1
        for (let i = 0; i < times; i++) {
          for (const { topic, key } of records)
            order.appended(topic, partitionOf(key, partitionsOf.get(topic) ?? 1))
          // Nobody reads it; it has to arrive all the same.
          await log.append(records.map((one) => ({ ...one, headers: { ...one.headers, marked } })))
        }
        if (strikes('append-answer-lost', topics)) throw unknown()
      },
      async consume(group, topics, owner) {
        const waiting = { count: 0 }
        const consumer = await log.consume(group, topics, hindered(group, owner, waiting))
        return {
          restart: (partition) => consumer.restart(partition),
          busy: () => waiting.count > 0 || consumer.busy?.() === true,
          [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
        }
      },
      read: (topic, partition, from) => log.read(topic, partition, from),
      bounds: (topic, partition) => log.bounds(topic, partition),
      [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
    },
  }
}

/** Longer than any batch takes; whoever waits so long waits for something that never comes. */
const turnMsMax = 60_000

/** Whose turn it is among the partitions of a topic: the first one's, as long as it has anything. */
class PartitionOrder {
  readonly #starts = new Map<string, bigint>()
  readonly #ends = new Map<string, bigint>()
  /** By group and place: what it has not handled begins here. */
  #next = new Map<string, bigint>()

  begins(topic: string, partition: number, end: bigint): void {
    const place = `${topic}/${partition}`
    if (this.#starts.has(place)) return
    this.#starts.set(place, end)
    this.#ends.set(place, end)
  }

  again(group: string): void {
    this.#next = new Map([...this.#next].filter(([name]) => !name.startsWith(`${group} `)))
  }

  appended(topic: string, partition: number): void {
    const place = `${topic}/${partition}`
    this.#ends.set(place, (this.#ends.get(place) ?? 0n) + 1n)
  }

  handled(group: string, partition: number, batch: readonly LogRecord[]): void {
    const last = batch.at(-1)
    if (last) this.#next.set(`${group} ${last.topic}/${partition}`, last.offset + 1n)
  }

  /** Resolves once those before it have handled all they have. */
  async turn(
    group: string,
    partition: number,
    [first]: readonly LogRecord[],
    reversed: boolean,
  ): Promise<void> {
    if (first === undefined) return
    const place = `${first.topic}/${reversed ? partition + 1 : partition - 1}`
    const nextOf = () => this.#next.get(`${group} ${place}`) ?? this.#starts.get(place) ?? 0n
    const isBehind = () => nextOf() < (this.#ends.get(place) ?? 0n)
    for (let waited = 0; isBehind() && waited < turnMsMax; waited++) await machinePause(1)
  }
}
