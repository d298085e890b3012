import { openHub, readinessOf } from '@throughline/consent'
import { createMetrics, readPlace, serveHealth, startTelemetry } from '@throughline/service'
import { runAlone, systemClock, systemRandom, topicsOf } from '@throughline/stream'
import { link } from './topology.ts'

const clock = systemClock()
const processor = link
const metrics = createMetrics()
const telemetry = await startTelemetry(processor.name, { metrics, clock })
await runAlone(
  processor,
  () => openHub({ ...readPlace(), makeKeys: false, clock, random: systemRandom() }),
  (hub, tasks) =>
    serveHealth([...readinessOf(hub, { topics: topicsOf(processor) }), tasks], metrics),
  { meters: metrics, stopped: telemetry.stop },
)
