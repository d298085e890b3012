import { type CanonicalEvent, type Notice, personEventIdOf } from '@throughline/domain'
import { eventCategories } from '@throughline/schemas'
import { keyRefOf, type LogRecord, openRecord } from '@throughline/stream'
import type {
  AgreementRow,
  AssignmentRow,
  AttemptRow,
  ConsentRow,
  DrainFact,
  ForwardedRecord,
  History,
  InboundRecord,
  NoticeRecord,
  OutageFact,
  Post,
  ReadFact,
  StoryRecord,
  WithdrawalFact,
} from './history.ts'
import type { Disks } from './process.ts'

export interface Facts {
  readonly disks: Disks
  /** What an identifier's HMAC stands for. */
  readonly identifiers: ReadonlyMap<string, string>
  readonly posts: readonly Post[]
  readonly reads: readonly ReadFact[]
  readonly withdrawals: readonly WithdrawalFact[]
  readonly drain: Omit<DrainFact, 'behind'>
  readonly poisons: History['poisons']
  readonly outages: readonly OutageFact[]
  /** Where each partition (`topic/0`) ended before its readers were sent back to the start. */
  readonly marks: ReadonlyMap<string, bigint>
}

/** What the hub has made of what it was given. */
export interface Derived {
  readonly forwarded: readonly ForwardedRecord[]
  readonly notices: readonly NoticeRecord[]
  readonly stories: readonly StoryRecord[]
}

type Sources = Pick<Facts, 'disks' | 'poisons' | 'marks'>

export async function derived(sources: Sources): Promise<Derived> {
  const forwarded = await forwardedOf(sources)
  const notices = await noticesOf(sources, forwarded)
  return { forwarded, notices, stories: await storiesOf(sources) }
}

/** Reads log and databases as they were left, and says it all in the checker's own words. */
export async function collect(facts: Facts): Promise<History> {
  const { disks, posts, withdrawals, drain, poisons, outages } = facts
  const inbound = await inboundOf(facts)
  const made = await derived(facts)
  const rows = registerRows(facts)
  return {
    posts,
    withdrawals,
    drain: { ...drain, behind: behind(disks) },
    inbound,
    ...made,
    poisons,
    outages,
    parked: [...disks.database.table<{ parked: { id: string } }>('parked').values()].map(
      ({ parked }) => parked.id,
    ),
    counters: new Map(disks.database.table<number>('counter').entries()),
    reads: withCategories(facts.reads, made.notices),
    ...rows,
    ledger: [
      ...disks.database
        .table<{ agency: string; outcome: string; count: number }>('register_ledger')
        .values(),
    ],
    categoriesOf: new Map(Object.entries(eventCategories)),
  }
}

const recordsOf = ({ log }: Disks, topic: string): readonly LogRecord[] =>
  (log.topics.get(topic)?.partitions ?? []).flatMap(({ records }) => records)

async function opened({ disks, poisons, marks }: Sources, topic: string) {
  const unreadable = new Set(poisons.map(({ id }) => id))
  const found = []
  for (const record of recordsOf(disks, topic)) {
    if (unreadable.has(record.id)) continue
    const ref = keyRefOf(record)
    const key = ref === null ? undefined : (await disks.keys.open([ref])).get(ref)
    if (key === undefined || key === 'erased') continue
    const mark = marks.get(`${topic}/${record.partition}`)
    const again = mark !== undefined && record.offset >= mark
    found.push({ record, again, ...openRecord(record, key) })
  }
  return found
}

async function inboundOf(facts: Facts): Promise<readonly InboundRecord[]> {
  const found = await opened(facts, 'agency.custody.v1')
  return found.map(({ value, identifierHashes, agency, receivedAt }) => {
    const { eventId, version, type } = value as CanonicalEvent
    const names = identifierHashes.map((hash) => facts.identifiers.get(hash) ?? 'unknown')
    return { eventId, version, type, agency, identifiers: names, receivedAt }
  })
}

