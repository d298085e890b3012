import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createKeyFile } from '@throughline/consent'
import { tokenHashOf } from '@throughline/service'
import { systemRandom } from '@throughline/stream'

/** An edge in a process of its own, under plain Node. */
export interface EdgeProcess {
  /** Where it listens; of several doors, in the order in which they opened. */
  readonly ports: readonly number[]
  /** Ends it, and gives its exit code. */
  end(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
  readonly ended: Promise<number | null>
  /** All that it said so far. */
  output(): string
}

const token = 'an-agency'
const listens = /^.*"event":"listening".*"port":(\d+).*$/gm

/** A data directory with the keys of a made-up partnership; gone with the test that holds it. */
export function edgeData(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'throughline-edge-'))
  createKeyFile({ directory: path, partnerships: ['testshire'], random: systemRandom() })
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Starts the `main.ts` at this address; resolves once `doors` of it listen, or it has ended. */
export async function startEdge(
  main: URL,
  env: Readonly<Record<string, string>>,
  doors = 1,
): Promise<EdgeProcess> {
  const child = spawn(process.execPath, ['--no-warnings', fileURLToPath(main)], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })
  let output = ''
  const portsIn = (): readonly number[] =>
    [...output.matchAll(listens)].map(([, port]) => Number(port))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const listening = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => {
        output += bytes.toString()
        if (portsIn().length === doors) resolve()
      })
  })
  await Promise.race([listening, ended])
  return {
    ports: portsIn(),
    ended,
    output: () => output,
    end(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}

/** What two lives of an edge, on the same data, make of the same record. */
export async function toldTwice(
  main: URL,
  { path, body, options = {} }: { path: string; body: string; options?: object },
): Promise<readonly { status: number; outcome: string; ready: number; exit: number | null }[]> {
  using data = edgeData()
  const env = edgeEnvironment(data.path, options)
  const lives = []
  for (let life = 1; life <= 2; life += 1) {
    const edge = await startEdge(main, env)
    const base = `http://127.0.0.1:${edge.ports[0]}`
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await fetch(`${base}${path}`, { method: 'POST', headers, body })
    const { results } = (await answer.json()) as { results: readonly { outcome: string }[] }
    const { status: ready } = await fetch(`${base}/readyz`)
    const { status } = answer
    lives.push({ status, outcome: results[0]?.outcome ?? '', ready, exit: await edge.end() })
  }
  return lives
}

/** What an edge says that is given a token instead of its hash, and one that is given no place. */
export async function unconfigured(main: URL): Promise<readonly string[]> {
  const said: string[] = []
  for (const hash of ['not-a-hash', tokenHashOf(token)]) {
    const edge = await startEdge(main, { EDGE_TOKEN_HASH: hash })
    said.push(`${await edge.ended} ${edge.output()}`)
  }
  return said
}

const edgeEnvironment = (data: string, options: object) => ({
  HUB_DATA: data,
  EDGE_PORT: '0',
  EDGE_TOKEN_HASH: tokenHashOf(token),
  EDGE_OPTIONS: JSON.stringify(options),
})
