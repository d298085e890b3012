import {
  type CanonicalEvent,
  type Notice,
  type OutcomeFacts,
  personEventIdOf,
} from '@throughline/domain'
import { eventCategories } from '@throughline/schemas'
import { keyRefOf, type LogRecord, openRecord, openViewBody } from '@throughline/stream'
import type {
  AttemptRow,
  DrainFact,
  ForwardedRecord,
  History,
  InboundRecord,
  NoticeRecord,
  OutageFact,
  OutcomeRow,
  Post,
  ReadFact,
  Seen,
  StoryLineRow,
  StoryRecord,
  WithdrawalFact,
} from './history.ts'
import type { Place, StoredAttempt } from './place.ts'

export interface Facts {
  readonly place: Place
  /** What an identifier's HMAC stands for. */
  readonly identifiers: ReadonlyMap<string, string>
  readonly posts: readonly Post[]
  /** What browsers saw; null where nobody watched them. */
  readonly reads: readonly ReadFact[] | null
  readonly direct: readonly string[]
  readonly withdrawals: readonly WithdrawalFact[]
  readonly drain: Omit<DrainFact, 'behind' | 'outboxLeft'>
  readonly poisons: History['poisons']
  readonly outages: readonly OutageFact[]
  /** Where each partition (`topic/0`) ended before its readers were sent back to the start. */
  readonly marks: ReadonlyMap<string, bigint>
  readonly countedBefore: History['countedBefore']
}

/** What the hub has made of what it was given. */
export interface Derived {
  readonly forwarded: readonly ForwardedRecord[]
  readonly notices: readonly NoticeRecord[]
  readonly stories: readonly StoryRecord[]
  readonly outcomes: readonly OutcomeRow[]
}

type Sources = Pick<Facts, 'place' | 'poisons' | 'marks'>

export async function derived(sources: Sources): Promise<Derived> {
  const forwarded = await forwardedOf(sources)
  const notices = await noticesOf(sources, forwarded)
  const stories = await storiesOf(sources)
  return { forwarded, notices, stories, outcomes: await outcomesOf(sources, forwarded) }
}

/** Reads log and databases as they were left, and says it all in the checker's own words. */
export async function collect(facts: Facts): Promise<History> {
  const { place, posts, withdrawals, drain, poisons, outages, countedBefore, direct } = facts
  const { rows } = place
  const made = await derived(facts)
  return {
    posts,
    withdrawals,
    drain: { ...drain, outboxLeft: await rows.outboxLeft(), behind: await behind(place) },
    inbound: await inboundOf(facts),
    ...made,
    countedBefore,
    poisons,
    outages,
    parked: await rows.parked(),
    counters: await rows.counters(),
    reads: withCategories(facts.reads ?? [], made),
    readsAreAll: facts.reads !== null,
    direct,
    ...(await registerRows(facts)),
    ledger: await rows.ledger(),
    categoriesOf: new Map(Object.entries(eventCategories)),
  }
}

/** Every record of a topic that is still there, partition by partition. */
async function recordsOf({ log, topics }: Place, topic: string): Promise<readonly LogRecord[]> {
  const { partitions = 0 } = topics.find(({ name }) => name === topic) ?? {}
  const found: LogRecord[] = []
  for (let partition = 0; partition < partitions; partition++) {
    const { start } = await log.bounds(topic, partition)
    for await (const batch of log.read(topic, partition, start)) found.push(...batch)
  }
  return found
}

async function opened({ place, poisons, marks }: Sources, topic: string) {
  const unreadable = new Set(poisons.map(({ id }) => id))
  const found = []
  for (const record of await recordsOf(place, topic)) {
    if (unreadable.has(record.id)) continue
    const ref = keyRefOf(record)
    const key = ref === null ? undefined : (await place.keys.open([ref])).get(ref)
    if (key === undefined || key === 'erased') continue
    const mark = marks.get(`${topic}/${record.partition}`)
    const again = mark !== undefined && record.offset >= mark
    found.push({ record, again, ...openRecord(record, key) })
  }
  return found
}

async function inboundOf(facts: Facts): Promise<readonly InboundRecord[]> {
  const found = []
  for (const { name } of facts.place.topics) {
    if (name.startsWith('agency.')) found.push(...(await opened(facts, name)))
  }
  return found.map(({ value, identifierHashes }) => {
    const names = identifierHashes.map((hash) => facts.identifiers.get(hash) ?? hash)
    return { ...said(value as CanonicalEvent), identifiers: names }
  })
}

