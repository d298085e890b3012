export type { Directory, DirectoryEntry, InboxDeps } from './deps.ts'
export { inboxRoutes } from './routes.ts'
export { inboxProjection, type NoticeFacts } from './topology.ts'
