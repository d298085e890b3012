import type { Log, TaskOwner } from '@throughline/stream'

/** Holds back what a log gives its owners, so that a service can be ready before its work begins. */
export class Gate {
  #opened: Promise<void> = Promise.resolve()
  #open: () => void = () => {}

  close(): void {
    this.#opened = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  open(): void {
    this.#open()
  }

  over(log: Log): Log {
    return {
      ensureTopics: (topics) => log.ensureTopics(topics),
      append: (records) => log.append(records),
      consume: (group, topics, owner) => log.consume(group, topics, this.#before(owner)),
      read: (topic, partition, from) => log.read(topic, partition, from),
      bounds: (topic, partition) => log.bounds(topic, partition),
      [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
    }
  }

  #before(owner: TaskOwner): TaskOwner {
    return {
      assigned: (partition) => owner.assigned(partition),
      records: async (partition, batch) => {
        await this.#opened
        await owner.records(partition, batch)
      },
      revoked: (partition) => owner.revoked(partition),
      faulted: (partition, error) => owner.faulted?.(partition, error),
    }
  }
}
