import { readFileSync } from 'node:fs'
import { custodyRecord } from '../agencies/police.ts'
import { type Family, type Movement, movementEvent } from '../agencies/prison.ts'
import { madeUpPeople, type Person } from '../people/people.ts'

const folder = new URL('../../connectors/custody/examples/', import.meta.url)

/** An example payload of custody, as the agency sends it. */
export const example = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Record<string, unknown>

/** What becomes of each example at the door. */
export const outcomes = example('outcomes.json') as Readonly<
  Record<
    string,
    {
      readonly outcome: string
      readonly reason?: string
      readonly at?: readonly string[]
      readonly events?: readonly string[]
      readonly errors?: readonly string[]
    }
  >
>

/** One made-up person after the other, none of them twice; another seed changes their names alone. */
export function newcomers(seed: number): () => Person {
  const people = madeUpPeople(seed, 120)
  let next = 0
  return () => {
    const person = people[next]
    next += 1
    if (person === undefined) throw new Error('nobody is left')
    return person
  }
}

export const noms = (person: Person) => ({ type: 'NOMS', value: person.noms })
export const pnc = (person: Person) => ({ type: 'PNC', value: person.pnc })

interface MovementOptions {
  readonly family?: Family
  readonly prison?: string
  /** The coded family's reason: `CR` conditional release, `DEC` died, `UAL` absconded, `MRG` administrative. */
  readonly code?: string
}

/** A prison's report of a movement at `at` (ISO); the coded family unless told. */
export const moved = (
  person: Person,
  movement: Movement,
  at: string,
  {
    family = 'coded',
    prison = 'QXI',
    code = movement === 'admission' ? 'N' : 'CR',
  }: MovementOptions = {},
): object =>
  movementEvent({ family, movement, noms: person.noms, prison, movedAt: Date.parse(at), code })

let references = 0

/** A custody suite's record of an arrest at `at` (ISO). */
export function arrested(
  person: Person,
  at: string,
  more: {
    readonly prescription?: 'YES' | 'NO' | 'UNKNOWN'
    readonly reference?: string
    readonly holdUntil?: string
  } = {},
): object {
  references += 1
  const record = custodyRecord({
    what: 'arrest',
    force: '91',
    custodyReference: more.reference ?? `91/CU/${references}`,
    occurredAt: Date.parse(at),
    openPrescription: more.prescription ?? 'UNKNOWN',
    identifiers: [pnc(person) as { type: 'PNC'; value: string }],
  })
  return more.holdUntil === undefined ? record : { ...record, holdUntil: more.holdUntil }
}
