import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ShownNotice } from './shown.ts'
import { everything, morning, type Office, openOffice, released } from './testing/office.ts'

let office: Office
beforeEach(async () => {
  office = await openOffice()
  await office.agree('p-corwin')
})
afterEach(() => office[Symbol.asyncDispose]())

const notices = async (as: string, query = 'state=open'): Promise<readonly ShownNotice[]> => {
  const response = await office.call(as, `/notices?${query}`)
  expect(response.status).toBe(200)
  return ((await response.json()) as { notices: readonly ShownNotice[] }).notices
}
const withdraw = () =>
  office.register.change({
    kind: 'withdraw',
    personId: 'p-corwin',
    purposes: ['care-coordination'],
    by: 'person',
    reason: null,
  })
const outcomes = async () =>
  (await office.register.disclosures('p-corwin')).map(({ id, recipient, outcome }) => ({
    id,
    recipient,
    outcome,
  }))

describe('the notices of a lead practitioner', () => {
  it('say what happened, to whom, when, and by when to act', async () => {
    await office.tell(released())
    expect(await notices('lp-1', 'practitioner=lp-1&state=open')).toMatchObject([
      {
        noticeId: 'n-release',
        thread: 'release:e-1',
        rule: 'release',
        ruleVersion: 1,
        class: 'action',
        urgency: 'safety',
        state: 'open',
        personId: 'p-corwin',
        displayName: 'Corwin F.',
        headline: 'Released from prison',
        occurredAt: '2025-11-18T09:12:44Z',
        learnedAt: '2025-11-18T09:12:46Z',
        dueAt: '2025-11-19T00:00:00Z',
        sources: ['custody'],
        corrects: null,
      },
    ])
  })

  it('are each entered for the person as told, once they have been sent', async () => {
    await office.tell(released())
    await notices('lp-1')
    expect(await outcomes()).toEqual([{ id: 'n-release', recipient: 'lp-1', outcome: 'delivered' }])
  })

  it('come with the most urgent first, then what is due first', async () => {
    await office.tell(
      released({ noticeId: 'n-later', urgency: 'prompt', dueAt: morning + 2 }),
      released({ noticeId: 'n-sooner', urgency: 'prompt', dueAt: morning + 1 }),
      released({ noticeId: 'n-safety', urgency: 'safety', dueAt: morning + 3 }),
    )
    expect((await notices('lp-1')).map(({ noticeId }) => noticeId)).toEqual([
      'n-safety',
      'n-sooner',
      'n-later',
    ])
  })

  it('show the latest version only', async () => {
    await office.tell(released(), released({ version: 2, state: 'acknowledged' }))
    expect(await notices('lp-1')).toEqual([])
    expect(await notices('lp-1', 'state=acknowledged')).toHaveLength(1)
  })

  it('leave out what the person has not agreed that this source may tell', async () => {
    await office.tell(released({ sources: ['custody', 'housing'] }))
    expect(await notices('lp-1')).toEqual([])
  })

  it('keep their details from somebody who may know only that a service is in touch', async () => {
    const grants = [{ ...everything, tier: 'involvement' as const }]
    await office.agree('p-corwin', { grants })
    await office.tell(released({ noticeId: 'n-1' }))
    const [notice] = await notices('lp-1')
    expect(notice).toMatchObject({
      headline: 'Custody has been in touch about Corwin F.',
      rule: 'involvement',
      lines: [],
    })
    expect(JSON.stringify(notice)).not.toMatch(/releas|prison/i)
  })

  it.each(['Null', "O'Brien", 'Ng', 'X', '<b>Ann</b>', 'A'.repeat(200)])(
    'name the person as %s, on the page too (UI-23, UI-7)',
    async (displayName) => {
      await office.agree('p-corwin', { displayName })
      await office.tell(released())
      expect((await notices('lp-1'))[0]?.displayName).toBe(displayName)
      const page = await office.call('lp-1', '/inbox', { headers: { accept: 'text/html' } })
      const html = await page.text()
      const escaped = displayName
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll("'", '&#39;')
      expect(html).toContain(`>${escaped}</a>`)
      expect(html).not.toContain('<b>Ann')
    },
  )
})

