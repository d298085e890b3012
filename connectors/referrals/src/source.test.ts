import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { referralSchema } from './payload.ts'
import { changed, example, exampleNames, outcomes } from './testing/examples.ts'
import { openOffice } from './testing/office.ts'

const at = '/intake/referrals'
const faultWords = (faults: readonly { path: string; rule: string }[] = []) =>
  faults.map(({ path, rule }) => `${path}: ${rule}`)

describe('what any other source tells', () => {
  it('has an outcome for every example', () => {
    expect(Object.keys(outcomes).toSorted()).toEqual(exampleNames)
  })

  it.each(exampleNames)('%s gets the answer that its table says', async (name) => {
    await using office = await openOffice()
    const { results, status } = await office.refer(example(name))
    const [result] = results
    const expected = outcomes[name]
    expect(status).toBe(expected?.outcome === 'rejected' ? 422 : 202)
    expect({
      outcome: result?.outcome,
      ...(result?.outcome === 'published' && { events: result.events }),
      ...(result?.outcome === 'published' &&
        result.warnings && { warnings: faultWords(result.warnings) }),
      ...(result?.outcome === 'rejected' && { errors: faultWords(result.errors) }),
      ...(expected?.atDesk !== undefined && { atDesk: result?.referralId !== undefined }),
    }).toEqual(expected)
  })

  it('is told as the agency whose credential it came with, on that agency’s topic', async () => {
    await using office = await openOffice()
    await office.refer(example('gp-alcohol.json'))
    await office.refer(example('police-conditional-caution.json'), 'custody')
    const told = await office.told()
    expect(told.map(({ topic, schema }) => `${topic} ${schema}`)).toEqual([
      'agency.other.v1 ReferralMade',
      'agency.other.v1 AlcoholScoreRecorded',
      'agency.custody.v1 ReferralMade',
    ])
    expect(told[2]?.value).toMatchObject({
      source: { agency: 'custody', system: 'testshire-police' },
      referralRef: 'CC-2026-0183',
      reason: 'conditional-caution',
      agreed: true,
      toAttendBy: Date.parse('2026-03-16T17:00:00Z'),
    })
  })

  it('sends on nothing but numbers and codes: no name, contact, birth date or note', async () => {
    await using office = await openOffice()
    await office.refer(example('gp-alcohol.json'))
    const told = JSON.stringify(await office.told())
    for (const own of ['Corwin', 'Fenwright', '1987', '07700', 'mornings', 'practice-nurse'])
      expect(told).not.toContain(own)
    expect(told).toContain('9990000115')
  })

  it('leaves a relative’s number with whoever sent it, and says so', async () => {
    await using office = await openOffice()
    const { results } = await office.refer(example('relatives-phone.json'))
    const id = results[0]?.referralId ?? ''
    const shown = await (await office.call('intake-1', `/referrals/${id}`)).text()
    expect(shown).toContain('Fenwright')
    expect(shown).not.toContain('900166')
  })

  it('keeps nothing of somebody who agreed neither here nor on the register', async () => {
    await using office = await openOffice()
    await office.refer(example('liaison-not-agreed.json'))
    expect(await office.told()).toEqual([])
    expect(await office.register.referrals({ service: 'testshire-recovery' })).toEqual([])
  })

  it('is a duplicate when it comes twice, with the same id, and a conflict with other words', async () => {
    await using office = await openOffice()
    const first = await office.refer(example('gp-alcohol.json'))
    const again = await office.refer(example('gp-alcohol.json'))
    const other = await office.refer(changed('gp-alcohol.json', { 'referral.note': 'Other words' }))
    expect(again.results[0]).toMatchObject({
      outcome: 'duplicate',
      referralId: first.results[0]?.referralId,
    })
    expect(other.results[0]).toMatchObject({ outcome: 'quarantined', reason: 'conflict' })
    expect(await office.register.referrals({ service: 'testshire-recovery' })).toHaveLength(1)
  })

  it('has a published schema that is the one it reads by', () => {
    const written = readFileSync(new URL('../referral.schema.json', import.meta.url), 'utf8')
    expect(JSON.parse(written)).toEqual(referralSchema())
  })
})

