import type { PersonRecord } from '@throughline/consent'
import { assignedAt, tiers } from '@throughline/domain'
import type { InboxDeps } from './deps.ts'
import { disclose } from './disclose.ts'
import { reading } from './notices.ts'
import { personWords } from './people.ts'
import type { Practitioner } from './readers.ts'
import type { SafeContact } from './shown.ts'

/** Somebody the caller works with, as a list says it. */
export interface ListedPerson {
  readonly personId: string
  readonly name: string
  readonly safeContact: SafeContact
  /** The caller's own part: `lead`, `deputy` or `team`. */
  readonly part: 'lead' | 'deputy' | 'team'
}

/** The people the caller holds an assignment for now, by name. Each one passes the gate. */
export async function readCaseload(
  deps: InboxDeps,
  practitioner: Practitioner,
  write: (people: readonly ListedPerson[]) => void,
): Promise<void> {
  const { id: practitionerId, organisation, role } = practitioner
  const ask = (personId: string) =>
    ({
      personId,
      purpose: 'care-coordination',
      sources: [],
      categories: [],
      tier: tiers[0],
      recipient: { practitionerId, organisation, role },
      what: { kind: 'person', id: personId },
    }) as const
  const personIds = await deps.register.caseload(practitionerId)
  await disclose(
    reading(deps),
    personIds.map((personId) => [personId, ask(personId)] as const),
    async (allowed) => {
      const known = await personWords(
        deps,
        allowed.map(([personId]) => personId),
      )
      const people = [...known].map(([personId, { displayName, safeContact, record }]) => ({
        personId,
        name: displayName,
        safeContact,
        part: partOf(record, practitionerId, deps.register.now()),
      }))
      return { used: new Set(known.keys()), result: people.toSorted(byName) }
    },
    write,
  )
}

const partOf = (record: PersonRecord, practitionerId: string, now: number) =>
  assignedAt(record, now).find((one) => one.practitionerId === practitionerId)?.relation ?? 'team'

const byName = (a: ListedPerson, b: ListedPerson): number =>
  a.name.localeCompare(b.name, 'en-GB') || (a.personId < b.personId ? -1 : 1)
