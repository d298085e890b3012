import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Credentials {
  readonly agencies: Readonly<Record<string, { readonly token: string }>>
  readonly register: { readonly token: string }
  readonly practitioners: readonly { readonly id: string; readonly token: string }[]
  readonly analysts: readonly { readonly feed: string; readonly token: string }[]
  readonly operators: readonly { readonly token: string }[]
}

/** A hub in a process of its own, which can be killed and started again on the same data. */
export interface HubProcess extends AsyncDisposable {
  readonly base: () => string
  readonly mllpPort: () => number
  credentials(): Credentials
  /** SIGKILL: no goodbye. Resolves when the process is gone. */
  kill(): Promise<void>
  running(): boolean
  /** Starts it again on the same data, its clock at `clock` (ms). Called together, it starts once. */
  restart(clock: number): Promise<void>
  readonly starts: () => number
  /** What its log has called an error so far, over all starts. */
  readonly errors: readonly string[]
}

export interface HubOptions {
  readonly data: string
  readonly port: number
  readonly mllpPort: number
  /** Milliseconds. The clock stands there until it is moved. */
  readonly clock: number
  /** `label:n`: the hub kills itself when it passes the labelled point the n-th time. First start only. */
  readonly killAt: string | null
  /** Added to the environment: where a hub on services has its database and its brokers. */
  readonly env?: Readonly<Record<string, string>>
}

const root = new URL('../../', import.meta.url).pathname

export async function startHub(options: HubOptions): Promise<HubProcess> {
  let starts = 1
  const errors: string[] = []
  // The labelled point may be passed before the hub is ready: then it starts again, as anybody would start it.
  let hub = await launch(options, options.clock, options.killAt, errors).catch((cause: unknown) => {
    if (options.killAt === null) throw cause
    starts++
    return launch(options, options.clock, null, errors)
  })
  let restarting: Promise<void> | null = null
  const again = async (clock: number) => {
    // The same ports, so that whoever has the address keeps it.
    hub = await launch({ ...options, ...hub.ports }, clock, null, errors)
    starts++
  }
  return {
    base: () => `http://127.0.0.1:${hub.ports.port}`,
    mllpPort: () => hub.ports.mllpPort,
    credentials: () =>
      JSON.parse(readFileSync(join(options.data, 'credentials.json'), 'utf8')) as Credentials,
    running: () => hub.child.exitCode === null && hub.child.signalCode === null,
    starts: () => starts,
    errors,
    async kill() {
      hub.child.kill('SIGKILL')
      await hub.gone
    },
    restart(clock) {
      restarting ??= again(clock).finally(() => {
        restarting = null
      })
      return restarting
    },
    async [Symbol.asyncDispose]() {
      hub.child.kill('SIGTERM')
      await hub.gone
    },
  }
}

interface Launched {
  readonly child: ChildProcess
  readonly ports: Ports
  readonly gone: Promise<void>
}

type Ports = Pick<HubOptions, 'port' | 'mllpPort'>

async function launch(
  options: HubOptions,
  clock: number,
  killAt: string | null,
  errors: string[],
): Promise<Launched> {
  const args = [
    join(root, 'deploy/hub/src/main.ts'),
    '--dev',
    `--clock=${new Date(clock).toISOString()}`,
    `--data=${options.data}`,
    `--port=${options.port}`,
    `--mllp-port=${options.mllpPort}`,
  ]
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env, ...(killAt === null ? {} : { HUB_KILL_AT: killAt }) },
  })
  // Whoever drives it may fail: no hub is left behind.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  void gone.then(() => process.off('exit', kill))
  const said: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line)
    if (isError(line)) errors.push(line)
    if (said.length > 20) said.shift()
  })
  const ports = await new Promise<Ports>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const ready = portsIn(line)
      if (ready !== null) resolve(ready)
    })
    void gone.then(() => reject(new Error(`the hub did not start\n${said.join('\n')}`)))
  })
  return { child, ports, gone }
}

function portsIn(line: string): Ports | null {
  if (!line.startsWith('{')) return null
  const said = JSON.parse(line) as Partial<Ports> & { readonly ready?: boolean }
  const { ready, port, mllpPort } = said
  return ready === true && port !== undefined && mllpPort !== undefined ? { port, mllpPort } : null
}

const isError = (line: string): boolean =>
  line.startsWith('{') && (JSON.parse(line) as { readonly level?: string }).level === 'error'
