import { canaries, spoiltJson } from '@throughline/intake/testing'
import { parseJson } from '@throughline/service'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { example, exampleNames } from './testing/examples.ts'
import { openOffice } from './testing/office.ts'

it('HTTP-26: no value comes back in an answer or a log, and nothing breaks, whatever is sent', async () => {
  await using office = await openOffice()
  await fc.assert(
    fc.asyncProperty(spoiltJson(exampleNames.map(example)), async (record) => {
      const before = office.log.length
      const { status, text } = await office.refer(record)
      expect([202, 400, 422]).toContain(status)
      const told = text + office.log.slice(before).join('\n')
      for (const canary of canaries) expect(told).not.toContain(canary)
    }),
    { numRuns: 300 },
  )
})

it('a form full of canaries comes back to its own sender alone, escaped, and to no log', async () => {
  await using office = await openOffice()
  const gp = await office.browser('gp-1')
  for (const canary of canaries) {
    const { html, status } = await gp.post('/referrals', {
      given: canary,
      family: canary,
      phone: canary,
      email: canary,
      note: canary,
      kind: canary,
      reason: canary,
      'number-NHS': canary,
      'dateOfBirth-day': canary,
      toService: canary,
      never: [canary],
      mayHear: [canary],
      key: canary,
    })
    expect(status).toBe(422)
    expect(html).not.toContain('<script>canary')
    expect(office.log.join('\n')).not.toContain(canary)
  }
})

it('reads its own examples from their text', () => {
  for (const name of exampleNames) {
    expect(parseJson(JSON.stringify(example(name)))).toEqual(example(name))
  }
})
