import { HubError } from '@throughline/domain'
import type { TopicSpec } from '../ports.ts'

/** Raises `HUB_TOPIC_DRIFT` when a topic that exists differs from what is asked for. */
export function checkDrift(existing: TopicSpec, asked: TopicSpec): void {
  for (const field of ['partitions', 'retentionMs', 'cleanup'] as const) {
    if (existing[field] === asked[field]) continue
    throw new HubError('HUB_TOPIC_DRIFT', `topic ${asked.name} differs in ${field}`)
  }
}

export const unknownTopic = (topic: string) =>
  new HubError('HUB_TOPIC_DRIFT', `topic ${topic} does not exist`)
