export type { ConsentDeps, Directory, DirectoryEntry } from './deps.ts'
export { consentRoutes } from './routes.ts'
