export { noSchedule } from '../schedule.ts'
export * from './memory-keys.ts'
export * from './seeded.ts'
