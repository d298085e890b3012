import type { JsonValue } from '@throughline/service'
import { describe, expect, it } from 'vitest'
import { changed, housingConsent, terms } from '../testing/fhir.ts'
import { readConsent } from './resource.ts'
import { translate } from './translate.ts'

const read = (body: JsonValue) => {
  const consent = readConsent(body)
  return consent.ok ? translate(consent.value, terms) : consent
}
const faults = (body: JsonValue) => {
  const answer = read(body)
  return answer.ok ? [] : answer.issues.map(({ path, rule }) => [path, rule])
}
const grants = (body: JsonValue) => {
  const answer = read(body)
  return answer.ok && answer.value.kind === 'said' ? answer.value.grants : undefined
}

const permit = 'provision.provision.0'
const year = {
  from: Date.parse('2026-05-14T00:00:00+01:00'),
  until: Date.parse('2027-05-15T00:00:00+01:00'),
}

describe('a Consent in the register’s words', () => {
  it('grants to whom it permits, for what it permits, as the notice under its policy says', () => {
    const notice = { sources: ['custody', 'treatment'], categories: ['whereabouts', 'housing'] }
    const whole = { ...notice, ...year, lookBackDays: 0 }
    const housing = [{ organisation: 'housing', role: 'agency' }]
    const group = [{ organisation: 'testshire-recovery', role: 'duty' }]
    expect(grants(housingConsent)).toEqual([
      { ...whole, purpose: 'care-coordination', recipients: housing, tier: 'headline' },
      { ...whole, purpose: 'break-glass', recipients: group, tier: 'involvement' },
    ])
  })

  it('begins when it was given where no start is written', () => {
    const start = { 'provision.period.start': undefined }
    expect(grants(changed({ ...start, dateTime: '2026-05-14T10:00:00+01:00' }))?.[0]).toMatchObject(
      {
        from: Date.parse('2026-05-14T09:00:00Z'),
        until: year.until,
      },
    )
  })

  it('lasts only while the whole and the permit both do', () => {
    const period = { start: '2026-01-01', end: '2026-06' }
    expect(grants(changed({ [`${permit}.period`]: period }))?.[0]).toMatchObject({
      from: year.from,
      until: Date.parse('2026-07-01T00:00:00+01:00'),
    })
  })

  it('knows a recipient by an identifier too', () => {
    const reference = {
      identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'RZZ' },
    }
    expect(grants(changed({ [`${permit}.actor.0.reference`]: reference }))?.[0]).toMatchObject({
      recipients: [{ organisation: 'hospital', role: 'agency' }],
    })
  })

  it('grants nothing where nothing is permitted', () => {
    expect(grants(changed({ 'provision.provision': undefined }))).toEqual([])
  })

  it.each(['inactive', 'rejected', 'entered-in-error'])('is over when it is %s', (status) => {
    const body = changed({ status, provision: undefined, policy: undefined })
    expect(read(body)).toEqual({ ok: true, value: { kind: 'ended' } })
  })

  it('reads past what is nobody’s business here', () => {
    const text = { status: 'generated', div: '<div>…</div>' }
    const extension = [{ url: 'https://example.invalid/colour', valueString: 'blue' }]
    const body = changed({ text, extension, [`${permit}.extension`]: extension, language: 'en' })
    expect(grants(body)).toEqual(grants(housingConsent))
  })
})

