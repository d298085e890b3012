import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeyFile } from '@throughline/consent'
import { systemRandom } from '@throughline/stream'
import { expect, it } from 'vitest'

it('starts alone under plain Node on a data directory, and says that it is ready', async () => {
  const data = mkdtempSync(join(tmpdir(), 'throughline-notify-'))
  createKeyFile({ directory: data, random: systemRandom(), partnerships: ['testshire'] })
  const env = { ...process.env, HUB_DATA: data, HUB_PARTNERSHIP: 'testshire' }
  const node = join(import.meta.dirname, '../../../node_modules/.bin/node')
  const child = spawn(node, [join(import.meta.dirname, 'main.ts')], { env })
  const errors: string[] = []
  child.stderr.on('data', (text: Buffer) => errors.push(text.toString()))
  const first = await new Promise<string>((resolve) => {
    child.stdout.once('data', (text: Buffer) => resolve(text.toString()))
    child.once('exit', () => resolve(errors.join('')))
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const code = await ended
  rmSync(data, { recursive: true })
  expect(JSON.parse(first)).toEqual({ ready: true, processor: 'notify' })
  expect(code).toBe(0)
})
