import type { SimPerson, SimRecord } from '../county.ts'
import type { Random } from '../random.ts'
import { arrest, movement, noise } from './custody.ts'
import { hospitalStory } from './hospital.ts'
import { housingStory } from './housing.ts'
import { hearingStory, probationStory } from './probation.ts'
import { contactStory, TreatmentService } from './treatment.ts'

/** Something that happens to somebody: what one agency sends of it, in the order in which it learns it. */
export type Story = (
  random: Random,
  person: SimPerson,
  at: number,
  serial: number,
) => readonly SimRecord[]

export const agencies = ['custody', 'probation', 'hospital', 'housing', 'treatment'] as const
export type Agency = (typeof agencies)[number]

const custodyStory: Story = (random, person, at, serial) => {
  const roll = random.next()
  if (roll < 0.65) return movement(random, person, at, serial)
  return roll < 0.85 ? [arrest(random, person, at, serial)] : [noise(person, at, serial)]
}

/** What the agencies of one county tell; a treatment service keeps its own book. */
export function storiesOf(among: readonly Agency[]): Story {
  const service = new TreatmentService()
  const told: Readonly<Record<Agency, Story>> = {
    custody: custodyStory,
    probation: (random, ...of) =>
      random.chance(0.4) ? hearingStory(random, ...of) : probationStory(random, ...of),
    hospital: hospitalStory,
    housing: housingStory,
    treatment: (random, person, at, serial) =>
      random.chance(0.5)
        ? contactStory(random, person, at, serial)
        : [service.file(random, person, at)],
  }
  return (random, ...of) => told[random.pick(among)](random, ...of)
}

/** Two or three agencies, custody mostly one of them: all of them in each life would be dear. */
export function someAgencies(random: Random): readonly Agency[] {
  const count = random.pick([1, 2, 2, 3])
  const chosen = new Set<Agency>(random.chance(0.6) ? ['custody'] : [])
  while (chosen.size < count) chosen.add(random.pick(agencies))
  return agencies.filter((agency) => chosen.has(agency))
}
