import { createCipheriv, createDecipheriv } from 'node:crypto'
import { HubError } from '@throughline/domain'
import type { OpenedKey, Random } from '@throughline/stream'

/** What only the person's key opens. Identifiers are in clear here and nowhere else in the register. */
export interface SealedPerson {
  readonly displayName: string
  readonly identifiers: readonly {
    readonly type: string
    readonly value: string
    readonly issuer?: string | null
  }[]
  readonly ownWords: string | null
  readonly safeContact: {
    readonly ok: readonly string[]
    readonly never: readonly string[]
    readonly reviewBy: string | null
  } | null
  /** How the consent was taken; whatever else the caller keeps with it. */
  readonly [more: string]: unknown
}

const label = 'consent/1'
const nonceBytes = 12
const tagBytes = 16

/**
 * Seals the personal part of a consent under `person:<personId>`. Bound to the person, to this use
 * and to the key's version, so that a sealed part opens in no other place.
 */
export function sealPerson(
  personId: string,
  content: SealedPerson,
  key: OpenedKey,
  random: Random,
): Uint8Array {
  const nonce = random(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key.key, nonce)
  cipher.setAAD(boundTo(personId, key))
  const sealed = [cipher.update(JSON.stringify(content), 'utf8'), cipher.final()]
  return Buffer.concat([nonce, ...sealed, cipher.getAuthTag()])
}

/** Undoes `sealPerson`; anything else than what was sealed for this person is `HUB_LOG_ENTRY_DAMAGED`. */
export function openPerson(personId: string, sealed: Uint8Array, key: OpenedKey): SealedPerson {
  try {
    const end = sealed.length - tagBytes
    const opening = createDecipheriv('aes-256-gcm', key.key, sealed.subarray(0, nonceBytes))
    opening.setAAD(boundTo(personId, key))
    opening.setAuthTag(sealed.subarray(end))
    const text = Buffer.concat([opening.update(sealed.subarray(nonceBytes, end)), opening.final()])
    return JSON.parse(text.toString('utf8')) as SealedPerson
  } catch (cause) {
    throw new HubError('HUB_LOG_ENTRY_DAMAGED', "a person's sealed part does not open", { cause })
  }
}

const boundTo = (personId: string, key: OpenedKey): Buffer =>
  Buffer.from(JSON.stringify([label, personId, key.ref, key.version]))
