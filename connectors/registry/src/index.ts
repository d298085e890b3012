export type { RegistryDeps } from './keep.ts'
export { registryBase, registryDialect, registryRoutes } from './routes.ts'
