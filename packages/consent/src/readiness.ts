import type { TopicSpec } from '@throughline/stream'
import type { HubPorts } from './hub-ports.ts'

/** Something a service cannot work without: false, or a rejection, means not ready. */
export interface Readiness {
  readonly name: string
  readonly check: () => Promise<boolean>
}

/** Beyond this, times that one machine gives out would lie before another's (ms). */
const skewMsMax = 1000
const topicsAgainMs = 30_000

/**
 * What a service on these ports has to reach before it takes work. `topics` are those it reads or writes:
 * their settings are looked at again every half minute. `stepped`: the clock is moved by hand.
 */
export function readinessOf(
  hub: HubPorts,
  {
    topics,
    stepped = false,
  }: { readonly topics: readonly TopicSpec[]; readonly stepped?: boolean },
): readonly Readiness[] {
  let topicsSeen: Promise<boolean> | undefined
  let seenAt = 0
  const topicsHold = (): Promise<boolean> => {
    const now = hub.clock.now()
    if (topicsSeen === undefined || now >= seenAt + topicsAgainMs) {
      seenAt = now
      topicsSeen = hub.log.ensureTopics(topics).then(
        () => true,
        () => false,
      )
    }
    return topicsSeen
  }
  return [
    { name: 'register', check: async () => (await hub.register.agreements()).length >= 0 },
    { name: 'keys', check: async () => (await hub.keys.open(['person:nobody'])).size === 1 },
    { name: 'store', check: async () => (await hub.store.doneTo('link')) >= 0 },
    ...(topics.length === 0 ? [] : [{ name: 'topics', check: topicsHold }]),
    ...(stepped
      ? []
      : [
          {
            name: 'clock',
            check: async () => Math.abs(await hub.clockSkewMs()) <= skewMsMax,
          },
        ]),
  ]
}
