/** Codes of ours by name, never input. */
type Attributes = Readonly<Record<string, string>>

/** What can be measured, declared once. Names and units as OpenTelemetry has them: `http.server.request.duration`, `s`. */
export interface Instrument {
  readonly name: string
  /** `s`, `By`, or what is counted, in braces: `{record}`. */
  readonly unit: string
  readonly description: string
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[]
}

export interface Counter {
  add(attributes?: Attributes, by?: number): void
  /** The one with these attributes, for whoever adds to it often. */
  of(attributes: Attributes): { add(by?: number): void }
}
export interface Histogram {
  observe(value: number, attributes?: Attributes): void
  of(attributes: Attributes): { observe(value: number): void }
}
export interface Reading {
  readonly value: number
  readonly attributes: Attributes
}
type Read = () => number | readonly Reading[] | Promise<readonly Reading[]>

/** Counters, histograms and gauges of this process: for whoever asks `/metrics`, and for a collector. */
export interface Metrics {
  counter(instrument: Instrument): Counter
  histogram(instrument: Instrument): Histogram
  /** Read when asked; several may say something of the same gauge. */
  gauge(instrument: Instrument, read: Read): void
  /** In the Prometheus text format, without the gauges that have to be waited for. */
  text(): string
  /** Everything as it is now; a gauge that cannot be read within a second says nothing. */
  settled(): Promise<readonly Family[]>
}

/** An instrument with all that was measured. */
export interface Family {
  readonly instrument: Instrument
  readonly kind: 'counter' | 'histogram' | 'gauge'
  readonly points: readonly Point[]
}
export interface Point extends Reading {
  /** Of a histogram: how many were at most each bound, how many there were; `value` is their sum. */
  readonly counts?: readonly number[]
  readonly count?: number
}

interface Series {
  readonly attributes: Attributes
  value: number
  count: number
  readonly counts: number[]
}

const readWithinMs = 1_000

export function createMetrics(): Metrics {
  const measured = new Map<
    string,
    Omit<Family, 'points'> & { readonly series: Map<string, Series> }
  >()
  const gauges = new Map<string, { readonly instrument: Instrument; readonly reads: Read[] }>()

  // Two edges may ask for the same counter: they share it.
  const seriesOf = (kind: 'counter' | 'histogram', instrument: Instrument) => {
    const known = measured.get(instrument.name) ?? { instrument, kind, series: new Map() }
    measured.set(instrument.name, known)
    return (attributes: Attributes): Series => {
      const key = textOf(attributes)
      const counts = (instrument.buckets ?? []).map(() => 0)
      const one = known.series.get(key) ?? { attributes, value: 0, count: 0, counts }
      known.series.set(key, one)
      return one
    }
  }
  const gaugesFrom = (readings: ReadonlyMap<Read, readonly Reading[]>): readonly Family[] =>
    [...gauges.values()].map(({ instrument, reads }) => ({
      instrument,
      kind: 'gauge',
      points: reads.flatMap((read) => readings.get(read) ?? []),
    }))
  const families = (readings: ReadonlyMap<Read, readonly Reading[]>): readonly Family[] => [
    ...[...measured.values()].map(({ instrument, kind, series }) => ({
      instrument,
      kind,
      points: [...series.values()],
    })),
    ...gaugesFrom(readings),
  ]
  const readAll = () => [...gauges.values()].flatMap(({ reads }) => reads)

  return {
    counter(instrument) {
      const series = seriesOf('counter', instrument)
      const raise = (one: Series, by: number): void => {
        one.value += by
      }
      return {
        add: (attributes = {}, by = 1) => raise(series(attributes), by),
        of(attributes) {
          const one = series(attributes)
          return { add: (by = 1) => raise(one, by) }
        },
      }
    },
    histogram(instrument) {
      const series = seriesOf('histogram', instrument)
      const { buckets = [] } = instrument
      const take = (one: Series, value: number): void => {
        for (let at = buckets.length - 1; at >= 0 && value <= (buckets[at] as number); at -= 1) {
          one.counts[at] = (one.counts[at] as number) + 1
        }
        one.value += value
        one.count += 1
      }
      return {
        observe: (value, attributes = {}) => take(series(attributes), value),
        of(attributes) {
          const one = series(attributes)
          return { observe: (value) => take(one, value) }
        },
      }
    },
    gauge(instrument, read) {
      const known = gauges.get(instrument.name) ?? { instrument, reads: [] }
      known.reads.push(read)
      gauges.set(instrument.name, known)
    },
    text() {
      const readings = new Map<Read, readonly Reading[]>()
      for (const read of readAll()) {
        const found = read()
        if (!(found instanceof Promise)) readings.set(read, readingsOf(found))
        else found.catch(() => undefined)
      }
      return metricsText(families(readings))
    },
    async settled() {
      const readings = new Map<Read, readonly Reading[]>()
      await Promise.all(readAll().map(async (read) => readings.set(read, await withinTime(read))))
      return families(readings)
    },
  }
}

const readingsOf = (found: number | readonly Reading[]): readonly Reading[] =>
  typeof found === 'number' ? [{ value: found, attributes: {} }] : found

async function withinTime(read: Read): Promise<readonly Reading[]> {
  const late = new Promise<readonly Reading[]>((resolve) => {
    AbortSignal.timeout(readWithinMs).addEventListener('abort', () => resolve([]))
  })
  try {
    return readingsOf(await Promise.race([read(), late]))
  } catch {
    return []
  }
}

/** The name in Prometheus's text format, as a collector would make it: unit and `_total` behind it. */
export function prometheusName({ name, unit }: Instrument, kind: Family['kind']): string {
  const spelt = { s: '_seconds', By: '_bytes' }[unit] ?? ''
  return `${name.replaceAll('.', '_')}${spelt}${kind === 'counter' ? '_total' : ''}`
}

/** Families in the Prometheus text format. */
export const metricsText = (families: readonly Family[]): string =>
  families
    .flatMap(({ instrument, kind, points }) => {
      const name = prometheusName(instrument, kind)
      return [
        `# HELP ${name} ${instrument.description}`,
        `# TYPE ${name} ${kind}`,
        ...points.flatMap((point) => linesOf(name, point, instrument.buckets)),
      ]
    })
    .map((line) => `${line}\n`)
    .join('')

function linesOf(
  name: string,
  { attributes, value, counts = [], count }: Point,
  buckets: readonly number[] = [],
): readonly string[] {
  if (buckets.length === 0) return [`${name}${textOf(attributes)} ${value}`]
  const below = (bound: string): string => textOf({ ...attributes, le: bound })
  return [
    ...buckets.map((bound, at) => `${name}_bucket${below(String(bound))} ${counts[at]}`),
    `${name}_bucket${below('+Inf')} ${count}`,
    `${name}_sum${textOf(attributes)} ${value}`,
    `${name}_count${textOf(attributes)} ${count}`,
  ]
}

function textOf(attributes: Attributes): string {
  const pairs = Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (pairs.length === 0) return ''
  const escape = (value: string): string =>
    value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  const named = pairs.map(([name, value]) => `${name.replaceAll('.', '_')}="${escape(value)}"`)
  return `{${named.join(',')}}`
}
