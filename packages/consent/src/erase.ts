import type { Keys } from '@throughline/stream'
import { endReferrals } from './end-referrals.ts'
import type { Register, RegisterAnswer } from './port.ts'

/**
 * Erases a person. The tombstone comes first: from then on nothing is joined or shown, so that
 * nothing new can be sealed while the key goes. If it stops in between, calling it again ends it;
 * `finishErasures` does so for everybody at start.
 */
export async function erasePerson({
  register,
  keys,
  personId,
  by,
}: {
  readonly register: Register
  readonly keys: Keys
  readonly personId: string
  readonly by: string
}): Promise<RegisterAnswer> {
  const answer = await register.change({ kind: 'erase', personId, by })
  if (!answer.ok) return answer
  await keys.destroy(`person:${personId}`, register.now())
  await endReferrals(register, keys)
  return answer
}

/** Destroys the keys of all who are erased. Harmless to repeat; at most `limit` people are looked at. */
export async function finishErasures(
  register: Register,
  keys: Keys,
  limit = 1_000_000,
): Promise<void> {
  for (const { personId, status } of await register.people(limit))
    if (status === 'erased') await keys.destroy(`person:${personId}`, register.now())
  await endReferrals(register, keys)
}
