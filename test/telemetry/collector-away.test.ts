import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMetrics, readTelemetry, startTelemetry } from '@throughline/service'
import { monotonicMs, systemClock } from '@throughline/stream'
import { afterAll, expect, it } from 'vitest'
import { moved, newcomers, noms } from '../journeys/events.ts'
import { startTestHub } from '../journeys/hub.ts'

const newcomer = newcomers(79)
const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.closeAllConnections()
})

/** A collector that takes every request and never answers. */
async function stuck(): Promise<string> {
  const server = createServer(() => undefined)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An address where a collector was. */
async function gone(): Promise<string> {
  const url = await stuck()
  await new Promise((resolve) => servers.pop()?.close(resolve))
  return url
}

/** A fault limit with room: what waits for a collector would wait ten seconds for every try. */
const endsWithinMs = 9_000

it.each([
  ['is not there', gone],
  ['never answers', stuck],
])(
  'while the collector %s people are told all the same, and the hub ends in order',
  async (_how, find) => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: await find(),
      OTEL_BSP_SCHEDULE_DELAY: '10',
      OTEL_BSP_MAX_QUEUE_SIZE: '5',
      OTEL_METRIC_EXPORT_INTERVAL: '50',
    }
    const metrics = createMetrics()
    const telemetry = await startTelemetry(
      'hub',
      { metrics, clock: systemClock() },
      readTelemetry(env),
    )
    const hub = await startTestHub({ from: '2026-01-05T09:00:00Z', metrics })
    try {
      for (let nth = 0; nth < 6; nth += 1) {
        const ann = newcomer()
        const { personId } = await hub.consent({ identifiers: [noms(ann)], lead: 'lp-1' })
        await hub.custody(moved(ann, 'released', '2026-01-05T08:30:00Z'))
        const told = await hub.inboxOf('lp-1')
        expect(told.filter((notice) => notice.personId === personId).length).toBeGreaterThan(0)
      }
      expect((await hub.ask(null, 'GET', '/readyz')).status).toBe(200)
    } finally {
      await hub[Symbol.asyncDispose]()
      const began = monotonicMs()
      await telemetry.stop()
      expect(monotonicMs() - began).toBeLessThan(endsWithinMs)
    }
  },
)

it('tells nothing, and starts nothing, where no endpoint is named', async () => {
  expect(
    readTelemetry({ OTEL_SERVICE_NAME: 'custody', OTEL_EXPORTER_OTLP_ENDPOINT: '' }),
  ).toMatchObject({
    tracesUrl: null,
    metricsUrl: null,
  })
  const off = { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }
  expect(readTelemetry(off)).toMatchObject({ tracesUrl: null, metricsUrl: null })
  const one = {
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/',
  }
  expect(readTelemetry(one)).toMatchObject({
    tracesUrl: 'http://collector:4318/v1/traces',
    metricsUrl: null,
  })
})

it('refuses a setting that is wrong by its name and rule, never by value', () => {
  const wrong = { OTEL_EXPORTER_OTLP_PROTOCOL: 'carrier-pigeon', OTEL_TRACES_SAMPLER_ARG: 'lots' }
  expect(() => readTelemetry(wrong)).toThrow(/OTEL_EXPORTER_OTLP_PROTOCOL: invalid_value/)
  expect(() => readTelemetry(wrong)).not.toThrow(/pigeon|lots/)
})