describe('somebody else’s people', () => {
  const pathsOf = (personId: string) => [`/people/${personId}/story`, `/people/${personId}`]

  it('look the same as nobody at all (UI-1)', async () => {
    await office.tell(released())
    const known = pathsOf('p-corwin')
    const unknown = pathsOf('p-nobody')
    for (const [place, path] of known.entries()) {
      for (const accept of ['application/json', 'text/html']) {
        const headers = { accept }
        const theirs = await office.call('lp-2', path, { headers })
        const nobody = await office.call('lp-2', unknown[place] ?? '', { headers })
        expect([theirs.status, nobody.status]).toEqual([404, 404])
        const plain = (html: string) => html.replaceAll(/nonce="[^"]*"/g, '')
        expect(plain(await theirs.text())).toBe(plain(await nobody.text()))
      }
    }
  })

  it('cannot be acted on, and look the same as no notice at all (UI-1)', async () => {
    await office.tell(released())
    for (const deed of ['acknowledgements', 'contacts', 'handovers']) {
      const json =
        deed === 'contacts' ? { contact: 'seen' } : deed === 'handovers' ? { to: 'lp-2' } : {}
      const theirs = await office.call('lp-2', `/notices/n-release/${deed}`, { json })
      const nobody = await office.call('lp-2', `/notices/n-nothing/${deed}`, { json })
      expect([theirs.status, nobody.status]).toEqual([404, 404])
      expect(await theirs.json()).toEqual(await nobody.json())
    }
    expect(await office.actions()).toEqual([])
  })

  it('are not listed by asking in a colleague’s name (UI-1)', async () => {
    await office.tell(released())
    const response = await office.call('lp-2', '/notices?practitioner=lp-1&state=open')
    expect(response.status).toBe(404)
    expect(await notices('lp-2')).toEqual([])
  })

  it.each(['register', 'operator'])('are not for the %s either', async (who) => {
    await office.tell(released())
    expect((await office.call(who, '/notices')).status).toBe(403)
    expect((await office.call(who, '/people/p-corwin/story')).status).toBe(403)
  })
})

describe('a withdrawal', () => {
  it('takes the notices away at once, and the person’s record shows who had seen what (UI-13)', async () => {
    await office.tell(released())
    await notices('lp-1')
    const answer = await withdraw()
    expect(answer).toMatchObject({ alreadySeen: [{ noticeId: 'n-release', recipient: 'lp-1' }] })
    expect(await notices('lp-1', '')).toEqual([])
  })

  it('closes what is being viewed at the next action: it is not there any more (UI-13)', async () => {
    await office.tell(released())
    await notices('lp-1')
    await withdraw()
    const next = await office.call('lp-1', '/notices/n-release/acknowledgements', { json: {} })
    expect(next.status).toBe(404)
    expect(await office.actions()).toEqual([])
  })

  it('leaves the lead the person’s own words, and no story', async () => {
    await office.agree('p-corwin', { ownWords: 'Not before noon.', never: ['voicemail'] })
    await office.tellStory(story)
    await withdraw()
    const response = await office.call('lp-1', '/people/p-corwin/story')
    expect(await response.json()).toMatchObject({
      displayName: 'Corwin F.',
      ownWords: 'Not before noon.',
      safeContact: { never: ['voicemail'] },
      lines: [],
    })
  })
})

describe('a permit', () => {
  it('that ran out before the page was ready shows nothing, and is recorded as unused', async () => {
    await office.tell(released())
    let turn = 0
    office.monotonicMs = () => (turn += 3000)
    const response = await office.call('lp-1', '/notices?state=open')
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('Corwin')
    expect(new Set((await outcomes()).map(({ outcome }) => outcome))).toEqual(new Set(['unused']))
  })

  it('that ran out once is asked for again', async () => {
    await office.tell(released())
    const times = [0, 3000, 3000, 5999]
    office.monotonicMs = () => times.shift() ?? 6000
    expect(await notices('lp-1')).toHaveLength(1)
    expect((await outcomes()).map(({ outcome }) => outcome)).toEqual(['delivered', 'unused'])
  })

  it('is worth nothing while keys cannot be had: nothing is shown', async () => {
    await office.tell(released())
    office.keys.available = false
    const response = await office.call('lp-1', '/notices?state=open')
    expect(response.status).toBe(503)
    expect((await outcomes()).map(({ outcome }) => outcome)).toEqual(['unused'])
  })
})

