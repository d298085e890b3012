import { readTelemetry, type TelemetryConfig } from './config.ts'
import type { ToldMetrics } from './told-metrics.ts'

/** What is told about this process to a collector, while it runs. */
export interface Telemetry {
  /** Sends what is left, where somebody takes it in time, and tells nothing more. Never rejects. */
  readonly stop: () => Promise<void>
}

/** No process stays for the sake of a collector that is away. */
const lastWordsMsMax = 2_000

/**
 * Starts telling, as OpenTelemetry's environment variables say; nothing at all where they name no endpoint.
 * Spans wait in a bounded queue and are dropped where nobody takes them: no request ever waits for them.
 * `name` is the service's unless `OTEL_SERVICE_NAME` gives another. Once in a process, from its `main.ts`.
 */
export async function startTelemetry(
  name: string,
  measured: ToldMetrics,
  config: TelemetryConfig = readTelemetry(),
): Promise<Telemetry> {
  const { tracesUrl, metricsUrl, metricsEveryMs: everyMs } = config
  if (tracesUrl === null && metricsUrl === null) return { stop: async () => undefined }
  // Whoever tells nothing need not even read the SDK.
  const [{ resourceOf, tellTraces }, { tellMetrics }] = await Promise.all([
    import('./told-traces.ts'),
    import('./told-metrics.ts'),
  ])
  const resource = resourceOf(name)
  const telling = [
    ...(tracesUrl === null ? [] : [tellTraces(tracesUrl, config, resource)]),
    ...(metricsUrl === null ? [] : [tellMetrics(measured, { url: metricsUrl, everyMs, resource })]),
  ]
  return {
    async stop() {
      const told = Promise.allSettled(telling.map((one) => one.stop()))
      await Promise.race([told, after(lastWordsMsMax)])
    },
  }
}

const after = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    AbortSignal.timeout(ms).addEventListener('abort', () => resolve())
  })