async function forwardedOf(facts: Sources): Promise<readonly ForwardedRecord[]> {
  const found = await opened(facts, 'person.events.v1')
  return found.map(({ record, value, again }) => {
    const event = value as CanonicalEvent
    const { eventId, version, type, receivedAt, occurredAt, source } = event
    return {
      personId: record.key,
      eventId,
      version,
      type,
      kind: event.type === 'ReleasedFromPrison' ? event.kind : null,
      agency: source.agency,
      receivedAt,
      occurredAt,
      again,
    }
  })
}

async function noticesOf(
  facts: Sources,
  forwarded: readonly ForwardedRecord[],
): Promise<readonly NoticeRecord[]> {
  const { ids } = facts.disks
  const eventOf = new Map(
    forwarded.map(({ personId, eventId }) => [personEventIdOf(ids, eventId, personId), eventId]),
  )
  const found = await opened(facts, 'practitioner.notices.v1')
  return found.map(({ value, again }) => {
    const notice = value as Notice
    return {
      noticeId: notice.noticeId,
      version: notice.version,
      personId: notice.personId,
      rule: notice.rule,
      episode: notice.episode,
      recipient: notice.recipient.practitionerId,
      state: notice.state,
      sources: notice.sources,
      categories: notice.categories,
      because: notice.because.eventIds.map((id) => eventOf.get(id) ?? id),
      learnedAt: notice.learnedAt,
      occurredAt: notice.occurredAt,
      urgency: notice.urgency,
      headline: notice.headline,
      incomplete: notice.incomplete,
      timer: notice.because.timer,
      again,
      text: JSON.stringify(notice),
    }
  })
}

async function storiesOf(facts: Sources): Promise<readonly StoryRecord[]> {
  const found = await opened(facts, 'person.stories.v1')
  return found.map(({ record, value, again }) => {
    const { version, lines } = value as { version: number; lines: readonly { id: string }[] }
    return { personId: record.key, version, lines: lines.map(({ id }) => id), again }
  })
}

const withCategories = (reads: readonly ReadFact[], notices: readonly NoticeRecord[]) => {
  const byVersion = new Map(
    notices.map((one) => [`${one.noticeId} ${one.version}`, one.categories]),
  )
  return reads.map((read) => ({
    ...read,
    categories: byVersion.get(`${read.noticeId} ${read.version}`) ?? ['a version nobody wrote'],
  }))
}

interface StoredPerson {
  readonly personId: string
  readonly versions: readonly ConsentRow[]
  readonly assignments: readonly Omit<AssignmentRow, 'personId'>[]
}

function registerRows({ disks, identifiers }: Facts) {
  const people = [...disks.database.table<StoredPerson>('register_people').values()]
  const attempts = [...disks.database.table<StoredAttempt>('register_attempts').values()]
  return {
    consents: people.flatMap(({ personId, versions }) =>
      versions.map((version) => ({
        ...version,
        // A version that was given until a later one took its place was in force until then.
        state: version.state === 'superseded' ? 'given' : version.state,
        personId,
        identifiers: version.identifiers.map((hash) => identifiers.get(hash) ?? 'unknown'),
      })),
    ),
    assignments: people.flatMap(({ personId, assignments }) =>
      assignments.map((assignment) => ({ ...assignment, personId })),
    ),
    agreements: [...disks.database.table<AgreementRow>('register_agreements').values()],
    attempts: attempts.map(attemptOf),
  }
}

interface StoredAttempt {
  readonly attemptId: string
  readonly at: number
  readonly until: number
  readonly personId: string
  readonly recipient: string
  readonly outcome: string | null
}

const attemptOf = (row: StoredAttempt): AttemptRow => ({
  attemptId: row.attemptId,
  at: row.at,
  personId: row.personId,
  recipient: row.recipient,
  allowed: row.outcome !== 'refused',
  outcome: row.outcome ?? 'intending',
})

/** Records that a task has not read: every processor's position must be at every log's end. */
function behind({ database, log }: Disks): number {
  let left = 0
  for (const [task, positions] of database
    .table<ReadonlyMap<string, { offset: bigint }>>('position')
    .entries()) {
    const partition = Number(task.split('/')[2])
    for (const [topic, { offset }] of positions) {
      left += Number((log.topics.get(topic)?.partitions[partition]?.end ?? 0n) - offset)
    }
  }
  return left
}
