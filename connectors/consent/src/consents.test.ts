import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Desk, openDesk } from './testing/desk.ts'
import { corwin } from './testing/people.ts'

let desk: Desk
beforeEach(async () => {
  desk = await openDesk()
})
afterEach(() => desk[Symbol.asyncDispose]())

interface Recorded {
  readonly personId: string
  readonly version: number
  readonly state: string
  readonly review?: string
}

const record = async (body: unknown = corwin, key?: string): Promise<Recorded> => {
  const headers = key === undefined ? {} : { 'idempotency-key': key }
  const response = await desk.call('register', 'POST', '/consents', body, headers)
  expect(response.status).toBe(201)
  return (await response.json()) as Recorded
}
const other = {
  ...corwin,
  identifiers: [{ type: 'NHS', value: '9990000123' }],
  displayName: 'Tamsel O.',
}
const secrets = ['9990000115', 'Z9134QX', 'T0417733', 'Corwin', 'noon']

describe('recording a consent', () => {
  it('makes a person, whose id says nothing of them', async () => {
    const answer = await record()
    expect(answer).toEqual({ personId: answer.personId, version: 1, state: 'given' })
    expect(answer.personId).toMatch(/^p-[\w-]{22}$/)
  })

  it('opens the assignments it names', async () => {
    const { personId } = await record()
    const person = await desk.register.person(personId)
    expect(
      person?.assignments.map(({ practitionerId, relation, tier }) => [
        practitionerId,
        relation,
        tier,
      ]),
    ).toEqual([
      ['lp-1', 'lead', 'detail'],
      ['lp-2', 'deputy', 'detail'],
      ['peer-4', 'team', 'involvement'],
    ])
  })

  it('keeps nothing of the person in clear', async () => {
    const { personId } = await record()
    const person = await desk.register.person(personId)
    const kept = JSON.stringify(person) + Buffer.from(person?.sealed ?? []).toString('latin1')
    for (const secret of secrets) {
      expect(kept).not.toContain(secret)
      expect(desk.log.join('\n')).not.toContain(secret)
    }
  })

  it('answers the same key with the same person, once (UI-12)', async () => {
    const first = await record(corwin, 'form-1')
    expect(await record(corwin, 'form-1')).toEqual(first)
    expect(await desk.register.people(10)).toHaveLength(1)
  })

  it('refuses the same key with another body', async () => {
    await record(corwin, 'form-1')
    const headers = { 'idempotency-key': 'form-1' }
    const response = await desk.call('register', 'POST', '/consents', other, headers)
    expect(response.status).toBe(409)
    expect(await desk.register.people(10)).toHaveLength(1)
  })

  it('stays a proposal when a number is in use, and the first consent goes on', async () => {
    const first = await record()
    const second = await record({ ...other, identifiers: corwin.identifiers })
    expect(second).toMatchObject({ state: 'proposed', review: 'identifier-in-use', version: 1 })
    expect((await desk.register.person(first.personId))?.state).toBe('given')
  })

  it.each([
    [
      'an NHS number whose check digit is wrong',
      { identifiers: [{ type: 'NHS', value: '9990000116' }] },
      'identifiers[0].value',
      'nhs-number-check-digit',
    ],
    [
      'a number nobody has heard of',
      { identifiers: [{ type: 'PASSPORT', value: '9990000115' }] },
      'identifiers[0].type',
      'identifier-type-unknown',
    ],
    [
      'a hospital number without its hospital',
      { identifiers: [{ type: 'MRN', value: 'T0417733' }] },
      'identifiers[0].issuer',
      'identifier-issuer-missing',
    ],
    [
      'one number spelt twice',
      {
        identifiers: [
          { type: 'NHS', value: '9990000115' },
          { type: 'NHS', value: '999 000 0115' },
        ],
      },
      'identifiers[1].value',
      'no-repeats',
    ],
    ['an unknown lead', { lead: 'lp-99' }, 'lead', 'practitioner-unknown'],
    ['an unknown deputy', { deputies: ['lp-99'] }, 'deputies[0]', 'practitioner-unknown'],
    ['somebody in two parts', { deputies: ['lp-1'] }, 'deputies[0]', 'one-relation'],
    ['an unknown member', { gender: 'unknown' }, 'gender', 'unknown-member'],
  ])('is refused with %s, by place and rule', async (_what, change, path, rule) => {
    const response = await desk.call('register', 'POST', '/consents', { ...corwin, ...change })
    expect(response.status).toBe(422)
    const answer = (await response.json()) as {
      error: string
      errors: readonly { path: string; rule: string }[]
    }
    expect(answer.error).toBe('rejected')
    expect(answer.errors.map((one) => [one.path, one.rule])).toEqual([[path, rule]])
    expect(JSON.stringify(answer)).not.toMatch(/999|T0417733|lp-99/)
    expect(await desk.register.people(10)).toEqual([])
  })

  it('is for the register and for leads: an agency is turned away', async () => {
    expect((await desk.call('custody', 'POST', '/consents', corwin)).status).toBe(403)
    expect((await desk.call('operator', 'POST', '/consents', corwin)).status).toBe(403)
  })

  it('makes the practitioner who takes it the lead, and nobody else', async () => {
    expect((await desk.call('lp-1', 'POST', '/consents', corwin)).status).toBe(201)
    const response = await desk.call('lp-3', 'POST', '/consents', other)
    expect(response.status).toBe(422)
  })

  it('stores nothing while the keys cannot be had', async () => {
    desk.keys.available = false
    expect((await desk.call('register', 'POST', '/consents', corwin)).status).toBe(503)
    expect(await desk.register.people(10)).toEqual([])
  })
})

