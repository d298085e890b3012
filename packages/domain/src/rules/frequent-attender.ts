import { dayInWords } from '../date-words.ts'
import { type Fact, sinceOf } from './fact.ts'
import { type Attended, isEmergency, type Stay, stayBehind } from './stays.ts'
import { dayMs, type Scene, type Wanted, wantedOf } from './wanted.ts'

const yearMs = 365 * dayMs
const tiers = ['DRUG_POISONING', 'ALCOHOL_SPECIFIC', 'DRUG_DISORDER'] as const

/** The 5th in 365 days, and each further 5: the same door again and again, and no plan. */
export const frequentAttender = (scene: Scene): readonly Wanted[] =>
  scene.attended.flatMap((one, place) => {
    const stay = one.made ? scene.stays.find((those) => evidenceOf(those, one.id)) : undefined
    const fact = stay && evidenceOf(stay, one.id)
    const on = stay && fact && stayBehind(stay, fact)
    if (!fact || !on) return []
    const counted = countedAt(scene.attended, place)
    const first = Math.min(...counted.map(({ at }) => at))
    return wantedOf('frequent-attender', fact, {
      on,
      occurredAt: one.at,
      headline: `${counted.length} alcohol or drug visits to hospital in a year`,
      lines: [
        `Counted since ${dayInWords(first)}.`,
        'Ask what would help before the next one: think of a plan with the hospital’s alcohol or drug team.',
      ],
    })
  })

/** Those known when the one at `place` was, within the year that ends with the latest of them. */
function countedAt(attended: readonly Attended[], place: number): readonly Attended[] {
  const known = attended.slice(0, place + 1)
  const latest = Math.max(...known.map(({ at }) => at))
  return known.filter(({ at }) => at > latest - yearMs)
}

/**
 * Brings the list to what is known now: stays that were taken back or reclassified leave it, new ones
 * join it where they were learned, which is its end unless an older stay is now told by another fact. `isForgotten`: the fact behind an entry was let go, and was not withdrawn since.
 */
export function attendedNow(
  before: readonly Attended[],
  stays: readonly Stay[],
  isForgotten: (id: string) => boolean,
): readonly Attended[] {
  const counting = stays.filter(
    (stay) => stay.events.some(isEmergency) && stay.evidence(...tiers).length > 0,
  )
  if (before.length === 0 && counting.length === 0) return before
  const taken = new Set<Stay>()
  const kept = before.flatMap((one) => {
    if (isForgotten(one.id)) return { ...one, since: Number.NEGATIVE_INFINITY }
    const stay = counting.find((those) => !taken.has(those) && evidenceOf(those, one.id))
    if (stay === undefined) return []
    taken.add(stay)
    const since = sinceOf(evidenceOf(stay, one.id) as Fact)
    return { ...one, at: startOf(stay), since }
  })
  const joined = counting
    .filter((stay) => !taken.has(stay))
    .flatMap((stay) =>
      stay
        .evidence(...tiers)
        .slice(0, 1)
        .map((fact) => ({ stay, fact })),
    )
    .toSorted((a, b) => sinceOf(a.fact) - sinceOf(b.fact) || (a.fact.id < b.fact.id ? -1 : 1))
    .map(({ stay, fact }) => ({ id: fact.id, at: startOf(stay), since: sinceOf(fact) }))
  const inOrder = [...kept, ...joined].toSorted((a, b) => a.since - b.since)
  return marked(
    inOrder.map(({ since: _, ...one }) => one),
    isForgotten,
  )
}

/** Marks what makes a case, and takes the mark from what no longer would. */
function marked(
  attended: readonly Attended[],
  isForgotten: (id: string) => boolean,
): readonly Attended[] {
  const still = attended.map((one, place) =>
    one.made && !isForgotten(one.id) && countedAt(attended, place).length < 5
      ? { id: one.id, at: one.at }
      : one,
  )
  let last = still.findLastIndex(({ made }) => made)
  for (let place = last + 1; place < still.length; place++) {
    const one = still[place]
    const enough = last < 0 || place - last >= 5
    if (one === undefined || !enough || countedAt(still, place).length < 5) continue
    still[place] = { ...one, made: true }
    last = place
  }
  return still
}

/** Dates that no case still known can count are let go. */
export function attendedKept(
  attended: readonly Attended[],
  isForgotten: (id: string) => boolean,
  now: number,
): readonly Attended[] {
  const needed = attended.filter(({ id }) => !isForgotten(id)).map(({ at }) => at)
  const from = Math.min(now, ...needed) - yearMs
  return attended.every(({ at }) => at >= from) ? attended : attended.filter(({ at }) => at >= from)
}

const evidenceOf = (stay: Stay, id: string): Fact | undefined =>
  stay.evidence(...tiers).find((fact) => fact.id === id)

const startOf = (stay: Stay): number => stay.events[0]?.occurredAt ?? 0
