import fc from 'fast-check'
import { expect, it } from 'vitest'
import { treatmentDesk } from './testing/desk.ts'
import { canaries, oddFiles } from './testing/odd-files.ts'

const ndtms = ['ndtms-adult-community-extract.csv', 'ndtms-invalid-rows.csv']
const secure = ['secure-setting-extract.csv', 'community-starts-after-release.csv']

it.each([
  ['ndtms', ndtms],
  ['secure-setting', secure],
] as const)(
  'CSV-21: no cell of %s comes back in an answer or a log, whatever is sent',
  async (route, names) => {
    await using treatment = await treatmentDesk()
    await fc.assert(
      fc.asyncProperty(oddFiles(names), async (file) => {
        const before = treatment.lines.length
        const { status, text } = await treatment.upload(route, file)
        expect([200, 400, 415, 422]).toContain(status)
        const told = text + treatment.lines.slice(before).join('\n')
        for (const canary of canaries) expect(told).not.toContain(canary)
      }),
      { numRuns: 150 },
    )
    expect(treatment.metrics.text()).not.toMatch(/anary|Z9777ZZ|0237689/)
    const sums = { in: 0, out: 0 }
    for (const { outcome, count } of await treatment.register.ledger())
      sums[outcome === 'received' ? 'in' : 'out'] += count
    expect(sums.in).toBe(sums.out)
  },
)
