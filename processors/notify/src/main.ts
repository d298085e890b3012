import { openHub, readinessOf } from '@throughline/consent'
import { createMetrics, readPlace, serveHealth, startTelemetry } from '@throughline/service'
import {
  monotonicMs,
  runAlone,
  runtimeFigures,
  systemClock,
  systemRandom,
  topicsOf,
} from '@throughline/stream'
import { readNotifyOptions } from './config.ts'
import { notifyWith } from './topology.ts'

const clock = systemClock()
const processor = notifyWith(readNotifyOptions())
const metrics = createMetrics()
const telemetry = startTelemetry(processor.name, { metrics, clock })
await runAlone(
  processor,
  () => openHub({ ...readPlace(), makeKeys: false, clock, random: systemRandom() }),
  (hub, tasks) =>
    serveHealth([...readinessOf(hub, { topics: topicsOf(processor) }), tasks], metrics),
  { figures: runtimeFigures({ meters: metrics, clock, monotonicMs }), stopped: telemetry.stop },
)
