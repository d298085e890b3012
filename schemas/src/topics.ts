import file from '../topics.json' with { type: 'json' }

/** How a topic's content is protected. */
export type TopicPrivacy =
  /** Sealed under the key of the day it came in, destroyed after 7 days. */
  | 'day-key'
  /** Sealed under the person's key, destroyed when they ask to be forgotten. */
  | 'person-key'
  /** Plain: ids, versions, hashes and times, nothing that was told. */
  | 'no-content'
  /** Plain: prepared, attacked and approved for release. */
  | 'released'

export interface Topic {
  readonly name: string
  readonly doc: string
  /** What the record key is. Never a direct identifier. */
  readonly key: string
  readonly partitions: number
  /** Milliseconds; null keeps for ever. */
  readonly retentionMs: number | null
  readonly cleanup: 'delete' | 'compact'
  readonly privacy: TopicPrivacy
  /** The schemas a record value may have. */
  readonly schemas: readonly string[]
  /** Where the value is `Sealed`: the schemas it may have inside. */
  readonly carries: readonly string[]
  readonly writers: readonly string[]
  readonly readers: readonly string[]
}

/** Every topic of the hub, as `Log.ensureTopics` takes them. */
export const topics = file.topics as readonly Topic[]

/** Topics that exist once for each outcome feed; `<feed>` stands for its code. */
export const topicTemplates = file.templates as readonly Topic[]

/** The settings of a topic, or of one feed's topic. Throws for a name that no entry covers. */
export function topicOf(name: string): Topic {
  const topic = byName.get(name) ?? fromTemplate(name)
  if (topic === undefined) throw new RangeError('no such topic in schemas/topics.json')
  return topic
}

const byName: ReadonlyMap<string, Topic> = new Map(topics.map((topic) => [topic.name, topic]))

function fromTemplate(name: string): Topic | undefined {
  for (const template of topicTemplates) {
    const [before = '', after = ''] = template.name.split('<feed>')
    const feed = name.slice(before.length, name.length - after.length)
    if (/^[a-z0-9-]+$/.test(feed) && name === `${before}${feed}${after}`)
      return { ...template, name }
  }
  return undefined
}