describe('changing a consent', () => {
  const fewer = { ...corwin, grants: [{ ...corwin.grants[0], sources: ['custody'] }] }

  it('makes the next complete version', async () => {
    const { personId } = await record()
    const response = await desk.call('register', 'PUT', `/consents/${personId}`, fewer)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ personId, version: 2, state: 'given' })
    expect((await desk.register.person(personId))?.grants[0]?.sources).toEqual(['custody'])
  })

  it('is refused when somebody else was faster (UI-12)', async () => {
    const { personId } = await record()
    const put = (version: string) =>
      desk.call('register', 'PUT', `/consents/${personId}`, fewer, { 'if-match': version })
    expect((await put('"1"')).status).toBe(200)
    expect((await put('"1"')).status).toBe(412)
    expect((await desk.register.person(personId))?.version).toBe(2)
  })

  it('changes nobody’s part: assignments have their own command', async () => {
    const { personId } = await record()
    await desk.call('register', 'PUT', `/consents/${personId}`, { ...corwin, lead: 'lp-3' })
    const person = await desk.register.person(personId)
    expect(person?.assignments.find(({ relation }) => relation === 'lead')?.practitionerId).toBe(
      'lp-1',
    )
  })
})

describe('reading a consent', () => {
  it('shows the register and the lead what was agreed, and enters the lead’s reading', async () => {
    const { personId } = await record()
    for (const who of ['register', 'lp-1', 'lp-2']) {
      const response = await desk.call(who, 'GET', `/consents/${personId}`)
      expect(await response.json()).toMatchObject({
        personId,
        version: 1,
        state: 'given',
        displayName: 'Corwin F.',
        ownWords: "Please don't ring before noon.",
        safeContact: { never: ['voicemail'] },
        grants: [{ from: '2026-01-05T09:00:00Z', until: '2027-01-05T00:00:00Z' }],
        taken: { at: '2026-01-05T09:00:00Z', by: 'lp-1' },
      })
    }
    const disclosures = await desk.call('register', 'GET', `/consents/${personId}/disclosures`)
    const { disclosures: told } = (await disclosures.json()) as { disclosures: readonly object[] }
    expect(told).toMatchObject([
      { recipient: 'lp-2', recipientName: 'Sam Tolland', what: 'person', outcome: 'delivered' },
      { recipient: 'lp-1', recipientName: 'Rowan Ashby', what: 'person', outcome: 'delivered' },
    ])
  })

  it('looks the same for somebody else’s person and for nobody at all (UI-1)', async () => {
    const { personId } = await record()
    const attempts = [
      ['GET', ''],
      ['GET', '/receipt'],
      ['GET', '/disclosures'],
      ['PUT', '', corwin],
      ['POST', '/withdrawals', { purposes: ['care-coordination'] }],
      ['POST', '/assignments', { practitionerId: 'lp-3', relation: 'lead' }],
      ['POST', '/assignments/lp-1/end', {}],
    ] as const
    for (const who of ['lp-3', 'peer-4']) {
      for (const [method, path, body] of attempts) {
        const theirs = await desk.call(who, method, `/consents/${personId}${path}`, body)
        const nobody = await desk.call(who, method, `/consents/p-nobody${path}`, body)
        expect([method + path, theirs.status, nobody.status]).toEqual([method + path, 404, 404])
        expect(await theirs.text()).toBe(await nobody.text())
      }
    }
    expect((await desk.register.person(personId))?.version).toBe(1)
  })

  it('gives a receipt that says what the ledger says', async () => {
    const { personId } = await record()
    const response = await desk.call('register', 'GET', `/consents/${personId}/receipt`)
    const receipt = (await response.json()) as {
      grants: readonly Record<string, unknown>[]
      text: readonly string[]
    }
    const grants = receipt.grants.map(({ words: _words, ...grant }) => grant)
    expect(grants).toEqual(corwin.grants)
    expect(receipt.text.join(' ')).toContain('Stopping costs you no help')
  })
})

