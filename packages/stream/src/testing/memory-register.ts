import {
  type Agreement,
  type Assignment,
  agencies,
  type Claim,
  type ConsentVersion,
  categories,
  type Grant,
  type Lookup,
  type PersonRegister,
} from '@throughline/domain'
import type { LookupReader } from '../ports.ts'

/** What somebody agrees to; whatever is left out is granted to their lead in full. */
export interface Agreed {
  readonly lead?: string
  readonly deputies?: readonly string[]
  readonly identifiers?: readonly string[]
  readonly grants?: readonly (Partial<Grant> & Pick<Grant, 'purpose'>)[]
  readonly from?: number
  readonly until?: number
  readonly lookBackDays?: number
}

export interface MemoryRegister extends LookupReader {
  /** Records the next version of a person's consent, and opens their lead's assignment. */
  agree(personId: string, agreed?: Agreed): void
  /** Ends what is in force; nothing is granted from now on. */
  withdraw(personId: string): void
  assign(
    personId: string,
    assignment: Partial<Assignment> & Pick<Assignment, 'practitionerId'>,
  ): void
  endAssignment(personId: string, practitionerId: string): void
  erase(personId: string): void
  /** Replaces the institutions' agreements; at first everything is agreed. */
  agreements(agreements: readonly Agreement[]): void
  /** Puts a person's rows as they are. */
  put(person: PersonRegister): void
  versionOf(personId: string): number
}

export const organisation = 'testshire-recovery'
const leadRole = 'lead-practitioner'
const yearMs = 365 * 24 * 3600 * 1000
const endOfTime = 8.64e15

/**
 * The register's rows as tests need them: no acceptance, no gate, no audit. `changed` is told of
 * every person whose rows change.
 */
export function memoryRegister(
  now: () => number,
  changed: (personId: string, version: number) => void = () => {},
): MemoryRegister {
  const people = new Map<string, PersonRegister>()
  const versions = new Map<string, number>()
  let revision = 0
  let agreed: readonly Agreement[] = agencies.map((source) => ({
    agreementId: `agreement-${source}`,
    source,
    purpose: 'care-coordination',
    recipientOrganisation: organisation,
    from: 0,
    until: endOfTime,
  }))
  const personOf = (personId: string): PersonRegister =>
    people.get(personId) ?? { personId, status: 'active', versions: [], assignments: [] }
  const put = (person: PersonRegister) => {
    people.set(person.personId, person)
    revision += 1
    const version = (versions.get(person.personId) ?? 0) + 1
    versions.set(person.personId, version)
    changed(person.personId, version)
  }
  const withVersion = (person: PersonRegister, next: ConsentVersion): PersonRegister => ({
    ...person,
    versions: [
      ...person.versions.map((v) => (v.endedAt === null ? { ...v, endedAt: now() } : v)),
      next,
    ],
  })
  const claim = (identifier: string): Claim | undefined => {
    for (const { personId, versions: all } of people.values()) {
      const current = all.find((v) => v.endedAt === null && v.state === 'given')
      if (current?.identifiers.includes(identifier)) return { identifier, personId }
    }
    return undefined
  }
  return {
    agree(personId, agreedTo = {}) {
      const person = personOf(personId)
      const next: ConsentVersion = {
        version: person.versions.length + 1,
        state: 'given',
        acceptedAt: now(),
        endedAt: null,
        grants: grantsOf(agreedTo, now()),
        identifiers: agreedTo.identifiers ?? [personId],
      }
      const assigned = person.assignments.length > 0 && !agreedTo.lead
      const assignments = assigned ? person.assignments : assignmentsOf(agreedTo, now())
      put({ ...withVersion(person, next), assignments })
    },
    withdraw(personId) {
      const person = personOf(personId)
      const before = person.versions.at(-1)
      put(
        withVersion(person, {
          version: person.versions.length + 1,
          state: 'withdrawn',
          acceptedAt: now(),
          endedAt: null,
          grants: [],
          identifiers: before?.identifiers ?? [],
        }),
      )
    },
    assign(personId, assignment) {
      const person = personOf(personId)
      const whole: Assignment = { ...leadOf(assignment.practitionerId, now()), ...assignment }
      put({ ...person, assignments: [...person.assignments, whole] })
    },
    endAssignment(personId, practitionerId) {
      const person = personOf(personId)
      const assignments = person.assignments.map((assignment) =>
        assignment.practitionerId === practitionerId && assignment.until === null
          ? { ...assignment, until: now() }
          : assignment,
      )
      put({ ...person, assignments })
    },
    erase(personId) {
      put({ personId, status: 'erased', versions: [], assignments: [] })
    },
    agreements(all) {
      agreed = all
      revision += 1
    },
    put,
    versionOf: (personId) => versions.get(personId) ?? 0,
    revision: () => revision,
    read(lookups: readonly Lookup[]) {
      // One snapshot: what changes after the load is not seen by the step.
      const rows = new Map(people)
      const claims = new Map<string, Claim | undefined>()
      for (const lookup of lookups) {
        if (lookup.kind === 'claims') claims.set(lookup.identifier, claim(lookup.identifier))
      }
      return {
        now: now(),
        agreements: agreed,
        claim: (identifier) => claims.get(identifier),
        person: (personId) => rows.get(personId),
      }
    },
  }
}

function grantsOf({ grants, from, until, lookBackDays = 0 }: Agreed, now: number): Grant[] {
  const wanted = grants ?? [{ purpose: 'care-coordination' as const }]
  return wanted.map((grant) => ({
    sources: agencies,
    recipients: [{ organisation, role: leadRole }],
    categories,
    tier: 'detail',
    from: from ?? now,
    until: until ?? now + yearMs,
    lookBackDays,
    ...grant,
  }))
}

function assignmentsOf({ lead = 'lp-1', deputies = [] }: Agreed, now: number): Assignment[] {
  return [
    leadOf(lead, now),
    ...deputies.map((deputy) => ({ ...leadOf(deputy, now), relation: 'deputy' as const })),
  ]
}

const leadOf = (practitionerId: string, now: number): Assignment => ({
  practitionerId,
  organisation,
  role: leadRole,
  relation: 'lead',
  tier: 'detail',
  from: now,
  until: null,
})
