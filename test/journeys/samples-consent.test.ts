import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newcomers } from './events.ts'
import { type Answer, startTestHub, type TestHub } from './hub.ts'
import { bytesOf } from './left-behind.ts'
import { sampleBytes } from './published.ts'

const sample = sampleBytes('consent', 'fhir-consent-housing-permit-break-glass.json').toString()
const newcomer = newcomers(514)
const fhir = { 'content-type': 'application/fhir+json' }

/** The first issue of an OperationOutcome: by which rule, and where. */
const said = ({ body }: Answer) => {
  const [issue] = (
    body as {
      readonly issue: readonly {
        readonly severity: string
        readonly details: { readonly coding: readonly { readonly code: string }[] }
        readonly expression: readonly string[]
      }[]
    }
  ).issue
  return [issue?.severity, issue?.details.coding[0]?.code, issue?.expression[0]]
}

/** They sign on the form of the treatment service on 14 May 2026, and its system sends the form on. */
describe('the sample of a consent: housing may know, a named group in an emergency, and nobody else', () => {
  const ann = newcomer()
  const numbers = [{ type: 'NHS', value: ann.nhs }]
  let hub: TestHub
  let personId = ''
  beforeAll(async () => {
    hub = await startTestHub({ from: '2026-05-01T09:00:00Z' })
    const until = '2026-06-01T00:00:00Z'
    ;({ personId } = await hub.consent({ identifiers: numbers, lead: 'lp-3', until }))
    await hub.passTo('2026-05-14T10:00:00+01:00')
  })
  afterAll(() => hub?.[Symbol.asyncDispose]())

  const send = (body: string, who = 'register') =>
    hub.ask(who, 'PUT', `/consents/${personId}/fhir`, body, fhir)
  /** Whom the agency is told to ring; null where nobody. */
  const whoLeads = async (agency: string) => {
    const answer = await hub.ask(agency, 'POST', '/lead-practitioner/lookups', {
      identifiers: numbers,
    })
    return (answer.body as { readonly lead: { readonly name: string } | null }).lead?.name ?? null
  }
  const emergency = (who: string) =>
    hub.ask(who, 'POST', '/break-glass', { identifiers: numbers, reason: 'life-at-risk' })
  const emergencies = async () =>
    (await hub.disclosures(personId)).filter(({ what }) => what === 'break-glass')

  it('is recorded as the next version, in force, once however often it is sent', async () => {
    const first = await send(sample)
    expect([first.status, said(first)]).toEqual([200, ['information', 'recorded', 'Consent']])
    expect(first.headers.get('etag')).toBe('W/"2"')
    const second = await send(sample, 'lp-3')
    expect([second.status, said(second)]).toEqual([200, ['information', 'unchanged', 'Consent']])
    const { body } = await hub.ask('register', 'GET', `/consents/${personId}`)
    const policy = {
      sources: ['custody', 'probation', 'hospital', 'housing', 'treatment'],
      from: '2026-05-13T23:00:00Z',
      until: '2027-05-14T23:00:00Z',
    }
    expect(body).toMatchObject({
      version: 2,
      state: 'given',
      displayName: 'Corwin F.',
      identifiers: numbers,
      taken: { at: '2026-05-13T23:00:00Z', method: 'fhir-consent', noticeVersion: '2026-04' },
      grants: [
        {
          ...policy,
          purpose: 'care-coordination',
          recipients: [{ organisation: 'housing', role: 'agency' }],
        },
        {
          ...policy,
          purpose: 'break-glass',
          recipients: [{ organisation: 'testshire-recovery', role: 'duty' }],
        },
      ],
    })
  })

  it('is still there when the hub comes back', async () => {
    await hub.restart()
    expect(said(await send(sample))).toEqual(['information', 'unchanged', 'Consent'])
    expect(await whoLeads('housing')).toBe('Lead practitioner 3')
  })

  it('lets housing know whom to ring, and probation not', async () => {
    expect(await whoLeads('housing')).toBe('Lead practitioner 3')
    expect(await whoLeads('probation')).toBeNull()
    expect(await hub.disclosures(personId)).toContainEqual(
      expect.objectContaining({ recipient: 'agency:housing', what: 'lead', outcome: 'delivered' }),
    )
    expect(JSON.stringify(await hub.disclosures(personId))).not.toContain('agency:probation')
  })

  it('lets the group look in an emergency, for four hours, and every look is listed', async () => {
    const looked = await emergency('duty-1')
    expect(looked.status).toBe(201)
    expect(looked.body).toMatchObject({
      personId,
      reason: 'life-at-risk',
      displayName: 'Corwin F.',
      ownWords: "Please don't ring before noon.",
      lead: { name: 'Lead practitioner 3', telephone: '07700 900103' },
      until: '2026-05-14T13:00:00Z',
    })
    await hub.passTo('2026-05-14T13:59:59+01:00')
    expect((await hub.ask('duty-1', 'GET', `/break-glass/${personId}`)).status).toBe(200)
    await hub.passTo('2026-05-14T14:00:00+01:00')
    expect((await hub.ask('duty-1', 'GET', `/break-glass/${personId}`)).status).toBe(404)
    expect(await emergencies()).toMatchObject([
      { recipient: 'duty-1', outcome: 'delivered' },
      { recipient: 'duty-1', outcome: 'delivered' },
    ])
  })

  it('lets nobody else look, and does not say whether there is anybody', async () => {
    const stranger = { identifiers: [{ type: 'NHS', value: newcomer().nhs }] }
    const body = { ...stranger, reason: 'life-at-risk' }
    const nobody = await hub.ask('duty-1', 'POST', '/break-glass', body)
    for (const who of ['lp-1', 'lp-3', 'peer-4']) {
      const refused = await emergency(who)
      expect([refused.status, refused.text]).toEqual([404, nobody.text])
    }
    expect((await emergency('housing')).status).toBe(403)
    expect(await emergencies()).toHaveLength(2)
  })

  it('is reviewed by a second person, and suspends that access until it is', async () => {
    await hub.passTo('2026-05-17T10:00:01+01:00')
    expect((await emergency('duty-1')).status).toBe(404)
    const path = `/consents/${personId}/break-glass`
    const { looks } = (await hub.ask('lp-3', 'GET', path)).body as {
      readonly looks: readonly { readonly breakGlassId: string; readonly reviewed: null }[]
    }
    expect(looks).toMatchObject([{ practitionerId: 'duty-1', reviewed: null }])
    const review = `${path}/${looks[0]?.breakGlassId}/reviews`
    expect((await hub.ask('duty-1', 'POST', review, { justified: true })).status).toBe(404)
    expect((await hub.ask('lp-3', 'POST', review, { justified: true })).body).toMatchObject({
      reviewed: { by: 'lp-3', justified: true },
    })
    expect((await emergency('duty-1')).status).toBe(201)
  })

  it('is in force to the end of 14 May 2027, and from the 15th the default holds: nobody', async () => {
    await hub.passTo('2027-05-14T23:59:59.999+01:00')
    expect(await whoLeads('housing')).toBe('Lead practitioner 3')
    const { body } = await hub.ask('register', 'GET', `/consents/${personId}/break-glass`)
    for (const { breakGlassId } of (body as { looks: { breakGlassId: string }[] }).looks) {
      const path = `/consents/${personId}/break-glass/${breakGlassId}/reviews`
      await hub.ask('register', 'POST', path, { justified: true })
    }
    const last = await emergency('duty-1')
    expect(last.body).toMatchObject({ until: '2027-05-14T23:00:00Z' })
    await hub.passTo('2027-05-15T00:00:00+01:00')
    expect(await whoLeads('housing')).toBeNull()
    expect((await emergency('duty-1')).status).toBe(404)
    expect((await hub.ask('duty-1', 'GET', `/break-glass/${personId}`)).status).toBe(404)
  })

  it('leaves nothing of the person in clear', async () => {
    const left = await bytesOf(hub)
    for (const secret of [ann.nhs, 'Corwin', 'syn-consent-01', 'Patient/syn-1'])
      expect(left.mention(secret)).toEqual([])
  })
})
