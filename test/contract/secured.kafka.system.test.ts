import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from '../backends/free-ports.ts'
import { type KafkaCluster, startKafka, whyNoKafka } from '../backends/kafka.ts'
import { type PostgresServer, startPostgres, whyNoPostgres } from '../backends/postgres.ts'
import { type HubProcess, startHub } from '../demo/hub-process.ts'
import { morning, tellOneOfEverything } from '../outside/one-of-everything.ts'

const missing = whyNoKafka() ?? whyNoPostgres()
const root = new URL('../../', import.meta.url).pathname
const user = 'testshire-hub'
const password = 'made-up-for-one-run'
const wrong = 'canary-of-another-run'

describe.skipIf(missing !== null)(
  `brokers that ask who we are${missing ? ` (${missing})` : ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'throughline-secured-'))
    const file = (name: string, text: string) => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    }
    let cluster: KafkaCluster
    let server: PostgresServer
    let env: Readonly<Record<string, string>>
    let hub: HubProcess
    const started: ChildProcess[] = []

    beforeAll(async () => {
      ;[cluster, server] = await Promise.all([
        startKafka({ users: { [user]: password } }),
        startPostgres(),
      ])
      env = {
        HUB_DATABASE_URL: await server.newDatabase(),
        HUB_KAFKA_BROKERS: cluster.scram?.bootstrap ?? '',
        HUB_KAFKA_REPLICATION: '1',
        HUB_KAFKA_USERNAME: user,
        HUB_KAFKA_PASSWORD_FILE: file('password', `${password}\n`),
        HUB_KAFKA_TLS: '1',
        HUB_KAFKA_CA_FILE: file('ca.pem', cluster.scram?.ca ?? ''),
      }
      hub = await startHub({
        data: folder,
        port: 0,
        mllpPort: 0,
        clock: morning,
        killAt: null,
        env,
      })
    }, 240_000)
    afterAll(async () => {
      for (const child of started) child.kill('SIGKILL')
      await hub?.[Symbol.asyncDispose]()
      await server?.stop()
      await cluster?.stop()
      rmSync(folder, { recursive: true, force: true })
    }, 60_000)

    it('let a hub through that its environment introduces, over TLS, and what it is told reaches the lead', async () => {
      const told = await tellOneOfEverything(hub)
      expect(told.release.figures.length).toBeGreaterThan(0)
      expect(hub.errors).toEqual([])
    })

    it.each([
      [
        'whose password they do not take',
        { HUB_KAFKA_PASSWORD_FILE: file('wrong', wrong) },
        'the brokers do not take the user name and password of this service',
      ],
      [
        'that does not know who vouches for them',
        { HUB_KAFKA_CA_FILE: undefined },
        'nobody whom this service trusts vouches for the brokers’ certificate',
      ],
    ])(
      'keep out a service %s: it says so once, waits, and is not ready',
      async (_what, change, says) => {
        const [port = 0] = await freePorts(1)
        const service = run({ ...env, ...change, HUB_HTTP_PORT: String(port) })
        await expect.poll(service.said, { timeout: 60_000 }).toContain(says)
        for (let look = 0; look < 2; look += 1) {
          const ready = await fetch(`http://127.0.0.1:${port}/readyz`)
          const topics = { name: 'topics', ok: false }
          const { checks } = (await ready.json()) as { readonly checks: readonly object[] }
          expect([ready.status, checks]).toEqual([503, expect.arrayContaining([topics])])
        }
        expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
        service.child.kill('SIGTERM')
        expect(await service.gone).toBe(0)
        expect(service.said()).toBe(`HUB_LOG_UNAVAILABLE: ${says}\n`)
      },
    )

    function run(own: Readonly<Record<string, string | undefined>>) {
      const child = spawn(process.execPath, ['processors/link/src/main.ts'], {
        cwd: root,
        env: { PATH: process.env['PATH'] ?? '', HUB_KEYS: folder, ...own },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      started.push(child)
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (bytes: Buffer) => {
          said += bytes.toString()
        })
      const gone = new Promise<number | null>((resolve) => child.once('close', resolve))
      return { child, gone, said: () => said }
    }
  },
)
