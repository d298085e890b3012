import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { movementEvent } from '../agencies/prison.ts'
import type { Subject } from './county.ts'

/** A hub in a process of its own, on the machine's clock, as `npm start -- --dev` runs it. */
export interface HubChild extends AsyncDisposable {
  /** Resolves when the acceptance has been answered. */
  release(subject: Subject): Promise<void>
  /** Reads the lead's list again and again, at once, until it names the person. */
  readUntilNamed(subject: Subject): Promise<void>
  /** Sends what an agency publishes, in its own format; throws unless all of it was taken. */
  publish(agency: Agency, path: string, body: object | string): Promise<void>
  /** Uploads a CSV file, part by part, and gives the answer. */
  upload(agency: Agency, path: string, parts: Iterable<string>): Promise<string>
  /** Resident memory now, in MiB. */
  residentMb(): number
  /** The most it has ever been, in MiB. */
  mostResidentMb(): number
  /** Processor time since it started, in seconds. */
  cpuSeconds(): number
}

type Agency = 'custody' | 'probation' | 'hospital' | 'housing' | 'treatment'

interface Credentials {
  readonly agencies: Readonly<Record<Agency, { readonly token: string }>>
  readonly practitioners: readonly { readonly id: string; readonly token: string }[]
}

const root = new URL('../../', import.meta.url).pathname
const longestWaitMs = 60_000
const idleSocketMs = 3_000

/** Resolves when the hub says that it is ready. */
export async function startHubChild(data: string): Promise<HubChild> {
  const args = [...startArguments(), '--dev', `--data=${data}`, '--port=0', '--mllp-port=0']
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = lastLines(child.stderr)
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const port = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const ready = line.startsWith('{') ? (JSON.parse(line) as { port?: number }) : {}
      if (ready.port !== undefined) resolve(ready.port)
    })
    void gone.then(() => reject(new Error(`the hub did not start\n${said().join('\n')}`)))
  })
  const credentials = JSON.parse(
    readFileSync(join(data, 'credentials.json'), 'utf8'),
  ) as Credentials
  const tokenOf = (lead: string) => credentials.practitioners.find(({ id }) => id === lead)?.token
  // The hub closes what has been idle for five seconds; who sends just then is cut off.
  const agent = new Agent({ keepAlive: true, scheduling: 'lifo', timeout: idleSocketMs })
  const ask = (method: string, path: string, token: string | undefined, body?: Body) =>
    asked({ agent, port, method, path, token, body })

  const publish: HubChild['publish'] = async (agency, path, body) => {
    const answer = await ask('POST', path, credentials.agencies[agency].token, body)
    if (!/"published"|\rMSA\|AA/.test(answer)) throw new Error(`not published: ${answer}`)
  }

  return {
    publish,
    upload: (agency, path, parts) => ask('POST', path, credentials.agencies[agency].token, parts),
    async release({ person }) {
      const event = movementEvent({
        family: 'search',
        movement: 'released',
        noms: person.noms,
        prison: 'TSI',
        movedAt: Date.now() - 60_000,
        code: 'CR',
      })
      await publish('custody', '/intake/custody/domain-events', event)
    },
    async readUntilNamed({ personId, lead }) {
      const until = performance.now() + longestWaitMs
      while (performance.now() < until) {
        const list = await ask('GET', `/notices?practitioner=${lead}&state=open`, tokenOf(lead))
        if (list.includes(personId)) return
      }
      throw new Error('the notice did not come')
    },
    residentMb: () => memoryMb(child.pid ?? 0, 'VmRSS'),
    mostResidentMb: () => memoryMb(child.pid ?? 0, 'VmHWM'),
    cpuSeconds: () => cpuSeconds(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      agent.destroy()
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** What `npm start` gives to node: its own options, and the script. */
function startArguments(): readonly string[] {
  const text = readFileSync(join(root, 'package.json'), 'utf8')
  const { scripts } = JSON.parse(text) as { readonly scripts: { readonly start: string } }
  return scripts.start.split(' ').slice(1)
}

/** What it said last: read as it comes, or the hub would wait for us. */
function lastLines(stream: Readable): () => readonly string[] {
  const lines: string[] = []
  createInterface({ input: stream }).on('line', (line) => {
    lines.push(line)
    if (lines.length > 20) lines.shift()
  })
  return () => lines
}

interface Ask {
  readonly agent: Agent
  readonly port: number
  readonly method: string
  readonly path: string
  readonly token: string | undefined
  readonly body: Body | undefined
}

/** JSON, HL7, or the parts of a CSV file. */
type Body = object | string | Iterable<string>

const isParts = (body: Body | undefined): body is Iterable<string> =>
  typeof body === 'object' && Symbol.iterator in body

const typeOf = (body: Body): string =>
  typeof body === 'string'
    ? 'application/hl7-v2+er7'
    : isParts(body)
      ? 'text/csv'
      : 'application/json'

function asked({ agent, port, method, path, token, body }: Ask): Promise<string> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(typeof body !== 'string' && { accept: 'application/json' }),
    ...(body !== undefined && { 'content-type': typeOf(body) }),
  }
  return new Promise((resolve, reject) => {
    const asking = request({ agent, host: '127.0.0.1', port, method, path, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        if ((answer.statusCode ?? 500) < 300) resolve(text)
        else reject(new Error(`${method} answered ${answer.statusCode}: ${text}`))
      })
    })
    asking.on('error', reject)
    if (isParts(body)) Readable.from(body).pipe(asking)
    else asking.end(typeof body === 'string' ? body : body && JSON.stringify(body))
  })
}

/** From Linux's own account of the process; not a number elsewhere. */
function memoryMb(pid: number, which: 'VmRSS' | 'VmHWM'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(new RegExp(`${which}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024
  } catch {
    return Number.NaN
  }
}

const ticksPerSecond = 100

/** As above: time spent in the process itself and, for it, in the kernel. */
function cpuSeconds(pid: number): number {
  try {
    // The name stands in brackets and may be anything; what is counted comes behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  } catch {
    return Number.NaN
  }
}
