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
  return {
    ref: `p-${String(n + 1).padStart(3, '0')}`,
    displayName: `${random.pick(firstNames)} ${random.pick(lastNames)}`,
    nhs,
    noms: prisonNumber(n),
    pnc: pncNumber(born + 18, 1000 + n),
    cro: croNumber(born + 18, 1000 + n),
  }
}