describe('what could not be kept to exactly is refused, by element and rule', () => {
  const coded = (system: string, code: string) => ({ coding: [{ system, code }] })
  const actReason = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
  it.each<[what: string, changes: Parameters<typeof changed>[0], path: string, rule: string]>([
    ['another resource', { resourceType: 'Contract' }, 'resourceType', 'consent-only'],
    ['R5: provisions as a list', { provision: [] }, 'provision', 'fhir-r4-only'],
    ['R5: a decision', { decision: 'permit' }, 'decision', 'fhir-r4-only'],
    ['a modifier', { modifierExtension: [] }, 'modifierExtension', 'not-carried'],
    ['implicit rules', { implicitRules: 'urn:x' }, 'implicitRules', 'not-carried'],
    ['a policy rule', { policyRule: coded('urn:x', 'OPTIN') }, 'policyRule', 'not-carried'],
    ['no id', { id: undefined }, 'id', 'required'],
    ['a draft', { status: 'draft' }, 'status', 'status-not-carried'],
    ['no status', { status: undefined }, 'status', 'required'],
    ['another scope', { scope: coded('urn:x', 'research') }, 'scope', 'scope-not-privacy'],
    ['no category', { category: [] }, 'category', 'too-small'],
    ['another category', { category: [coded('u', 'c')] }, 'category', 'category-not-privacy'],
    ['nobody', { patient: undefined }, 'patient', 'required'],
    ['an empty patient', { patient: {} }, 'patient', 'required'],
    ['no date', { dateTime: undefined }, 'dateTime', 'required'],
    ['no such day', { dateTime: '2026-02-30' }, 'dateTime', 'timestamp-impossible'],
    [
      'a representative',
      { performer: [{ reference: 'RelatedPerson/1' }] },
      'performer[0]',
      'given-by-the-person',
    ],
    ['no organisation', { organization: undefined }, 'organization', 'required'],
    ['no source', { sourceReference: undefined }, 'source', 'one-source'],
    ['two sources', { sourceAttachment: {} }, 'source', 'one-source'],
    ['an unknown notice', { 'policy.0.uri': 'urn:x' }, 'policy[0].uri', 'policy-unknown'],
    ['no policy', { policy: [] }, 'policy', 'too-small'],
    [
      'unverified',
      { verification: [{ verified: false }] },
      'verification[0].verified',
      'not-verified',
    ],
    ['a permit of everything', { 'provision.type': 'permit' }, 'provision.type', 'deny-first'],
    [
      'a denial of something',
      { 'provision.purpose': [{ system: actReason, code: 'TREAT' }] },
      'provision.purpose',
      'deny-everything',
    ],
    ['no end', { 'provision.period.end': undefined }, 'provision.period.end', 'required'],
    [
      'an end before its start',
      { 'provision.period.end': '2026-05-13' },
      'provision.period.end',
      'until-after-from',
    ],
    [
      'a permit that ends before it begins',
      { [`${permit}.period`]: { end: '2026-05-01' } },
      'provision.provision[0].period.end',
      'until-after-from',
    ],
    [
      'a denial below a denial',
      { [`${permit}.type`]: 'deny' },
      'provision.provision[0].type',
      'permit-only',
    ],
    [
      'everybody',
      { [`${permit}.actor`]: undefined },
      'provision.provision[0].actor',
      'recipients-named',
    ],
    [
      'somebody unknown',
      { [`${permit}.actor.0.reference.reference`]: 'Organization/x' },
      'provision.provision[0].actor[0].reference',
      'recipient-unknown',
    ],
    [
      'another role',
      { [`${permit}.actor.0.role`]: coded('urn:x', 'IRCP') },
      'provision.provision[0].actor[0].role',
      'recipient-role',
    ],
    ['anything', { [`${permit}.purpose`]: [] }, 'provision.provision[0].purpose', 'purpose-named'],
    [
      'payment',
      { [`${permit}.purpose`]: [{ system: actReason, code: 'HPAYMT' }] },
      'provision.provision[0].purpose[0]',
      'purpose-not-carried',
    ],
    [
      'a purpose that every object has',
      { [`${permit}.purpose`]: [{ system: actReason, code: 'constructor' }] },
      'provision.provision[0].purpose[0]',
      'purpose-not-carried',
    ],
    [
      'an emergency for an organisation',
      { [`${permit}.purpose`]: [{ system: actReason, code: 'BTG' }] },
      'provision.provision[0].actor[0].reference',
      'break-glass-group',
    ],
    ...['action', 'securityLabel', 'class', 'code', 'data', 'dataPeriod', 'provision'].map(
      (limit): [string, Parameters<typeof changed>[0], string, string] => [
        `a limit by ${limit}`,
        { [`${permit}.${limit}`]: [] },
        `provision.provision[0].${limit}`,
        'not-carried',
      ],
    ),
  ])('%s', (_what, changes, path, rule) => {
    expect(faults(changed(changes))).toEqual([[path, rule]])
  })

  it.each([null, 'Consent', 7, []])('anything but an object: %j', (body) => {
    expect(faults(body)).toEqual([['', 'not-an-object']])
  })
})
