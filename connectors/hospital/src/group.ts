import { setImmediate } from 'node:timers/promises'
import type { Accept, Inbound, RecordResult, Translation } from '@throughline/intake'

/** Makes one message durable, and says what became of it; undefined when nothing can be kept just now. */
export type Submit = (inbound: Inbound) => Promise<RecordResult | undefined>

/** So that one group's transaction stays short. */
const groupMax = 500

/**
 * Messages that arrive together share a transaction, and so a sync of the disk: whatever has come in while the
 * group before was being kept. They are accepted, and answered, in the order in which they were submitted.
 */
export function groupedBy(accept: Accept, nextId: () => string): Submit {
  let waiting: Waiting[] = []
  let running = false

  const run = async (): Promise<void> => {
    running = true
    // Every connection that has something to read is read first.
    await setImmediate()
    while (waiting.length > 0) {
      const group = waiting.slice(0, groupMax)
      waiting = waiting.slice(groupMax)
      const results = await keep(group.map(({ inbound }) => inbound))
      group.forEach(({ resolve }, at) => resolve(results[at]))
      await setImmediate()
    }
    running = false
  }

  const keep = async (
    group: readonly Inbound[],
  ): Promise<readonly (RecordResult | undefined)[]> => {
    try {
      return await accept(group, nextId())
    } catch {
      return keepOneByOne(group)
    }
  }

  /** One message that cannot be kept takes nobody else's down with it. */
  const keepOneByOne = async (group: readonly Inbound[]) => {
    const results: (RecordResult | undefined)[] = []
    for (const inbound of group) {
      const result = await keepAlone(inbound)
      // Then it is not this message's fault, and those behind it may not overtake it.
      if (result === undefined) break
      results.push(result)
    }
    return results
  }

  /**
   * Only what is published is sealed as it was read. Where it can be kept in quarantine and not otherwise, the
   * fault is in what was read: it waits for people, because failing it for ever would stop its sender's feed
   * (assurance.md, HL7-25). Should the fault have passed in between, it leaves quarantine at once.
   */
  const keepAlone = async (inbound: Inbound): Promise<RecordResult | undefined> => {
    const kept = await tried(inbound)
    if (kept !== undefined || inbound.translation.outcome !== 'published') return kept
    const aside = await tried({ ...inbound, translation: unstorable(inbound.translation) })
    return aside && ((await tried(inbound)) ?? aside)
  }

  const tried = async (inbound: Inbound): Promise<RecordResult | undefined> => {
    try {
      return (await accept([inbound], nextId()))[0]
    } catch {
      return undefined
    }
  }

  return (inbound) =>
    new Promise((resolve) => {
      waiting.push({ inbound, resolve })
      if (!running) void run()
    })
}

interface Waiting {
  readonly inbound: Inbound
  readonly resolve: (result: RecordResult | undefined) => void
}

const unstorable = ({
  format,
  system,
  naturalKey,
  version,
  contentHash,
  unknownMembers,
}: Translation): Translation => ({
  format,
  system,
  naturalKey,
  version,
  contentHash,
  unknownMembers,
  resolves: [],
  outcome: 'quarantined',
  reason: 'not-storable',
  at: [],
})
