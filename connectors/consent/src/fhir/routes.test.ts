import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Desk, openDesk } from '../testing/desk.ts'
import { changed, housingConsent } from '../testing/fhir.ts'
import { corwin } from '../testing/people.ts'

let desk: Desk
let personId: string
beforeEach(async () => {
  desk = await openDesk()
  const response = await desk.call('register', 'POST', '/consents', corwin)
  ;({ personId } = (await response.json()) as { personId: string })
  await desk.clock.advanceTo(Date.parse('2026-05-20T09:00:00Z'))
})
afterEach(() => desk[Symbol.asyncDispose]())

interface Outcome {
  readonly resourceType: string
  readonly issue: readonly {
    readonly severity: string
    readonly code: string
    readonly details: { readonly coding: readonly { readonly code: string }[] }
    readonly expression: readonly string[]
  }[]
}

const put = (body: unknown, as = 'register', type = 'application/fhir+json', person = personId) =>
  desk.call(as, 'PUT', `/consents/${person}/fhir`, body, { 'content-type': type })
/** Status, rule and element of the answer. */
const said = async (answering: Promise<Response>) => {
  const response = await answering
  const { issue } = (await response.json()) as Outcome
  return [response.status, issue[0]?.details.coding[0]?.code, issue[0]?.expression[0]]
}
const versioned = (versionId: string, changes: Parameters<typeof changed>[0] = {}) =>
  changed({ meta: { versionId }, ...changes })
const end = (date: string) => ({ 'provision.period.end': date })
const housing = async () => {
  const person = await desk.register.person(personId)
  const until = person?.grants.find(({ purpose }) => purpose === 'care-coordination')?.until
  return [
    person?.version,
    person?.state,
    until === undefined ? null : new Date(until).toISOString().slice(0, 10),
  ]
}
const withdraw = () =>
  desk.call('register', 'POST', `/consents/${personId}/withdrawals`, {
    purposes: ['care-coordination', 'break-glass'],
  })

const recorded = [200, 'recorded', 'Consent']
const unchanged = [200, 'unchanged', 'Consent']

describe('a FHIR Consent', () => {
  it('replaces what was agreed, and keeps who they are and who works with them', async () => {
    expect(await said(put(housingConsent))).toEqual(recorded)
    const response = await desk.call('register', 'GET', `/consents/${personId}`)
    expect(await response.json()).toMatchObject({
      version: 2,
      displayName: 'Corwin F.',
      ownWords: corwin.ownWords,
      safeContact: corwin.safeContact,
      identifiers: corwin.identifiers,
      assignments: [{ practitionerId: 'lp-1' }, { practitionerId: 'lp-2' }, {}],
      taken: { by: 'register', method: 'fhir-consent' },
      grants: [{ purpose: 'care-coordination' }, { purpose: 'break-glass' }],
    })
  })

  it('changes nothing when it comes again, with or without a version', async () => {
    await put(housingConsent)
    const { meta: _, ...sorted } = housingConsent
    const shuffled = Object.fromEntries(Object.entries(sorted).toReversed())
    expect(await said(put(shuffled))).toEqual(unchanged)
    await put(versioned('7', end('2027-01-31')))
    expect(await said(put(versioned('7', end('2027-01-31')), 'lp-1'))).toEqual(unchanged)
    expect(await housing()).toEqual([3, 'given', '2027-02-01'])
  })

  it('of a version that said something else before is refused', async () => {
    await put(versioned('7'))
    const again = put(versioned('7', end('2027-01-31')))
    expect(await said(again)).toEqual([409, 'version-reused', 'Consent.meta.versionId'])
    expect(await housing()).toEqual([2, 'given', '2027-05-14'])
  })

  it('of an older version changes nothing, however late it comes', async () => {
    await put(versioned('10', end('2026-12-31')))
    expect(await said(put(versioned('9')))).toEqual(unchanged)
    const at = (lastUpdated: string) => ({ meta: { lastUpdated } })
    await put(changed({ ...at('2026-05-18T10:00:00Z'), ...end('2026-11-30') }))
    expect(await said(put(changed(at('2026-05-17T10:00:00Z'))))).toEqual(unchanged)
    expect(await housing()).toEqual([3, 'given', '2026-12-01'])
  })

  it('opens nothing again that the person has taken back', async () => {
    await put(versioned('1'))
    await withdraw()
    expect(await said(put(versioned('1')))).toEqual(unchanged)
    const later = versioned('2', end('2027-04-30'))
    expect(await said(put(later))).toEqual([409, 'withdrawn-since', 'Consent.dateTime'])
    expect(await housing()).toEqual([3, 'withdrawn', null])
    await desk.clock.advanceTo(Date.parse('2026-05-21T09:00:00Z'))
    const anew = versioned('3', { dateTime: '2026-05-21T09:30:00+01:00' })
    expect(await said(put(anew))).toEqual(recorded)
  })

  it('from before what the person said last is refused', async () => {
    const taken = { ...corwin.taken, at: '2026-05-19T10:00:00Z' }
    await desk.call('register', 'PUT', `/consents/${personId}`, { ...corwin, taken })
    expect(await said(put(housingConsent))).toEqual([409, 'said-since', 'Consent.dateTime'])
  })

  it('that denies everything stops sharing', async () => {
    const nothing = changed({ 'provision.provision': undefined })
    expect(await said(put(nothing))).toEqual([200, 'stopped', 'Consent'])
    expect(await said(put(nothing))).toEqual(unchanged)
    expect(await housing()).toEqual([2, 'withdrawn', null])
  })

  it('that is over stops what was read from it, and nothing else', async () => {
    const over = versioned('2', { status: 'inactive' })
    expect(await said(put(over))).toEqual([409, 'not-in-force', 'Consent.id'])
    await put(versioned('1'))
    expect(await said(put(over))).toEqual([200, 'stopped', 'Consent'])
    expect(await said(put(over))).toEqual(unchanged)
  })

  it('with a number in use by then waits for somebody to look', async () => {
    await withdraw()
    const { status } = await desk.call('register', 'POST', '/consents', {
      ...corwin,
      displayName: 'Tamsel O.',
    })
    expect(status).toBe(201)
    await desk.clock.advanceTo(Date.parse('2026-05-22T09:00:00Z'))
    const anew = put(changed({ dateTime: '2026-05-21' }))
    expect(await said(anew)).toEqual([200, 'waits-for-review', 'Consent'])
  })
})

