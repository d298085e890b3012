import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { movementEvent } from '../agencies/prison.ts'
import type { Subject } from './county.ts'

/** A hub in a process of its own, on the machine's clock, as `npm start -- --dev` runs it. */
export interface HubChild extends AsyncDisposable {
  /** Resolves when the acceptance has been answered. */
  release(subject: Subject): Promise<void>
  /** Reads the lead's list again and again, at once, until it names the person. */
  readUntilNamed(subject: Subject): Promise<void>
  /** Resident memory in MiB. */
  residentMb(): number
}

interface Credentials {
  readonly agencies: { readonly custody: { readonly token: string } }
  readonly practitioners: readonly { readonly id: string; readonly token: string }[]
}

const root = new URL('../../', import.meta.url).pathname
const longestWaitMs = 60_000

/** Resolves when the hub says that it is ready. */
export async function startHubChild(data: string): Promise<HubChild> {
  const args = [
    join(root, 'deploy/hub/src/main.ts'),
    '--dev',
    `--data=${data}`,
    '--port=0',
    '--mllp-port=0',
  ]
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
  const agent = new Agent({ keepAlive: true })
  const ask = (method: string, path: string, token: string | undefined, body?: object) =>
    asked({ agent, port, method, path, token, body })

  return {
    async release({ person }) {
      const event = movementEvent({
        family: 'search',
        movement: 'released',
        noms: person.noms,
        prison: 'TSI',
        movedAt: Date.now() - 60_000,
        code: 'CR',
      })
      const { token } = credentials.agencies.custody
      const answer = await ask('POST', '/intake/custody/domain-events', token, event)
      if (!answer.includes('"published"')) throw new Error(`not published: ${answer}`)
    },
    async readUntilNamed({ personId, lead }) {
      const until = performance.now() + longestWaitMs
      while (performance.now() < until) {
        const list = await ask('GET', `/notices?practitioner=${lead}&state=open`, tokenOf(lead))
        if (list.includes(personId)) return
      }
      throw new Error('the notice did not come')
    },
    residentMb: () => residentMb(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      agent.destroy()
      child.kill('SIGTERM')
      await gone
    },
  }
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
  readonly body: object | undefined
}

function asked({ agent, port, method, path, token, body }: Ask): Promise<string> {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json',
    ...(body && { 'content-type': 'application/json' }),
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
    asking.end(body && JSON.stringify(body))
  })
}

/** From Linux's own account of the process; not a number elsewhere. */
function residentMb(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
  } catch {
    return Number.NaN
  }
}
