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

/** Starts the edge under plain Node; gives its output once it listens or has ended. */
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
  return { child, ended, output: () => output }
}

it('starts under plain Node, keeps what it is sent, and still knows it after a restart', async () => {
  const data = mkdtempSync(join(tmpdir(), 'probation-'))
  createKeyFile({ directory: data, partnerships: ['testshire'], random: systemRandom() })
  const env = { HUB_DATA: data, EDGE_PORT: '0', EDGE_TOKEN_HASH: tokenHashOf('probation') }
  const outcomes: unknown[] = []
  for (let run = 0; run < 2; run++) {
    const edge = await start(env)
    const port = /"port":(\d+)/.exec(edge.output())?.[1]
    const answer = await fetch(`http://127.0.0.1:${port}/intake/probation/domain-events`, {
      method: 'POST',
      headers: { authorization: 'Bearer probation', 'content-type': 'application/json' },
      body: textOf('licence-activated.json'),
    })
    outcomes.push([
      answer.status,
      ((await answer.json()) as { results: { outcome: string }[] }).results[0]?.outcome,
    ])
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
    edge.child.kill('SIGTERM')
    expect(await edge.ended).toBe(0)
  }
  rmSync(data, { recursive: true, force: true })
  expect(outcomes).toEqual([
    [202, 'published'],
    [202, 'duplicate'],
  ])
})

it('does not start without its configuration, and says which member is wrong or missing', async () => {
  const unknown = await start({ EDGE_TOKEN_HASH: 'not-a-hash' })
  expect(await unknown.ended).not.toBe(0)
  expect(unknown.output()).toMatch(/EDGE_TOKEN_HASH: invalid_format/)
  expect(unknown.output()).not.toContain('not-a-hash')
  const homeless = await start({ EDGE_TOKEN_HASH: tokenHashOf('probation') })
  expect(await homeless.ended).not.toBe(0)
  expect(homeless.output()).toMatch(/HUB_DATA: missing/)
})
