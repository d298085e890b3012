export type { ConsentDeps } from './deps.ts'
export { consentRoutes } from './routes.ts'
