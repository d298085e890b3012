import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { HubError } from '@throughline/domain'
import type { KeyRef, Keys, Random } from '@throughline/stream'
import type { KeyFile } from './key-file.ts'

/** How long a day's key lives after its day (design, decision 6). */
const dayKeyDays = 7

const dayMs = 86_400_000
const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

/** The keys of a hub, wherever the wrapped ones are kept. */
export interface HubKeys extends Keys {
  readonly file: KeyFile
  /** Makes the keys of many people in one go: a caseload that is taken over. As `create` for each. */
  createMany(refs: readonly KeyRef[]): Promise<void>
  /** Destroys the keys of days (UTC) that ended more than seven days before `now`; gives how many. */
  destroyExpiredDayKeys(now: number): number | Promise<number>
}

/** The last day (UTC) whose key has ended: its key is destroyed seven days after the day ended. */
export const lastExpiredDay = (now: number): KeyRef =>
  `day:${new Date(now - (dayKeyDays + 1) * dayMs).toISOString().slice(0, 10)}`

/** A fresh data key. */
export const freshKey = (random: Random): Uint8Array => random(keyBytes)

/** Bound to whom it belongs: it does not open under another name. */
export function wrap(
  under: KeyObject,
  ref: KeyRef,
  version: number,
  key: Uint8Array,
  random: Random,
): Uint8Array {
  const nonce = random(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', under, nonce)
  cipher.setAAD(Buffer.from(`${ref} ${version}`))
  const sealed = [cipher.update(key), cipher.final()]
  return Buffer.concat([nonce, ...sealed, cipher.getAuthTag()])
}

export function unwrap(
  under: KeyObject,
  ref: KeyRef,
  version: number,
  wrapped: Uint8Array,
): KeyObject {
  const end = wrapped.length - tagBytes
  const opening = createDecipheriv('aes-256-gcm', under, wrapped.subarray(0, nonceBytes))
  opening.setAAD(Buffer.from(`${ref} ${version}`))
  opening.setAuthTag(wrapped.subarray(end))
  const key = Buffer.concat([opening.update(wrapped.subarray(nonceBytes, end)), opening.final()])
  return createSecretKey(key)
}

/** Whatever keeps a key from being read now: wait, and never go on without it. */
export const unavailable = (message: string, cause?: unknown): HubError =>
  new HubError('HUB_KEY_UNAVAILABLE', message, { cause })

export const cannotBeHad = (cause: unknown): HubError =>
  unavailable('a key cannot be had now', cause)

export const wasDestroyed = (): HubError => unavailable('this key was destroyed')
