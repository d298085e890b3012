import { isDeepStrictEqual } from 'node:util'
import { readKeyFile } from '@throughline/consent'
import { type CanonicalEvent, recordIdOf } from '@throughline/domain'
import { topicOf } from '@throughline/schemas'
import {
  type LogRecord,
  logWithIds,
  nodeIds,
  type OpenedKey,
  openKafkaLog,
  openRecord,
  readSchemaIds,
} from '@throughline/stream'
import kafkajs from 'kafkajs'
import pg from 'pg'
import { judged } from './judged.ts'
import type { Rig } from './rig.ts'
import { noticed, type Sent } from './traffic.ts'

/** What the hub has made of what it was sent, read from the brokers and the database. */
export interface Outcome {
  /** In words, what should not be; empty when all is as it should be. */
  readonly differences: readonly string[]
  /** Records that were sent again in doubt: the same id, and the same bytes. */
  readonly repeats: number
  /** When each person's first notice was appended, in ms on the broker's clock. */
  readonly noticedAt: ReadonlyMap<string, number>
}

const partnership = 'testshire'
const shownAtMost = 20
/** Keys of records that are not the hub's: somebody has put them on its topic. */
export const spoiltKey = 'spoilt'

interface NoticeRow {
  readonly noticeId: string
  readonly rule: string
  readonly recipient: { readonly practitionerId: string }
  readonly because: { readonly eventIds: readonly string[]; readonly timer: string | null }
}

/** Reads everything, and holds it against what was sent. */
export async function outcomeOf(rig: Rig, sent: readonly Sent[]): Promise<Outcome> {
  const differences: string[] = []
  const say = (words: string) => differences.push(words)
  const ids = nodeIds(readKeyFile(rig.county.keys).hmacKey(partnership))
  const brokers = rig.cluster.bootstrap.split(',')
  await using kafka = await openKafkaLog({ brokers, clientId: 'outcome' })
  const log = logWithIds(kafka, readSchemaIds(rig.schemaIds))
  let repeats = 0
  const spoilt: string[] = []

  const openedBy = (record: LogRecord): object => {
    const key = rig.county.personKeys.get(`person:${record.key}`)
    if (key === undefined) return {}
    return openRecord(record, key as OpenedKey).value
  }

  // link remembers nothing: what it reads twice it forwards twice, sealed anew each time.
  const isSameWithin = (a: LogRecord, b: LogRecord): boolean =>
    a.topic === 'person.events.v1' && isDeepStrictEqual(openedBy(a), openedBy(b))
  /** By id; says which lie there twice with different content. */
  const readTopic = async (topic: string): Promise<ReadonlyMap<string, LogRecord>> => {
    const found = new Map<string, LogRecord>()
    for (let partition = 0; partition < topicOf(topic).partitions; partition += 1) {
      for await (const batch of log.read(topic, partition, 0n)) {
        for (const record of batch) {
          if (record.key.startsWith(spoiltKey)) {
            spoilt.push(record.id)
            continue
          }
          const before = found.get(record.id)
          if (before === undefined) found.set(record.id, record)
          else if (isSame(before, record) || isSameWithin(before, record)) repeats += 1
          else say(`${topic}: two different records have one id`)
        }
      }
    }
    return found
  }
  const agency = await readTopic('agency.custody.v1')
  const accepted = sent.map(({ eventId, version }) => recordIdOf(ids, eventId ?? '', version))
  compare('agency.custody.v1', new Set(agency.keys()), new Set(accepted), say)

  const ofPeople = await readTopic('person.events.v1')
  const told = [...ofPeople.values()].map((record) => {
    const { eventId, version } = openedBy(record) as CanonicalEvent
    return `${record.key} ${eventId} ${version}`
  })
  if (new Set(told).size !== told.length) say('person.events.v1: an event is there under two ids')
  const toTell = sent.flatMap(({ subject, eventId, version }) =>
    subject ? [`${subject.personId} ${eventId} ${version}`] : [],
  )
  compare('person.events.v1', new Set(told), new Set(toTell), say)

  const notices = await readTopic('practitioner.notices.v1')
  const wanted = new Set(
    sent.flatMap(({ subject, version, eventId }) =>
      subject && version === noticed ? [`${subject.personId} ${subject.lead} ${eventId}`] : [],
    ),
  )
  const given = new Map<string, Set<string>>()
  for (const record of notices.values()) {
    const { noticeId, rule, recipient, because } = openedBy(record) as NoticeRow
    // Those that only time has made are another matter.
    if (because.timer !== null) continue
    if (rule !== 'release') say(`practitioner.notices.v1: a notice of the rule ${rule}`)
    const what = `${record.key} ${recipient.practitionerId} ${because.eventIds[0]}`
    given.set(what, (given.get(what) ?? new Set()).add(noticeId))
  }
  compare('practitioner.notices.v1', new Set(given.keys()), wanted, say)
  for (const noticeIds of given.values()) if (noticeIds.size > 1) say('told twice, as two notices')

  const shown = await inboxOf(rig)
  compare(
    'the inbox',
    new Set(shown),
    new Set([...wanted].map((what) => what.split(' ').slice(0, 2).join(' '))),
    say,
  )
  if (new Set(shown).size !== shown.length) say('the inbox: somebody is told twice of one person')
  for (const broken of await judged(rig, log, sent, spoilt)) say(broken)
  const noticedAt = await firstAppends(brokers, 'practitioner.notices.v1')
  return { differences: differences.slice(0, shownAtMost), repeats, noticedAt }
}

function isSame(a: LogRecord, b: LogRecord): boolean {
  return a.key === b.key && Buffer.from(a.value ?? []).equals(Buffer.from(b.value ?? []))
}

/** Counts only: what is missing or too many is somebody's. */
function compare(
  where: string,
  found: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
  say: (words: string) => void,
): void {
  const missing = [...wanted].filter((one) => !found.has(one)).length
  const others = [...found].filter((one) => !wanted.has(one)).length
  if (missing + others > 0)
    say(`${where}: of ${wanted.size} ${missing} are missing, and there are ${others} others`)
}

/** Person and reader of every notice that a page would show. */
async function inboxOf({ url }: Rig): Promise<readonly string[]> {
  const rows = await rowsOf(
    url,
    `SELECT person_id, reader FROM view_row WHERE view = 'notices' AND facts::jsonb ->> 'rule' = 'release'`,
  )
  return rows.map((row) => `${String(row['person_id'])} ${String(row['reader'])}`)
}

export async function rowsOf(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows
  } finally {
    await client.end()
  }
}

/** When the first record of each key was appended, as a client that is not ours reads it. */
async function firstAppends(
  brokers: readonly string[],
  topic: string,
): Promise<ReadonlyMap<string, number>> {
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  const ends = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  const left = new Map(
    ends.flatMap(({ partition, high }) => (Number(high) > 0 ? [[partition, Number(high)]] : [])),
  )
  const first = new Map<string, number>()
  if (left.size === 0) return first
  const consumer = kafka.consumer({ groupId: `outcome-${Date.now()}` })
  const done = Promise.withResolvers<void>()
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      const key = String(message.key)
      const at = Number(message.timestamp)
      first.set(key, Math.min(at, first.get(key) ?? at))
      if (Number(message.offset) + 1 >= (left.get(partition) ?? Number.POSITIVE_INFINITY))
        left.delete(partition)
      if (left.size === 0) done.resolve()
    },
  })
  await done.promise
  await consumer.disconnect()
  return first
}
