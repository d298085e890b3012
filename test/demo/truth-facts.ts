import type { Facts, FactsOf, Happening } from './happening.ts'
import { endOfDay } from './london.ts'

/** Something that holds about a person: the highest version that nobody has taken back. */
export interface Fact extends Happening {
  /** When its source first said what is asked of it. Milliseconds. */
  readonly learnedAt: number
  /** Everything its source said of it and still says, oldest first; this is the last. */
  readonly versions: readonly Happening[]
}
export type FactOf<T extends Facts['type']> = Fact & { readonly facts: FactsOf<T> }

/** What was said about one person, and what was taken back of it. */
export interface Memory {
  readonly said: Map<string, Happening[]>
  /** Up to which version a happening, or all of a source's object, is void. */
  readonly takenBack: Map<string, number>
}

export const openMemory = (): Memory => ({ said: new Map(), takenBack: new Map() })

/** False where that version, or a higher one, is known. `anew`: what was said before has lapsed. */
export function remember(
  { said, takenBack }: Memory,
  happening: Happening,
  anew: boolean,
): boolean {
  const { key, version, facts, objectRef } = happening
  const known = said.get(key) ?? []
  if ((known.at(-1)?.version ?? Number.NEGATIVE_INFINITY) >= version) return false
  said.set(key, [...(anew ? [] : known), happening])
  if (facts.type === 'EventWithdrawn') {
    const what = facts.withdrawnEventId ?? objectRef ?? key
    takenBack.set(what, Math.max(version, takenBack.get(what) ?? version))
  }
  return true
}

/** In the order in which each was first heard of. */
export function standing({ said, takenBack }: Memory): readonly Fact[] {
  return [...said.values()].flatMap((all) => {
    const versions = all.filter(
      ({ key, objectRef, version }) =>
        version > (takenBack.get(key) ?? Number.NEGATIVE_INFINITY) &&
        version > (takenBack.get(objectRef ?? '') ?? Number.NEGATIVE_INFINITY),
    )
    const last = versions.at(-1)
    return last === undefined || last.facts.type === 'EventWithdrawn'
      ? []
      : [{ ...last, versions, learnedAt: (versions[0] as Happening).receivedAt }]
  })
}

/** What is of these types and says this, learned when its source first said so without a break. */
export function saying<T extends Facts['type']>(
  facts: readonly Fact[],
  types: readonly T[],
  says: (facts: FactsOf<T>) => boolean = () => true,
): readonly FactOf<T>[] {
  const asked = (one: Happening): boolean =>
    (types as readonly string[]).includes(one.facts.type) && says(one.facts as FactsOf<T>)
  return facts.filter(asked).map((fact) => {
    const before = fact.versions.findLastIndex((version) => !asked(version))
    const { receivedAt } = fact.versions[before + 1] as Happening
    return { ...fact, learnedAt: receivedAt } as FactOf<T>
  })
}

/** Of a day only the day is known: it may have happened at its end. */
export const lastInstant = ({ precision, occurredAt }: Happening): number =>
  precision === 'DAY' ? endOfDay(occurredAt) - 1 : occurredAt

export const isAfter =
  (own: Happening) =>
  (other: Happening): boolean =>
    other.key !== own.key && lastInstant(other) >= own.occurredAt

export const isLater =
  (own: Happening) =>
  (other: Happening): boolean =>
    other.key !== own.key && other.occurredAt > own.occurredAt

export const byLearning = (a: Fact, b: Fact): number => a.learnedAt - b.learnedAt
export const byOccurrence = (a: Fact, b: Fact): number => a.occurredAt - b.occurredAt
