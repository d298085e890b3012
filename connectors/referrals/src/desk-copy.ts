import type { Referral } from '@throughline/consent'
import {
  type KeyRef,
  type Keys,
  type OpenedKey,
  openState,
  type Random,
  sealState,
} from '@throughline/stream'
import type { DeskCopy } from './translate.ts'

const place = (referralId: string, version: number) => ({
  processor: 'referral-desk',
  key: referralId,
  stateVersion: version,
})

/** Seals a desk's copy under its own key, bound to the referral and its version. */
export const sealCopy = (
  referralId: string,
  version: number,
  copy: DeskCopy,
  key: OpenedKey,
  random: Random,
): Uint8Array =>
  sealState(place(referralId, version), Buffer.from(JSON.stringify(copy)), key, random)

/** A desk's copy opened; undefined once it or its key is gone. Ask the register's gate first. */
export async function openCopy(
  { keys }: { readonly keys: Keys },
  { referralId, version, keyRef, sealed }: Referral,
): Promise<DeskCopy | undefined> {
  if (keyRef === null || sealed === null) return undefined
  const key = (await keys.open([keyRef])).get(keyRef)
  if (key === undefined || key === 'erased') return undefined
  const bytes = openState(place(referralId, version), sealed, key)
  return JSON.parse(Buffer.from(bytes).toString()) as DeskCopy
}

/** A key for one desk copy and nothing else, so that destroying it destroys just that. */
export const freshKeyRef = (random: Random): KeyRef =>
  `referral:${Buffer.from(random(18)).toString('base64url')}`
