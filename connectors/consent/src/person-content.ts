import type { SealedPerson } from '@throughline/consent'
import { z } from 'zod'
import type { SafeContact, Taken } from './body.ts'

/** The personal part of a consent, as this edge seals it and reads it again. */
export interface PersonContent {
  readonly displayName: string
  readonly identifiers: SealedPerson['identifiers']
  readonly ownWords: string
  readonly safeContact: SafeContact
  readonly taken: Taken | null
}

const takenSchema = z.object({
  by: z.string(),
  at: z.number(),
  setting: z.string(),
  method: z.string(),
  noticeVersion: z.string(),
})

/** What was opened, with the parts that may be missing filled in. */
export const personContentOf = (sealed: SealedPerson): PersonContent => ({
  displayName: sealed.displayName,
  identifiers: sealed.identifiers,
  ownWords: sealed.ownWords ?? '',
  safeContact: sealed.safeContact ?? { ok: [], never: [], reviewBy: null },
  taken: takenSchema.safeParse(sealed['taken']).data ?? null,
})
