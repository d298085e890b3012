import { processorMs } from '@throughline/intake/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { treatmentDesk } from './testing/desk.ts'
import { canaries, oddFiles } from './testing/odd-files.ts'

const routes = [
  ['ndtms', ['ndtms-adult-community-extract.csv', 'ndtms-invalid-rows.csv']],
  ['secure-setting', ['secure-setting-extract.csv', 'community-starts-after-release.csv']],
] as const

it.each(routes)('answers 10,000 odd files to %s, each within a second', async (route, names) => {
  await using treatment = await treatmentDesk()
  let slowestMs = 0
  await fc.assert(
    fc.asyncProperty(oddFiles(names), async (file) => {
      const startedAt = processorMs()
      const { status, text } = await treatment.upload(route, file)
      slowestMs = Math.max(slowestMs, processorMs() - startedAt)
      expect([200, 400, 415, 422]).toContain(status)
      for (const canary of canaries) expect(text).not.toContain(canary)
      treatment.lines.length = 0
    }),
    { numRuns: 10_000 },
  )
  expect(slowestMs).toBeLessThan(1000)
})
