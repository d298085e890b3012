import { readReleased, type Version, versions } from './files.ts'
import { type Topic, topicOf, topics, topicTemplates } from './topics.ts'

/** One version under one subject of a schema registry. */
export interface SubjectVersion {
  readonly subject: string
  readonly version: number
  /** Of ours; a registry that is not ours gives its own. */
  readonly id: number
  /** The name by which `ids.json` knows the schema. */
  readonly schema: string
  /** The schema itself, as it was released. */
  readonly text: string
}

/**
 * Everything that belongs into a registry: each schema under its full name (RecordNameStrategy), which is
 * how the records inside `Sealed` are found, and what lies in clear on a topic under `<topic>-value`
 * (TopicNameStrategy), where tools look by themselves. Equal schemas have one id.
 */
export function repositorySubjects(feeds: readonly string[]): readonly SubjectVersion[] {
  const released = versions.map(releasedAs)
  const lying = [...topics, ...feeds.flatMap(topicsOfFeed)]
  return [
    ...released,
    ...lying.flatMap(({ name, schemas }) =>
      released
        .filter(({ schema }) => schemas.includes(schema))
        .map((one) => ({ ...one, subject: `${name}-value` })),
    ),
  ]
}

function releasedAs(version: Version): SubjectVersion {
  const schema = readReleased(version)
  return {
    subject: `${schema.namespace}.${schema.name}`,
    version: version.version,
    id: version.id,
    schema: version.name,
    text: JSON.stringify(schema),
  }
}

const topicsOfFeed = (feed: string): readonly Topic[] =>
  topicTemplates.map(({ name }) => topicOf(name.replace('<feed>', feed)))
