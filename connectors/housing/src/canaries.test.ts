import { canaries } from '@throughline/intake/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openDesk, type Route } from './testing/desk.ts'
import { spoiltExtract, spoiltLog, spoiltRecord } from './testing/spoilt.ts'

const doors: readonly [Route, string, fc.Arbitrary<unknown>][] = [
  ['duty-to-refer', 'application/json', spoiltRecord('duty-to-refer-accepted.json')],
  [
    'tenancies',
    'application/json',
    spoiltRecord('tenancy-arrears-notice-asb.json', 'rough-sleeping-contact.json'),
  ],
  ['homelessness', 'text/csv', spoiltExtract],
  ['core-lettings', 'text/csv', spoiltLog],
]

it.each(doors)(
  'HTTP-26, CSV-21: no value comes back from %s in an answer or a log, and nothing breaks',
  async (route, contentType, spoilt) => {
    await using housing = await openDesk()
    await fc.assert(
      fc.asyncProperty(spoilt, async (body) => {
        const before = housing.lines.length
        const answer = await housing.post(`/intake/housing/${route}`, body, { contentType })
        expect([200, 202, 400, 413, 415, 422]).toContain(answer.status)
        const told = answer.text + housing.lines.slice(before).join('\n')
        for (const canary of canaries) expect(told).not.toContain(canary)
      }),
      { numRuns: 200 },
    )
    expect(housing.metrics.text()).not.toMatch(/anary|Z9777ZZ|0237689/)
  },
)