describe('stopping', () => {
  it('answers what was stopped, and does it again without harm', async () => {
    const { personId } = await record()
    const stop = () =>
      desk.call('register', 'POST', `/consents/${personId}/withdrawals`, {
        purposes: ['care-coordination'],
        by: 'person',
        reason: 'Corwin has had enough.',
      })
    const first = await stop()
    expect(first.status).toBe(200)
    expect(await first.json()).toMatchObject({
      version: 2,
      state: 'withdrawn',
      cancelled: 0,
      alreadySeen: [],
    })
    expect(await (await stop()).json()).toMatchObject({ version: 2, state: 'withdrawn' })
    expect(desk.log.join('\n')).not.toContain('enough')
  })

  it('is refused for a purpose that nobody has named', async () => {
    const { personId } = await record()
    const body = { purposes: ['Corwin'] }
    const response = await desk.call('register', 'POST', `/consents/${personId}/withdrawals`, body)
    expect(response.status).toBe(422)
    expect(await response.text()).not.toContain('Corwin')
  })
})

describe('who works with a person', () => {
  it('changes by a command of its own: a new lead takes over', async () => {
    const { personId } = await record()
    const body = { practitionerId: 'lp-3', relation: 'lead' }
    const response = await desk.call('lp-1', 'POST', `/consents/${personId}/assignments`, body)
    expect(response.status).toBe(200)
    expect((await desk.call('lp-3', 'GET', `/consents/${personId}`)).status).toBe(200)
    expect((await desk.call('lp-1', 'GET', `/consents/${personId}`)).status).toBe(404)
    expect((await desk.register.person(personId))?.version).toBe(1)
  })

  it('ends', async () => {
    const { personId } = await record()
    await desk.call('register', 'POST', `/consents/${personId}/assignments/lp-2/end`)
    expect((await desk.call('lp-2', 'GET', `/consents/${personId}`)).status).toBe(404)
  })

  it('is only people we know', async () => {
    const { personId } = await record()
    const body = { practitionerId: 'lp-99', relation: 'lead' }
    const response = await desk.call('register', 'POST', `/consents/${personId}/assignments`, body)
    expect(response.status).toBe(422)
    expect(await response.text()).not.toContain('lp-99')
  })
})

it('an erased person is nobody, and what was sealed opens no more', async () => {
  const { personId } = await record()
  expect((await desk.call('register', 'POST', `/consents/${personId}/erasure`)).status).toBe(403)
  expect((await desk.call('operator', 'POST', `/consents/${personId}/erasure`)).status).toBe(200)
  expect((await desk.call('register', 'GET', `/consents/${personId}`)).status).toBe(404)
  expect((await desk.keys.open([`person:${personId}`])).get(`person:${personId}`)).toBe('erased')
})

