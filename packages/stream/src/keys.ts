import type { KeyObject } from 'node:crypto'

/**
 * `person:<id>` for a person's key, `day:<yyyy-mm-dd>` (UTC) for inbound payloads of that day,
 * `referral:<random>` for one desk copy of a referral.
 */
export type KeyRef = `person:${string}` | `day:${string}` | `referral:${string}`

/** An opened data key. `version` is part of the sealed envelope's additional data. */
export interface OpenedKey {
  readonly ref: KeyRef
  readonly version: number
  readonly key: KeyObject
}

/**
 * The key port. Data keys are wrapped by a key-encryption key that never leaves the port's adapter.
 * A destroyed key is attested: whatever it sealed is skipped as `erased`. A key that cannot be had
 * right now raises `HUB_KEY_UNAVAILABLE`: wait, never a plain-text fallback.
 */
export interface Keys {
  /** Opens many at once; unwrapped keys are cached for at most 60 s. Unknown person keys are `erased`. */
  open(refs: readonly KeyRef[]): Promise<ReadonlyMap<KeyRef, OpenedKey | 'erased'>>
  /** Makes the key when it is missing; durable before it resolves. A destroyed key is never made again. */
  create(ref: KeyRef): Promise<OpenedKey>
  /** Destroys the wrapped key for good. Idempotent. */
  destroy(ref: KeyRef, at: number): Promise<void>
}
