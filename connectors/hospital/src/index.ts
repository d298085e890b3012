export { type HospitalOptions, hospitalDefaults, hospitalOptions } from './config.ts'
export type { HospitalDeps } from './deps.ts'
export { type MllpGiven, type MllpListening, startMllp } from './mllp.ts'
export { hospitalRoutes } from './source.ts'