describe('acting on a notice', () => {
  beforeEach(() => office.tell(released()))
  const post = (path: string, json: object) =>
    office.call('lp-1', `/notices/n-release/${path}`, { json })

  it('records an acknowledgement once, however often it is sent', async () => {
    expect((await post('acknowledgements', {})).status).toBe(202)
    expect((await post('acknowledgements', {})).status).toBe(202)
    expect(await office.actions()).toMatchObject([
      {
        kind: 'acknowledged',
        noticeId: 'n-release',
        thread: 'release:e-1',
        by: 'lp-1',
        contact: null,
      },
    ])
  })

  it('needs no body', async () => {
    const bare = { method: 'POST' }
    expect((await office.call('lp-1', '/notices/n-release/acknowledgements', bare)).status).toBe(
      202,
    )
  })

  it.each(['seen', 'spoken', 'tried'])('records that the person was %s', async (contact) => {
    await post('contacts', { contact })
    expect(await office.actions()).toMatchObject([{ kind: 'contact-recorded', contact }])
  })

  it('records a confirmed prescription as that', async () => {
    await post('acknowledgements', { prescription: 'confirmed' })
    expect(await office.actions()).toMatchObject([{ kind: 'prescription-confirmed' }])
  })

  it('keeps what was done from whoever reads the log without the person’s key', async () => {
    await post('contacts', { contact: 'spoken' })
    expect(office.log.join('\n')).not.toMatch(/Corwin|spoken|p-corwin/)
  })

  it('tells no disclosure: nothing was shown by it', async () => {
    await post('acknowledgements', {})
    expect((await outcomes()).map(({ outcome }) => outcome)).toEqual(['unused'])
  })

  it.each([
    ['contacts', { contact: '07700 900123' }],
    ['contacts', {}],
    ['acknowledgements', { prescription: '07700 900123' }],
    ['handovers', { to: '07700 900123' }],
  ])('refuses %s with anything else, and repeats none of it (HTTP-26)', async (path, json) => {
    const response = await post(path, json)
    expect(response.status).toBe(422)
    expect(await response.text()).not.toContain('07700')
    expect(office.log.join('\n')).not.toContain('07700')
  })

  it('hands the person over: the other practitioner leads, and the old lead sees no more', async () => {
    expect((await post('handovers', { to: 'lp-2' })).status).toBe(202)
    const person = await office.register.person('p-corwin')
    const lead = person?.assignments.find((one) => one.relation === 'lead' && one.until === null)
    expect(lead?.practitionerId).toBe('lp-2')
    expect(await notices('lp-1')).toEqual([])
  })
})

describe('whoever is on duty', () => {
  const duty = {
    practitionerId: 'duty:testshire-recovery',
    organisation: 'testshire-recovery',
    role: 'duty',
  }
  it('reads what is addressed to the duty team, and acts on it in their own name', async () => {
    await office.tell(released({ noticeId: 'n-duty', recipient: duty }))
    expect((await notices('duty-1')).map(({ noticeId }) => noticeId)).toEqual(['n-duty'])
    await office.call('duty-1', '/notices/n-duty/acknowledgements', { json: {} })
    expect(await office.actions()).toMatchObject([{ by: 'duty-1', noticeId: 'n-duty' }])
  })
  it('does not read the lead’s notices, nor the lead theirs', async () => {
    await office.tell(released(), released({ noticeId: 'n-duty', recipient: duty }))
    expect((await notices('duty-1')).map(({ noticeId }) => noticeId)).toEqual(['n-duty'])
    expect((await notices('lp-1')).map(({ noticeId }) => noticeId)).toEqual(['n-release'])
  })
})

const line = {
  id: 'l-1',
  section: 'custody',
  text: 'Released from prison to the community',
  headline: 'Released from prison',
  place: 'MDI',
  sources: ['custody'],
  categories: ['whereabouts' as const],
  occurredAt: morning - 3_600_000,
  precision: 'INSTANT',
  learnedAt: morning,
  until: null,
  eventId: 'e-1',
}
const story = {
  personId: 'p-corwin',
  version: 1,
  updatedAt: morning,
  lines: [
    line,
    { ...line, id: 'l-2', section: 'home', text: 'Possession notice served', sources: ['housing'] },
    { ...line, id: 'l-3', section: 'treatment', text: 'In treatment', sources: ['treatment'] },
  ],
  current: ['l-3'],
}

