import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createKeyFile } from '@throughline/consent'
import { tokenHashOf } from '@throughline/service'
import { systemRandom } from '@throughline/stream'
import { expect, it } from 'vitest'
import { textOf } from './testing/examples.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

/** Starts the edge under plain Node; gives its port once it listens. */
async function start(env: Record<string, string>) {
  const child = spawn(process.execPath, ['--no-warnings', main], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const listening = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        output += bytes.toString()
        if (output.includes('"event":"listening"')) resolve()
      })
    }
  })
  await Promise.race([listening, ended])
  return { child, ended, port: /"port":(\d+)/.exec(output)?.[1] }
}

it('starts under plain Node, keeps what it is sent, and still knows it after a restart', async () => {
  const data = mkdtempSync(join(tmpdir(), 'housing-'))
  createKeyFile({ directory: data, partnerships: ['testshire'], random: systemRandom() })
  const env = { HUB_DATA: data, EDGE_PORT: '0', EDGE_TOKEN_HASH: tokenHashOf('council') }
  const answers: unknown[] = []
  for (let run = 0; run < 2; run++) {
    const edge = await start(env)
    const post = async (route: string, name: string, type: string) => {
      const answer = await fetch(`http://127.0.0.1:${edge.port}/intake/housing/${route}`, {
        method: 'POST',
        headers: { authorization: 'Bearer council', 'content-type': type },
        body: textOf(name),
      })
      return (await answer.json()) as { results: { outcome: string }[]; unchanged: number }
    }
    const referral = await post('duty-to-refer', 'duty-to-refer-accepted.json', 'application/json')
    const extract = await post('homelessness', 'hclic-style-duties.csv', 'text/csv')
    answers.push([referral.results[0]?.outcome, extract.unchanged])
    edge.child.kill('SIGTERM')
    expect(await edge.ended).toBe(0)
  }
  rmSync(data, { recursive: true, force: true })
  expect(answers).toEqual([
    ['published', 0],
    ['duplicate', 6],
  ])
})
