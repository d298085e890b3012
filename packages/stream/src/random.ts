import { randomFillSync } from 'node:crypto'

/** Unpredictable bytes, injected: nonces, tokens, person ids. */
export type Random = (length: number) => Uint8Array

const poolBytes = 4096

/** The operating system's randomness, drawn in pools because single draws are dear. */
export function systemRandom(): Random {
  let pool = new Uint8Array(0)
  let used = 0
  return (length) => {
    if (length > poolBytes) return randomFillSync(new Uint8Array(length))
    if (used + length > pool.length) {
      // A new pool each time: what was handed out must never change under its reader.
      pool = randomFillSync(new Uint8Array(poolBytes))
      used = 0
    }
    used += length
    return pool.subarray(used - length, used)
  }
}
