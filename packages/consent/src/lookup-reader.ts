import type { Agreement, Claim, PersonRegister } from '@throughline/domain'
import type { Clock, LookupReader } from '@throughline/stream'
import type { PersonRow, RegisterTables } from './rows.ts'

/**
 * Claims bring their people's rows, so that one look answers link. Rows once read are used again as
 * long as the register's revision, read in the step's own snapshot, says that none has changed: that
 * is a read of the rows, not a copy of them.
 */
export function lookupReader(tables: RegisterTables, clock: Clock): LookupReader {
  let seenAt = -1
  let claims = new Map<string, Claim | undefined>()
  let people = new Map<string, PersonRow | undefined>()
  let agreements: readonly Agreement[] | undefined

  const claimOf = (identifier: string): Claim | undefined => {
    if (claims.has(identifier)) return claims.get(identifier)
    const row = tables.get('claims', identifier)
    const claim = row?.personId == null ? undefined : { identifier, personId: row.personId }
    claims.set(identifier, claim)
    return claim
  }
  const personOf = (personId: string): PersonRow | undefined => {
    if (!people.has(personId)) people.set(personId, tables.get('people', personId))
    return people.get(personId)
  }

  return {
    revision: () => tables.revision(),
    read(lookups) {
      const revision = tables.revision()
      if (revision !== seenAt || claims.size + people.size > rowsKeptMax) {
        claims = new Map()
        people = new Map()
        agreements = undefined
        seenAt = revision
      }
      const knownClaims = new Map<string, Claim>()
      const knownPeople = new Map<string, PersonRegister>()
      let known: readonly Agreement[] = []
      const know = (personId: string): void => {
        const row = personOf(personId)
        if (row) knownPeople.set(personId, row)
      }
      for (const lookup of lookups) {
        if (lookup.kind === 'agreements') known = agreements ??= tables.agreements()
        else if (lookup.kind === 'person') know(lookup.personId)
        else if (lookup.kind === 'claims') {
          const claim = claimOf(lookup.identifier)
          if (!claim) continue
          knownClaims.set(claim.identifier, claim)
          know(claim.personId)
        }
      }
      return {
        now: Math.max(tables.lastTime(), clock.now()),
        agreements: known,
        claim: (identifier) => knownClaims.get(identifier),
        person: (personId) => knownPeople.get(personId),
      }
    },
  }
}

const rowsKeptMax = 50_000
