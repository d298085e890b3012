import type { Keys } from '@throughline/stream'
import type { Register } from './port.ts'

/**
 * Destroys the keys of referrals that are past their time, decided, or taken back. From then on nobody
 * can read them, in no copy of the file either. Harmless to repeat: what a stop in between leaves is
 * taken up by the next call.
 */
export async function endReferrals(register: Register, keys: Keys): Promise<void> {
  let spent = await register.endReferrals([])
  while (spent.length > 0) {
    for (const ref of spent) await keys.destroy(ref, register.now())
    spent = await register.endReferrals(spent)
  }
}
