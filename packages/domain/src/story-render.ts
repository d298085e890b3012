import { type ClassificationTier, type EventType, eventCategories } from './events.generated.ts'
import { storySections, type Telling } from './story-account.ts'
import { agencyOf, type Story, type StoryFact, type StoryLine } from './story-fact.ts'
import { classificationWords, type Visit } from './story-hospital.ts'
import { rankOf, tellings } from './story-lines.ts'

/** How many lines a story shows beside those of the situation now. */
export const earlierMax = 25

/**
 * When facts stand: by when they happened, then by their types' order, then by when they were learned: of
 * two things said of one day the later word holds. Then by id.
 */
export const inOrder = (a: StoryFact, b: StoryFact): number =>
  a.occurredAt - b.occurredAt ||
  rankOf(a.type) - rankOf(b.type) ||
  a.learnedAt - b.learnedAt ||
  (a.id < b.id ? -1 : 1)

interface Rendered {
  readonly lines: Story['lines']
  readonly current: Story['current']
  /** Ids of the facts that some current line rests on. */
  readonly alive: ReadonlySet<string>
}

/** The story that these facts tell. They come in order; nothing but them counts. */
export function render(facts: readonly StoryFact[]): Rendered {
  const said = linesOf(facts)
  const standing = currentOf(said)
  const current = storySections.flatMap((section) =>
    said
      .filter((one) => standing.has(one) && one.line.section === section)
      .reverse()
      .map(({ line }) => line.id),
  )
  const passed = said.filter((one) => !standing.has(one))
  const shown = new Set(passed.slice(-earlierMax))
  return {
    lines: said.filter((one) => standing.has(one) || shown.has(one)).map(({ line }) => line),
    current,
    alive: new Set([...standing].map(({ factId }) => factId)),
  }
}

interface Said {
  readonly line: StoryLine
  readonly telling: Telling
  readonly factId: string
}

function linesOf(facts: readonly StoryFact[]): readonly Said[] {
  const coded = codedVisits(facts)
  return facts.flatMap((fact) => {
    const opened = fact.type === 'RecallRaised' ? openedBy(fact, facts) : fact
    // Whoever could still be warned off by it is not told.
    if (opened === undefined) return []
    const visit = isVisit(fact) ? coded.get(visitOf(fact)) : undefined
    const { occurredAt, object = null } = fact
    return tellings(fact.type, fact.about, { occurredAt, object }).map((telling, n) => ({
      telling,
      factId: fact.id,
      line: lineOf(fact, telling, n, opened, visit),
    }))
  })
}

function lineOf(
  fact: StoryFact,
  telling: Telling,
  n: number,
  opened: StoryFact,
  coded: CodedVisit | undefined,
): StoryLine {
  const { section, text, headline, place, until } = telling
  const ofVisit = section === 'hospital' ? coded : undefined
  const words = ofVisit === undefined ? '' : classificationWords[ofVisit.tier]
  return {
    id: n === 0 ? fact.id : `${fact.id}.${telling.of?.split(' ')[0] ?? n}`,
    section,
    text: words === '' ? text : `${text} ${words}`,
    headline,
    place,
    sources: unique([agencyOf(fact), agencyOf(opened)]),
    categories: unique([
      ...eventCategories[fact.type],
      ...eventCategories[opened.type],
      ...(fact.needs ?? []),
    ]),
    occurredAt: fact.occurredAt,
    precision: fact.precision ?? 'INSTANT',
    learnedAt: Math.max(fact.learnedAt, opened.learnedAt, ofVisit?.learnedAt ?? 0),
    until,
    eventId: fact.eventId,
  }
}

/** The latest word on each matter that nothing later has settled. */
function currentOf(said: readonly Said[]): ReadonlySet<Said> {
  const latest = new Map<string, Said>()
  for (const one of said) {
    const { of, ends } = one.telling
    for (const end of ends) {
      for (const matter of latest.keys()) {
        if (matter === end || matter.startsWith(`${end} `)) latest.delete(matter)
      }
    }
    if (of !== null) latest.set(of, one)
  }
  return new Set(latest.values())
}

interface CodedVisit {
  readonly tier: ClassificationTier
  readonly learnedAt: number
}

/** What each visit was, in its latest event that says so. */
function codedVisits(facts: readonly StoryFact[]): ReadonlyMap<string, CodedVisit> {
  const visits = new Map<string, CodedVisit>()
  for (const fact of facts) {
    if (!isVisit(fact)) continue
    const { tier } = fact.about
    if (tier !== null) visits.set(visitOf(fact), { tier, learnedAt: fact.learnedAt })
  }
  return visits
}

const ofVisits: ReadonlySet<EventType> = new Set([
  'EmergencyAttendanceStarted',
  'EmergencyAttendanceEnded',
  'Admitted',
  'Discharged',
  'EncounterReclassified',
])

const isVisit = (fact: StoryFact): fact is StoryFact & { readonly about: Visit } =>
  ofVisits.has(fact.type)

const visitOf = ({ source, about }: StoryFact & { readonly about: Visit }): string =>
  JSON.stringify([source, about.provider, about.visitRef])

/**
 * What lets a recall be told (design, section 8): a prison that has, or has again, received the person,
 * or probation's own word. Undefined while neither is there.
 */
function openedBy(recall: StoryFact, facts: readonly StoryFact[]): StoryFact | undefined {
  if ('releasedToLead' in recall.about && recall.about.releasedToLead === true) return recall
  const at = facts.findIndex(({ occurredAt }) => occurredAt >= recall.occurredAt)
  const inside = facts.slice(at).find(isReception)
  if (inside !== undefined) return inside
  const before = facts.findLast(
    (fact) => fact.occurredAt <= recall.occurredAt && (isReception(fact) || isLeaving(fact)),
  )
  return before !== undefined && isReception(before) ? before : undefined
}

const isReception = ({ type }: StoryFact): boolean =>
  type === 'ReceivedIntoPrison' || type === 'ReturnedToPrison'

const leavings: ReadonlySet<unknown> = new Set(['TO_COMMUNITY', 'ABSCONDED', 'UNKNOWN', 'DIED'])

const isLeaving = ({ type, about }: StoryFact): boolean =>
  type === 'ReleasedFromPrison' && 'kind' in about && leavings.has(about.kind)

const unique = <T extends string>(values: readonly T[]): readonly T[] => [...new Set(values)]
