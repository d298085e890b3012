import {
  type CanonicalEvent,
  type Emission,
  type Ids,
  type Input,
  type Known,
  type Lookup,
  type Processor,
  type Purpose,
  personEventIdOf,
  type ViewChange,
} from '@throughline/domain'
import { avroCodec, type Codec } from '../codec.ts'
import { nodeIds } from '../ids.ts'
import type { ParkedRecord } from '../ports.ts'
import { Fold, type Item } from '../runtime/fold.ts'
import type { PlacedRecord, RecordInput } from '../runtime/inputs.ts'
import { encodeState, stateIn } from '../runtime/state-text.ts'
import { type MemoryRegister, memoryRegister } from './memory-register.ts'

/** An event with as much of its envelope as the test cares about. */
export type PipedEvent = { readonly type: CanonicalEvent['type'] } & Readonly<
  Record<string, unknown>
>

export interface DriveOptions {
  /** Where the clock stands at first, in ms. */
  readonly start?: number
  readonly ids?: Ids
  readonly codec?: Codec
  /** Events still held for a person, for `past` lookups. */
  readonly past?: (personId: string) => ReturnType<Known['past']>
  /** What becomes of an input whose step throws: raised (unless said otherwise), or set aside. */
  readonly poison?: 'raise' | 'park'
}

export interface Driven {
  readonly register: MemoryRegister
  now(): number
  /**
   * Feeds one input, or an event about the person (or identifier) that `key` names; forwarded for
   * these purposes alone, where any are named.
   */
  pipe(key: string, input: RecordInput | PipedEvent, purposes?: readonly Purpose[]): void
  /** Moves the clock, firing every timer at its own time. */
  passTo(at: number): void
  /** What came out since the last look. */
  read(): { readonly key: string; readonly value: unknown }[]
  /** As `read`, whole. The two share what was looked at. */
  emitted(): Emission[]
  /** View rows since the last look. */
  views(): ViewChange[]
  /** The ledger's counters so far. */
  counts(): ReadonlyMap<string, number>
  stateOf(key: string): unknown
  timersOf(key: string): { readonly name: string; readonly at: number }[]
  readonly parked: readonly ParkedRecord[]
}

/**
 * Drives one processor: the production rules for keys, states, timers and what is set aside, with
 * neither a log nor a store. Changes of the register send the trigger, as they do in the hub.
 */
export function drive<S>(processor: Processor<S>, options: DriveOptions = {}): Driven {
  return new Drive(processor, options)
}

class Drive<S> implements Driven {
  readonly register: MemoryRegister
  readonly parked: ParkedRecord[] = []
  readonly #processor: Processor<S>
  readonly #options: DriveOptions
  readonly #ids: Ids
  readonly #states = new Map<string, { readonly json: string; readonly stateVersion: number }>()
  readonly #timers = new Map<string, { readonly key: string; readonly name: string; at: number }>()
  readonly #index = new Map<string, Map<string, number>>()
  readonly #counts = new Map<string, number>()
  #emitted: Emission[] = []
  #views: ViewChange[] = []
  #now: number
  #fed = 0

  constructor(processor: Processor<S>, options: DriveOptions) {
    this.#processor = processor
    this.#options = options
    this.#now = options.start ?? 0
    this.#ids = options.ids ?? nodeIds(new Uint8Array(32))
    const triggers = processor.inputs.includes('consent.changes.v1')
    this.register = memoryRegister(
      () => this.#now,
      (personId, version) => {
        const changedAt = this.#now
        if (triggers)
          this.#feed(personId, { kind: 'consent-changed', personId, version, changedAt })
      },
    )
  }

  now(): number {
    return this.#now
  }

  pipe(key: string, input: RecordInput | PipedEvent, purposes?: readonly Purpose[]): void {
    const read = 'type' in input ? this.#eventInput(key, input) : input
    const limited = read.kind === 'person-event' && purposes !== undefined
    this.#feed(key, limited ? { ...read, purposes } : read)
  }

