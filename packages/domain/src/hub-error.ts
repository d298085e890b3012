/** What the runtime does with a fault. Only the runtime acts on it: nobody retries inside a `catch`. */
export type Retry = 'later' | 'never'

const retryByCode = {
  HUB_AGENCY_UNAVAILABLE: 'later',
  HUB_CONFIG_INVALID: 'never',
  HUB_FENCED: 'never',
  HUB_KEY_UNAVAILABLE: 'later',
  HUB_LOG_ENTRY_DAMAGED: 'never',
  HUB_LOG_REFUSED: 'never',
  HUB_LOG_UNAVAILABLE: 'later',
  HUB_POSITION_LOST: 'never',
  HUB_REGISTER_UNAVAILABLE: 'later',
  HUB_SCHEMA_UNKNOWN: 'never',
  HUB_STATE_NEWER: 'never',
  HUB_STORE_UNAVAILABLE: 'later',
  HUB_TOPIC_DRIFT: 'never',
} as const satisfies Record<string, Retry>

export type HubErrorCode = keyof typeof retryByCode

/** The closed list of fault codes, sorted, for the page that explains them. */
export const hubErrorCodes = Object.keys(retryByCode).toSorted() as readonly HubErrorCode[]

/**
 * A fault: something that should not happen to a healthy hub. The message may name a place and a
 * rule, never a value from an event. Expected outcomes are values, not errors.
 */
export class HubError extends Error {
  readonly code: HubErrorCode

  constructor(code: HubErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'HubError'
    this.code = code
  }
}

/** Total: whatever we did not throw ourselves is a bug, and a bug is not retried blindly. */
export const retryFor = (error: unknown): Retry =>
  error instanceof HubError ? retryByCode[error.code] : 'never'
