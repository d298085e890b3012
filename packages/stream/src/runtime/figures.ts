import { topicOf } from '@throughline/schemas'
import type { Clock } from '../clock.ts'
import type { Log } from '../ports.ts'

/** What can be measured, as the services declare it. */
interface Instrument {
  readonly name: string
  readonly unit: string
  readonly description: string
  readonly buckets?: readonly number[]
}
type Attributes = Readonly<Record<string, string>>
type Readings = readonly { readonly value: number; readonly attributes: Attributes }[]

/** As much of the services' `Metrics` as the runtime measures with. */
export interface Meters {
  counter(instrument: Instrument): { of(attributes: Attributes): { add(by?: number): void } }
  histogram(instrument: Instrument): {
    of(attributes: Attributes): { observe(value: number): void }
  }
  gauge(instrument: Instrument, read: () => Promise<Readings>): void
}

const secondsUpTo = [0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60, 900, 3600]

/** What the runtime measures. Processors, topics and outcomes are codes of ours; nobody is counted by name. */
export const runtimeInstruments = {
  stepDuration: {
    name: 'messaging.process.duration',
    unit: 's',
    description: 'Time that a step took, from its records to its commit.',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 1, 5],
  },
  consumed: {
    name: 'messaging.client.consumed.messages',
    unit: '{message}',
    description: 'Records processed, by processor and topic.',
  },
  sent: {
    name: 'messaging.client.sent.messages',
    unit: '{message}',
    description: 'Records relayed to the log, by whose outbox they lay in.',
  },
  eventAge: {
    name: 'throughline.event.age',
    unit: 's',
    description:
      'Time from acceptance of what a record rests on to the commit of its step. Of practitioner.notices.v1: until the notice can be read.',
    buckets: secondsUpTo,
  },
  decided: {
    name: 'throughline.decisions',
    unit: '{decision}',
    description: 'What came of events and people, as the ledger counts it, by processor.',
  },
  lagRecords: {
    name: 'throughline.lag.records',
    unit: '{record}',
    description: 'Records on the log that the processor has not processed.',
  },
  lagTime: {
    name: 'throughline.lag.time',
    unit: 's',
    description: 'For how long the oldest of those has been on the log.',
  },
  outboxAge: {
    name: 'throughline.outbox.age',
    unit: 's',
    description: 'For how long at most the oldest row of an outbox has waited to be relayed.',
  },
  quarantineDepth: {
    name: 'throughline.quarantine.depth',
    unit: '{record}',
    description: 'Records in quarantine that have not expired.',
  },
} as const satisfies Record<string, Instrument>

/** How far somebody is behind, at the moment of asking. */
export interface Behind {
  readonly records: number
  /** Since when the oldest of them has been on the log (ms); null where there is none. */
  readonly since: number | null
  /** Since when something waits in an outbox (ms); null where nothing does. */
  readonly outboxSince: number | null
}

export interface CommittedStep {
  readonly processor: string
  /** Null for a step that time has set off. */
  readonly topic: string | null
  readonly records: number
  /** By `began()`. */
  readonly began: number
  /** When each record's event was accepted (ms), where the record says. */
  readonly receivedAts: readonly number[]
  readonly now: number
  readonly counts: ReadonlyMap<string, number>
}

/** The runtime's figures, one set for a process. */
export interface Figures {
  began(): number
  committed(step: CommittedStep): void
  relayed(processor: string, records: number): void
  /** Asks from now on, when somebody looks, how far this one is behind; until the answer is called. */
  watch(processor: string, behind: () => Promise<Behind>): () => void
}

export interface FiguresOptions {
  readonly meters: Meters
  /** The hub's. */
  readonly clock: Pick<Clock, 'now'>
  /** Milliseconds that only rise, by which durations are taken. */
  readonly monotonicMs: () => number
}

