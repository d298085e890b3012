/**
 * Where a harness may step in: every asynchronous method of an adapter calls it before and after it
 * acts, with a label such as `store.commit.before`. A promise delays the adapter; one that never
 * settles is a crash; a rejection before is a failure, and after it is a lost answer. Reject with a
 * `HubError` (`HUB_LOG_UNAVAILABLE`, `HUB_STORE_UNAVAILABLE`): anything else counts as a bug.
 */
export interface Schedule {
  /** `detail` says which topic, partition or task. What is returned inside a transaction is not waited for. */
  at(point: string, detail?: string): Promise<void> | undefined | void
}

/** Nothing steps in. */
export const noSchedule: Schedule = { at: () => undefined }
