import { type Random, seededRandom } from '../simulation/random.ts'
import { croNumber, nhsNumbers, pncNumber, prisonNumber } from './identifiers.ts'

/** Somebody who does not exist. These are the only people in the repository. */
export interface Person {
  /** How plans and reports name them: `p-017`. */
  readonly ref: string
  readonly displayName: string
  readonly nhs: string
  readonly noms: string
  readonly pnc: string
  readonly cro: string
  /** Probation's case number. */
  readonly crn: string
  /** The number of the trust RZZ, and one that it held before two records were merged. */
  readonly mrn: string
  readonly formerMrn: string
  /** The client reference that a treatment service gives; unique within the service only. */
  readonly client: string
  /** A landlord's numbers of the tenancy and of the person, and the council's of the person. */
  readonly tenancy: string
  readonly tenant: string
  readonly housingPerson: string
  /** What NDTMS knows people by, which joins nobody to anything. */
  readonly initials: string
  readonly born: string
  readonly sex: 'M' | 'F'
}

const firstNames = [
  'Corwin',
  'Tamsel',
  'Orrin',
  'Brissa',
  'Halden',
  'Wenna',
  'Jory',
  'Pelka',
  'Sorrel',
  'Dunmore',
  'Ilka',
  'Merrit',
  'Quill',
  'Fenna',
  'Garrow',
  'Lowen',
  'Tibb',
  'Ottoline',
  'Rusk',
  'Verity',
] as const
const lastNames = [
  'Fennimarsh',
  'Oakwhistle',
  'Tarnbeck',
  'Larkstone',
  'Mossgrave',
  'Pebbleworth',
  'Thistledown',
  'Harrowmint',
  'Quenby-Vale',
  'Saltmarrow',
  'Wickenfold',
  'Bramblecote',
  'Driftwell',
  'Emberlane',
  'Gorsefield',
  'Kestrelhay',
  'Nettlecombe',
  'Ivelchurch',
] as const

/** The same seed and count give the same people; a larger count only adds some. */
export function madeUpPeople(seed: number, count: number): readonly Person[] {
  const nhs = nhsNumbers()
  return Array.from({ length: count }, (_, n) =>
    madeUpPerson(seededRandom(seed, `person ${n}`), n, nhs.next().value),
  )
}

function madeUpPerson(random: Random, n: number, nhs: string): Person {
  const born = 1950 + random.below(55)
  const first = random.pick(firstNames)
  const last = random.pick(lastNames)
  const six = String(n + 1).padStart(6, '0')
  return {
    ref: `p-${String(n + 1).padStart(3, '0')}`,
    displayName: `${first} ${last}`,
    nhs,
    noms: prisonNumber(n),
    pnc: pncNumber(born + 18, 1000 + n),
    cro: croNumber(born + 18, 1000 + n),
    crn: `Q${six}`,
    mrn: `T${six}`,
    formerMrn: `U${six}`,
    client: `C-${six}`,
    tenancy: `TN-${six}`,
    tenant: `TP-${six}`,
    housingPerson: `HP-${six}`,
    initials: `${first.slice(0, 1)}${last.slice(0, 1)}`,
    born: `${born}-${two(1 + (n % 12))}-${two(1 + (n % 28))}`,
    sex: n % 3 === 0 ? 'F' : 'M',
  }
}

const two = (n: number): string => String(n).padStart(2, '0')
