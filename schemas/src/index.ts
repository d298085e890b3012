export type { AvroType, NamedType } from './avro-type.ts'
export { canonicalText } from './canonical.ts'
export { type Codec, codecFor, type Decoded, decodeFramed, peekSchema } from './codec.ts'
export {
  type CompatibilityLevel,
  compatibilityLevels,
  incompatibilities,
} from './compatibility.ts'
export { eventCategories, eventTypes } from './events.ts'
export { type SchemaIds, schemaNames } from './files.ts'
export { recordBytesMax } from './guard.ts'
export { type KnownTypes, type ParsedSchema, parseSchema } from './parse-schema.ts'
export { SchemaError, type SchemaRule } from './schema-error.ts'
export { repositorySubjects, type SubjectVersion } from './subjects.ts'
export { type Topic, type TopicPrivacy, topicOf, topics, topicTemplates } from './topics.ts'
export { faultsInIds, repositoryIds, type WireIds, wireIds } from './wire-ids.ts'
