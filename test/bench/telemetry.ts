import { spawn } from 'node:child_process'
import { createMetrics, readTelemetry, startTelemetry } from '@throughline/service'
import { monotonicMs, runtimeFigures, systemClock } from '@throughline/stream'
import { type County, inCopyOf, makeCounty, takeAway } from './county.ts'
import type { Figure } from './figures.ts'
import { flowIn, morning, type Plan, stories, type Watching } from './flow.ts'
import type { Sizes } from './sizes.ts'

/** How much is told: nothing; figures; and the traces of one event in so many. */
const levels = [
  { name: 'off', figures: false, oneIn: 0 },
  { name: 'figures', figures: true, oneIn: 0 },
  { name: 'figures, traces of 1 %', figures: true, oneIn: 100 },
  { name: 'figures, every trace', figures: true, oneIn: 1 },
] as const
type Level = (typeof levels)[number]

/** What telling a collector costs, in processor time of an event through link and notify, beside telling nothing. */
export async function telemetryFigures({ runs, flow }: Sizes): Promise<readonly Figure[]> {
  const county = await makeCounty(flow.people, morning)
  const plan = stories(county.subjects, flow.rounds)
  const collector = await startCollector()
  const costs = new Map<string, number[]>(levels.map(({ name }) => [name, []]))
  try {
    // Once for nothing, as for throughput.
    for (const level of [levels[0], levels[3]]) await costOf(level, county, plan, collector.url)
    for (let run = 0; run < runs; run += 1) {
      for (const level of levels) {
        costs.get(level.name)?.push(await costOf(level, county, plan, collector.url))
      }
    }
  } finally {
    collector.stop()
    takeAway(county.data)
  }
  const off = costs.get('off') ?? []
  return levels.slice(1).map(({ name }) => ({
    name: `telemetry ÷ off: ${name}`,
    unit: '× processor time',
    values: (costs.get(name) ?? []).map((cost, run) => cost / (off[run] ?? Number.NaN)),
    aim: '',
  }))
}

async function costOf(
  level: Level,
  county: County,
  plan: readonly Plan[],
  url: string,
): Promise<number> {
  const metrics = createMetrics()
  const clock = systemClock()
  const env = level.figures ? { OTEL_EXPORTER_OTLP_ENDPOINT: url } : {}
  const telemetry = await startTelemetry('bench', { metrics, clock }, readTelemetry(env))
  const watching: Watching = {
    ...(level.figures && { figures: runtimeFigures({ meters: metrics, clock, monotonicMs }) }),
    ...(level.oneIn > 0 && { headersOf: (nth) => ({ traceparent: carried(nth, level.oneIn) }) }),
  }
  try {
    return (await inCopyOf(county, (copy) => flowIn(copy, plan, watching))).cpuUs
  } finally {
    await telemetry.stop()
  }
}

const carried = (nth: number, oneIn: number): string => {
  const id = (nth + 1).toString(16)
  return `00-${id.padStart(32, 'a')}-${id.padStart(16, 'b')}-${nth % oneIn === 0 ? '01' : '00'}`
}

/** A collector that takes what it is told, in a process of its own: what it costs there is not ours. */
async function startCollector(): Promise<{ readonly url: string; stop(): void }> {
  const script = `
    const server = require('node:http').createServer((req, res) => {
      req.resume().on('end', () => res.setHeader('content-type', 'application/json').end('{}'))
    })
    server.listen(0, '127.0.0.1', () => console.log(server.address().port))`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()))
    child.once('close', () => reject(new Error('the collector did not start')))
  })
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill('SIGKILL') }
}
