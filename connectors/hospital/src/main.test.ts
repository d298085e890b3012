import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createKeyFile } from '@throughline/consent'
import { tokenHashOf } from '@throughline/service'
import { systemRandom } from '@throughline/stream'
import { expect, it } from 'vitest'
import { itk, msaOf } from './testing/messages.ts'
import { connectTo } from './testing/trust.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

/** Starts the edge under plain Node; gives its output once both doors listen, or it has ended. */
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
        if (output.split('"event":"listening"').length > 2) resolve()
      })
    }
  })
  await Promise.race([listening, ended])
  return { child, ended, output: () => output }
}

it('starts under plain Node with both doors, and knows after a kill what it has answered', async () => {
  const data = mkdtempSync(join(tmpdir(), 'hospital-'))
  createKeyFile({ directory: data, partnerships: ['testshire'], random: systemRandom() })
  const env = {
    HUB_DATA: data,
    EDGE_PORT: '0',
    EDGE_TOKEN_HASH: tokenHashOf('trust'),
    EDGE_OPTIONS: JSON.stringify({ allowTestNhsNumbers: true, mllp: { port: 0 } }),
  }
  const metrics: string[] = []
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const edge = await start(env)
    const ports = [...edge.output().matchAll(/^.*"event":"listening".*$/gm)].map(([line]) => ({
      isMllp: line.includes('mllp'),
      port: Number(/"port":(\d+)/.exec(line)?.[1]),
    }))
    const portOf = (isMllp: boolean) => ports.find((one) => one.isMllp === isMllp)?.port ?? 0
    const trust = await connectTo(portOf(true))
    trust.send(itk())
    expect((await trust.answers(1)).map(msaOf)).toEqual(['AA|RZZ00000431'])
    metrics.push(await (await fetch(`http://127.0.0.1:${portOf(false)}/metrics`)).text())
    trust.socket.destroy()
    edge.child.kill(signal)
    await edge.ended
  }
  rmSync(data, { recursive: true, force: true })
  expect(metrics[0]).toMatch(/intake_records_total\{.*outcome="published".*\} 1/)
  expect(metrics[1]).toMatch(/intake_records_total\{.*outcome="duplicate".*\} 1/)
})