export function runtimeFigures({ meters, clock, monotonicMs }: FiguresOptions): Figures {
  const consumer = 'messaging.consumer.group.name'
  const destination = 'messaging.destination.name'
  const duration = meters.histogram(runtimeInstruments.stepDuration)
  const consumed = meters.counter(runtimeInstruments.consumed)
  const age = meters.histogram(runtimeInstruments.eventAge)
  const sent = meters.counter(runtimeInstruments.sent)
  const decided = meters.counter(runtimeInstruments.decided)
  const watched = new Map<() => Promise<Behind>, string>()
  const look = (): Promise<readonly Seen[]> =>
    Promise.all([...watched].map(async ([behind, who]) => ({ who, ...(await behind()) })))
  gaugesOver(meters, clock, atMostEvery(lookedAfterMs, monotonicMs, look))

  const inputOf = cached((name: string) => {
    const [processor = '', topic = ''] = name.split('\n')
    const attributes = { [consumer]: processor, ...(topic !== '' && { [destination]: topic }) }
    return {
      duration: duration.of(attributes),
      consumed: consumed.of(attributes),
      age: age.of(attributes),
    }
  })
  const decisionOf = cached((name: string) => {
    const [processor = ''] = name.split('/')
    return decided.of({ [consumer]: processor, outcome: name.slice(processor.length + 1) })
  })
  const outboxOf = cached((processor: string) => sent.of({ [consumer]: processor }))

  return {
    began: monotonicMs,
    committed({ processor, topic, records, began, receivedAts, now, counts }) {
      const input = inputOf(`${processor}\n${topic ?? ''}`)
      input.duration.observe((monotonicMs() - began) / 1000)
      if (records > 0) input.consumed.add(records)
      for (const receivedAt of receivedAts) input.age.observe(Math.max(0, now - receivedAt) / 1000)
      for (const [name, count] of counts) decisionOf(name).add(count)
    },
    relayed: (processor, records) => outboxOf(processor).add(records),
    watch(processor, behind) {
      watched.set(behind, processor)
      return () => {
        watched.delete(behind)
      }
    },
  }
}

interface Seen extends Behind {
  readonly who: string
}

/** Three gauges are read one after the other, by whoever asks. */
const lookedAfterMs = 200

function gaugesOver(
  meters: Meters,
  clock: Pick<Clock, 'now'>,
  look: () => Promise<readonly Seen[]>,
): void {
  const gauge = (instrument: Instrument, valueOf: (behind: Behind) => number): void =>
    meters.gauge(instrument, async () =>
      (await look()).map((seen) => ({
        value: valueOf(seen),
        attributes: { 'messaging.consumer.group.name': seen.who },
      })),
    )
  const secondsSince = (at: number | null): number =>
    at === null ? 0 : Math.max(0, clock.now() - at) / 1000
  gauge(runtimeInstruments.lagRecords, ({ records }) => records)
  gauge(runtimeInstruments.lagTime, ({ since }) => secondsSince(since))
  gauge(runtimeInstruments.outboxAge, ({ outboxSince }) => secondsSince(outboxSince))
}

/** How many records lie in quarantine: what of its topic has not expired. Once in a hub is enough. */
export function watchQuarantine(meters: Meters, log: Pick<Log, 'bounds'>): void {
  const { name, partitions } = topicOf('quarantine.v1')
  meters.gauge(runtimeInstruments.quarantineDepth, async () => {
    const bounds = await Promise.all(
      Array.from({ length: partitions }, (_, partition) => log.bounds(name, partition)),
    )
    const value = bounds.reduce((sum, { start, end }) => sum + Number(end - start), 0)
    return [{ value, attributes: {} }]
  })
}

/** What several ask for at once is looked up once. */
function atMostEvery<T>(ms: number, monotonicMs: () => number, look: () => Promise<T>) {
  let last: { readonly at: number; readonly found: Promise<T> } | undefined
  return (): Promise<T> => {
    const at = monotonicMs()
    if (last === undefined || at - last.at >= ms) last = { at, found: look() }
    return last.found
  }
}

/** There are few of each, and they are asked for at every step. */
function cached<T>(make: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>()
  return (name) => {
    const one = known.get(name) ?? make(name)
    known.set(name, one)
    return one
  }
}
