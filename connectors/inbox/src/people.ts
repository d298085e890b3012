import { openPerson, type PersonRecord } from '@throughline/consent'
import type { KeyRef, OpenedKey } from '@throughline/stream'
import type { InboxDeps } from './deps.ts'
import type { SafeContact } from './shown.ts'

/** What the person said of themselves, and the key that opens the rest. */
export interface PersonWords {
  readonly record: PersonRecord
  readonly key: OpenedKey
  readonly displayName: string
  readonly ownWords: string
  readonly safeContact: SafeContact
}

/** Opens people's own words. Whoever is unknown, erased or without a key is left out. */
export async function personWords(
  { register, keys }: Pick<InboxDeps, 'register' | 'keys'>,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, PersonWords>> {
  const ids = [...new Set(personIds)]
  const [records, opened] = await Promise.all([
    Promise.all(ids.map((personId) => register.person(personId))),
    keys.open(ids.map(refOf)),
  ])
  const people = new Map<string, PersonWords>()
  for (const record of records) {
    if (record === undefined || record.status === 'erased') continue
    const key = opened.get(refOf(record.personId))
    if (key === undefined || key === 'erased') continue
    const { displayName, ownWords, safeContact } = openPerson(record.personId, record.sealed, key)
    people.set(record.personId, {
      record,
      key,
      displayName,
      ownWords: ownWords ?? '',
      safeContact: safeContact ?? { ok: [], never: [], reviewBy: null },
    })
  }
  return people
}

export const refOf = (personId: string): KeyRef => `person:${personId}`
