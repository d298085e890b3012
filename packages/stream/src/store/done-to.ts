import type { Step, TaskId } from '../ports.ts'

/** The register's own task: its outbox carries what was accepted and changed. */
export const registerTask: TaskId = { processor: 'register', generation: 1, partition: 0 }

/** A step that only knows how far its task has come. */
export function isOnlyDoneTo(step: Step): step is Step & { readonly doneTo: number } {
  return (
    step.doneTo !== undefined &&
    step.positions.size === 0 &&
    step.states.length === 0 &&
    step.timers.length === 0 &&
    step.outbox.length === 0 &&
    step.index.length === 0 &&
    step.views.length === 0 &&
    step.parked.length === 0 &&
    step.counts.size === 0 &&
    (step.unpark ?? []).length === 0
  )
}

/** A step that changes nothing; spread it and say what does change. */
export const emptyStep: Step = {
  positions: new Map(),
  states: [],
  timers: [],
  outbox: [],
  index: [],
  views: [],
  parked: [],
  counts: new Map(),
}
