import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeyFile } from '@throughline/consent'
import { hashOfToken, readHubConfig } from '@throughline/hub'
import { systemRandom } from '@throughline/stream'
import { afterEach, describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url).pathname
const hubMain = 'deploy/hub/src/main.ts'
const example = JSON.parse(
  readFileSync(join(root, 'deploy/hub/examples/hub.config.json'), 'utf8'),
) as Record<string, unknown>

const distributed = JSON.parse(
  readFileSync(join(root, 'deploy/hub/examples/distributed.config.json'), 'utf8'),
) as Record<string, unknown>

const started: ChildProcess[] = []
const folders: string[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map(stop))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'throughline-start-'))
  folders.push(made)
  return made
}

/** A data directory with the keys of the example's partnership. */
function dataWithKeys(): string {
  const data = folder()
  createKeyFile({ directory: data, random: systemRandom(), partnerships: ['testshire'] })
  return data
}

interface Started {
  readonly child: ChildProcess
  /** The port it named, null where it has none; rejects with what it said when it ended instead. */
  readonly ready: Promise<number | null>
  readonly ended: Promise<number | null>
  said(): string
}

/** Plain Node, nothing of the test runner's: what does not run by itself shows here. */
function start(entry: string, args: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  let said = ''
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const ready = new Promise<number | null>((resolve, reject) => {
    const hear = (bytes: Buffer): void => {
      said += bytes.toString()
      const ready = /"ready":true.*?(?:"port":(\d+)|$)/m.exec(said)
      const named = ready?.[1] ?? /"event":"listening"(?!.*"mllp").*?"port":(\d+)/.exec(said)?.[1]
      if (named !== undefined) resolve(Number(named))
      else if (ready !== null) resolve(null)
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    void ended.then((code) => reject(new Error(`it ended with ${code}: ${said}`)))
  })
  ready.catch(() => {})
  return { child, ready, ended, said: () => said }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await ended
}

/** Starts a hub that should refuse to; gives its exit code and all it said. */
async function refused(args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const hub = start(hubMain, args)
  const code = await hub.ended
  return { code, said: hub.said() }
}

function configFile(change: Record<string, unknown>): string {
  const path = join(folder(), 'hub.config.json')
  writeFileSync(path, JSON.stringify({ ...example, ...change }))
  return path
}

const ask = (port: number, path: string, token?: string) =>
  fetch(`http://127.0.0.1:${port}${path}`, {
    headers: {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  })

const processor = (name: string) => (): Started =>
  start(`processors/${name}/src/main.ts`, [], {
    HUB_DATA: dataWithKeys(),
    HUB_PARTNERSHIP: 'testshire',
    HUB_HTTP_PORT: '0',
  })

const edge =
  (name: string, options: object = {}) =>
  (): Started =>
    start(`connectors/${name}/src/main.ts`, [], {
      HUB_DATA: dataWithKeys(),
      EDGE_PORT: '0',
      EDGE_TOKEN_HASH: hashOfToken('replace-me'),
      EDGE_OPTIONS: JSON.stringify(options),
    })

/** An outward edge: who may call, and who is who, stands in the hub's configuration. */
const front = (name: string) => (): Started =>
  start(`connectors/${name}/src/main.ts`, [], {
    HUB_DATA: dataWithKeys(),
    HUB_CONFIG: configFile({ analysts: [{ feed: 'north', tokenHash: hashOfToken('analyst') }] }),
    EDGE_PORT: '0',
  })

/** How each entry of the tree is started. One that is new belongs here. */
const entries: Readonly<Record<string, () => Started>> = {
  [hubMain]: () => start(hubMain, ['--dev', '--data', folder(), '--port', '0', '--mllp-port', '0']),
  'connectors/consent/src/main.ts': front('consent'),
  'connectors/custody/src/main.ts': edge('custody'),
  'connectors/hospital/src/main.ts': edge('hospital', { mllp: { port: 0 } }),
  'connectors/housing/src/main.ts': edge('housing'),
  'connectors/inbox/src/main.ts': front('inbox'),
  'connectors/outcomes/src/main.ts': front('outcomes'),
  'connectors/probation/src/main.ts': edge('probation'),
  'connectors/referrals/src/main.ts': edge('referrals'),
  'connectors/registry/src/main.ts': front('registry'),
  'connectors/treatment/src/main.ts': edge('treatment'),
  'processors/link/src/main.ts': processor('link'),
  'processors/notify/src/main.ts': processor('notify'),
  'processors/outcomes/src/main.ts': processor('outcomes'),
  'processors/story/src/main.ts': processor('story'),
}

describe('every service', () => {
  it('is known here', async () => {
    const found = await Array.fromAsync(
      glob('{deploy/hub,connectors/*,processors/*}/src/main.ts', { cwd: root }),
    )
    expect(found.toSorted()).toEqual(Object.keys(entries).toSorted())
  })

  it.each(Object.entries(entries))(
    '%s starts under plain Node and is ready',
    async (_entry, run) => {
      const service = run()
      const port = await service.ready
      if (port !== null) {
        expect((await ask(port, '/healthz')).status).toBe(200)
        const ready = await ask(port, '/readyz')
        expect([ready.status, await ready.json()]).toMatchObject([200, { status: 'ready' }])
        expect(await reaches('127.0.0.2', port)).toBe(false)
      }
      service.child.kill('SIGTERM')
      expect(await service.ended).toBe(0)
    },
  )
})

describe('an outward edge by itself', () => {
  it.each([
    ['consent', '/consents/p-nobody', 'replace-me-register', 404],
    ['inbox', '/notices?practitioner=lp-1', 'replace-me-lp-1', 200],
    ['outcomes', '/outcomes/north/measures', 'analyst', 404],
    ['registry', '/registry/schemas/ids/1', 'analyst', 200],
  ] as const)(
    '%s answers whom the hub’s configuration names, and nobody else',
    async (name, path, token, status) => {
      const port = (await front(name)().ready) ?? 0
      expect((await ask(port, path, token)).status).toBe(status)
      for (const other of [undefined, 'made-up', 'replace-me'])
        expect((await ask(port, path, other)).status).toBe(401)
    },
  )

  const main = 'connectors/consent/src/main.ts'

  it('does not start without a configuration', async () => {
    const edge = start(main, [], { HUB_DATA: dataWithKeys() })
    const invalid = expect.stringMatching(/^HUB_CONFIG_INVALID: .*HUB_CONFIG: invalid_type/)
    expect([await edge.ended, edge.said()]).toEqual([1, invalid])
  })

  it('does not start with half of one, and names the half by place and rule', async () => {
    const register = { tokenHash: 'secret-canary-token' }
    const edge = start(main, [], { HUB_DATA: dataWithKeys(), HUB_CONFIG: configFile({ register }) })
    const invalid = expect.stringMatching(/^HUB_CONFIG_INVALID: .*register.tokenHash/)
    expect([await edge.ended, edge.said()]).toEqual([1, invalid])
    expect(edge.said()).not.toContain('canary')
  })
})

describe('a hub that is not for trying out', () => {
  it('has no credential but those of its configuration, and listens on this machine alone', async () => {
    const data = dataWithKeys()
    const config = configFile({ data })
    const hub = start(hubMain, ['--config', config, '--port', '0', '--mllp-port', '0'])
    const port = (await hub.ready) ?? 0
    expect(existsSync(join(data, 'credentials.json'))).toBe(false)
    for (const path of ['/ledger', '/notices', '/consents/p-1'])
      for (const token of [undefined, 'made-up', 'custody', 'dev'])
        expect((await ask(port, path, token)).status).toBe(401)
    expect((await ask(port, '/ledger', 'replace-me-operator')).status).toBe(200)
    const clock = await fetch(`http://127.0.0.1:${port}/dev/clock`, {
      method: 'POST',
      headers: { authorization: 'Bearer replace-me-operator', 'content-type': 'application/json' },
      body: '{"to":"2036-01-01T00:00:00Z"}',
    })
    expect(clock.status).toBe(404)
    expect(await reaches('127.0.0.1', port)).toBe(true)
    expect(await reaches('127.0.0.2', port)).toBe(false)
  })

  it('starts with no configuration at all neither by accident nor with a made-up one', async () => {
    const { code, said } = await refused(['--data', folder(), '--port', '0'])
    expect([code, said]).toEqual([1, expect.stringMatching(/^HUB_CONFIG_INVALID: .*--config/)])
    const missing = await refused(['--config', join(folder(), 'secret-name.json')])
    expect([missing.code, missing.said]).toEqual([
      1,
      'HUB_CONFIG_INVALID: --config: no such file\n',
    ])
  })

  it('refuses a configuration that is wrong, by place and rule and never by value', async () => {
    const wrong = {
      data: dataWithKeys(),
      register: { tokenHash: 'secret-canary-token' },
      port: 'secret-canary-port',
      agreements: [{ id: 'Secret Canary', source: 'secret-canary-source' }],
      'secret-member': 'secret-canary-member',
    }
    const { code, said } = await refused(['--config', configFile(wrong)])
    expect(code).toBe(1)
    for (const place of ['register.tokenHash', 'port', 'agreements.0.source'])
      expect(said).toContain(place)
    expect(said).not.toMatch(/canary/i)
    expect(said).not.toContain('    at ')
  })

  it('refuses to start without its keys, rather than with new ones', async () => {
    const data = folder()
    const { code, said } = await refused(['--config', configFile({ data }), '--port', '0'])
    expect([code, said]).toEqual([1, expect.stringMatching(/^HUB_CONFIG_INVALID: /)])
    expect(said).not.toContain('    at ')
    const again = await refused(['--config', configFile({ data }), '--port', '0'])
    expect(again.code).toBe(1)
  })

  it('does not take a stepped clock', async () => {
    const args = [
      '--config',
      configFile({ data: dataWithKeys() }),
      '--clock',
      '2026-01-05T09:00:00Z',
    ]
    const { code, said } = await refused(args)
    expect([code, said]).toEqual([1, expect.stringContaining('only with --dev')])
  })

  it('has an example of its configuration that it reads, for this machine alone', () => {
    const config = readHubConfig(example)
    expect(config).toMatchObject({ host: '127.0.0.1', allowTestNhsNumbers: false })
    expect(config.register.tokenHash).toBe(hashOfToken('replace-me-register'))
  })

  it('has an example for several machines, which is the same but for two members and their ids', () => {
    const { database, kafka, schemaIds, ...rest } = distributed
    expect(rest).toEqual(example)
    expect(readHubConfig(distributed)).toMatchObject({ database, kafka, schemaIds })
  })

  it('refuses half of what it needs on several machines', async () => {
    const { database } = distributed
    const { code, said } = await refused(['--config', configFile({ database })])
    expect([code, said]).toEqual([
      1,
      expect.stringMatching(/^HUB_CONFIG_INVALID: .*both or neither/),
    ])
  })
})

/** Whether somebody listens there. A service on all addresses would answer on every one of them. */
const reaches = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 })
    const answer = (reached: boolean) => () => {
      socket.destroy()
      resolve(reached)
    }
    socket.once('connect', answer(true))
    socket.once('error', answer(false))
    socket.once('timeout', answer(false))
  })
