import type {
  Emission,
  Ids,
  IndexEntry,
  Input,
  Known,
  Processor,
  Stepped,
  ViewChange,
} from '@throughline/domain'
import type { Codec } from '../codec.ts'
import type { OutgoingRecord, ParkedRecord } from '../ports.ts'
import type { PlacedRecord } from './inputs.ts'
import { onwardOf } from './spans.ts'

/** One input on its way into a state. */
export interface Item {
  readonly input: Input
  /** The event of the input as it was framed, where it came in a record. */
  readonly framed?: Uint8Array | null
  readonly key: string | null
  /** What it waits behind, should something of the same key be set aside. */
  readonly parkKey: string
  /** What is set aside should the step keep failing. */
  readonly record: PlacedRecord
}

export interface FoldOptions<S> {
  readonly processor: Processor<S>
  readonly ids: Ids
  readonly codec: Codec
  readonly known: Known
  /** The state of a key as stored, or the initial one. May raise when it is damaged. */
  readonly stateOf: (key: string) => S
  readonly parkedKeys: ReadonlySet<string>
  /** Told of an error of the step before its record is set aside; a test's driver raises it. */
  readonly onError?: (error: unknown) => void
}

export interface Encoded {
  readonly emission: Emission
  /** Framed, not yet sealed; null is a tombstone. */
  readonly framed: Uint8Array | null
  /** What it carries on of the record that it comes of. */
  readonly headers: OutgoingRecord['headers']
}

interface TimerRow {
  readonly key: string
  readonly name: string
  readonly at: number | null
}

/** How often a step is tried before its record is set aside (fault F15). */
const attemptsMax = 3

/**
 * Folds inputs into states one by one, in memory, and gathers all that is to be committed. The same
 * code runs in production and in the driver for tests.
 */
export class Fold<S> {
  readonly states = new Map<string, S>()
  readonly changed = new Set<string>()
  readonly timers = new Map<string, TimerRow>()
  readonly emissions: Encoded[] = []
  readonly index: IndexEntry[] = []
  readonly views: ViewChange[] = []
  readonly parked: ParkedRecord[] = []
  readonly counts = new Map<string, number>()
  readonly #options: FoldOptions<S>
  readonly #known: Known
  readonly #parkedKeys: Set<string>
  /** What earlier records of this fold have put into the index, by place. */
  readonly #noted = new Map<string, string[]>()

  constructor(options: FoldOptions<S>) {
    this.#options = options
    this.#parkedKeys = new Set(options.parkedKeys)
    const { known } = options
    this.#known = {
      ...known,
      index: (name, key) => this.#indexed(known.index(name, key), name, key),
    }
  }

  isParked(key: string): boolean {
    return this.#parkedKeys.has(key)
  }

  /** Records of a key wait behind one that was set aside; nothing is applied out of order. */
  take(item: Item): void {
    if (this.isParked(item.parkKey)) return this.park(item.parkKey, item.record, 'behind')
    this.#step(item)
  }

  /**
   * Fires due timers in order; they wait for nobody, for a person whose record is stuck must not be
   * forgotten: theirs fire as incomplete. A key that sets a timer that is due already goes on with
   * the rest in the next round.
   */
  fireInOrder(due: readonly Item[], until: number): void {
    const nextRound = new Set<string>()
    for (const item of due) {
      const { input, parkKey } = item
      if (input.kind !== 'timer' || nextRound.has(parkKey)) continue
      const changed = this.timers.get(timerKey(parkKey, input.name))
      // An earlier timer of this round took it away or moved it.
      if (changed && changed.at !== input.dueAt) continue
      this.forgetTimer(parkKey, input.name)
      const complete = input.complete && !this.isParked(parkKey)
      this.#step(complete === input.complete ? item : { ...item, input: { ...input, complete } })
      if (this.#hasDue(parkKey, until)) nextRound.add(parkKey)
    }
  }

  forgetTimer(key: string, name: string): void {
    this.#setTimer({ key, name, at: null })
  }

  park(key: string, record: PlacedRecord, reason: string): void {
    const { topic, id, value, headers } = record
    const kept: OutgoingRecord = {
      topic,
      key: record.key,
      id,
      value,
      ...(headers && { headers }),
    }
    this.#parkedKeys.add(key)
    this.parked.push({ key, topic, offset: record.offset, id, reason, record: kept })
    this.count(`${this.#options.processor.name}/parked/${reason}`)
  }

  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
  }

  #step(item: Item): void {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { stepped, encoded, state } = this.#attempt(item)
        return this.#keep(item.key, state, stepped, encoded)
      } catch (error) {
        if (attempt < attemptsMax) continue
        this.#options.onError?.(error)
        // The error may quote the event: only a code is kept.
        return this.park(item.parkKey, item.record, 'step-failed')
      }
    }
  }

  #attempt({ input, framed = null, key, record }: Item) {
    const { processor, ids } = this.#options
    const state = key === null ? processor.initial : this.#stateOf(key)
    const stepped = processor.step(state, this.#known, input, key, ids)
    const headers = onwardOf(record)
    const encoded = (stepped.emit ?? []).map((emission) => {
      // What is sent on as it came lies there in bytes already.
      const asItCame = framed !== null && 'event' in input && emission.value === input.event
      return { ...this.#encode(emission, asItCame ? framed : null), headers }
    })
    return { stepped, encoded, state }
  }

  #stateOf(key: string): S {
    const folded = this.states.get(key)
    if (folded !== undefined) return folded
    const stored = this.#options.stateOf(key)
    this.states.set(key, stored)
    return stored
  }

  #encode(emission: Emission, came: Uint8Array | null): Omit<Encoded, 'headers'> {
    const { processor, codec } = this.#options
    if (!processor.outputs.includes(emission.topic)) {
      throw new Error(`${processor.name} does not declare ${emission.topic}`)
    }
    const { schema, value } = emission
    return { emission, framed: came ?? (value === null ? null : codec.encode(schema, value)) }
  }

  #keep(key: string | null, before: S, stepped: Stepped<S>, encoded: readonly Encoded[]): void {
    if (key !== null) {
      if (stepped.state !== before) {
        this.states.set(key, stepped.state)
        this.changed.add(key)
      }
      for (const { name, at } of stepped.timers ?? []) this.#setTimer({ key, name, at })
    }
    if (encoded.length > 0) this.emissions.push(...encoded)
    if (stepped.index) for (const entry of stepped.index) this.#note(entry)
    if (stepped.views) this.views.push(...stepped.views)
    for (const name of stepped.counts ?? []) this.count(name)
  }

  #note(entry: IndexEntry): void {
    const { name, key, value, expiresAt } = entry
    this.index.push(entry)
    if (expiresAt <= this.#known.now) return
    const place = placeOf(name, key)
    const noted = this.#noted.get(place)
    if (noted === undefined) this.#noted.set(place, [value])
    else noted.push(value)
  }

  /** As it would be read had the records before this one been a step of their own. */
  #indexed(stored: readonly string[], name: string, key: string): readonly string[] {
    const noted = this.#noted.get(placeOf(name, key))
    return noted === undefined ? stored : [...new Set([...stored, ...noted])].sort()
  }

  #hasDue(key: string, until: number): boolean {
    for (const timer of this.timers.values()) {
      if (timer.key === key && timer.at !== null && timer.at <= until) return true
    }
    return false
  }

  #setTimer(timer: TimerRow): void {
    this.timers.set(timerKey(timer.key, timer.name), timer)
  }
}

export const timerKey = (key: string, name: string) => `${key}\n${name}`

const placeOf = (name: string, key: string) => `${name}\n${key}`
