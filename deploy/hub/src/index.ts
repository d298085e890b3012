export { type HubConfig, hashOfToken, readHubConfig, readLaunch } from './config.ts'
export { devConfig } from './dev.ts'
export { type Hub, startHub } from './hub.ts'
export { accessMatrix, analystOf, edgesOf, type Grant, services } from './kafka-access.ts'
export { type AccessDifference, accessDifference, applyAccess, entryFor } from './kafka-acls.ts'
export type { Ledger } from './operations.ts'
export { type Pipeline, type PipelineParts, processors, startPipeline } from './pipeline.ts'
export {
  type Registered,
  type RegistryAddress,
  registerSchemas,
} from './schema-registry.ts'
