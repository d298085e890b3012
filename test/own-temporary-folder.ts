import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

// Each file of tests has a temporary folder of its own: no file finds another's, and none leaves anything.
const shared = process.env['TMPDIR']
const own = mkdtempSync(join(tmpdir(), 'throughline-tests-'))
// A database server that is not root must get through it to a folder of its own.
chmodSync(own, 0o711)
process.env['TMPDIR'] = own

afterAll(() => {
  if (shared === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = shared
  rmSync(own, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
})
