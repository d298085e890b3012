import { canaries, spoiltJson } from '@throughline/intake/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openDesk } from './testing/desk.ts'
import { example, exampleNames } from './testing/examples.ts'

/** An example with some of its places spoilt. */
const spoilt = fc
  .constantFrom(...exampleNames)
  .chain((name) => spoiltJson([example(name)]).map((message) => ({ name, message })))

it('HTTP-26: no value comes back in an answer or a log, and nothing breaks, whatever is sent', async () => {
  await using custody = await openDesk()
  await fc.assert(
    fc.asyncProperty(spoilt, async ({ name, message }) => {
      const route = `/intake/custody/${name.startsWith('police-') ? 'police' : 'domain-events'}`
      const before = custody.lines.length
      const { status, text, results } = await custody.post(route, message)
      expect([202, 400, 413, 422]).toContain(status)
      expect(status === 400 || status === 413 || results.length > 0).toBe(true)
      const told = text + custody.lines.slice(before).join('\n')
      for (const canary of canaries) expect(told).not.toContain(canary)
    }),
    { numRuns: 400 },
  )
  expect(custody.metrics.text()).not.toMatch(/anary|Z9777ZZ|0237689/)
})
