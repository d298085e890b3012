export { notify, notifyWith } from './topology.ts'
