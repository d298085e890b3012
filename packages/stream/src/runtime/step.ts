import type { Emission, Ids, Input, Known, Lookup, Processor } from '@throughline/domain'
import type { Clock } from '../clock.ts'
import type { KeyRef, Keys, OpenedKey } from '../keys.ts'
import type { Log, OutgoingRecord, Positions, Step, StoredState, Task, ViewRow } from '../ports.ts'
import type { Random } from '../random.ts'
import { openState, sealEncoded, sealState, sealViewBody } from '../sealed.ts'
import { Fold, type Item } from './fold.ts'
import {
  type Outside,
  type PlacedRecord,
  type Reading,
  type ReadRecord,
  readInput,
  readOutside,
  type Unreadable,
} from './inputs.ts'
import { readPast } from './past.ts'
import type { StateCache } from './state-cache.ts'
import { assertNotNewer, encodeState, stateIn } from './state-text.ts'

export type TimerInput = Extract<Input, { kind: 'timer' }>
type OpenedKeys = ReadonlyMap<KeyRef, OpenedKey | 'erased'>

/** What a step is given of its task's surroundings. */
export interface TaskContext<S> extends Reading {
  readonly processor: Processor<S>
  readonly task: Task
  readonly log: Log
  readonly keys: Keys
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly cache: StateCache<S>
}

/** What a step is made of, before anything has been read for it. */
export type Work =
  | {
      readonly kind: 'records'
      readonly records: readonly PlacedRecord[]
      readonly positions: Positions
    }
  /** Parked records of one key, run again in order. */
  | { readonly kind: 'release'; readonly key: string; readonly records: readonly PlacedRecord[] }
  | {
      readonly kind: 'timers'
      readonly until: number
      /** What comes of them carries this on. */
      readonly headers: OutgoingRecord['headers']
      readonly due: readonly { readonly key: string; readonly input: TimerInput }[]
    }

export interface PreparedStep<S> {
  readonly step: Step
  /** Decoded states as the commit leaves them; undefined for those it drops. */
  readonly states: ReadonlyMap<string, S | undefined>
  /** When what the records rest on was accepted (ms), of those that say. */
  readonly receivedAts: readonly number[]
}

/** The topic under which a timer whose step failed is set aside. */
const timerTopic = '(timer)'

/** Reads all that the work needs, in one snapshot, folds it in memory, and seals what comes out. */
export async function prepareStep<S>(
  work: Work,
  context: TaskContext<S>,
): Promise<PreparedStep<S>> {
  const read = await readItems(work, context)
  const { processor, ids, task, codec, cache, clock } = context
  const lookups = dedupe(read.items.flatMap((item) => processor.lookups(item.input, item.key, ids)))
  const past = await readPast(lookups, context)
  const stateKeys = [...new Set(read.items.flatMap(({ key }) => (key === null ? [] : [key])))]
  const owners = processor.personal ? await personKeys(stateKeys, read.keys, context) : read.keys

  const now = clock.now()
  const missing = stateKeys.filter((key) => cache.get(key, now) === undefined)
  // What is taken up again is judged by the same rows as when it came.
  const again = [...past.values()]
    .flat()
    .flatMap((event) => processor.lookups(event, processor.keyOf(event), ids))
  const loaded = await task.load(
    missing,
    again.length > 0 ? dedupe([...lookups, ...again]) : lookups,
  )
  // Before the fold, which would set the record aside: it is for a newer version of us, as it is.
  for (const state of loaded.states.values()) assertNotNewer(state, processor)
  const known: Known = { ...loaded.known, past: (personId) => past.get(personId) ?? [] }
  const parkedKeys = new Set(loaded.parkedKeys)
  if (work.kind === 'release') parkedKeys.delete(work.key)
  const erased = (key: string) => processor.personal && owners.get(`person:${key}`) === 'erased'
  const fold = new Fold<S>({
    processor,
    ids,
    codec,
    known,
    parkedKeys,
    stateOf: (key) => cache.get(key, now) ?? decodeState(loaded.states.get(key), owners, context),
  })

  for (let i = 0; i < read.erased; i += 1) fold.count(`${processor.name}/erased`)
  const dropped = new Set<string>()
  for (const { key } of read.items) if (key !== null && erased(key)) dropped.add(key)
  if (work.kind === 'timers') {
    fireAll(fold, read.items, dropped, work.until)
  } else {
    for (const entry of read.entries) takeIn(fold, entry, dropped, processor.name)
  }

  const keys = await outputKeys(fold, owners, context)
  const states = new Map<string, S | undefined>(fold.states)
  for (const key of dropped) states.set(key, undefined)
  return {
    states,
    receivedAts: read.receivedAts,
    step: {
      positions: work.kind === 'records' ? work.positions : new Map(),
      states: storedStates(fold, dropped, keys, context),
      timers: [...fold.timers.values()],
      outbox: sealEmissions(fold, keys, context),
      index: fold.index,
      views: sealViews(fold, keys, context),
      parked: fold.parked,
      counts: fold.counts,
      ...(work.kind === 'release' && { unpark: [work.key] }),
      seen: loaded.seen,
    },
  }
}

