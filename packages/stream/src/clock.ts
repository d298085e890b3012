/** Wall time in milliseconds, and waiting. Injected everywhere; no decision reads the system's clock. */
export interface Clock {
  now(): number
  /** Resolves once `now() >= at`, or when `signal` aborts, whichever comes first. */
  until(at: number, signal?: AbortSignal): Promise<void>
}
