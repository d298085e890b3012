export type { ConsentDeps } from './deps.ts'
export { type FhirTerms, fhirTerms } from './fhir/terms.ts'
export { consentRoutes } from './routes.ts'