const said = (event: CanonicalEvent): Omit<InboundRecord, 'identifiers'> => {
  const { eventId, version, type, receivedAt, source, objectRef } = event
  const object = objectRef === null ? null : `${source.agency} ${objectRef}`
  const back = type === 'EventWithdrawn' ? (event.withdrawnEventId ?? object) : null
  const { agency } = source
  return {
    eventId,
    version,
    type,
    agency,
    receivedAt,
    object,
    withdraws: back,
    fact: factOf(event),
  }
}

function factOf(event: CanonicalEvent): string {
  if (event.type === 'TreatmentRequirementMade') return `${event.type} ${event.requirement}`
  if (event.type === 'TreatmentReviewed') return `${event.type} ${event.housingProblem}`
  return event.type
}

async function forwardedOf(facts: Sources): Promise<readonly ForwardedRecord[]> {
  const found = await opened(facts, 'person.events.v1')
  return found.map(({ record, value, again }) => {
    const event = value as CanonicalEvent
    return {
      ...said(event),
      personId: record.key,
      identifiers: [],
      kind: kindOf(event),
      occurredAt: event.occurredAt,
      restricted: event.handling.restricted,
      clinical: 'classifications' in event ? event.classifications.length : 0,
      again,
    }
  })
}

function kindOf(event: CanonicalEvent): string | null {
  if (event.type === 'DeathReported') return 'DIED'
  return event.type === 'ReleasedFromPrison' ? event.kind : null
}

async function noticesOf(
  facts: Sources,
  forwarded: readonly ForwardedRecord[],
): Promise<readonly NoticeRecord[]> {
  const { ids } = facts.place
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
    const { version, lines } = value as { version: number; lines: readonly StoryLineRow[] }
    const rows = lines.map(
      ({ id, eventId, sources, categories }): StoryLineRow => ({
        id,
        eventId,
        sources,
        categories,
      }),
    )
    return { personId: record.key, version, lines: rows, again }
  })
}

async function outcomesOf(
  { place }: Sources,
  forwarded: readonly ForwardedRecord[],
): Promise<readonly OutcomeRow[]> {
  const eventOf = new Map(
    forwarded.map(({ personId, eventId }) => [
      personEventIdOf(place.ids, eventId, personId),
      eventId,
    ]),
  )
  const rows: OutcomeRow[] = []
  for (const row of await place.rows.view('outcome-facts')) {
    const ref = `person:${row.personId}` as const
    const key = (await place.keys.open([ref])).get(ref)
    if (key === undefined || key === 'erased') continue
    const { facts } = openViewBody(row, key) as OutcomeFacts
    rows.push({
      personId: row.personId,
      text: JSON.stringify([row.facts, facts]),
      facts: facts.map(({ id, version, type, source, receivedAt }) => ({
        eventId: eventOf.get(id) ?? id,
        version,
        type,
        agency: source.split('/')[0] ?? '',
        receivedAt,
      })),
    })
  }
  return rows
}

function withCategories(
  reads: readonly ReadFact[],
  { notices, stories }: Derived,
): readonly Seen[] {
  const ofNotice = new Map(notices.map((one) => [`${one.noticeId} ${one.version}`, one.categories]))
  const ofLine = new Map(
    stories.flatMap(({ lines }) => lines.map(({ id, categories }) => [id, categories])),
  )
  const unknown = ['something nobody wrote']
  return reads.map((read) => {
    const { noticeId, version, lines } = read
    const categories =
      noticeId === ''
        ? lines.flatMap((id) => ofLine.get(id) ?? unknown)
        : (ofNotice.get(`${noticeId} ${version}`) ?? unknown)
    return { ...read, categories }
  })
}

async function registerRows({ place: { rows }, identifiers }: Facts) {
  const people = await rows.people()
  return {
    consents: people.flatMap(({ personId, versions }) =>
      versions.map((version) => ({
        ...version,
        // A version that was given until a later one took its place was in force until then.
        state: version.state === 'superseded' ? 'given' : version.state,
        personId,
        identifiers: version.identifiers.map((hash) => identifiers.get(hash) ?? hash),
      })),
    ),
    assignments: people.flatMap(({ personId, assignments }) =>
      assignments.map((assignment) => ({ ...assignment, personId })),
    ),
    agreements: await rows.agreements(),
    attempts: (await rows.attempts()).map(attemptOf),
  }
}

const attemptOf = (row: StoredAttempt): AttemptRow => ({
  ...row,
  allowed: row.outcome !== 'refused',
  outcome: row.outcome ?? 'intending',
})

/** Records that a task has not read: every processor's position must be at every log's end. */
async function behind({ rows, log }: Place): Promise<number> {
  let left = 0
  for (const { topic, partition, offset } of await rows.positions()) {
    left += Number((await log.bounds(topic, partition)).end - offset)
  }
  return left
}