describe('the pages', () => {
  const filled = {
    displayName: "O'Brien <b>",
    'number-NHS': '999 000 0115',
    'number-MRN': 'T0417733',
    'number-MRN-issuer': 'RZZ',
    lead: 'lp-1',
    deputies: ['lp-2'],
    grantCount: '1',
    'grants-0-purpose': 'care-coordination',
    'grants-0-sources': ['custody', 'treatment'],
    'grants-0-recipients': ['testshire-recovery/lead-practitioner'],
    'grants-0-categories': ['whereabouts', 'justice'],
    'grants-0-tier': 'detail',
    'grants-0-until-day': '30',
    'grants-0-until-month': '6',
    'grants-0-until-year': '2026',
    'grants-0-lookBackDays': '0',
    method: 'signed',
    setting: 'community',
    noticeVersion: '2026-04',
    never: ['voicemail'],
    ownWords: 'Line one\r\nline two',
  }
  const hiddenOf = (html: string, name: string): string =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? ''
  const freshForm = async (as = 'lp-1') => {
    const browser = await desk.browser(as)
    const { html } = await browser.open('/consents/new')
    return { browser, hidden: { key: hiddenOf(html, 'key'), openedAt: hiddenOf(html, 'openedAt') } }
  }

  it('record an agreement, once however often the button is pressed (UI-12)', async () => {
    const { browser, hidden } = await freshForm()
    const first = await browser.post('/consents', { ...filled, ...hidden })
    expect(first.status).toBe(303)
    await desk.clock.advanceTo(desk.clock.now() + 2000)
    const second = await browser.post('/consents', { ...filled, ...hidden })
    expect(second.headers.get('location')).toBe(first.headers.get('location'))
    expect(await desk.register.people(10)).toHaveLength(1)
    const [summary] = await desk.register.people(10)
    const person = await desk.register.person(summary?.personId ?? '')
    // Midnight after 30 June is an hour earlier in UTC: London is on summer time.
    expect(person?.grants[0]?.until).toBe(Date.parse('2026-06-30T23:00:00Z'))
  })

  it('show a name as it is, and never as markup (UI-7, UI-23)', async () => {
    const { browser, hidden } = await freshForm()
    const made = await browser.post('/consents', { ...filled, ...hidden })
    const { html } = await browser.open(made.headers.get('location') ?? '')
    expect(html).toContain('O&#39;Brien &lt;b&gt;</h1>')
    expect(/<title[^>]*>([^<]*)/.exec(html)?.[1]).not.toContain('Brien')
  })

  it('say what is missing, keep what was typed, and record nothing', async () => {
    const { browser, hidden } = await freshForm()
    const { 'grants-0-sources': _sources, method: _method, ...rest } = filled
    const response = await browser.post('/consents', {
      ...rest,
      ...hidden,
      'number-NHS': '9990000116',
    })
    const html = await response.text()
    expect(response.status).toBe(422)
    expect(html).toContain('href="#grants-0-sources"')
    expect(html).toContain('href="#method"')
    expect(html).toContain('value="O&#39;Brien &lt;b&gt;"')
    expect(/<title[^>]*>\s*Error: /.test(html)).toBe(true)
    expect(await desk.register.people(10)).toEqual([])
  })

  it('add another purpose without recording anything, script or no script', async () => {
    const { browser, hidden } = await freshForm()
    const response = await browser.post('/consents', { ...filled, ...hidden, action: 'add-grant' })
    const html = await response.text()
    expect(response.status).toBe(200)
    expect(html).toContain('name="grants-1-purpose"')
    expect(await desk.register.people(10)).toEqual([])
  })

  it('stop sharing in two presses', async () => {
    const { personId } = await record()
    const browser = await desk.browser('lp-1')
    const { html } = await browser.open(`/consents/${personId}`)
    expect(html).toContain(`href="/consents/${personId}/withdraw"`)
    const asked = await browser.open(`/consents/${personId}/withdraw`)
    expect(asked.html).toContain('value="care-coordination" checked')
    const response = await browser.post(`/consents/${personId}/withdrawals`, {
      purposes: ['care-coordination'],
      by: 'person',
    })
    expect(response.status).toBe(303)
    expect((await desk.register.person(personId))?.state).toBe('withdrawn')
    const after = await browser.open(response.headers.get('location') ?? '')
    expect(after.html).toContain('Sharing has stopped.')
  })

  it('tell whoever was too slow that somebody else has changed it (UI-12)', async () => {
    const { personId } = await record()
    const browser = await desk.browser('lp-1')
    const { html } = await browser.open(`/consents/${personId}/change`)
    expect(hiddenOf(html, 'version')).toBe('1')
    const change = { ...filled, version: '1', openedAt: hiddenOf(html, 'openedAt') }
    expect((await browser.post(`/consents/${personId}/change`, change)).status).toBe(303)
    const late = await browser.post(`/consents/${personId}/change`, change)
    expect(late.status).toBe(422)
    expect(await late.text()).toContain('Somebody has changed this agreement')
  })

  it('carry every grant and number over to the next version', async () => {
    const { personId } = await record()
    const browser = await desk.browser('lp-1')
    const { html } = await browser.open(`/consents/${personId}/change`)
    expect(html).toContain('value="9990000115"')
    expect(hiddenOf(html, 'grants-0-from')).toBe('2026-01-05T09:00:00.000Z')
    for (const source of corwin.grants[0].sources)
      expect(html).toMatch(new RegExp(`value="${source}" checked`))
  })

  it('list a practitioner only the people they keep', async () => {
    await record()
    await record(other)
    const list = async (as: string) => (await (await desk.browser(as)).open('/consents')).html
    expect(await list('register')).toMatch(/Corwin F\.[^]*Tamsel O\.|Tamsel O\.[^]*Corwin F\./)
    expect(await list('lp-3')).not.toMatch(/Corwin|Tamsel/)
  })

  it('send somebody who is not signed in to sign in first', async () => {
    const { personId } = await record()
    const response = await fetch(`${desk.url}/consents/${personId}`, {
      redirect: 'manual',
      headers: { accept: 'text/html' },
    })
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      `/sign-in?next=${encodeURIComponent(`/consents/${personId}`)}`,
    ])
  })
})