describe('whose it is', () => {
  const nhs = (value: string) => ({ system: 'https://fhir.nhs.uk/Id/nhs-number', value })
  const about = (patient: object, more: object = {}) =>
    changed({ patient, performer: [patient], ...more } as never)
  const differs = [422, 'patient-differs', 'Consent.patient']

  it('is shown by a number of theirs', async () => {
    expect(await said(put(about({ identifier: nhs('999 000 0115') })))).toEqual(recorded)
    expect(await said(put(about({ identifier: nhs('9990237689') })))).toEqual(differs)
  })

  it('is shown by a number inside the resource', async () => {
    const inside = (value: string) => ({
      contained: [{ resourceType: 'Patient', id: 'p', identifier: [nhs(value)] }],
    })
    const reference = '#p'
    expect(await said(put(about({ reference }, inside('9990237689'))))).toEqual(differs)
    expect(await said(put(about({ reference }, inside('9990000115'))))).toEqual(recorded)
  })

  it('is shown by the id that the register gave', async () => {
    const other = 'Patient/p-AAAAAAAAAAAAAAAAAAAAAA'
    expect(await said(put(about({ reference: other })))).toEqual(differs)
    expect(await said(put(about({ reference: `Patient/${personId}` })))).toEqual(recorded)
  })

  it('stays with the reference that it had before', async () => {
    await put(housingConsent)
    expect(await said(put(about({ reference: 'Patient/syn-2' })))).toEqual(differs)
  })
})

describe('at the door', () => {
  it('only those who keep the person’s consent are let in', async () => {
    expect((await put(housingConsent, 'nobody')).status).toBe(401)
    expect((await put(housingConsent, 'custody')).status).toBe(403)
    expect((await put(housingConsent, 'operator')).status).toBe(403)
    const unknown = await put(housingConsent, 'register', undefined, 'p-nobody')
    const notTheirs = await put(housingConsent, 'lp-3')
    expect([unknown.status, await unknown.text()]).toEqual([404, await notTheirs.text()])
    expect(await said(put(housingConsent, 'lp-2'))).toEqual(recorded)
  })

  it('other content, and more of it than a consent has, is refused', async () => {
    expect((await put(housingConsent, 'register', 'application/fhir+xml')).status).toBe(415)
    const wide = changed({ language: 'x'.repeat(70_000) })
    expect((await put(wide)).status).toBe(413)
  })

  it.each([
    ['half a resource', '{"resourceType":"Consent"', 'json-syntax'],
    ['a member twice', '{"id":"a","id":"b"}', 'json-duplicate-member'],
    ['10,000 levels', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'json-too-deep'],
    ['a number nobody can keep', '{"a":1e400}', 'json-number-range'],
    ['half a character', '{"a":"\\ud800"}', 'json-lone-surrogate'],
    ['a NUL', '{"a":"\\u0000"}', 'json-nul'],
  ])('%s is 400, by rule', async (_what, text, rule) => {
    expect(await said(put(text))).toEqual([400, rule, 'Resource'])
  })

  it('members with the names of prototypes are read past, and spoil nothing', async () => {
    const text = JSON.stringify(housingConsent).replace(
      '{',
      '{"__proto__":{"status":"draft"},"constructor":{"x":1},',
    )
    expect(await said(put(text))).toEqual(recorded)
    expect(({} as { status?: unknown }).status).toBeUndefined()
  })

  it('every fault is named at once, and no value is repeated', async () => {
    const body = changed({
      status: 'active',
      scope: { coding: [{ code: 'Quenby-Canary' }] },
      'policy.0.uri': 'urn:Quenby-Canary',
      'provision.provision.0.purpose': [{ code: 'Quenby-Canary' }],
      'provision.provision.1.actor.0.reference.reference': 'Group/Quenby-Canary',
    })
    const response = await put(body)
    const text = await response.text()
    expect(response.headers.get('content-type')).toBe('application/fhir+json')
    expect((JSON.parse(text) as Outcome).issue.map(({ expression }) => expression[0])).toEqual([
      'Consent.scope',
      'Consent.policy[0].uri',
      'Consent.provision.provision[0].purpose[0]',
      'Consent.provision.provision[1].actor[0].reference',
    ])
    expect(text + desk.log.join('')).not.toContain('Canary')
  })
})
