export { notify } from './topology.ts'
