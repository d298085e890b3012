export {
  createSealer,
  type Sealable,
  type Sealer,
  type SealerOptions,
  sealEveryMs,
} from './audit/sealer.ts'
export {
  type AuditAsk,
  type AuditFault,
  type AuditVerdict,
  verifyAudit,
  verifyAuditPages,
} from './audit/verify.ts'
export { deskRoles, referralHeldMs, subjectOf } from './decisions/referrals.ts'
export { endReferrals } from './end-referrals.ts'
export { erasePerson, finishErasures } from './erase.ts'
export { startHousekeeping } from './housekeeping.ts'
export { type HubFiles, type HubFilesOptions, openHubFiles } from './hub-files.ts'
export type { HubPorts } from './hub-ports.ts'
export {
  type HubServices,
  openHubAccess,
  openHubServices,
  prepareHubServices,
} from './hub-services.ts'
export { createFileKeys, type FileKeys } from './keys/file-keys.ts'
export { createKeyFile, type KeyFile, keyFileName, readKeyFile } from './keys/key-file.ts'
export { createPostgresKeys, type PostgresKeysOptions } from './keys/postgres-keys.ts'
export type { HubKeys } from './keys/wrapping.ts'
export type { LocalRegister } from './local-register.ts'
export { createMemoryRegister } from './memory-register.ts'
export { type HubPlace, openHub } from './open-hub.ts'
export * from './port.ts'
export { createPostgresRegister, type PostgresRegister } from './postgres.ts'
export { type Readiness, readinessOf } from './readiness.ts'
export { consentInstruments, countRefusals } from './refusals.ts'
export type { RegisterOptions } from './register.ts'
export type { CheckpointRow, RegisterTables } from './rows.ts'
export { openPerson, type SealedPerson, sealPerson } from './sealed-person.ts'
export { createSqliteRegister } from './sqlite-register.ts'
