import { checkLetter } from '@throughline/domain'

/** Made-up people and what the agencies that meet them send about them. */
export interface SimPerson {
  readonly name: string
  /** Serial number of the person, for their numbers at each agency. */
  readonly n: number
  readonly noms: string
  readonly nhs: string
  readonly crn: string
  readonly pnc: string
  /** At the trust, the treatment service and the landlord of the county. */
  readonly mrn: string
  readonly client: string
  readonly tenant: string
}

export type DoorName =
  | 'prison'
  | 'police'
  | 'probation'
  | 'court'
  | 'hospital'
  | 'duty-to-refer'
  | 'tenancies'
  | 'contacts'
  | 'ndtms'

export interface SimRecord {
  readonly name: string
  readonly door: DoorName
  readonly body: unknown
  /** What the checker may know of it. */
  readonly type: string
  readonly kind: string | null
  readonly identifiers: readonly string[]
  readonly occurredAt: number
  /** Whether it carries the movement's code, which confirms what a search told first. */
  readonly confirms?: boolean
  /** Records of one line are sent one after another: each tells the same objects whole, again. */
  readonly line?: string
  /** What holds of each of those objects from now on, and nothing else of it. */
  readonly states?: readonly StatedObject[]
  /** That the patient wants nothing clinical told, or does again; by the sender's clock. */
  readonly dissent?: { readonly on: boolean; readonly at: number }
  /** Names of the inbound objects that this takes back whole. */
  readonly takesBack?: string
}

export interface StatedObject {
  /** Agency and the source's own number of it. */
  readonly object: string
  /** Event types, each with what tells it from others of its object. */
  readonly facts: readonly string[]
}

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

export const trust = 'RZZ'
export const provider = 'N9901'
export const landlord = 'SYN-PRP-01'
export const authority = 'E99000001'

const letters = 'ABCDEFGHJKLMNPQRTUVWXY'

export function people(count: number): readonly SimPerson[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `person ${i + 1}`,
    n: i,
    noms: `Z${String(1000 + i)}${letters[i % 22]}${letters[(i * 7) % 22]}`,
    nhs: nhsNumber(i),
    crn: `Z${String(100_000 + i)}`,
    pnc: `2015/000${4000 + i}${checkLetter(`15000${4000 + i}`) ?? ''}`,
    mrn: `T09${10_000 + i}`,
    client: `T-${2001 + i}`,
    tenant: `PER-SYN-${i + 1}`,
  }))
}

/** Every number of a person, as the hub writes it; the first two are those that most people give. */
export const numbersOf = (person: SimPerson): readonly string[] => [
  `NOMS:${person.noms}`,
  `NHS:${person.nhs}`,
  `CRN:${person.crn}`,
  `PNC:${person.pnc}`,
  `MRN:${trust}:${person.mrn}`,
  `NDTMS:${provider}:${person.client}`,
  `TENANCY:${landlord}:${person.tenant}`,
]

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
