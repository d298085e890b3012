import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Desk, openDesk } from './testing/desk.ts'
import { corwin } from './testing/people.ts'

let desk: Desk
let personId: string
const identifiers = [{ type: 'NHS', value: '9990000115' }]
const emergencyGrant = {
  ...corwin.grants[0],
  purpose: 'break-glass',
  recipients: [{ organisation: 'testshire-recovery', role: 'peer-supporter' }],
}

beforeEach(async () => {
  desk = await openDesk()
  const body = { ...corwin, grants: [...corwin.grants, emergencyGrant] }
  const response = await desk.call('register', 'POST', '/consents', body)
  ;({ personId } = (await response.json()) as { personId: string })
})
afterEach(() => desk[Symbol.asyncDispose]())

const declare = (as: string, body: object = { identifiers, reason: 'missing' }) =>
  desk.call(as, 'POST', '/break-glass', body)

describe('an emergency', () => {
  it('shows the person’s words and whom to ring, and nothing that an agency said', async () => {
    const response = await declare('peer-4')
    expect(response.status).toBe(201)
    const shown = (await response.json()) as object
    const look =
      'breakGlassId practitionerId organisation role reason openedAt until reviewBy reviewed'
    const person = 'personId displayName ownWords safeContact lead otherwise'
    expect(Object.keys(shown).join(' ')).toBe(`${look} ${person}`)
  })

  it('is in the person’s own list, on their page too', async () => {
    await declare('peer-4')
    const browser = await desk.browser('lp-1')
    const { html } = await browser.open(`/consents/${personId}`)
    expect(html).toContain('In an emergency: your words and who to ring')
  })

  it('ends with the person’s word', async () => {
    await declare('peer-4')
    await desk.call('register', 'POST', `/consents/${personId}/withdrawals`, {
      purposes: ['break-glass'],
    })
    expect((await desk.call('peer-4', 'GET', `/break-glass/${personId}`)).status).toBe(404)
    expect((await declare('peer-4')).status).toBe(404)
  })

  it('is refused without a leading question: the same for whoever is not there', async () => {
    const refused = await declare('lp-1')
    const nobody = await declare('peer-4', {
      identifiers: [{ type: 'NHS', value: '9990237689' }],
      reason: 'missing',
    })
    expect([refused.status, await refused.text()]).toEqual([404, await nobody.text()])
    expect((await declare('register')).status).toBe(403)
    expect((await declare('custody')).status).toBe(403)
    expect((await declare('nobody')).status).toBe(401)
  })

  it.each([
    ['no reason', { identifiers }, 'reason', 'code'],
    ['a reason of one’s own', { identifiers, reason: 'Quenby-Canary' }, 'reason', 'code'],
    ['no number', { identifiers: [], reason: 'missing' }, 'identifiers', 'too-small'],
    [
      'a number that is none',
      { identifiers: [{ type: 'NHS', value: '9990000116' }], reason: 'missing' },
      'identifiers[0].value',
      'nhs-number-check-digit',
    ],
  ])('with %s is refused, by place and rule', async (_what, body, path, rule) => {
    const response = await declare('peer-4', body)
    expect(response.status).toBe(422)
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({ errors: [{ path, rule }] })
    expect(text).not.toContain('Canary')
  })

  it('is reviewed by whoever keeps the consent, and never by whoever looked', async () => {
    await desk.call('register', 'POST', `/consents/${personId}/assignments`, {
      practitionerId: 'peer-4',
      relation: 'deputy',
    })
    const { breakGlassId } = (await (await declare('peer-4')).json()) as { breakGlassId: string }
    const review = (as: string, body: object = { justified: true }, id = breakGlassId) =>
      desk.call(as, 'POST', `/consents/${personId}/break-glass/${id}/reviews`, body)
    expect((await review('peer-4')).status).toBe(403)
    expect((await review('lp-3')).status).toBe(404)
    expect((await review('lp-1', {})).status).toBe(422)
    expect((await review('lp-1', undefined, 'other')).status).toBe(404)
    expect(await (await review('register')).json()).toMatchObject({
      reviewed: { by: 'register', justified: true },
    })
    const looks = await desk.call('lp-1', 'GET', `/consents/${personId}/break-glass`)
    expect(await looks.json()).toMatchObject({ looks: [{ practitionerId: 'peer-4' }] })
  })
})
