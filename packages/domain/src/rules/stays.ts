import type { EventType } from '../events.generated.ts'
import type { Tier } from './about.ts'
import { byLearning, byOccurrence, type Fact } from './fact.ts'

/** A time in hospital: a visit, or an attendance and the admission that came of it. */
export interface Stay {
  /** Its events in the order in which they happened, without what was said of their codes later. */
  readonly events: readonly Fact[]
  /** Those too, visit by visit. */
  readonly facts: readonly Fact[]
  /** What it is classified as now, which may be otherwise than it was told at first. */
  readonly tiers: ReadonlySet<Tier>
  /** Every fact that says so of one of these tiers, while that still holds; first learned first. */
  evidence(...tiers: readonly Tier[]): readonly Fact[]
}

/**
 * An emergency stay for alcohol or drugs, in the order in which they were learned: only the id of the
 * fact that said so and when it was, so that a year can be counted when the facts are forgotten.
 */
export interface Attended {
  readonly id: string
  readonly at: number
  /** It made a case. */
  readonly made?: true
}

export const hospitalTypes = [
  'EmergencyAttendanceStarted',
  'EmergencyAttendanceEnded',
  'Admitted',
  'Discharged',
  'EncounterReclassified',
] as const satisfies readonly EventType[]

/** Every stay that these hospital facts (in the order in which they happened) tell of. */
export function staysOf(facts: readonly Fact[]): readonly Stay[] {
  if (facts.length === 0) return []
  const attendances = new Map<string, string>()
  for (const { about, agency } of facts) {
    if (about.attendanceVisit === undefined) continue
    attendances.set(`${agency} ${about.visit}`, `${agency} ${about.attendanceVisit}`)
  }
  const visits = Map.groupBy(facts, ({ agency, about }) => `${agency} ${about.visit}`)
  const stays = Map.groupBy(visits, ([visit]) => attendances.get(visit) ?? visit)
  return [...stays.values()].map((those) => stayOf(those.map(([, visit]) => visit)))
}

function stayOf(visits: readonly (readonly Fact[])[]): Stay {
  const tiers = new Set(visits.flatMap(tiersOf))
  const facts = visits.flat()
  return {
    events: facts.filter((fact) => !isReclassification(fact)).toSorted(byOccurrence),
    facts,
    tiers,
    evidence: (...asked) =>
      facts
        .filter(({ about }) => about.tiers?.some((tier) => tiers.has(tier) && asked.includes(tier)))
        .toSorted(byLearning),
  }
}

/** Hospitals code after discharge, and code again: the last word replaces what was said before it. */
function tiersOf(visit: readonly Fact[]): readonly Tier[] {
  const last = visit.findLast(isReclassification)
  return visit
    .filter(
      (fact) =>
        last === undefined ||
        fact === last ||
        (!isReclassification(fact) && fact.occurredAt > last.occurredAt),
    )
    .flatMap(({ about }) => about.tiers ?? [])
}

/** The stay's first event where the fact only says how it was coded, for a case to stand on too. */
export const stayBehind = (stay: Stay, fact: Fact): readonly Fact[] | null => {
  if (!isReclassification(fact)) return []
  const [first] = stay.events
  return first === undefined ? null : [first]
}

const isReclassification = ({ type }: Fact): boolean => type === 'EncounterReclassified'

export const isAttendance = ({ type }: Fact): boolean =>
  type === 'EmergencyAttendanceStarted' || type === 'EmergencyAttendanceEnded'

/** An emergency department, or a bed by way of one. */
export const isEmergency = (fact: Fact): boolean =>
  isAttendance(fact) || fact.about.emergency === true
