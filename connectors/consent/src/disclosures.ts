import type { ConsentDeps } from './deps.ts'
import { iso } from './words.ts'

/** One time that something about the person was shown, or may have been. Times in UTC. */
export interface Disclosed {
  readonly at: string
  readonly recipient: string
  readonly recipientName: string
  readonly organisation: string
  readonly what: string
  readonly id: string
  readonly outcome: string
  readonly sources: readonly string[]
}

/** Who was told what, newest first. An attempt that the gate refused showed nothing and is not here. */
export async function disclosuresOf(
  { register, directory }: ConsentDeps,
  personId: string,
): Promise<readonly Disclosed[]> {
  return (await register.disclosures(personId)).map((one) => ({
    at: iso(one.at),
    recipient: one.recipient,
    recipientName:
      directory.practitioners.find(({ id }) => id === one.recipient)?.name ?? one.recipient,
    organisation: one.organisation,
    what: one.what,
    id: one.id,
    outcome: one.outcome,
    sources: one.sources,
  }))
}