  passTo(at: number): void {
    for (;;) {
      const next = Math.min(...[...this.#timers.values()].map((timer) => timer.at))
      if (next > at) break
      this.#now = Math.max(this.#now, next)
      this.#fire(next)
    }
    this.#now = Math.max(this.#now, at)
  }

  read() {
    return this.emitted().map(({ key, value }) => ({ key, value }))
  }

  emitted(): Emission[] {
    const emitted = this.#emitted
    this.#emitted = []
    return emitted
  }

  views(): ViewChange[] {
    const views = this.#views
    this.#views = []
    return views
  }

  counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  stateOf(key: string): S {
    const stored = this.#states.get(key)
    if (!stored) return this.#processor.initial
    return stateIn(stored.json, stored.stateVersion, this.#processor)
  }

  timersOf(key: string) {
    return [...this.#timers.values()]
      .filter((timer) => timer.key === key)
      .map(({ name, at }) => ({ name, at }))
      .sort((a, b) => a.at - b.at)
  }

  #feed(key: string, input: RecordInput): void {
    const stateKey = this.#processor.keyOf(input)
    const item = { input, key: stateKey, parkKey: stateKey ?? key, record: this.#record(key) }
    this.#run([item], (fold) => fold.take(item))
  }

  #fire(until: number): void {
    const due = [...this.#timers.values()]
      .filter(({ at }) => at <= until)
      .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))
      .map(({ key, name, at }): Item => {
        const firedAt = this.#now
        const input: Input = { kind: 'timer', name, dueAt: at, firedAt, complete: true }
        return { input, key, parkKey: key, record: this.#record(key) }
      })
    this.#run(due, (fold) => fold.fireInOrder(due, until))
  }

  #run(items: readonly Item[], work: (fold: Fold<S>) => void): void {
    const { poison = 'raise', codec = avroCodec, past = () => [] } = this.#options
    const lookups = items.flatMap(({ input, key }) =>
      this.#processor.lookups(input, key, this.#ids),
    )
    const fold = new Fold<S>({
      processor: this.#processor,
      ids: this.#ids,
      codec,
      known: this.#known(lookups, past),
      parkedKeys: new Set(this.parked.map(({ key }) => key)),
      stateOf: (key) => this.stateOf(key),
      onError: (error) => {
        if (poison === 'raise') throw error
      },
    })
    work(fold)
    this.#commit(fold)
  }

  #known(lookups: readonly Lookup[], past: Known['past']): Known {
    const asked = new Set(
      lookups.flatMap((lookup) => (lookup.kind === 'past' ? [lookup.personId] : [])),
    )
    const claims = [...asked].flatMap((personId) =>
      past(personId).flatMap((event) =>
        event.identifierHashes.map((identifier) => ({ kind: 'claims' as const, identifier })),
      ),
    )
    const indexed = new Map(
      lookups.flatMap((lookup) =>
        lookup.kind === 'index'
          ? [[`${lookup.name}\n${lookup.key}`, this.#entries(lookup.name, lookup.key)] as const]
          : [],
      ),
    )
    return {
      ...this.register.read([...lookups, ...claims]),
      index: (name, key) => indexed.get(`${name}\n${key}`) ?? [],
      past: (personId) => (asked.has(personId) ? past(personId) : []),
    }
  }

  #entries(name: string, key: string): readonly string[] {
    const entries = [...(this.#index.get(`${name}\n${key}`) ?? [])]
    return entries.flatMap(([value, expiresAt]) => (expiresAt > this.#now ? [value] : [])).sort()
  }

  #commit(fold: Fold<S>): void {
    const { stateVersion } = this.#processor
    for (const key of fold.changed) {
      const json = encodeState(fold.states.get(key) as S, this.#processor)
      this.#states.set(key, { json, stateVersion })
    }
    for (const [place, { key, name, at }] of fold.timers) {
      if (at === null) this.#timers.delete(place)
      else this.#timers.set(place, { key, name, at })
    }
    for (const { name, key, value, expiresAt } of fold.index) {
      const place = `${name}\n${key}`
      const entries = this.#index.get(place) ?? new Map<string, number>()
      this.#index.set(place, entries.set(value, expiresAt))
    }
    for (const [name, by] of fold.counts) {
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + by)
    }
    this.parked.push(...fold.parked)
    this.#views.push(...fold.views)
    this.#emitted.push(...fold.emissions.map(({ emission }) => emission))
  }

  #record(key: string): PlacedRecord {
    this.#fed += 1
    const offset = BigInt(this.#fed)
    return { topic: 'driven', partition: 0, offset, key, id: `driven-${this.#fed}`, value: null }
  }

  #eventInput(key: string, piped: PipedEvent): RecordInput {
    const event = {
      eventId: `event-${this.#fed + 1}`,
      version: 1,
      source: { partnership: 'testshire', agency: 'custody', system: 'driven' },
      occurredAt: this.#now,
      occurredAtPrecision: 'INSTANT',
      occurredAtText: null,
      recordedAt: null,
      receivedAt: this.#now,
      identifiers: [],
      objectRef: null,
      handling: { holdUntil: null, restricted: false },
      ...piped,
    } as unknown as CanonicalEvent
    if (this.#processor.inputs.includes('person.events.v1')) {
      const personEventId = personEventIdOf(this.#ids, event.eventId, key)
      return { kind: 'person-event', personEventId, personId: key, event }
    }
    const at = { topic: 'agency.custody.v1', partition: 0, offset: String(this.#fed + 1) }
    return { kind: 'event', event, identifierHashes: [key], at }
  }
}
