import { type Category, tiers } from '@throughline/domain'
import { notFound } from '@throughline/service'
import { openViewBody } from '@throughline/stream'
import type { InboxDeps } from './deps.ts'
import { type Allowed, type Ask, disclose } from './disclose.ts'
import {
  askFor,
  byUrgency,
  inThreadsOf,
  noticeStates,
  openNotices,
  type ReadableRow,
  reading,
} from './notices.ts'
import { type PersonWords, personWords, refOf } from './people.ts'
import { type Practitioner, type Reader, readersOf } from './readers.ts'
import { agencyName, iso, type ShownNotice } from './shown.ts'
import { readStory, type Story, type StoryLine } from './story.ts'

/** A story line as one reader may see it. Times are UTC, ISO 8601. */
export interface ShownLine {
  readonly id: string
  readonly section: string
  readonly text: string
  /** Whom to ring about it, as the source's code; null below `detail`. */
  readonly place: string | null
  readonly sources: readonly string[]
  readonly occurredAt: string
  /** How exactly `occurredAt` is known: a `DAY` is no midnight. */
  readonly precision: string
  readonly learnedAt: string
  /** Part of the situation only before this; null below `detail`, and where nothing ends it but news. */
  readonly until: string | null
  /** Part of the situation now, not only of what has been. */
  readonly current: boolean
}

export interface ShownPerson {
  readonly person: PersonWords
  /** In which capacity the caller reads. */
  readonly reader: Reader
  /** The situation now first, in the story's order; then the rest, newest first. */
  readonly lines: readonly ShownLine[]
  /** When the last of these lines was learned: what is not shown leaves no trace here. */
  readonly updatedAt: string | null
  /** The caller's own notices about this person, in the threads that are live; none where they were not asked for. */
  readonly notices: readonly ShownNotice[]
}

type Item =
  | { readonly kind: 'person'; readonly reader: Reader }
  | { readonly kind: 'lines'; readonly reader: Reader; readonly lines: readonly StoryLine[] }
  | ({ readonly kind: 'notice' } & ReadableRow)

/**
 * Shows a person to somebody who works with them: each story line passes the gate by what it rests on,
 * and those that do not pass are not there. Without an assignment nothing is found, whether the person
 * exists or not.
 */
export async function readPerson(
  deps: InboxDeps,
  practitioner: Practitioner,
  { personId, withNotices }: { readonly personId: string; readonly withNotices: boolean },
  prepareRest: (shown: ShownPerson) => Promise<() => void>,
): Promise<void> {
  const readers = readersOf(practitioner)
  const story = await openStory(deps, personId)
  // What is not shown is not asked for: the person's record would say that it had been told.
  const rows = withNotices ? await noticeRows(deps, readers, personId) : []
  const items: readonly Item[] = [
    ...readers.flatMap((reader): readonly Item[] => [
      { kind: 'person', reader },
      ...grouped(story?.lines ?? []).map((lines): Item => ({ kind: 'lines', reader, lines })),
    ]),
    ...rows.map((one): Item => ({ kind: 'notice', ...one })),
  ]
  await disclose(
    reading(deps),
    items.map((item) => [item, askOf(item, personId)] as const),
    async (allowed) => {
      const theirs = allowed.filter(([item]) => mayOpen(item, practitioner, allowed))
      const { used, shown } = await preparePerson(deps, personId, story, theirs)
      return { used, result: await prepareRest(shown) }
    },
    (write) => write(),
  )
}

/**
 * Whoever is on duty stands in for a whole organisation, so the gate asks them for no assignment of
 * their own: they open a person only where something of theirs says why.
 */
const mayOpen = (
  item: Item,
  practitioner: Practitioner,
  allowed: readonly (readonly [Item, Allowed])[],
): boolean =>
  item.kind !== 'person' ||
  item.reader.practitionerId === practitioner.id ||
  allowed.some(([other]) => other.kind !== 'person' && other.reader === item.reader)

async function preparePerson(
  deps: InboxDeps,
  personId: string,
  story: Story | undefined,
  allowed: readonly (readonly [Item, Allowed])[],
): Promise<{ readonly used: ReadonlySet<Item>; readonly shown: ShownPerson }> {
  const person = (await personWords(deps, [personId])).get(personId)
  const base = allowed.map(([item]) => item).find((item) => item.kind === 'person')
  // The audit keeps that it was asked for and refused; the answer does not tell why.
  if (person === undefined || base === undefined) throw notFound()
  const { reader } = base
  const mine = allowed.filter(([item]) => item.reader === reader || item.kind === 'notice')
  const current = currentAt(story, deps.register.now())
  const lines = mine.flatMap(([item, permit]) =>
    item.kind === 'lines' ? shownLines(item.lines, permit, current) : [],
  )
  const notices = await openNotices(
    deps,
    mine.flatMap(([item, permit]) => (item.kind === 'notice' ? [[item, permit] as const] : [])),
  )
  const opened: ReadonlySet<Item> = new Set(notices.map(([item]) => item))
  const used = new Set(
    mine.map(([item]) => item).filter((item) => item.kind !== 'person' || item === base),
  )
  for (const item of used) if (item.kind === 'notice' && !opened.has(item)) used.delete(item)
  return {
    used,
    shown: {
      person,
      reader,
      lines: inOrder(lines, current, story),
      updatedAt: lines.map(({ learnedAt }) => learnedAt).reduce(later, null),
      notices: notices.map(([, notice]) => notice).toSorted(byUrgency),
    },
  }
}

