import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { devConfig } from './dev.ts'

it('gives an agency that is newer than the credentials a token, and leaves the others theirs', () => {
  const data = mkdtempSync(join(tmpdir(), 'dev-'))
  const file = join(data, 'credentials.json')
  const first = devConfig(data)
  const credentials = JSON.parse(readFileSync(file, 'utf8')) as { agencies: object }
  const { custody: _, ...older } = credentials.agencies as Record<string, object>
  writeFileSync(file, JSON.stringify({ ...credentials, agencies: older }))
  const second = devConfig(data)
  const third = devConfig(data)
  rmSync(data, { recursive: true })
  const { custody, ...others } = second.agencies
  expect(custody?.tokenHash).not.toBe(first.agencies.custody?.tokenHash)
  expect(first).toMatchObject({ agencies: others, register: second.register })
  expect(third).toEqual(second)
})