describe('a person’s story', () => {
  beforeEach(() => office.tellStory(story))
  const lines = async (as: string) => {
    const response = await office.call(as, '/people/p-corwin/story')
    return ((await response.json()) as { lines: readonly { text: string; section: string }[] })
      .lines
  }

  it('has the situation now first, and only what each source may tell', async () => {
    expect((await lines('lp-1')).map(({ text }) => text)).toEqual([
      'In treatment',
      'Released from prison to the community',
    ])
  })

  it('has the last of one instant first, whatever each line rests on', async () => {
    const treated = { ...line, section: 'treatment', sources: ['treatment'] }
    const told = [
      { ...treated, id: 'l-1', text: 'Treatment started' },
      { ...line, id: 'l-2' },
      { ...treated, id: 'l-3', text: 'Treatment was reviewed' },
    ]
    await office.tellStory({ ...story, version: 2, lines: told, current: [] })
    expect((await lines('lp-1')).map(({ text }) => text)).toEqual([
      'Treatment was reviewed',
      'Released from prison to the community',
      'Treatment started',
    ])
  })

  it('says to a team member no more than that services are in touch', async () => {
    await office.register.change({
      kind: 'assign',
      personId: 'p-corwin',
      by: 'register',
      assignment: {
        practitionerId: 'peer-4',
        organisation: 'testshire-recovery',
        role: 'peer-supporter',
        relation: 'team',
        tier: 'involvement',
      },
    })
    expect((await lines('peer-4')).map(({ text, section }) => [text, section])).toEqual([
      ['Treatment has been in touch', 'services'],
      ['Custody has been in touch', 'services'],
    ])
  })
})

describe('what is arranged before a release', () => {
  const ahead = { noticeId: 'n-ahead', rule: 'release-ahead', thread: 'release-ahead:e-1' } as const

  it('is recorded item by item', async () => {
    await office.tell(released(ahead))
    const arrange = (json: object) => office.call('lp-1', '/notices/n-ahead/arrangements', { json })
    expect((await arrange({ item: 'home', answer: 'made' })).status).toBe(202)
    await arrange({ item: 'home', answer: 'made' })
    await arrange({ item: 'script', answer: 'declined' })
    expect(await office.actions()).toMatchObject([
      { kind: 'arranged', item: 'home', answer: 'made', thread: ahead.thread, contact: null },
      { kind: 'arranged', item: 'script', answer: 'declined' },
    ])
    const bad = await arrange({ item: 'car', answer: 'made' })
    expect([bad.status, (await bad.text()).includes('car')]).toEqual([422, false])
  })
})

describe('the people a practitioner works with', () => {
  const page = async (as: string) =>
    (await office.call(as, '/people', { headers: { accept: 'text/html' } })).text()

  it('are listed by name, each entered as told', async () => {
    await office.agree('p-other', { displayName: 'Ann B.', never: ['visit'] })
    await office.agree('p-theirs', { displayName: 'Zed Z.', lead: 'lp-2' })
    const text = await page('lp-1')
    expect(text.indexOf('Ann B.')).toBeGreaterThan(0)
    expect(text.indexOf('Corwin F.')).toBeGreaterThan(text.indexOf('Ann B.'))
    expect(text).not.toContain('Zed Z.')
    expect(await office.register.disclosures('p-other')).toMatchObject([
      { recipient: 'lp-1', what: 'person', outcome: 'delivered' },
    ])
  })

  it('are nobody for who has nobody', async () => {
    expect(await page('duty-1')).toContain('You work with nobody yet.')
  })
})

