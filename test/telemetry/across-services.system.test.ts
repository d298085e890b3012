import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareHubServices } from '@throughline/consent'
import { topics } from '@throughline/schemas'
import { systemClock } from '@throughline/stream'
import { expect, it } from 'vitest'
import { movementEvent } from '../agencies/prison.ts'
import { whyNoKafka } from '../backends/kafka.ts'
import { sharedKafka } from '../backends/kafka-shared.ts'
import { startPostgres, whyNoPostgres } from '../backends/postgres.ts'
import { type KafkaCounty, makeKafkaCounty } from '../bench/kafka/kafka-county.ts'
import { fewServices } from '../faults/distributed/few-services.ts'
import { Service } from '../faults/distributed/service.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const missing = whyNoKafka() ?? whyNoPostgres()
const token = 'made-up-for-this-test'
const traceId = '0af7651916cd43dd8448eb211c80319c'
const hourMs = 3_600_000

/** Every span of the way, and which service tells of it. */
const way = [
  'custody: POST /intake/custody/domain-events',
  'custody: accept',
  'front: send agency.custody.v1',
  'link: process agency.custody.v1',
  'link: send person.events.v1',
  'notify: process person.events.v1',
  'notify: send practitioner.notices.v1',
  'front: process practitioner.notices.v1',
]

it.skipIf(missing !== null)(
  `a release is one trace across services, Kafka and PostgreSQL${missing === null ? '' : `: ${missing}`}`,
  async () => {
    await using started = new AsyncDisposableStack()
    const receiver = started.use(await startReceiver(90_000))
    const postgres = started.use(await startPostgres())
    const county = await makeKafkaCounty({ postgres }, 2, systemClock())
    started.defer(() => county.takeAway())
    const url = await postgres.newDatabase(county.template)
    const services = await servicesOn({ url, county, receiver, started })

    const subject = county.subjects[0]
    const event = movementEvent({
      family: 'coded',
      movement: 'released',
      noms: subject?.person.noms ?? '',
      prison: 'TSI',
      movedAt: systemClock().now() - hourMs,
      code: 'CR',
    })
    const edge = services.get('custody')
    const answer = await fetch(`http://127.0.0.1:${edge?.port}/intake/custody/domain-events`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        traceparent: `00-${traceId}-b7ad6b7169203331-01`,
      },
      body: JSON.stringify(event),
    })
    expect(answer.status).toBe(202)

    const spans = () => receiver.spans.filter((span) => span.traceId === traceId)
    const told = () => new Set(spans().map(({ service, name }) => `${service}: ${name}`))
    await receiver.until(() => way.every((step) => told().has(step)), way.join(', '))
    const parents = new Map(spans().map(({ spanId, name }) => [spanId, name]))
    const notice = spans().find(({ name }) => name === 'process practitioner.notices.v1')
    expect(parents.get(notice?.parentSpanId ?? '')).toBe('process person.events.v1')
    // In clear and as its key: neither is told to anybody.
    const { noms, nhs } = subject?.person ?? {}
    for (const value of [noms, nhs, subject?.personId, ...(subject?.hashes ?? [])]) {
      expect(value).toBeTruthy()
      for (const body of receiver.bodies) expect(body).not.toContain(value)
    }
  },
  240_000,
)

interface Place {
  readonly url: string
  readonly county: KafkaCounty
  readonly receiver: Receiver
  readonly started: AsyncDisposableStack
}

/** Each a process of its own. */
async function servicesOn({ url, county, receiver, started }: Place) {
  const kafka = {
    brokers: await sharedKafka(),
    replication: 1,
    prefix: `telemetry.${process.pid}.`,
  }
  await prepareHubServices({ databaseUrl: url, kafka, keys: county.keys }, { topics })
  const folder = mkdtempSync(join(tmpdir(), 'throughline-telemetry-'))
  started.defer(() => rmSync(folder, { recursive: true, force: true }))
  const telling = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' }
  const plans = fewServices({ url, kafka, keys: county.keys, token, folder, env: telling })
  const services = new Map<string, Service>()
  for (const [name, { entry, env }] of plans) {
    const service = new Service({ name, entry, env: { ...env, OTEL_SERVICE_NAME: name } })
    started.defer(() => service.signal('SIGKILL'))
    services.set(name, service)
  }
  await Promise.all([...services.values()].map((service) => service.start()))
  return services
}
