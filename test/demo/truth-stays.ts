import type { FactsOf } from './happening.ts'
import { byLearning, byOccurrence, type Fact, type FactOf, saying } from './truth-facts.ts'

const visitTypes = [
  'EmergencyAttendanceStarted',
  'EmergencyAttendanceEnded',
  'Admitted',
  'Discharged',
] as const
const codedTypes = [...visitTypes, 'EncounterReclassified'] as const
type Coded = FactOf<(typeof codedTypes)[number]>

export type Tier = FactsOf<'Admitted'>['classifications'][number]['tier']

/** The visits of one crisis: an attendance, and the admission that came of it. */
export interface Stay {
  /** In order of occurrence, without what was only coded. */
  readonly visits: readonly Coded[]
  readonly coded: readonly Coded[]
}

const visitOf = ({ agency, facts: { provider, visitRef } }: Coded): string =>
  `${agency} ${provider} ${visitRef}`

/** An admission that names an attendance of the same trust joins it. */
export function staysOf(facts: readonly Fact[]): readonly Stay[] {
  const coded = saying(facts, codedTypes)
  const stayOf = new Map(coded.map((one) => [visitOf(one), visitOf(one)]))
  for (const { agency, facts: said, ...one } of coded) {
    if (said.type !== 'Admitted' || said.attendanceRef === null) continue
    const joined = `${agency} ${said.provider} ${said.attendanceRef}`
    const [from, to] = [
      stayOf.get(visitOf({ agency, facts: said, ...one })) as string,
      stayOf.get(joined) ?? joined,
    ]
    for (const [visit, stay] of stayOf) if (stay === from) stayOf.set(visit, to)
  }
  const stays = new Map<string, Coded[]>()
  for (const one of coded) {
    const stay = stayOf.get(visitOf(one)) as string
    stays.set(stay, [...(stays.get(stay) ?? []), one])
  }
  return [...stays.values()].map((all) => ({
    coded: all,
    visits: all
      .filter(({ facts: { type } }) => type !== 'EncounterReclassified')
      .toSorted(byOccurrence),
  }))
}

/** What holds of a visit: the last coding, and what was said after it. */
function tiersOf(coded: readonly Coded[]): ReadonlySet<Tier> {
  const visits = Map.groupBy(coded, visitOf)
  const tiers = [...visits.values()].flatMap((all) => {
    const last = all
      .filter(({ facts: { type } }) => type === 'EncounterReclassified')
      .toSorted((a, b) => byOccurrence(a, b) || byLearning(a, b))
      .at(-1)
    const held =
      last === undefined
        ? all
        : [last, ...all.filter(({ occurredAt }) => occurredAt > last.occurredAt)]
    return held.flatMap(({ facts: { classifications } }) => classifications.map(({ tier }) => tier))
  })
  return new Set(tiers)
}

export const has = ({ coded }: Stay, ...tiers: readonly Tier[]): boolean =>
  tiers.some((tier) => tiersOf(coded).has(tier))

/**
 * Everything that tells one of these tiers while the stay still has it, in the order of learning. A coding
 * stands with the stay's first event, and without any it tells nothing.
 */
export function evidence(
  { coded, visits }: Stay,
  ...tiers: readonly Tier[]
): readonly (readonly [Fact, ...Fact[]])[] {
  const held = tiersOf(coded)
  const isHeld = ({ tier }: { readonly tier: Tier }) => tiers.includes(tier) && held.has(tier)
  const [start] = visits
  if (start === undefined) return []
  return saying(coded, codedTypes, ({ classifications }) => classifications.some(isHeld))
    .toSorted(byLearning)
    .map((one) => (one.facts.type === 'EncounterReclassified' ? [one, start] : [one]))
}

/** When it was: of a coding, when the stay began. */
export const timeOf = (stands: readonly [Fact, ...Fact[]]): number =>
  (stands.at(-1) as Fact).occurredAt

const emergencyMethod = /^(2[1-8]|2[ABD])$/

/** What came in as an emergency, classified or not. */
export const emergenciesOf = (facts: readonly Fact[]): readonly Fact[] => [
  ...saying(facts, ['EmergencyAttendanceStarted', 'EmergencyAttendanceEnded']),
  ...saying(facts, ['Admitted'], ({ method }) => emergencyMethod.test(method ?? '')),
]
