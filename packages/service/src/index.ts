export * from './app.ts'
export * from './auth.ts'
export {
  type BodyOptions,
  bodyOf,
  bodyTextOf,
  formBody,
  formOf,
  jsonBody,
  rawBody,
  requireContent,
  textBody,
} from './body.ts'
export * from './config.ts'
export { contextOf, principalOf, type RequestContext } from './context.ts'
export type { Directory, DirectoryEntry, Office } from './directory.ts'
export * from './fault.ts'
export {
  type FhirIssue,
  fhirType,
  type OperationOutcome,
  operationOutcome,
  readFhirText,
  sendFhir,
} from './fhir.ts'
export * from './health.ts'
export * from './json.ts'
export * from './listen.ts'
export * from './log.ts'
export * from './metrics.ts'
export { assetRoutes, homeOf, type Page, page, pagesFrom } from './pages.ts'
export {
  credentialsOf,
  directoryOf,
  feedsOf,
  type Partnership,
  partnershipConfig,
  partnershipMembers,
} from './partnership.ts'
export {
  databaseMember,
  kafkaMember,
  type NamedPlace,
  type NamedServices,
  servicesOf,
} from './place.ts'
export * from './principal.ts'
export * from './quota.ts'
export type { RandomBytes } from './random.ts'
export { type Front, type FrontDeps, type Machine, serveFront } from './serve-front.ts'
export { serveHealth } from './serve-health.ts'
export * from './session.ts'
export * from './sse.ts'
export * from './telemetry.ts'
