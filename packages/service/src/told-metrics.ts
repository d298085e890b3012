import { type HrTime, ValueType } from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import type { Resource } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  MeterProvider,
  type MetricData,
  type MetricProducer,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import type { Family, Metrics, Point } from './metrics.ts'

export interface ToldMetrics {
  readonly metrics: Metrics
  readonly clock: { now(): number }
}

/**
 * Tells a collector everything that `/metrics` says, again and again. They are measured by `Metrics` alone:
 * the SDK only asks for them when it is time.
 */
export function tellMetrics(
  { metrics, clock }: ToldMetrics,
  told: { readonly url: string; readonly everyMs: number; readonly resource: Resource },
): { stop(): Promise<void> } {
  const startedAt = hrTime(clock.now())
  const producer: MetricProducer = {
    async collect() {
      const at = hrTime(clock.now())
      const families = await metrics.settled()
      const all = families
        .filter(({ points }) => points.length > 0)
        .map((family) => metricDataOf(family, startedAt, at))
      const scope = { name: '@throughline/service' }
      const scopeMetrics = all.length === 0 ? [] : [{ scope, metrics: all }]
      return { resourceMetrics: { resource: told.resource, scopeMetrics }, errors: [] }
    },
  }
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url: told.url }),
    exportIntervalMillis: told.everyMs,
    exportTimeoutMillis: Math.min(told.everyMs, 10_000),
    metricProducers: [producer],
  })
  const provider = new MeterProvider({ resource: told.resource, readers: [reader] })
  return { stop: () => provider.shutdown() }
}

function metricDataOf(
  { instrument, kind, points }: Family,
  startTime: HrTime,
  endTime: HrTime,
): MetricData {
  const { name, description, unit, buckets = [] } = instrument
  const descriptor = { name, description, unit, valueType: ValueType.DOUBLE }
  const aggregationTemporality = AggregationTemporality.CUMULATIVE
  const shared = { descriptor, aggregationTemporality }
  const pointOf = <T>({ attributes }: Point, value: T): DataPoint<T> => ({
    startTime,
    endTime,
    attributes,
    value,
  })
  if (kind === 'histogram') {
    const dataPoints = points.map((point) => pointOf(point, histogramOf(point, buckets)))
    return { ...shared, dataPointType: DataPointType.HISTOGRAM, dataPoints }
  }
  const dataPoints = points.map((point) => pointOf(point, point.value))
  return kind === 'gauge'
    ? { ...shared, dataPointType: DataPointType.GAUGE, dataPoints }
    : { ...shared, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
}

/** Prometheus counts what is at most each bound, OpenTelemetry what lies between two. */
function histogramOf(
  { counts = [], count = 0, value }: Point,
  buckets: readonly number[],
): Histogram {
  const upTo = [...counts, count]
  return {
    buckets: {
      boundaries: [...buckets],
      counts: upTo.map((below, at) => below - (upTo[at - 1] ?? 0)),
    },
    sum: value,
    count,
  }
}

const hrTime = (ms: number): HrTime => [Math.floor(ms / 1000), (ms % 1000) * 1_000_000]
