export type { OutcomesDeps } from './deps.ts'
export { outcomesRoutes } from './routes.ts'
