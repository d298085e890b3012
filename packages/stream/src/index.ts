export * from './clock.ts'
export * from './codec.ts'
export * from './ids.ts'
export * from './keys.ts'
export { type KafkaLogOptions, openKafkaLog } from './log/kafka.ts'
export { type KafkaAccess, type KafkaAccessEntry, openKafkaAccess } from './log/kafka-access.ts'
export type { KafkaLogger } from './log/kafka-client.ts'
export { logWithKnownEnds } from './log/known-ends.ts'
export { createMemoryLog, MemoryLogData, type MemoryLogOptions } from './log/memory.ts'
export { openSqliteLog, type SqliteLog, type SqliteLogOptions } from './log/sqlite.ts'
export * from './partition.ts'
export * from './ports.ts'
export * from './random.ts'
export {
  type AloneParts,
  type Check,
  type Onlookers,
  runAlone,
  topicsHold,
  topicsOf,
  type Watch,
  type Watched,
} from './runtime/alone.ts'
export {
  type Behind,
  type Figures,
  type FiguresOptions,
  type Meters,
  runtimeFigures,
  runtimeInstruments,
  watchQuarantine,
} from './runtime/figures.ts'
export * from './runtime/processor.ts'
export * from './runtime/relay.ts'
export * from './schedule.ts'
export * from './sealed.ts'
export { emptyStep, registerTask } from './store/done-to.ts'
export {
  appendMemoryOutbox,
  createMemoryStore,
  createMemoryViews,
  type MemoryStoreOptions,
} from './store/memory.ts'
export { MemoryDatabase, type MemoryTable } from './store/memory-database.ts'
export {
  appendPostgresOutbox,
  createPostgresStore,
  type PostgresStoreOptions,
} from './store/postgres.ts'
export {
  clockSkewMs,
  openPostgres,
  type PostgresDatabase,
  type PostgresOptions,
  type PostgresRow,
  type PostgresSend,
} from './store/postgres-database.ts'
export * from './store/postgres-locks.ts'
export { migratePostgres } from './store/postgres-migrate.ts'
export { PostgresTurns } from './store/postgres-turns.ts'
export { createPostgresViews } from './store/postgres-views.ts'
export {
  appendSqliteOutbox,
  createSqliteStore,
  createSqliteViews,
  type SqliteStoreOptions,
} from './store/sqlite.ts'
export { type HubDatabase, openHubDatabase } from './store/sqlite-database.ts'
export * from './turns.ts'
export * from './wakes.ts'
export { logWithIds, readSchemaIds } from './wire-ids.ts'
