import { canaries } from '@throughline/intake/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openDesk } from './testing/desk.ts'
import { pathOf } from './testing/examples.ts'
import { spoilt } from './testing/spoilt.ts'

it('HTTP-26: no value comes back in an answer or a log, and nothing breaks, whatever is sent', async () => {
  await using probation = await openDesk()
  await fc.assert(
    fc.asyncProperty(spoilt, async ({ name, message }) => {
      const before = probation.lines.length
      const { status, text, headers, results } = await probation.post(pathOf(name), message)
      expect([202, 400, 413]).toContain(status)
      expect(status !== 202 || results.length > 0).toBe(true)
      const told = [text, ...probation.lines.slice(before), ...headers.values()].join('\n')
      for (const canary of canaries) expect(told).not.toContain(canary)
    }),
    { numRuns: 400 },
  )
  expect(probation.metrics.text()).not.toMatch(/anary|Z9777ZZ|Q977777/)
})
