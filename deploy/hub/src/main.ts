import { writeSync } from 'node:fs'
import { HubError } from '@throughline/domain'
import { createMetrics, startTelemetry } from '@throughline/service'
import { monotonicMs, systemClock } from '@throughline/stream'
import { readLaunch } from './config.ts'
import { devConfig } from './dev.ts'
import { startHub } from './hub.ts'

const say = (line: string) => writeSync(process.stdout.fd, `${line}\n`)

try {
  const launch = readLaunch(process.argv.slice(2), devConfig)
  const clock = systemClock()
  const metrics = createMetrics()
  const telemetry = await startTelemetry('hub', { metrics, clock })
  const log = (line: string) => writeSync(process.stderr.fd, `${line}\n`)
  const hub = await startHub(launch, {
    clock,
    metrics,
    monotonicMs,
    sink: log,
    killAt: process.env['HUB_KILL_AT'],
  })
  let stopping = false
  const stop = () => {
    if (stopping) process.exit(1)
    stopping = true
    void hub
      .close()
      .then(() => telemetry.stop())
      .then(() => process.exit(0))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  say(JSON.stringify({ ready: true, port: hub.port, mllpPort: hub.mllpPort }))
} catch (error) {
  if (!(error instanceof HubError)) throw error
  writeSync(process.stderr.fd, `${error.code}: ${error.message}\n`)
  process.exitCode = 1
}
