import { type Category, type Notice, type NoticeState, tiers } from '@throughline/domain'
import { notFound } from '@throughline/service'
import { openViewBody, type ViewRow } from '@throughline/stream'
import type { InboxDeps } from './deps.ts'
import { type Allowed, type Ask, disclose } from './disclose.ts'
import { type PersonWords, personWords } from './people.ts'
import { type Practitioner, type Reader, readersOf } from './readers.ts'
import { type ShownNotice, shownNotice } from './shown.ts'

export const noticeStates = ['open', 'acknowledged', 'closed', 'paused', 'retracted'] as const

/** Rows a list takes at most for one reader; a caseload is 15 to 60 people. */
const listedMax = 500

export interface NoticeQuery {
  /** Whose; the caller's own capacities when left out. Anybody else's are not there. */
  readonly practitioner?: string
  readonly states: readonly NoticeState[]
  /** Also what else was told in the threads that are listed, whatever became of it. */
  readonly wholeThreads?: boolean
}

/** A row and in which capacity it would be read. */
export interface ReadableRow {
  readonly row: ViewRow
  readonly reader: Reader
}

/**
 * Lists a practitioner's notices and writes them while the permits live. What the gate refuses is left
 * out; whatever the caller may not see, by asking for somebody else's, is not found.
 */
export async function readNotices(
  deps: InboxDeps,
  practitioner: Practitioner,
  query: NoticeQuery,
  write: (notices: readonly ShownNotice[]) => void,
): Promise<void> {
  const rows = await rowsOf(deps, practitioner, query)
  const asks = rows.map((one) => [one, askFor(one)] as const)
  await disclose(
    reading(deps),
    asks,
    async (allowed) => {
      const shown = await openNotices(deps, allowed)
      const used = new Set(shown.map(([one]) => one))
      return { used, result: shown.map(([, notice]) => notice).toSorted(byUrgency) }
    },
    write,
  )
}

async function rowsOf(
  { views }: InboxDeps,
  practitioner: Practitioner,
  query: NoticeQuery,
): Promise<readonly ReadableRow[]> {
  const own = readersOf(practitioner)
  const named = query.practitioner
  const readers =
    named === undefined || named === practitioner.id
      ? own
      : own.filter(({ practitionerId }) => practitionerId === named)
  if (readers.length === 0) throw notFound()
  const lists = await Promise.all(
    readers.map(async (reader) =>
      (
        await views.list({
          view: 'notices',
          reader: reader.practitionerId,
          states: query.wholeThreads ? noticeStates : query.states,
          limit: listedMax,
        })
      ).map((row) => ({ row, reader })),
    ),
  )
  const rows = lists.flat()
  return query.wholeThreads ? inThreadsOf(rows, query.states) : rows
}

/** The rows of every thread that holds one of these states. What is not listed is not asked for. */
export function inThreadsOf(
  rows: readonly ReadableRow[],
  states: readonly string[],
): readonly ReadableRow[] {
  const listed = new Set(rows.filter(({ row }) => states.includes(row.state)).map(threadOf))
  return rows.filter((one) => listed.has(threadOf(one)))
}

/** One reader's thread about one person. */
export const threadOf = ({ row, reader }: ReadableRow): string =>
  JSON.stringify([reader.practitionerId, row.personId, row.facts['thread']])

/** What is asked of the gate before a notice is read. The row's facts say what it rests on. */
export const askFor = ({ row, reader }: ReadableRow): Ask => ({
  personId: row.personId,
  purpose: 'care-coordination',
  sources: row.facts['sources'] as readonly string[],
  categories: row.facts['categories'] as readonly Category[],
  tier: tiers[0],
  recipient: reader,
  what: { kind: 'notice', id: row.id },
})

/** Opens what was allowed, each at its permit's tier. A row whose key is gone is left out. */
export async function openNotices<T extends ReadableRow>(
  deps: InboxDeps,
  allowed: readonly (readonly [T, Allowed])[],
): Promise<readonly (readonly [T, ShownNotice])[]> {
  const people = await personWords(
    deps,
    allowed.map(([{ row }]) => row.personId),
  )
  return allowed.flatMap(([one, permit]) => {
    const person = people.get(one.row.personId)
    if (person === undefined) return []
    const notice = shownNotice(openNotice(one.row, person), person, permit.tier, deps.ids)
    return [[one, notice] as const]
  })
}

const openNotice = (row: ViewRow, { key }: PersonWords): Notice => ({
  ...(openViewBody(row, key) as Notice),
  // A withdrawal cancels the row at once, before notify has written the next version of its content.
  state: row.state as NoticeState,
})

const urgencies = ['safety', 'prompt', 'routine'] as const

/** Most urgent first, then what is due first, then what was learned first. */
export const byUrgency = (a: ShownNotice, b: ShownNotice): number =>
  urgencies.indexOf(a.urgency) - urgencies.indexOf(b.urgency) ||
  dueOf(a) - dueOf(b) ||
  Date.parse(a.learnedAt) - Date.parse(b.learnedAt) ||
  (a.noticeId < b.noticeId ? -1 : 1)

const dueOf = ({ dueAt }: ShownNotice): number =>
  dueAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(dueAt)

export const reading = ({ register, random, monotonicMs }: InboxDeps) => ({
  register,
  monotonicMs,
  attemptId: () => Buffer.from(random(18)).toString('base64url'),
})
