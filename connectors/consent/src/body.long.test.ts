import { JsonFault, parseJson } from '@throughline/service'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assignmentSchema, consentSchema, withdrawalSchema } from './body.ts'
import { faultsOf } from './faults.ts'
import { corwin } from './testing/people.ts'

const canaries = ['Quenby-Canary', '9990237689', '07700 900777', '\u202Eyranac', '2026-13-45']
const odd = fc.oneof(
  fc.constantFrom<unknown>(...canaries, null, true, -1, 1e300, '', [], {}, 'x'.repeat(5000)),
  fc.constantFrom(...canaries).map((value) => ({ [value]: value })),
  fc.jsonValue({ maxDepth: 4 }),
)
const grant = corwin.grants[0]
const identifier = corwin.identifiers[0]
const spoiltIn = (whole: object) =>
  fc
    .dictionary(fc.constantFrom(...Object.keys(whole), 'constructor', 'nickname'), odd, {
      maxKeys: 3,
    })
    .map((changes) => ({ ...whole, ...changes }))
const bodies = fc.oneof(
  spoiltIn(corwin),
  fc.array(spoiltIn(grant), { maxLength: 3 }).map((grants) => ({ ...corwin, grants })),
  fc
    .array(spoiltIn(identifier), { maxLength: 5 })
    .map((identifiers) => ({ ...corwin, identifiers })),
  spoiltIn(corwin.taken).map((taken) => ({ ...corwin, taken })),
  spoiltIn({ purposes: ['care-coordination'], by: 'person', reason: null }),
  fc.jsonValue({ maxDepth: 6 }),
)
const texts = fc
  .array(fc.tuple(fc.nat(), fc.nat(20), fc.string({ unit: 'binary', maxLength: 10 })), {
    maxLength: 4,
  })
  .map((changes) =>
    changes.reduce((text, [place, gone, put]) => {
      const at = place % (text.length + 1)
      return text.slice(0, at) + put + text.slice(at + gone)
    }, JSON.stringify(corwin)),
  )

const read = (body: unknown): void => {
  for (const schema of [consentSchema, withdrawalSchema, assignmentSchema]) {
    const parsed = schema.safeParse(body)
    if (parsed.success) continue
    const told = JSON.stringify(faultsOf(parsed.error))
    for (const canary of canaries) expect(told).not.toContain(canary)
  }
}

it('10,000 spoilt consents, withdrawals and assignments are read, or refused by place and rule', () => {
  let slowestMs = 0
  fc.assert(
    fc.property(fc.oneof(bodies, texts), (given) => {
      const startedAt = performance.now()
      try {
        read(typeof given === 'string' ? parseJson(given, { prototypeMembers: 'refuse' }) : given)
      } catch (error) {
        expect(error).toBeInstanceOf(JsonFault)
      }
      slowestMs = Math.max(slowestMs, performance.now() - startedAt)
    }),
    { numRuns: 10_000 },
  )
  expect(slowestMs).toBeLessThan(1000)
})
