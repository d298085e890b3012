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
    return withOwners(log, (owner) => this.#before(owner))
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

/** The same log, with something between it and whoever it gives records to. */
export const withOwners = (log: Log, before: (owner: TaskOwner) => TaskOwner): Log => ({
  ensureTopics: (specs) => log.ensureTopics(specs),
  append: (records) => log.append(records),
  consume: (group, names, owner) => log.consume(group, names, before(owner)),
  read: (topic, partition, from) => log.read(topic, partition, from),
  bounds: (topic, partition) => log.bounds(topic, partition),
  [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
})
