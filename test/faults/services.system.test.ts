import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeyFile, prepareHubServices } from '@throughline/consent'
import { hashOfToken } from '@throughline/hub'
import { topics } from '@throughline/schemas'
import { systemRandom } from '@throughline/stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whyNoKafka } from '../backends/kafka.ts'
import { sharedKafka } from '../backends/kafka-shared.ts'
import { type PostgresServer, startPostgres, whyNoPostgres } from '../backends/postgres.ts'
import { consentBody } from '../journeys/hub.ts'

const root = new URL('../../', import.meta.url).pathname
const missing = whyNoKafka() ?? whyNoPostgres()
const processors = ['link', 'notify', 'story', 'outcomes']
const connectors = ['custody', 'treatment', 'consent', 'inbox', 'outcomes', 'registry']
/** Who may call: what the tokens are is in its hashes. */
const config = join(root, 'deploy/hub/examples/hub.config.json')

describe.skipIf(missing !== null)(`services${missing === null ? '' : `: ${missing}`}`, () => {
  let server: PostgresServer
  let env: Readonly<Record<string, string>>
  const keys = mkdtempSync(join(tmpdir(), 'throughline-services-'))
  const started: ChildProcess[] = []

  beforeAll(async () => {
    server = await startPostgres()
    createKeyFile({ directory: keys, partnerships: ['testshire'], random: systemRandom() })
    env = {
      HUB_DATABASE_URL: await server.newDatabase(),
      HUB_KAFKA_BROKERS: (await sharedKafka()).join(','),
      HUB_KAFKA_REPLICATION: '1',
      HUB_KAFKA_PREFIX: `services.${process.pid}.`,
      HUB_KEYS: keys,
      HUB_HTTP_PORT: '0',
      HUB_CONFIG: config,
      EDGE_PORT: '0',
      EDGE_TOKEN_HASH: hashOfToken('replace-me'),
    }
  }, 60_000)
  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL')
    rmSync(keys, { recursive: true, force: true })
    await server.stop()
  }, 60_000)

  it('refuse a database that nobody has migrated, and topics that nobody has made', async () => {
    const notify = 'processors/notify/src/main.ts'
    expect(await ended(notify)).toMatch(/^HUB_CONFIG_INVALID: the database is not migrated/m)
    const place = {
      databaseUrl: env['HUB_DATABASE_URL'] ?? '',
      kafka: {
        brokers: (env['HUB_KAFKA_BROKERS'] ?? '').split(','),
        replication: 1,
        prefix: env['HUB_KAFKA_PREFIX'],
      },
      keys,
    }
    await prepareHubServices(place, { database: true })
    expect(await ended(notify)).toMatch(/^HUB_TOPIC_DRIFT: topic .* does not exist/m)
    await prepareHubServices(place, { topics })
  })

  it('start one by one, are ready, and end in order', async () => {
    const entries = [
      ...processors.map((name) => `processors/${name}/src/main.ts`),
      ...connectors.map(mainOf),
    ]
    const services = await Promise.all(entries.map(ready))
    for (const { port } of services) {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`)
      expect([answer.status, await answer.json()]).toMatchObject([200, { status: 'ready' }])
    }
    const portOf = (name: string) => services[entries.indexOf(mainOf(name))]?.port ?? 0
    expect(await toldAcross(portOf('consent'), portOf('inbox'))).toBe('Corwin F.')
    for (const { child, gone } of services) {
      child.kill('SIGTERM')
      expect(await gone).toBe(0)
    }
  }, 240_000)

  const mainOf = (connector: string) => `connectors/${connector}/src/main.ts`

  /** Somebody agrees at one service; gives the name that their lead is shown by another. */
  async function toldAcross(consent: number, inbox: number): Promise<unknown> {
    const identifiers = [{ type: 'NOMS', value: 'Z9134QX' }]
    const agreed = await fetch(`http://127.0.0.1:${consent}/consents`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer replace-me-register',
        'content-type': 'application/json',
        'idempotency-key': 'once',
      },
      body: JSON.stringify(consentBody({ identifiers }, new Date().toISOString())),
    })
    const { personId } = (await agreed.json()) as { readonly personId: string }
    const story = await fetch(`http://127.0.0.1:${inbox}/people/${personId}/story`, {
      headers: { authorization: 'Bearer replace-me-lp-1', accept: 'application/json' },
    })
    return ((await story.json()) as { readonly displayName?: unknown }).displayName
  }

  function run(entry: string) {
    const child = spawn(process.execPath, [entry], {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    started.push(child)
    let said = ''
    const gone = new Promise<number | null>((resolve) => child.once('close', resolve))
    const port = new Promise<number>((resolve, reject) => {
      const hear = (bytes: Buffer): void => {
        said += bytes.toString()
        const named = /"port":(\d+)/.exec(said)?.[1]
        if (named !== undefined) resolve(Number(named))
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      void gone.then(() => reject(new Error(said)))
    })
    port.catch(() => {})
    return { child, gone, port, said: () => said }
  }

  async function ready(entry: string) {
    const { child, gone, port } = run(entry)
    return { child, gone, port: await port }
  }

  /** What a service said that did not start. */
  async function ended(entry: string): Promise<string> {
    const { gone, said } = run(entry)
    expect(await gone).toBe(1)
    return said()
  }
})
