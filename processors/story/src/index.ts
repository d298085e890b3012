export { story } from './topology.ts'
