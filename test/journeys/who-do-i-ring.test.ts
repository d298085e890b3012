import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newcomers } from './events.ts'
import { consentBody, startTestHub, type TestHub } from './hub.ts'

const newcomer = newcomers(717)
let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub({ from: '2026-01-05T09:00:00Z' })
})
afterAll(() => hub?.[Symbol.asyncDispose]())

const nhs = (value: string) => ({ type: 'NHS', value })
const ask = (who: string, ...identifiers: readonly object[]) =>
  hub.ask(who, 'POST', '/lead-practitioner/lookups', { identifiers })

/** Agrees, and names the hospital as somebody who may know whom to ring. */
async function agree(number: string, agencies: readonly string[], lead: string): Promise<string> {
  const body = consentBody({ identifiers: [nhs(number)], lead }, '2026-01-05T09:00:00Z') as {
    readonly grants: readonly object[]
  }
  const toAgencies = agencies.map((organisation) => ({
    ...body.grants[0],
    sources: ['treatment'],
    recipients: [{ organisation, role: 'agency' }],
    tier: 'involvement',
  }))
  const answer = await hub.ask(
    'register',
    'POST',
    '/consents',
    { ...body, grants: [...body.grants, ...toAgencies] },
    { 'idempotency-key': `who-${number}` },
  )
  expect(answer.status).toBe(201)
  await hub.idle()
  return (answer.body as { readonly personId: string }).personId
}

describe('an agency asks whom to ring', () => {
  it('and is told the lead of somebody who named it, until they stop', async () => {
    const ann = newcomer()
    const personId = await agree(ann.nhs, ['hospital'], 'lp-3')
    expect((await ask('hospital', nhs(ann.nhs))).body).toMatchObject({
      lead: { name: 'Lead practitioner 3', telephone: '07700 900103' },
      otherwise: { name: 'Testshire duty office' },
    })
    expect(await hub.disclosures(personId)).toMatchObject([
      { recipient: 'agency:hospital', what: 'lead', outcome: 'delivered' },
    ])
    await hub.withdraw(personId)
    expect((await ask('hospital', nhs(ann.nhs))).body).toMatchObject({ lead: null })
  })

  it('and hears the same of somebody who did not name it as of nobody', async () => {
    const bea = newcomer()
    await agree(bea.nhs, ['housing'], 'lp-2')
    const theirs = await ask('hospital', nhs(bea.nhs))
    const nobodys = await ask('hospital', nhs(newcomer().nhs))
    expect([theirs.status, theirs.text]).toEqual([200, nobodys.text])
    const names = (headers: Headers) => [...headers.keys()].toSorted()
    expect(names(theirs.headers)).toEqual(names(nobodys.headers))
    expect((await ask('housing', nhs(bea.nhs))).body).toMatchObject({
      lead: { name: 'Lead practitioner 2' },
    })
  })

  it('and is no practitioner, who has an inbox for that', async () => {
    expect((await ask('lp-1', nhs(newcomer().nhs))).status).toBe(403)
  })
})
