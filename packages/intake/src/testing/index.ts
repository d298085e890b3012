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
