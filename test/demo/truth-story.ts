import type { Facts, FactsOf, Happening } from './happening.ts'
import { categoriesNeeded, coversThroughout } from './truth-covered.ts'
import { type Heard, holding, type Listener } from './truth-heard.ts'
import type { Said } from './truth-story-said.ts'
import { placeOf, saidBy, sections } from './truth-story-tables.ts'

/** One line that a person's story must have. Times are milliseconds. */
export interface TrueLine extends Omit<Said, 'alsoNeeds'> {
  /** The truth's own name of the event. */
  readonly event: string
  /** Empty for the first line of the event; otherwise what the second line's id adds to that of the first. */
  readonly second: string
  readonly sources: readonly string[]
  readonly categories: readonly string[]
  readonly occurredAt: number
  readonly precision: Happening['precision']
  readonly learnedAt: number
}

export interface TrueStory {
  /** In the order of lines, oldest first. */
  readonly lines: readonly TrueLine[]
  /** What is the latest word on something, in the order to show it; its `until` may have passed. */
  readonly current: readonly TrueLine[]
}

/** How many lines are kept of those that are not the latest word on anything. */
const passedKept = 25

/**
 * The story of what a person has agreed may be joined, worked out anew from everything that came. `tie` says
 * which of two events of one type and instant, learned at once, stands first; only the hub's ids say that.
 */
export function storyAt(
  listener: Listener,
  at: number,
  tie: (one: string, other: string) => number = () => 0,
): TrueStory {
  const held = holding(listener, 'care-coordination', at).toSorted(
    ({ happening: a }, { happening: b }) =>
      a.occurredAt - b.occurredAt ||
      placeOf(a) - placeOf(b) ||
      a.receivedAt - b.receivedAt ||
      tie(a.key, b.key),
  )
  const all = held.flatMap((one) => linesOf(one, held, listener, at))
  const current = all.filter((line, i) => line.of !== null && !isOver(line, all.slice(i + 1)))
  const passed = all.filter((line) => !current.includes(line)).slice(-passedKept)
  return {
    lines: all.filter((line) => current.includes(line) || passed.includes(line)),
    current: sections.flatMap((section) =>
      current.filter((line) => line.section === section).toReversed(),
    ),
  }
}

const isOver = ({ of }: TrueLine, later: readonly TrueLine[]): boolean =>
  later.some(
    (line) =>
      line.of === of || line.ends.some((end) => of === end || of?.startsWith(`${end} `) === true),
  )

function linesOf(
  { happening, at: since }: Heard,
  held: readonly Heard[],
  { versions }: Listener,
  at: number,
): readonly TrueLine[] {
  const { key: event, facts, agency, occurredAt, precision } = happening
  const others = held.map((one) => one.happening)
  const movement = facts.type === 'RecallRaised' ? openedBy(facts, happening, others) : null
  if (movement === 'nothing') return []
  const rest = movement === null ? [happening] : [happening, movement]
  const visit = classifiedBy(happening, others)
  return saidBy(happening).flatMap(({ alsoNeeds, ...line }, i) => {
    const needed = rest.flatMap((one) => categoriesNeeded(one.facts.type))
    const needs = { purpose: 'care-coordination', source: agency, categories: alsoNeeds } as const
    if (alsoNeeds.length > 0 && !coversThroughout(versions, since, at, needs)) return []
    return {
      ...line,
      text: i === 0 && visit !== null ? `${line.text}${wordsOf(visit)}` : line.text,
      event,
      second: i === 0 ? '' : ((line.of ?? '').split(' ')[0] as string),
      sources: [...new Set(rest.map((one) => one.agency))],
      categories: [...new Set([...needed, ...alsoNeeds])].toSorted(),
      occurredAt,
      precision,
      learnedAt: Math.max(
        ...rest.map((one) => one.receivedAt),
        i === 0 && visit !== null ? visit.receivedAt : 0,
      ),
    }
  })
}

const intoPrison: readonly Facts['type'][] = ['ReceivedIntoPrison', 'ReturnedToPrison']
const outOfPrison: readonly string[] = ['TO_COMMUNITY', 'ABSCONDED', 'UNKNOWN', 'DIED']

/**
 * What opens a recall, so that nobody can run from it: null where probation itself has, else a movement into
 * prison at that time or later, or that the person was inside already.
 */
function openedBy(
  { releasedToLead }: FactsOf<'RecallRaised'>,
  { occurredAt }: Happening,
  others: readonly Happening[],
): Happening | null | 'nothing' {
  if (releasedToLead) return null
  const isIn = ({ facts }: Happening) => intoPrison.includes(facts.type)
  const later = others.find((one) => isIn(one) && one.occurredAt >= occurredAt)
  if (later !== undefined) return later
  const latest = others.findLast(
    (one) =>
      one.occurredAt <= occurredAt &&
      (isIn(one) ||
        (one.facts.type === 'ReleasedFromPrison' && outOfPrison.includes(one.facts.kind))),
  )
  return latest !== undefined && isIn(latest) ? latest : 'nothing'
}

const ofVisits = [
  'EmergencyAttendanceStarted',
  'EmergencyAttendanceEnded',
  'Admitted',
  'Discharged',
] as const
type VisitFacts = FactsOf<(typeof ofVisits)[number] | 'EncounterReclassified'>

const visitIn = ({ facts }: Happening): VisitFacts | null =>
  facts.type === 'EncounterReclassified' || (ofVisits as readonly string[]).includes(facts.type)
    ? (facts as VisitFacts)
    : null

/** The latest event of the visit that says what it was; null where none does, or this is of no visit. */
function classifiedBy(happening: Happening, others: readonly Happening[]): Happening | null {
  const own = visitIn(happening)
  if (own === null) return null
  const found = others.findLast((other) => {
    const visit = visitIn(other)
    return (
      visit !== null &&
      other.agency === happening.agency &&
      visit.provider === own.provider &&
      visit.visitRef === own.visitRef &&
      (visit.type === 'EncounterReclassified' || visit.classifications.length > 0)
    )
  })
  return found ?? null
}

const words = [
  ['DRUG_POISONING', 'It was recorded as a drug poisoning.'],
  ['ALCOHOL_SPECIFIC', 'It was put down to alcohol.'],
  ['DRUG_DISORDER', 'It was put down to drugs.'],
  ['POSSIBLE', 'Drugs or alcohol may have played a part.'],
] as const

/** The strongest of its codes, in words. */
function wordsOf(happening: Happening): string {
  const tiers = visitIn(happening)?.classifications.map(({ tier }) => tier) ?? []
  const strongest = words.find(([tier]) => tiers.includes(tier))
  return strongest === undefined ? '' : ` ${strongest[1]}`
}
