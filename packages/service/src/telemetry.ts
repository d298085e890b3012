import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { readTelemetry, type TelemetryConfig } from './config.ts'
import { type ToldMetrics, tellMetrics } from './told-metrics.ts'
import { traceparent } from './traceparent.ts'

/** What is told about this process to a collector, while it runs. */
export interface Telemetry {
  /** Sends what is left, where somebody takes it in time, and tells nothing more. Never rejects. */
  stop(): Promise<void>
}

/** No process stays for the sake of a collector that is away. */
const lastWordsMsMax = 2_000

/**
 * Starts telling, as OpenTelemetry's environment variables say; nothing at all where they name no endpoint.
 * Spans wait in a bounded queue and are dropped where nobody takes them: no request ever waits for them.
 * `name` is the service's unless `OTEL_SERVICE_NAME` gives another. Once in a process, from its `main.ts`.
 */
export function startTelemetry(
  name: string,
  measured: ToldMetrics,
  config: TelemetryConfig = readTelemetry(),
): Telemetry {
  const { tracesUrl, metricsUrl, metricsEveryMs: everyMs } = config
  if (tracesUrl === null && metricsUrl === null) return { stop: async () => undefined }
  const resource = resourceOf(name)
  const telling = [
    ...(tracesUrl === null ? [] : [startTracing(tracesUrl, config, resource)]),
    ...(metricsUrl === null ? [] : [tellMetrics(measured, { url: metricsUrl, everyMs, resource })]),
  ]
  return {
    async stop() {
      const told = Promise.allSettled(telling.map((one) => one.stop()))
      await Promise.race([told, after(lastWordsMsMax)])
    },
  }
}

const resourceOf = (name: string): Resource =>
  resourceFromAttributes({ 'service.name': name }).merge(
    detectResources({ detectors: [serviceInstanceIdDetector, envDetector] }),
  )

function startTracing(url: string, config: TelemetryConfig, resource: Resource): Telemetry {
  const provider = new TracerProvider({
    resource,
    sampler: samplerOf(config),
    spanLimits: { attributeValueLengthLimit: 256, linkCountLimit: 128 },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url }),
        scheduledDelayMillis: config.spansDelayMs,
        maxQueueSize: config.spansWaitingMax,
        maxExportBatchSize: Math.min(config.spansAtOnce, config.spansWaitingMax),
      }),
    ],
  })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(traceparent)
  trace.setGlobalTracerProvider(provider)
  return {
    async stop() {
      trace.disable()
      context.disable()
      propagation.disable()
      await provider.shutdown()
    },
  }
}

function samplerOf({ sampler, samplerRatio }: TelemetryConfig): Sampler {
  const [parentBased, kind] = sampler.startsWith('parentbased_')
    ? [true, sampler.slice('parentbased_'.length)]
    : [false, sampler]
  const root =
    kind === 'traceidratio'
      ? new TraceIdRatioBasedSampler(samplerRatio)
      : kind === 'always_on'
        ? new AlwaysOnSampler()
        : new AlwaysOffSampler()
  return parentBased ? new ParentBasedSampler({ root }) : root
}

const after = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    AbortSignal.timeout(ms).addEventListener('abort', () => resolve())
  })
