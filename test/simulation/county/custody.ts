import { minute, type SimPerson, type SimRecord } from '../county.ts'
import type { Random } from '../random.ts'

export const iso = (at: number) => new Date(at).toISOString()

interface Movement {
  readonly type: string
  readonly kind: string | null
  readonly way: 'received' | 'released'
  readonly coded: { readonly reason: string; readonly code: string }
  readonly search: string
}

const movements: readonly Movement[] = [
  {
    type: 'ReceivedIntoPrison',
    kind: null,
    way: 'received',
    coded: { reason: 'ADMISSION', code: 'N' },
    search: 'NEW_ADMISSION',
  },
  {
    type: 'ReleasedFromPrison',
    kind: 'TO_COMMUNITY',
    way: 'released',
    coded: { reason: 'RELEASED', code: 'CR' },
    search: 'RELEASED',
  },
  {
    type: 'ReleasedFromPrison',
    kind: 'TO_COMMUNITY',
    way: 'released',
    coded: { reason: 'RELEASED', code: 'CR' },
    search: 'RELEASED',
  },
  {
    type: 'LeftForCourt',
    kind: null,
    way: 'released',
    coded: { reason: 'SENT_TO_COURT', code: 'CRT' },
    search: 'SENT_TO_COURT',
  },
  {
    type: 'ReturnedToPrison',
    kind: null,
    way: 'received',
    coded: { reason: 'RETURN_FROM_COURT', code: 'CRT' },
    search: 'RETURN_FROM_COURT',
  },
  {
    type: 'ReleasedFromPrison',
    kind: 'TEMPORARY',
    way: 'released',
    coded: { reason: 'TEMPORARY_ABSENCE_RELEASE', code: 'R24' },
    search: 'TEMPORARY_ABSENCE_RELEASE',
  },
]

/** One movement, told by one family or by both; now and then the second tells it differently. */
export function movement(
  random: Random,
  person: SimPerson,
  at: number,
  serial: number,
  deaths = 0.15,
): readonly SimRecord[] {
  const told = random.pick(movements)
  const died = told.kind === 'TO_COMMUNITY' && random.chance(deaths)
  const families = random.pick([['search'], ['coded'], ['search', 'coded'], ['coded', 'search']])
  return families.map((family) => ({
    name: `${person.name} ${told.way} #${serial} (${family})`,
    door: 'prison' as const,
    type: told.type,
    kind: died && family === 'coded' ? 'DIED' : told.kind,
    identifiers: [`NOMS:${person.noms}`],
    occurredAt: at,
    confirms: family === 'coded',
    body: family === 'search' ? searchEvent(told, person, at) : codedEvent(told, person, at, died),
  }))
}

const about = (person: SimPerson) => ({
  personReference: { identifiers: [{ type: 'NOMS', value: person.noms }] },
})

const searchEvent = (told: Movement, person: SimPerson, at: number) => ({
  eventType: `prisoner-offender-search.prisoner.${told.way}`,
  version: 1,
  occurredAt: iso(at + 4000),
  description: 'A movement',
  additionalInformation: { nomsNumber: person.noms, reason: told.search, prisonId: 'QXI' },
  ...about(person),
})

const codedEvent = (told: Movement, person: SimPerson, at: number, died: boolean) => ({
  eventType: `prison-offender-events.prisoner.${told.way}`,
  version: 1,
  occurredAt: iso(at),
  publishedAt: iso(at + 45 * minute),
  description: 'A movement',
  additionalInformation: {
    nomsNumber: person.noms,
    reason: told.coded.reason,
    details: 'A movement',
    currentLocation: told.way === 'received' ? 'IN_PRISON' : 'OUTSIDE_PRISON',
    prisonId: 'QXI',
    nomisMovementReasonCode: died ? 'DEC' : told.coded.code,
    currentPrisonStatus: told.way === 'received' ? 'UNDER_PRISON_CARE' : 'NOT_UNDER_PRISON_CARE',
  },
  ...about(person),
})

/** Records that say nothing: they must be answered, counted and forgotten. */
export function noise(person: SimPerson, at: number, serial: number): SimRecord {
  return {
    name: `${person.name} updated #${serial}`,
    door: 'prison',
    type: 'none',
    kind: null,
    identifiers: [`NOMS:${person.noms}`],
    occurredAt: at,
    body: {
      eventType: 'prisoner-offender-search.prisoner.updated',
      version: 1,
      occurredAt: iso(at),
      additionalInformation: { nomsNumber: person.noms, categoriesChanged: ['LOCATION'] },
      ...about(person),
    },
  }
}

export function arrest(random: Random, person: SimPerson, at: number, serial: number): SimRecord {
  return {
    name: `${person.name} arrested #${serial}`,
    door: 'police',
    type: 'ArrestedIntoCustody',
    kind: null,
    identifiers: [`NOMS:${person.noms}`, `NHS:${person.nhs}`],
    occurredAt: at,
    body: {
      formatVersion: 1,
      recordType: 'arrest',
      force: '00',
      custodyReference: `SYN/${String(serial).padStart(6, '0')}/26`,
      custodySuite: 'SYN-CENTRAL',
      occurredAt: iso(at),
      recordedAt: iso(at + 10 * minute),
      person: {
        identifiers: [
          { type: 'NOMS', value: person.noms },
          { type: 'NHS', value: person.nhs },
        ],
      },
      arrest: { reason: 'INVESTIGATION', openPrescription: random.pick(['YES', 'NO', 'UNKNOWN']) },
    },
  }
}
