import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { onlyContainers } from '../backends/available.ts'
import { freePorts } from '../backends/free-ports.ts'

const root = new URL('../../', import.meta.url).pathname
const run = promisify(execFile)

/** Compose as it is called here: a plug-in of Docker's client, or the older program. Null where there is none. */
function composeHere(): readonly string[] | null {
  const answers = ([program = '', ...args]: readonly string[]) =>
    spawnSync(program, [...args, 'version'], { timeout: 10_000 }).status === 0
  return [['docker', 'compose'], ['docker-compose']].find(answers) ?? null
}

/** Why the whole stack is not brought up here; null where it is. */
export function whyNoStack(): string | null {
  if (!onlyContainers()) return 'fourteen containers are started only where CI_REQUIRE_CONTAINERS=1'
  if (composeHere() === null) throw new Error('no Compose here: install docker-compose')
  return null
}

/** Everything that docker-compose.yml starts, under a name and on ports of its own. */
export interface Stack extends AsyncDisposable {
  readonly hub: string
  readonly custody: string
  /** Resolves when every service says that it is well, and every step of deployment is done. */
  untilWell(): Promise<void>
  /** Runs a service once, and gives what it said. Rejects when it ended otherwise than well. */
  once(service: string, ...command: readonly string[]): Promise<string>
  /** SIGKILL for what a service's container runs, as if it had crashed. Resolves once it has been started again. */
  crash(service: string): Promise<void>
  /** Containers, volumes and networks of this stack. */
  left(): Promise<readonly string[]>
  /** Ends it, and forgets everything that it held. */
  [Symbol.asyncDispose](): Promise<void>
}

const published =
  'HUB CUSTODY PROBATION HOSPITAL MLLP HOUSING TREATMENT REFERRALS CONSENT INBOX OUTCOMES REGISTRY'
const profiles = ['--profile', 'edges', '--profile', 'demo']
const upMsMax = 300_000
const waitMsMax = 240_000

/** Resolves when everything is started, and deployment's steps are done. */
export async function startStack(env: Readonly<Record<string, string>>): Promise<Stack> {
  const name = `throughline-${process.pid}`
  const names = published.split(' ').map((service) => `${service}_PORT`)
  const numbers = await freePorts(names.length)
  const ports = Object.fromEntries(names.map((port, n) => [port, String(numbers[n])]))
  const [program = '', ...first] = composeHere() ?? []
  const compose = async (...args: readonly string[]) => {
    const all = [...first, '--project-name', name, ...args]
    const options = { cwd: root, env: { ...process.env, ...ports, ...env }, timeout: upMsMax }
    return (await run(program, all, options)).stdout
  }
  const stop = async () => void (await compose(...profiles, 'down', '--volumes'))
  try {
    await compose('--profile', 'edges', 'up', '--detach')
  } catch (error) {
    console.error(await compose('logs', '--no-color', '--tail', '20'))
    await stop()
    throw error
  }
  const at = (port: string) => `http://127.0.0.1:${ports[port]}`
  return {
    hub: at('HUB_PORT'),
    custody: at('CUSTODY_PORT'),
    untilWell: () => untilWell(name),
    once: (service, ...command) => compose(...profiles, 'run', '--rm', '-T', service, ...command),
    async crash(service) {
      const id = (await compose('ps', '--quiet', service)).trim()
      const starts = () => docker('inspect', '--format', '{{.RestartCount}}', id)
      const [before] = await starts()
      // The first process only looks after the other, and ends with it; this one may be gone before it can say so.
      const kill = 'kill -9 $(cat /proc/1/task/1/children)'
      await compose('exec', '-T', service, 'sh', '-c', kill).catch(() => {})
      await until(`${service} is started again`, async () => (await starts())[0] !== before)
    },
    async left() {
      const of = ['--filter', `label=com.docker.compose.project=${name}`, '--quiet']
      const kinds = [
        ['ps', '--all'],
        ['volume', 'ls'],
        ['network', 'ls'],
      ]
      const found = await Promise.all(kinds.map((kind) => docker(...kind, ...of)))
      return found.flat()
    },
    [Symbol.asyncDispose]: stop,
  }
}

async function docker(...args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run('docker', args, { timeout: 60_000 })
  return stdout.split('\n').filter((line) => line !== '')
}

async function untilWell(name: string): Promise<void> {
  const labels = [`com.docker.compose.project=${name}`, 'com.docker.compose.oneoff=False']
  const filters = labels.flatMap((label) => ['--filter', `label=${label}`])
  await until('everything is well', async () => {
    const all = await docker('ps', '--all', ...filters, '--format', '{{.Names}}: {{.Status}}')
    const unwell = all.filter((line) => !/\(healthy\)|: Exited \(0\)/.test(line))
    return unwell.length === 0 || unwell.join(', ')
  })
}

/** Asks once a second. Rejects, with the last answer, when it is not so in minutes. */
async function until(what: string, isSo: () => Promise<string | boolean>): Promise<void> {
  const last = Date.now() + waitMsMax
  for (;;) {
    const answer = await isSo()
    if (answer === true) return
    if (Date.now() > last) throw new Error(`not so in time: ${what} (${answer})`)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
}
