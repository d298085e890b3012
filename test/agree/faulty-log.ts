import { HubError } from '@throughline/domain'
import {
  type Log,
  type LogRecord,
  machinePause,
  partitionOf,
  type TaskOwner,
} from '@throughline/stream'
import { placesIn } from './window.ts'

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

interface Reading {
  /** Partitions that wait for their turn. */
  waiting: number
  /** Nothing more is handled: nobody waits for his turn any longer. */
  over: boolean
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
  /** As `strikes`, for what goes on until it is calm again. */
  const hinders = (kind: LogFault['kind']) => armed.some((one) => one.kind === kind) && count(kind)
  const unknown = () => new HubError('HUB_LOG_UNAVAILABLE', 'made up by a scenario')

  const hindered = (group: string, owner: TaskOwner, reading: Reading): TaskOwner => ({
    assigned: (partition) => owner.assigned(partition),
    async records(partition, batch) {
      const before = hinders('partitions-reversed') ? partition + 1 : partition - 1
      reading.waiting += 1
      while (!reading.over && order.isBehind(group, before, batch)) await machinePause(1)
      reading.waiting -= 1
      const isCut = batch.length > 1 && hinders('polls-cut-short')
      for (const some of isCut ? batch.map((record) => [record]) : [batch])
        await owner.records(partition, some)
      order.handled(group, partition, batch)
    },
    revoked: (partition) => owner.revoked(partition),
    faulted(partition, error) {
      reading.over = true
      owner.faulted?.(partition, error)
    },
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
        for (const { name, partitions } of topics) partitionsOf.set(name, partitions)
        for (const place of placesIn(topics))
          order.begins(...place, (await log.bounds(...place)).end)
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
        const reading = { waiting: 0, over: false }
        const consumer = await log.consume(group, topics, hindered(group, owner, reading))
        return {
          restart: (partition) => consumer.restart(partition),
          busy: () => reading.waiting > 0 || consumer.busy?.() === true,
          [Symbol.asyncDispose]() {
            reading.over = true
            return consumer[Symbol.asyncDispose]()
          },
        }
      },
      read: (topic, partition, from) => log.read(topic, partition, from),
      bounds: (topic, partition) => log.bounds(topic, partition),
      [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
    },
  }
}

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

  /** Whether the partition has anything left of the topic that these records are of. */
  isBehind(group: string, partition: number, [first]: readonly LogRecord[]): boolean {
    const place = `${first?.topic}/${partition}`
    const next = this.#next.get(`${group} ${place}`) ?? this.#starts.get(place) ?? 0n
    return next < (this.#ends.get(place) ?? 0n)
  }
}
