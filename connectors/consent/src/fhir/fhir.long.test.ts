import { type JsonValue, operationOutcome, readFhirText } from '@throughline/service'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { housingConsent, terms } from '../testing/fhir.ts'
import { readConsent } from './resource.ts'
import { translate } from './translate.ts'

const canaries = ['Quenby-Canary', '9990237689', '07700 900777', '\u202Eyranac', '2026-13-45']
const odd = fc.oneof(
  fc.constantFrom<unknown>(...canaries, null, true, -1, 1e300, '', [], {}, 'x'.repeat(5000)),
  fc.constantFrom('2026', '9999-12-31', '0000-00-00', 'Group/', '#', 'permit', 'deny', 'inactive'),
  fc.constantFrom(...canaries).map((value) => ({ [value]: value })),
  fc.jsonValue({ maxDepth: 4 }),
)

/** Puts something odd somewhere: in the place of a part, or beside it. */
function spoil(whole: unknown, [path, name, value]: readonly [number, string, unknown]): unknown {
  if (typeof whole !== 'object' || whole === null || path === 0) return value
  const keys = Object.keys(whole)
  const key = path % 7 === 6 ? name : (keys[path % (keys.length + 1)] ?? name)
  const inside = (whole as Record<string, unknown>)[key]
  const put = spoil(inside, [Math.floor(path / 7), name, value])
  if (Array.isArray(whole)) return whole.map((one, at) => (String(at) === key ? put : one))
  return { ...whole, [key]: put }
}
const changes = fc.array(
  fc.tuple(
    fc.nat(7 ** 7),
    fc.constantFrom('constructor', 'extension', 'modifierExtension', 'provision', ...canaries),
    odd,
  ),
  { minLength: 1, maxLength: 3 },
)
const resources = changes.map((all) => all.reduce<unknown>(spoil, housingConsent))
const texts = fc
  .array(fc.tuple(fc.nat(), fc.nat(20), fc.string({ unit: 'binary', maxLength: 10 })), {
    maxLength: 4,
  })
  .map((all) =>
    all.reduce((text, [place, gone, put]) => {
      const at = place % (text.length + 1)
      return text.slice(0, at) + put + text.slice(at + gone)
    }, JSON.stringify(housingConsent)),
  )

it('10,000 spoilt consents are read as grants that can be kept, or refused by place and rule', () => {
  let slowestMs = 0
  let taken = 0
  fc.assert(
    fc.property(
      fc.oneof(
        resources.map((one) => JSON.stringify(one)),
        texts,
      ),
      (text) => {
        const startedAt = performance.now()
        const issues = issuesOf(text)
        slowestMs = Math.max(slowestMs, performance.now() - startedAt)
        if (issues === undefined) taken += 1
        const told = JSON.stringify(operationOutcome('Consent', issues ?? []))
        for (const canary of canaries) expect(told).not.toContain(canary)
      },
    ),
    { numRuns: 10_000 },
  )
  expect(slowestMs).toBeLessThan(1000)
  expect(taken).toBeGreaterThan(100)
})

function issuesOf(text: string) {
  const json = readFhirText(text)
  if (!json.ok) return [json.issue]
  const consent = readConsent(json.body as JsonValue)
  if (!consent.ok) return consent.issues
  const word = translate(consent.value, terms)
  if (!word.ok) return word.issues
  if (word.value.kind === 'ended') return undefined
  for (const { from, until, recipients } of word.value.grants) {
    expect(until).toBeGreaterThan(from)
    expect(recipients.length).toBeGreaterThan(0)
  }
  return undefined
}
