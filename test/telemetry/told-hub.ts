import { createMetrics, readTelemetry, startTelemetry, type Telemetry } from '@throughline/service'
import { systemClock } from '@throughline/stream'
import { startTestHub, type TestHub } from '../journeys/hub.ts'
import { type Receiver, startReceiver } from './receiver.ts'

/** A hub in this process, and a collector that it tells everything, soon. */
export interface ToldHub extends AsyncDisposable {
  readonly hub: TestHub
  readonly receiver: Receiver
  readonly telemetry: Telemetry
}

/** `env`: OpenTelemetry's variables, beside the address. Only one at a time: the API is one for a process. */
export async function startToldHub(env: Readonly<Record<string, string>> = {}): Promise<ToldHub> {
  const receiver = await startReceiver()
  const config = readTelemetry({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    ...env,
  })
  const metrics = createMetrics()
  const telemetry = await startTelemetry('hub', { metrics, clock: systemClock() }, config)
  const hub = await startTestHub({ from: '2026-01-05T09:00:00Z', metrics })
  return {
    hub,
    receiver,
    telemetry,
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]()
      await telemetry.stop()
      await receiver[Symbol.asyncDispose]()
    },
  }
}
