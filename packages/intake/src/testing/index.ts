export {
  type Answered,
  type Desk,
  type DeskDeps,
  type DeskOptions,
  openDesk,
  type PostOptions,
  type Sent,
  testIds,
} from './desk.ts'
export { examplesIn } from './examples.ts'
export { processorMs } from './processor-time.ts'
export { canaries, spoiltJson, spoiltText, tenThousand } from './spoilt.ts'
export { type EdgeProcess, edgeData, startEdge, toldTwice, unconfigured } from './start-edge.ts'
