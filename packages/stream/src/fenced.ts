import { HubError } from '@throughline/domain'

/** Whether it was raised because the task has another owner by now. */
export const isFenced = (error: unknown): boolean =>
  error instanceof HubError && error.code === 'HUB_FENCED'