describe('the pages', () => {
  const html = async (path: string, as = 'lp-1') =>
    office.call(as, path, { headers: { accept: 'text/html' } })

  it('name nobody in titles and addresses, and are kept by no browser (UI-16)', async () => {
    await office.tell(released())
    for (const path of ['/inbox', '/people/p-corwin']) {
      const response = await html(path)
      expect(response.headers.get('cache-control')).toBe('no-store')
      const text = await response.text()
      expect(/<title[^>]*>(?<title>[^<]*)/.exec(text)?.groups?.['title']).not.toContain('Corwin')
      for (const [, address = ''] of text.matchAll(/(?:href|action|src)="([^"]*)"/g))
        expect(address).not.toMatch(/corwin f/i)
    }
    const script = await (await html('/assets/inbox/inbox.js')).text()
    expect(script).not.toMatch(/localStorage|sessionStorage|indexedDB|document\.cookie/)
  })

  it('show how to reach the person safely before anything else about them', async () => {
    await office.agree('p-corwin', { never: ['voicemail'], ownWords: 'Not before noon.' })
    await office.tell(released())
    await office.tellStory(story)
    const text = await (await html('/people/p-corwin')).text()
    const places = ['voicemail', 'Not before noon.', 'Released from prison', 'In treatment'].map(
      (words) => text.indexOf(words),
    )
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places[0]).toBeGreaterThan(0)
  })

  it('show no stack, address or query when something fails (UI-17)', async () => {
    office.keys.available = false
    await office.tell().catch(() => undefined)
    office.register.gate = () =>
      Promise.reject(new Error('SELECT secret FROM people at kafka:9092'))
    for (const path of ['/inbox', '/people/p-corwin', '/people/p-corwin/story']) {
      const response = await html(path)
      expect(response.status).toBeGreaterThanOrEqual(404)
      expect(await response.text()).not.toMatch(/SELECT|kafka|node_modules|at async|\.ts:/)
    }
  })

  it('say so when there is nothing to do', async () => {
    expect(await (await html('/inbox')).text()).toContain('Nothing to do.')
  })

  it('take the same press twice as one, and lead back to the list', async () => {
    await office.tell(released())
    const cookie = await signIn('lp-1')
    const page = await fetch(`${office.url}/inbox`, { headers: { cookie, accept: 'text/html' } })
    const csrf = /name="_csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
    const press = (token: string) =>
      fetch(`${office.url}/notices/n-release/acknowledgements`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ _csrf: token, from: 'open' }),
      })
    expect((await press('another')).status).toBe(403)
    const first = await press(csrf)
    await press(csrf)
    expect([first.status, first.headers.get('location')]).toEqual([
      303,
      '/inbox?state=open&done=n-release',
    ])
    expect(await office.actions()).toHaveLength(1)
  })

  it('take a whole thread in hand in one press, and lead to the next one', async () => {
    const again = { noticeId: 'n-again', rule: 'three-weeks', urgency: 'prompt' } as const
    const other = { noticeId: 'n-other', thread: 'arrest:e-2', rule: 'arrest' } as const
    await office.tell(released(), released(again), released(other))
    const cookie = await signIn('lp-1')
    const page = await fetch(`${office.url}/inbox`, { headers: { cookie, accept: 'text/html' } })
    const csrf = /name="_csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
    const press = (next: string) =>
      fetch(`${office.url}/notices/n-release/acknowledgements`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ _csrf: csrf, from: 'open', next }),
      })
    const { headers } = await press('t-n-other')
    expect(headers.get('location')).toBe('/inbox?state=open&done=n-release#t-n-other')
    expect((await office.actions()).map(({ noticeId }) => noticeId).toSorted()).toEqual([
      'n-again',
      'n-release',
    ])
    expect((await press('//evil')).headers.get('location')).toBe('/inbox?state=open&done=n-release')
  })

  it('are told that something changed, and nothing of what', async () => {
    const leaving = new AbortController()
    const response = await office.call('lp-1', '/inbox/events', { signal: leaving.signal })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toContain('retry:')
    await office.tell(released())
    expect((await reader?.read())?.value).toBe('event: changed\ndata: {}\n\n')
    leaving.abort()
  })

  it('hear of what changed between being read and listening', async () => {
    const text = await (await html('/inbox')).text()
    const [, live = ''] = /data-live="([^"]+)"/.exec(text) ?? []
    await office.tell(released())
    const leaving = new AbortController()
    const response = await office.call('lp-1', live, { signal: leaving.signal })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let heard = ''
    while (!heard.includes('event: changed')) heard += (await reader?.read())?.value ?? ''
    expect(heard).not.toMatch(/n-release|Corwin/)
    leaving.abort()
  })

  const signIn = async (as: string): Promise<string> => {
    const response = await fetch(`${office.url}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token: `token-of-${as}`, next: '/inbox' }),
    })
    return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  }
})
