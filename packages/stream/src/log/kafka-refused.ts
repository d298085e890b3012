import { HubError } from '@throughline/domain'

/** What a service asks of the brokers, in the words of a message. */
export type Asked = 'see' | 'read' | 'write' | 'make' | 'see the settings of' | 'join' | 'change'

/** Kafka's code for a topic that is not ours to touch. */
export const topicRefused = 29

/** Brokers know who asks, and do not allow it. `what` is a topic or a group, never what a record holds. */
export const refusal = (asked: Asked, what: string): HubError =>
  new HubError('HUB_LOG_REFUSED', `the brokers do not allow this service to ${asked} ${what}`)

export const isRefused = (error: unknown): boolean =>
  error instanceof HubError && error.code === 'HUB_LOG_REFUSED'

/** Does it, and has a refusal say what was refused: the brokers' own answer only says that something was. */
export async function asking<T>(asked: Asked, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw isRefusal(error) ? refusal(asked, what) : error
  }
}

const refusals: ReadonlySet<string> = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
])

/** What is made together fails together: one refusal among it is one of all. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError || 'errors' in error) {
    return (error.errors as readonly unknown[]).some(isRefusal)
  }
  return 'type' in error && refusals.has(String(error.type))
}
