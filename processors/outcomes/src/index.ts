export { outcomes } from './topology.ts'
