import { type Ids, type Known, type Lookup, lookBackIndex } from '@throughline/domain'
import type { Keys } from '../keys.ts'
import type { Log, LogRecord, Task } from '../ports.ts'
import { type Reading, type RecordInput, readInput, readOutside } from './inputs.ts'

type PastEvent = Extract<RecordInput, { kind: 'event' }>

export interface PastSources extends Reading {
  readonly task: Task
  readonly log: Log
  readonly keys: Keys
  readonly ids: Ids
}

/**
 * What is still held for the identifiers these people claim, oldest first. Read before the step's
 * own snapshot: whether an event may flow is decided there, on the rows of that moment.
 */
export async function readPast(
  lookups: readonly Lookup[],
  sources: PastSources,
): Promise<ReadonlyMap<string, readonly PastEvent[]>> {
  const people = lookups.flatMap((lookup) => (lookup.kind === 'past' ? [lookup.personId] : []))
  const past = new Map<string, readonly PastEvent[]>()
  if (people.length === 0) return past
  const { known } = await sources.task.load(
    [],
    people.map((personId) => ({ kind: 'person', personId })),
  )
  for (const personId of new Set(people)) {
    const identifiers = claimedBy(known, personId)
    const indexes = identifiers.map((key) => ({ kind: 'index', name: lookBackIndex, key }) as const)
    const loaded = await sources.task.load([], indexes)
    const places = identifiers.flatMap((key) => loaded.known.index(lookBackIndex, key))
    past.set(personId, await eventsAt([...new Set(places)], sources))
  }
  return past
}

function claimedBy(known: Omit<Known, 'past'>, personId: string): readonly string[] {
  const versions = known.person(personId)?.versions ?? []
  return [
    ...new Set(versions.filter(({ endedAt }) => endedAt === null).flatMap((v) => v.identifiers)),
  ]
}

async function eventsAt(places: readonly string[], sources: PastSources): Promise<PastEvent[]> {
  const records: LogRecord[] = []
  for (const place of places) {
    const record = await recordAt(place, sources.log)
    if (record) records.push(record)
  }
  const outsides = records.map((record) => readOutside(record, sources))
  const refs = outsides.flatMap((outside) => (outside.kind === 'sealed' ? [outside.keyRef] : []))
  const opened = await sources.keys.open([...new Set(refs)])
  const events = records.flatMap((record, i) => {
    const outside = outsides[i]
    if (outside?.kind !== 'sealed') return []
    const key = opened.get(outside.keyRef)
    // A day's key that is gone: what it sealed is no longer held.
    if (key === undefined || key === 'erased') return []
    const read = readInput(record, outside, key, sources, sources.ids)
    return typeof read !== 'string' && read.input.kind === 'event' ? [read.input] : []
  })
  return events.sort(
    (a, b) =>
      a.event.receivedAt - b.event.receivedAt ||
      (a.at.topic < b.at.topic ? -1 : a.at.topic > b.at.topic ? 1 : 0) ||
      Number(BigInt(a.at.offset) - BigInt(b.at.offset)),
  )
}

async function recordAt(place: string, log: Log): Promise<LogRecord | undefined> {
  const found = placePattern.exec(place)
  if (!found) return undefined
  const [, topic = '', partition, offset = ''] = found
  const from = BigInt(offset)
  const { start, end } = await log.bounds(topic, Number(partition))
  if (from < start || from >= end) return undefined
  for await (const [first] of log.read(topic, Number(partition), from)) {
    return first?.offset === from ? first : undefined
  }
  return undefined
}

// As link writes it: topic, partition, offset.
const placePattern = /^([\w.-]+)\/(\d+)\/(\d+)$/
