import { readFileSync } from 'node:fs'
import { consentInstruments } from '@throughline/consent'
import { hospitalInstruments } from '@throughline/hospital'
import { intakeInstruments } from '@throughline/intake'
import { httpInstruments, type Instrument, prometheusName } from '@throughline/service'
import { runtimeInstruments } from '@throughline/stream'
import { describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

const gauges: readonly Instrument[] = [
  runtimeInstruments.lagRecords,
  runtimeInstruments.lagTime,
  runtimeInstruments.outboxAge,
  runtimeInstruments.quarantineDepth,
  hospitalInstruments.mllpConnections,
]
const declared: readonly Instrument[] = [
  ...Object.values(httpInstruments),
  ...Object.values(intakeInstruments),
  ...Object.values(hospitalInstruments),
  ...Object.values(runtimeInstruments),
  ...Object.values(consentInstruments),
]
const kindOf = (instrument: Instrument) =>
  gauges.includes(instrument) ? 'gauge' : instrument.buckets ? 'histogram' : 'counter'
const nameOf = (instrument: Instrument) => prometheusName(instrument, kindOf(instrument))

/** Every series that Prometheus can be asked for. */
const series = new Set(
  declared.flatMap((instrument) =>
    kindOf(instrument) === 'histogram'
      ? ['_bucket', '_sum', '_count'].map((part) => nameOf(instrument) + part)
      : [nameOf(instrument)],
  ),
)

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[]
}

/** What a query asks for: its words, but for functions, groupings, labels and durations. */
const askedIn = (expr: string): readonly string[] =>
  expr
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]|\b(?:by|without) \([^)]*\)/g, ' ')
    .replaceAll(/\w+\s*\(/g, ' ')
    .split(/\W+/)
    .filter((word) => /^[a-z]/.test(word))

const asked = (JSON.parse(read('deploy/compose/grafana/dashboards/hub.json')) as Dashboard).panels
  .flatMap(({ targets }) => targets)
  .flatMap(({ expr }) => askedIn(expr))

describe('the dashboards', () => {
  it('ask for nothing but what the code measures', () => {
    expect(asked.length).toBeGreaterThan(15)
    // Prometheus's own: whether a service answered.
    expect(asked.filter((name) => name !== 'up' && !series.has(name))).toEqual([])
  })

  it('show all that somebody has to watch', () => {
    const watched = ['lagRecords', 'lagTime', 'outboxAge', 'quarantineDepth'] as const
    for (const name of watched) expect(asked).toContain(nameOf(runtimeInstruments[name]))
    expect(asked).toContain(nameOf(consentInstruments.refusals))
    expect(asked).toContain(`${nameOf(runtimeInstruments.eventAge)}_bucket`)
  })
})

describe('the page about telemetry', () => {
  it('names every figure as both know it, and none that is gone', () => {
    const named = [
      ...read('docs/reference/telemetry.md').matchAll(/^\| `([\w.]+)` \| `(\w+)` \|/gm),
    ]
    expect(named.map(([, name, prometheus]) => `${name} ${prometheus}`)).toEqual(
      declared.map((instrument) => `${instrument.name} ${nameOf(instrument)}`),
    )
  })
})
