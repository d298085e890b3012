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
import type { TelemetryConfig } from './config.ts'
import { traceparent } from './traceparent.ts'

/** What is said of this process with everything else. */
export const resourceOf = (name: string): Resource =>
  resourceFromAttributes({ 'service.name': name }).merge(
    detectResources({ detectors: [serviceInstanceIdDetector, envDetector] }),
  )

/** Tells a collector of every span that is sampled, and makes the ids of those that begin here. */
export function tellTraces(
  url: string,
  config: TelemetryConfig,
  resource: Resource,
): { stop(): Promise<void> } {
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