/** A record as it was understood, or why it was not; in the order of the log. */
type Entry = Item | { readonly record: PlacedRecord; readonly unreadable: Unreadable }

interface ReadItems {
  readonly entries: readonly Entry[]
  readonly items: readonly Item[]
  readonly keys: OpenedKeys
  /** How many were sealed under a key that has been destroyed. */
  readonly erased: number
  readonly receivedAts: readonly number[]
}

async function readItems<S>(work: Work, context: TaskContext<S>): Promise<ReadItems> {
  if (work.kind === 'timers') {
    const items = work.due.map(({ key, input }) => timerItem(key, input, work.headers))
    return { entries: items, items, keys: new Map(), erased: 0, receivedAts: [] }
  }
  const { keys, ids } = context
  const outsides = work.records.map((record) =>
    record.topic === timerTopic ? nothing : readOutside(record, context),
  )
  const refs = new Set<KeyRef>()
  const receivedAts: number[] = []
  for (const outside of outsides) {
    if (outside.kind !== 'sealed') continue
    refs.add(outside.keyRef)
    receivedAts.push(outside.sealed.receivedAt)
  }
  const opened: OpenedKeys = refs.size === 0 ? new Map() : await keys.open([...refs])

  const entries: Entry[] = []
  let erased = 0
  for (const [i, record] of work.records.entries()) {
    const outside = outsides[i] as Outside
    if (record.topic === timerTopic) {
      entries.push(timerItem(record.key, timerOf(record), record.headers))
    } else if (outside.kind === 'unreadable') {
      entries.push({ record, unreadable: outside.reason })
    } else if (outside.kind !== 'nothing') {
      const key = outside.kind === 'sealed' ? opened.get(outside.keyRef) : undefined
      if (outside.kind === 'sealed' && (key === undefined || key === 'erased')) {
        erased += 1
        continue
      }
      const read = readInput(record, outside, key as OpenedKey | undefined, context, ids)
      entries.push(
        typeof read === 'string' ? { record, unreadable: read } : recordItem(record, read, context),
      )
    }
  }
  const items = entries.filter((entry) => 'input' in entry)
  return { entries, items, keys: opened, erased, receivedAts }
}

function recordItem<S>(
  record: PlacedRecord,
  { input, framed }: ReadRecord,
  { processor }: TaskContext<S>,
): Item {
  const key = processor.keyOf(input)
  return { input, framed, key, parkKey: key ?? record.key, record }
}

function timerItem(
  key: string,
  input: TimerInput,
  headers: OutgoingRecord['headers'],
): Item & { readonly input: TimerInput } {
  const { name, dueAt } = input
  const value = Buffer.from(JSON.stringify({ name, dueAt, firedAt: input.firedAt }))
  const id = `${name}@${dueAt}`
  const place = { topic: timerTopic, partition: 0, offset: 0n, key, id, value }
  const record = headers === undefined ? place : { ...place, headers }
  return { input, key, parkKey: key, record }
}

function timerOf({ value }: PlacedRecord): TimerInput {
  const { name, dueAt, firedAt } = JSON.parse(Buffer.from(value ?? []).toString()) as TimerInput
  return { kind: 'timer', name, dueAt, firedAt, complete: false }
}

function takeIn<S>(
  fold: Fold<S>,
  entry: Entry,
  dropped: ReadonlySet<string>,
  processor: string,
): void {
  if (!('input' in entry)) fold.park(entry.record.key, entry.record, entry.unreadable)
  else if (entry.key !== null && dropped.has(entry.key)) fold.count(`${processor}/erased`)
  else fold.take(entry)
}

/** Timers of people who were erased are taken away; the others fire in order. */
function fireAll<S>(
  fold: Fold<S>,
  items: readonly Item[],
  dropped: ReadonlySet<string>,
  until: number,
): void {
  for (const { parkKey, input } of items) {
    if (input.kind === 'timer' && dropped.has(parkKey)) fold.forgetTimer(parkKey, input.name)
  }
  fold.fireInOrder(
    items.filter(({ parkKey }) => !dropped.has(parkKey)),
    until,
  )
}