describe('bad input at the door', () => {
  const bad: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ['an unknown member', { 'referral.priority': 'high' }, 'referral.priority: unknown-member'],
    ['an unknown record type', { recordType: 'gossip' }, 'recordType: not-in-list'],
    ['a later version of the format', { formatVersion: 2 }, 'formatVersion: not-in-list'],
    ['a missing service', { 'referral.toService': undefined }, 'referral.toService: required'],
    [
      'a time without a zone',
      { occurredAt: '2026-03-02T10:15:00' },
      'occurredAt: timestamp-needs-offset',
    ],
    ['a time in the future', { occurredAt: '2026-04-02T10:15:00Z' }, 'occurredAt: in-future'],
    [
      'a birth in the future',
      { 'person.dateOfBirth': '2027-01-01' },
      'person.dateOfBirth: in-future',
    ],
    ['a day that is none', { 'person.dateOfBirth': '1987-02-30' }, 'person.dateOfBirth: shape'],
    [
      'a number that fails its check',
      { 'person.identifiers': [{ type: 'NHS', value: '9990000116' }] },
      'person.identifiers.0.value: nhs-number-check-digit',
    ],
    ['a way both safe and never', { 'contact.never': ['text'] }, 'contact.never: safe-or-never'],
    [
      'an AUDIT-C of 22',
      { 'referral.alcoholScore': { instrument: 'AUDIT_C', score: 22 } },
      'referral.alcoholScore.score: score-range',
    ],
    [
      'an organisation in capitals',
      { 'source.organisation': 'GP Surgery' },
      'source.organisation: shape',
    ],
    ['a note without end', { 'referral.note': 'x'.repeat(2001) }, 'referral.note: size'],
    ['text for an object', { person: 'Corwin' }, 'person: type'],
  ]
  it.each(bad)('%s is rejected by place and rule', async (_what, changes, expected) => {
    await using office = await openOffice()
    const { status, results } = await office.refer(changed('gp-alcohol.json', changes))
    const [result] = results
    expect(status).toBe(422)
    expect(result?.outcome === 'rejected' && faultWords(result.errors)).toContain(expected)
    expect(await office.told()).toEqual([])
  })

  it('HTTP-1, 19: needs an agency’s credential, and any agency’s will do', async () => {
    await using office = await openOffice()
    const body = JSON.stringify(example('gp-alcohol.json'))
    const statuses: number[] = []
    for (const token of ['', 'made-up', 'register', 'lp-1', 'operator', 'elsewhere', 'housing']) {
      const headers = {
        'content-type': 'application/json',
        ...(token !== '' && { authorization: `Bearer token-of-${token}` }),
      }
      const { status } = await fetch(`${office.url}${at}`, { method: 'POST', body, headers })
      statuses.push(status)
    }
    expect(statuses).toEqual([401, 401, 403, 403, 403, 403, 202])
  })

  it('HTTP-11 to 16: refuses what is not plain JSON of a bearable size', async () => {
    await using office = await openOffice({ bodyLimit: 4096, recordsMax: 2 })
    const post = async (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') =>
      (
        await fetch(`${office.url}${at}`, {
          method: 'POST',
          body,
          headers: { authorization: 'Bearer token-of-other', 'content-type': type },
        })
      ).status
    expect(await post(' '.repeat(4097))).toBe(413)
    expect(await post('{}', 'text/plain')).toBe(415)
    expect(await post('{}', 'application/json; charset=utf-16')).toBe(415)
    expect(await post(new Uint8Array([0x7b, 0xff, 0x7d]))).toBe(400)
    expect(await post('{"a":1,"a":2}')).toBe(400)
    expect(await post('{"__proto__":{"x":1}}')).toBe(400)
    expect(await post('[1e400]')).toBe(400)
    expect(await post('['.repeat(100) + ']'.repeat(100))).toBe(400)
    expect(await post('"text"')).toBe(400)
    expect(await post('[]')).toBe(400)
    expect(await post('[{},{},{}]')).toBe(413)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  it('HTTP-18: answers alike whether or not the person is known to the hub', async () => {
    await using known = await openOffice()
    await using unknown = await openOffice()
    const { hashesOf } = await import('@throughline/intake')
    const { testIds } = await import('@throughline/intake/testing')
    const identifiers = hashesOf(testIds, [
      { type: 'NHS', value: '9990000115', issuer: null, verified: true },
    ])
    await known.register.change({
      kind: 'record-consent',
      personId: 'p-1',
      isNew: true,
      expectedVersion: null,
      state: 'given',
      identifiers,
      grants: [],
      sealed: new Uint8Array(),
      by: 'lp-1',
    })
    for (const name of exampleNames) {
      const [one, other] = [await known.refer(example(name)), await unknown.refer(example(name))]
      expect(one.text).toBe(other.text)
      expect(one.status).toBe(other.status)
    }
  })

  it('HTTP-23, 27: answers 503 when nothing could be kept, and leaves no key behind', async () => {
    await using office = await openOffice()
    office.breakRegister(true)
    const { status, text } = await office.refer(example('gp-alcohol.json'))
    expect([status, text]).toEqual([503, expect.not.stringContaining('9990000115')])
    expect(await office.register.referrals({ service: 'testshire-recovery' })).toEqual([])
    office.breakRegister(false)
    expect((await office.refer(example('gp-alcohol.json'))).results[0]?.outcome).toBe('published')
    office.keys.available = false
    const unsealed = await office.refer(changed('gp-alcohol.json', { recordReference: 'RF-2' }))
    expect(unsealed.status).toBe(503)
    expect(await office.register.referrals({ service: 'testshire-recovery' })).toHaveLength(1)
  })

  it('takes the rest of a list when some of it is wrong', async () => {
    await using office = await openOffice()
    const { status, results } = await office.refer([
      example('gp-alcohol.json'),
      example('nobody-named.json'),
    ])
    expect([status, results.map(({ outcome }) => outcome)]).toEqual([
      202,
      ['published', 'rejected'],
    ])
  })
})
