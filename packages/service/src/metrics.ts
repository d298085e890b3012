type Labels = Readonly<Record<string, string>>

export interface Counter {
  add(labels?: Labels, by?: number): void
}
export interface Histogram {
  observe(value: number, labels?: Labels): void
}

/** Counters, histograms and gauges in the Prometheus text format. Labels are codes of ours, never input. */
export interface Metrics {
  counter(name: string, help: string): Counter
  histogram(name: string, help: string, buckets: readonly number[]): Histogram
  /** Read when asked. */
  gauge(name: string, help: string, read: () => number): void
  text(): string
}

interface Family {
  readonly help: string
  readonly kind: 'counter' | 'histogram' | 'gauge'
  lines(name: string): readonly string[]
}

export function createMetrics(): Metrics {
  const families = new Map<string, Family>()
  const meters = new Map<string, Counter | Histogram>()
  // Two edges may ask for the same counter: they share it.
  const once = <T extends Counter | Histogram>(name: string, make: () => T): T => {
    const known = meters.get(name)
    if (known !== undefined) return known as T
    const made = make()
    meters.set(name, made)
    return made
  }
  return {
    counter: (name, help) =>
      once(name, () => {
        const series = new Map<string, number>()
        const lines = (of: string) =>
          [...series].map(([labels, value]) => `${of}${labels} ${value}`)
        families.set(name, { help, kind: 'counter', lines })
        return {
          add: (labels = {}, by = 1) => {
            const key = textOf(labels)
            series.set(key, (series.get(key) ?? 0) + by)
          },
        }
      }),
    histogram: (name, help, buckets) =>
      once(name, () => {
        const series = new Map<string, Observed>()
        const lines = (of: string) =>
          [...series.values()].flatMap((one) => linesOf(of, one, buckets))
        families.set(name, { help, kind: 'histogram', lines })
        return {
          observe: (value, labels = {}) => {
            const key = textOf(labels)
            const one = series.get(key) ?? {
              labels,
              counts: buckets.map(() => 0),
              sum: 0,
              count: 0,
            }
            series.set(key, one)
            buckets.forEach((bound, at) => {
              if (value <= bound) one.counts[at] = (one.counts[at] ?? 0) + 1
            })
            one.sum += value
            one.count += 1
          },
        }
      }),
    gauge: (name, help, read) => {
      families.set(name, { help, kind: 'gauge', lines: (of) => [`${of} ${read()}`] })
    },
    text: () =>
      [...families]
        .flatMap(([name, family]) => [
          `# HELP ${name} ${family.help}`,
          `# TYPE ${name} ${family.kind}`,
          ...family.lines(name),
        ])
        .map((line) => `${line}\n`)
        .join(''),
  }
}

interface Observed {
  readonly labels: Labels
  readonly counts: number[]
  sum: number
  count: number
}

const linesOf = (name: string, one: Observed, buckets: readonly number[]): readonly string[] => [
  ...buckets.map(
    (bound, at) =>
      `${name}_bucket${textOf({ ...one.labels, le: String(bound) })} ${one.counts[at]}`,
  ),
  `${name}_bucket${textOf({ ...one.labels, le: '+Inf' })} ${one.count}`,
  `${name}_sum${textOf(one.labels)} ${one.sum}`,
  `${name}_count${textOf(one.labels)} ${one.count}`,
]

function textOf(labels: Labels): string {
  const pairs = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (pairs.length === 0) return ''
  const escape = (value: string): string =>
    value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  return `{${pairs.map(([name, value]) => `${name}="${escape(value)}"`).join(',')}}`
}