/** The keys of the people whose states are touched, beside those that are open already. */
async function personKeys<S>(
  people: readonly string[],
  opened: OpenedKeys,
  { keys }: TaskContext<S>,
): Promise<OpenedKeys> {
  return withMissing(
    people.map((person) => `person:${person}` as const),
    opened,
    keys,
  )
}

async function outputKeys<S>(
  fold: Fold<S>,
  opened: OpenedKeys,
  context: TaskContext<S>,
): Promise<OpenedKeys> {
  const refs: KeyRef[] = fold.views.map(({ personId }) => `person:${personId}` as const)
  for (const { emission, framed } of fold.emissions) {
    if (framed && isPersonal(emission, context)) refs.push(`person:${emission.key}`)
  }
  return withMissing(refs, opened, context.keys)
}

async function withMissing(
  refs: readonly KeyRef[],
  opened: OpenedKeys,
  keys: { open(refs: readonly KeyRef[]): Promise<OpenedKeys> },
): Promise<OpenedKeys> {
  const missing = new Set(refs.filter((ref) => !opened.has(ref)))
  if (missing.size === 0) return opened
  return new Map([...opened, ...(await keys.open([...missing]))])
}

const isPersonal = ({ topic }: Emission, { topicOf }: Reading) =>
  topicOf(topic).privacy === 'person-key'

function decodeState<S>(
  stored: StoredState | undefined,
  keys: OpenedKeys,
  { processor }: TaskContext<S>,
): S {
  if (!stored) return processor.initial
  const { key, stateVersion, value } = stored
  const opened = keys.get(`person:${key}`)
  const place = { processor: processor.name, key, stateVersion }
  const plain = processor.personal ? openState(place, value, opened as OpenedKey) : value
  return stateIn(Buffer.from(plain).toString(), stateVersion, processor)
}

function storedStates<S>(
  fold: Fold<S>,
  dropped: ReadonlySet<string>,
  keys: OpenedKeys,
  { processor, random }: TaskContext<S>,
): Step['states'] {
  const states: Step['states'][number][] = []
  for (const key of fold.changed) {
    const plain = Buffer.from(encodeState(fold.states.get(key) as S, processor))
    const { stateVersion } = processor
    const place = { processor: processor.name, key, stateVersion }
    const opened = keys.get(`person:${key}`) as OpenedKey
    const value = processor.personal ? sealState(place, plain, opened, random) : plain
    states.push({ key, value, stateVersion })
  }
  for (const key of dropped) states.push({ key, value: null })
  return states
}

function sealEmissions<S>(
  fold: Fold<S>,
  keys: OpenedKeys,
  context: TaskContext<S>,
): OutgoingRecord[] {
  const { codec, random, processor } = context
  const records: OutgoingRecord[] = []
  for (const { emission, framed, headers } of fold.emissions) {
    const { topic, key, id, receivedAt, purposes } = emission
    const onward = headers && { headers }
    if (framed === null || !isPersonal(emission, context)) {
      records.push({ topic, key, id, value: framed, ...onward })
      continue
    }
    const sealUnder = keys.get(`person:${key}`)
    if (sealUnder === undefined || sealUnder === 'erased') {
      fold.count(`${processor.name}/erased`)
      continue
    }
    const agency = agencyOf(emission.value)
    const sealed = { topic, key, id, receivedAt, agency, sealUnder, random, identifierHashes: [] }
    const record = sealEncoded({ ...sealed, ...(purposes && { purposes }) }, framed, codec)
    records.push(onward ? { ...record, ...onward } : record)
  }
  return records
}

const agencyOf = (value: object | null) =>
  (value as { source?: { agency?: string } } | null)?.source?.agency ?? 'hub'

function sealViews<S>(
  fold: Fold<S>,
  keys: OpenedKeys,
  { random }: TaskContext<S>,
): readonly ViewRow[] {
  return fold.views.flatMap(({ content, ...row }) => {
    const sealUnder = keys.get(`person:${row.personId}`)
    if (sealUnder === undefined || sealUnder === 'erased') return []
    return [{ ...row, body: sealViewBody(row, content, sealUnder, random) }]
  })
}

function dedupe(lookups: readonly Lookup[]): readonly Lookup[] {
  const seen = new Set<string>()
  return lookups.filter((lookup) => {
    const name = nameOf(lookup)
    if (seen.has(name)) return false
    seen.add(name)
    return true
  })
}

function nameOf(lookup: Lookup): string {
  switch (lookup.kind) {
    case 'claims':
      return `c${lookup.identifier}`
    case 'person':
      return `p${lookup.personId}`
    case 'past':
      return `P${lookup.personId}`
    case 'index':
      return `i${lookup.name}\n${lookup.key}`
    case 'agreements':
      return 'a'
  }
}

const nothing: Outside = { kind: 'nothing' }
