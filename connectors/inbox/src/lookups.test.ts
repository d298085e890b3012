import type { Grant } from '@throughline/domain'
import { agencyRole, identifierHash } from '@throughline/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { everything, morning, type Office, openOffice } from './testing/office.ts'

const nhs = { type: 'NHS', value: '999 000 0115' }
const noms = { type: 'NOMS', value: 'Z9134QX' }
const others = { type: 'NHS', value: '9990000220' }

const toHospital: Grant = {
  ...everything,
  sources: ['treatment'],
  recipients: [{ organisation: 'hospital', role: agencyRole }],
  tier: 'involvement',
}

let office: Office
beforeEach(async () => {
  office = await openOffice()
  await office.register.change({
    kind: 'put-agreement',
    by: 'operator',
    agreement: {
      agreementId: 'who-leads',
      source: 'treatment',
      purpose: 'care-coordination',
      recipientOrganisation: 'hospital',
      from: morning - 1,
      until: morning + 86_400_000,
    },
  })
})
afterEach(() => office[Symbol.asyncDispose]())

const hashes = (...canonical: readonly string[]) =>
  canonical.map((text) => identifierHash(office.ids, text))
const agree = (personId: string, grants: readonly Grant[], ...canonical: readonly string[]) =>
  office.agree(personId, { grants, identifiers: hashes(...canonical) })
const ask = async (identifiers: readonly object[], as = 'hospital') => {
  const response = await office.call(as, '/lead-practitioner/lookups', { json: { identifiers } })
  const { status } = response
  return { status, text: await response.text(), length: response.headers.get('content-length') }
}

const dutyOffice = {
  name: 'Testshire duty office',
  telephone: '07700 900100',
  hours: 'Every day, 8 am to 8 pm',
}

describe('an agency that the person named', () => {
  beforeEach(() => agree('p-corwin', [everything, toHospital], 'NHS:9990000115', 'NOMS:Z9134QX'))

  it('is told who leads and how to ring them, in office terms', async () => {
    const { status, text } = await ask([nhs])
    expect(status).toBe(200)
    expect(JSON.parse(text)).toEqual({
      lead: {
        name: 'Rowan Ashby',
        organisation: 'Testshire Recovery',
        telephone: '07700 900101',
      },
      otherwise: dutyOffice,
    })
    expect(text).not.toContain('Corwin')
  })

  it('is entered for the person as told', async () => {
    await ask([nhs, noms])
    expect(await office.register.disclosures('p-corwin')).toMatchObject([
      { recipient: 'agency:hospital', what: 'lead', outcome: 'delivered' },
    ])
  })

  it('hears of the new lead after a handover', async () => {
    await office.register.change({
      kind: 'assign',
      personId: 'p-corwin',
      by: 'register',
      assignment: {
        practitionerId: 'lp-2',
        organisation: 'testshire-recovery',
        role: 'lead-practitioner',
        relation: 'lead',
        tier: 'detail',
      },
    })
    expect(JSON.parse((await ask([nhs])).text)).toMatchObject({
      lead: { name: 'Sam Tolland', telephone: null },
    })
  })
})

describe('an agency that may not know', () => {
  /** What the register was asked to do, in order. */
  const work = async (asking: () => Promise<unknown>): Promise<readonly string[]> => {
    const done: string[] = []
    const { register } = office
    for (const name of ['claimants', 'gate', 'person', 'outcome'] as const) {
      const real = register[name].bind(register) as (...args: unknown[]) => unknown
      register[name] = ((...args: unknown[]) => {
        done.push(name)
        return real(...args)
      }) as never
    }
    await asking()
    return done
  }

  it('gets one answer, at one cost, whoever is meant (C8)', async () => {
    await agree('p-corwin', [everything], 'NHS:9990000115', 'NOMS:Z9134QX')
    await agree('p-other', [toHospital], 'NHS:9990000220')
    const unknown = await ask([{ type: 'NHS', value: '9990000255' }])
    expect(JSON.parse(unknown.text)).toEqual({ lead: null, otherwise: dutyOffice })
    const cases = {
      'did not name it': () => ask([nhs]),
      'named another': () => ask([others], 'custody'),
      'is two people': () => ask([nhs, others]),
      'is two people, the other way round': () => ask([others, nhs]),
    }
    for (const [why, asking] of Object.entries(cases)) expect(await asking(), why).toEqual(unknown)
    const known = await work(() => ask([nhs]))
    expect(known).toEqual(['claimants', 'gate'])
    await office.register.change({
      kind: 'withdraw',
      personId: 'p-other',
      purposes: ['care-coordination'],
      by: 'person',
      reason: null,
    })
    expect(await ask([others])).toEqual(unknown)
  })

  it('does as much work for nobody as for somebody who did not name it', async () => {
    const unknown = await work(() => ask([nhs]))
    expect(unknown).toEqual(['claimants', 'gate'])
  })

  it('leaves its refusals in the audit, for nobody too', async () => {
    await agree('p-corwin', [everything], 'NHS:9990000115')
    await ask([nhs])
    await ask([others])
    const entries = office.register.tables.auditAfter(0, 100).map(({ text }) => text)
    const refused = entries.filter((text) => text.includes('"refused"'))
    expect(refused.map((text) => /"reason":"([^"]*)"/.exec(text)?.[1])).toEqual([
      'recipient-not-granted',
      'no-consent',
    ])
    expect(refused.join()).not.toContain('9990000')
  })

  it('that asks about twenty in an hour is looked at', async () => {
    for (let n = 0; n < 21; n += 1) await ask([others])
    const alarms = office.log.filter((line) => line.includes('many lookups'))
    expect(alarms).toHaveLength(1)
    expect(alarms[0]).toContain('"agency":"hospital"')
  })
})

describe('a lookup', () => {
  it.each([
    [{}, 'identifiers'],
    [{ identifiers: [] }, 'identifiers'],
    [{ identifiers: [nhs], why: 'curious' }, ''],
    [{ identifiers: [{ type: 'NHS', value: '9990000116' }] }, 'identifiers.0.value'],
    [{ identifiers: [nhs, { type: 'SHOE', value: '43' }] }, 'identifiers.1.type'],
  ])('that cannot be read is refused by place and rule, never by value', async (json, at) => {
    const response = await office.call('hospital', '/lead-practitioner/lookups', { json })
    const text = await response.text()
    expect(response.status).toBe(422)
    expect(text).not.toMatch(/9990000116|SHOE|curious/)
    if (at !== '') expect(text).toContain(at)
  })

  it.each(['lp-1', 'register', 'operator'])('is not for %s', async (who) => {
    const json = { identifiers: [nhs] }
    expect((await office.call(who, '/lead-practitioner/lookups', { json })).status).toBe(403)
  })

  it('says nothing while the register cannot be asked', async () => {
    office.register.gate = () => Promise.reject(new Error('down'))
    expect((await ask([nhs])).status).toBeGreaterThanOrEqual(500)
  })
})
