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
  Post,
  ReadFact,
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
  readonly drain: DrainFact
}

/** Reads log and databases as they were left, and says it all in the checker's own words. */
export async function collect(facts: Facts): Promise<History> {
  const { disks, posts, withdrawals, drain } = facts
  const inbound = await inboundOf(facts)
  const notices = await noticesOf(disks)
  const rows = registerRows(facts)
  return {
    posts,
    withdrawals,
    drain: { ...drain, behind: behind(disks) },
    inbound,
    forwarded: await forwardedOf(disks),
    notices,
    reads: withCategories(facts.reads, notices),
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

async function opened(disks: Disks, topic: string) {
  const found = []
  for (const record of recordsOf(disks, topic)) {
    const ref = keyRefOf(record)
    const key = ref === null ? undefined : (await disks.keys.open([ref])).get(ref)
    if (key !== undefined && key !== 'erased') found.push({ record, ...openRecord(record, key) })
  }
  return found
}

async function inboundOf({ disks, identifiers }: Facts): Promise<readonly InboundRecord[]> {
  const found = await opened(disks, 'agency.custody.v1')
  return found.map(({ value, identifierHashes, agency, receivedAt }) => {
    const { eventId, version, type } = value as CanonicalEvent
    const names = identifierHashes.map((hash) => identifiers.get(hash) ?? 'unknown')
    return { eventId, version, type, agency, identifiers: names, receivedAt }
  })
}

async function forwardedOf(disks: Disks): Promise<readonly ForwardedRecord[]> {
  const found = await opened(disks, 'person.events.v1')
  return found.map(({ record, value }) => {
    const { eventId, version, type, receivedAt, source } = value as CanonicalEvent
    return { personId: record.key, eventId, version, type, agency: source.agency, receivedAt }
  })
}

async function noticesOf(disks: Disks): Promise<readonly NoticeRecord[]> {
  const eventOf = new Map(
    (await forwardedOf(disks)).map(({ personId, eventId }) => [
      personEventIdOf(disks.ids, eventId, personId),
      eventId,
    ]),
  )
  const found = await opened(disks, 'practitioner.notices.v1')
  return found.map(({ value }) => {
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
      text: JSON.stringify(notice),
    }
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
