export { link } from './topology.ts'
