import type { Random } from './random.ts'

/** Made-up people and the records that a prison and a police force send about them. */
export interface SimPerson {
  readonly name: string
  readonly noms: string
  readonly nhs: string
}

export interface SimRecord {
  readonly name: string
  readonly door: 'prison' | 'police'
  readonly body: unknown
  /** What the checker may know of it. */
  readonly type: string
  readonly kind: string | null
  readonly identifiers: readonly string[]
  readonly occurredAt: number
  /** Whether it carries the movement's code, which confirms what a search told first. */
  readonly confirms?: boolean
}

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

const letters = 'ABCDEFGHJKLMNPQRTUVWXY'

export function people(count: number): readonly SimPerson[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `person ${i + 1}`,
    noms: `Z${String(1000 + i)}${letters[i % 22]}${letters[(i * 7) % 22]}`,
    nhs: nhsNumber(i),
  }))
}

/** The i-th number of the test range whose check digit exists. */
function nhsNumber(i: number): string {
  for (let n = 999_100_000 + i * 10; ; n++) {
    const digits = String(n)
    const sum = Array.from(digits).reduce(
      (total, digit, at) => total + Number(digit) * (10 - at),
      0,
    )
    const check = 11 - (sum % 11)
    if (check !== 10) return digits + String(check === 11 ? 0 : check)
  }
}

const iso = (at: number) => new Date(at).toISOString()

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