async function openStory({ views, keys }: InboxDeps, personId: string): Promise<Story | undefined> {
  const row = await views.get('stories', personId)
  if (row === undefined) return undefined
  const key = (await keys.open([refOf(personId)])).get(refOf(personId))
  if (key === undefined || key === 'erased') return undefined
  return readStory(openViewBody(row, key))
}

/** The threads about the person that still ask for something, with what was told in them before. */
async function noticeRows(
  { views }: InboxDeps,
  readers: readonly Reader[],
  personId: string,
): Promise<readonly ReadableRow[]> {
  const lists = await Promise.all(
    readers.map(async (reader) => {
      const states = noticeStates
      const query = { view: 'notices', reader: reader.practitionerId, personId, states, limit: 200 }
      return (await views.list(query)).map((row) => ({ row, reader }))
    }),
  )
  return inThreadsOf(lists.flat(), liveStates)
}

/** What a notice may be while it still asks for something. */
export const liveStates = ['open', 'acknowledged', 'paused'] as const

/** Lines that rest on the same sources and categories share one question to the gate. */
function grouped(lines: readonly StoryLine[]): readonly (readonly StoryLine[])[] {
  const groups = Object.groupBy(lines, (line) => JSON.stringify([line.sources, line.categories]))
  return Object.values(groups).filter((group) => group !== undefined)
}

function askOf(item: Item, personId: string): Ask {
  if (item.kind === 'notice') return askFor(item)
  const [line] = item.kind === 'lines' ? item.lines : []
  return {
    personId,
    purpose: 'care-coordination',
    sources: line?.sources ?? [],
    categories: line?.categories ?? ([] as readonly Category[]),
    tier: tiers[0],
    recipient: item.reader,
    what: { kind: item.kind === 'lines' ? 'story' : 'person', id: personId },
  }
}

/** The places of the lines that describe the situation at `now`. */
function currentAt(story: Story | undefined, now: number): ReadonlyMap<string, number> {
  const over = new Set(
    story?.lines.filter(({ until }) => until !== null && until <= now).map(({ id }) => id),
  )
  const ids = story?.current.filter((id) => !over.has(id)) ?? []
  return new Map(ids.map((id, place) => [id, place]))
}

/** An event's second line says what the first one does not say: that alone would be more than involvement. */
const shownLines = (
  lines: readonly StoryLine[],
  permit: Allowed,
  current: ReadonlyMap<string, number>,
): readonly ShownLine[] =>
  lines
    .filter(({ id }) => permit.tier !== 'involvement' || !id.includes('.'))
    .map((line) => shownLine(line, permit, current))

/** `detail` has the words, `headline` the kind of event, `involvement` that a service is in touch. */
const shownLine = (
  line: StoryLine,
  { tier }: Allowed,
  current: ReadonlyMap<string, number>,
): ShownLine => ({
  id: line.id,
  section: tier === 'involvement' ? 'services' : line.section,
  text:
    tier === 'detail'
      ? line.text
      : tier === 'headline'
        ? line.headline
        : involvementWords(line.sources),
  place: tier === 'detail' ? line.place : null,
  sources: line.sources,
  occurredAt: iso(line.occurredAt),
  precision: line.precision,
  learnedAt: iso(line.learnedAt),
  until: tier === 'detail' && line.until !== null ? iso(line.until) : null,
  current: current.has(line.id),
})

const involvementWords = (sources: readonly string[]): string =>
  `${sources.map(agencyName).join(' and ')} ${sources.length === 1 ? 'has' : 'have'} been in touch`

const later = (one: string | null, other: string): string =>
  one === null || Date.parse(other) > Date.parse(one) ? other : one

/** Of what happened at one instant the story's own order says what came last. */
function inOrder(
  lines: readonly ShownLine[],
  current: ReadonlyMap<string, number>,
  story: Story | undefined,
): readonly ShownLine[] {
  const places = new Map(story?.lines.map(({ id }, place) => [id, place]))
  const placeOf = ({ id }: ShownLine): number => places.get(id) ?? 0
  return lines.toSorted(
    (a, b) =>
      (current.get(a.id) ?? current.size) - (current.get(b.id) ?? current.size) ||
      placeOf(b) - placeOf(a),
  )
}
