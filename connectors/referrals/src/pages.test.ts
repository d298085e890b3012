import { describe, expect, it } from 'vitest'
import { changed, example } from './testing/examples.ts'
import { openOffice } from './testing/office.ts'

const filled = {
  toService: 'testshire-recovery',
  kind: 'gp',
  given: 'Idris',
  family: 'Vance',
  'number-NHS': '999 000 0115',
  phone: '07700 900133',
  isTheirOwn: 'yes',
  ok: ['text'],
  never: ['voicemail'],
  reason: 'alcohol-use',
  'attendBy-day': '16',
  'attendBy-month': '3',
  'attendBy-year': '2026',
  note: 'Line one\r\nLine two <script>alert(1)</script>',
  toReferral: 'yes',
  method: 'spoken',
  mayHear: ['received', 'accepted'],
} as const

const hiddenIn = (html: string) => ({
  key: /name="key" value="([^"]+)"/.exec(html)?.[1] ?? '',
  openedAt: /name="openedAt" value="([^"]+)"/.exec(html)?.[1] ?? '',
})

describe('referring somebody with the form', () => {
  it('reaches the desk, and the worker who sent it sees what became of it', async () => {
    await using office = await openOffice()
    const gp = await office.browser('gp-1')
    const hidden = hiddenIn((await gp.open('/referrals/new')).html)
    const sent = await gp.post('/referrals', { ...filled, ...hidden })
    expect([sent.status, sent.to]).toEqual([
      303,
      expect.stringMatching(/^\/referrals\/.+\?sent=1$/),
    ])
    expect((await gp.open(sent.to ?? '')).html).toContain('Referral sent')

    const desk = await office.browser('intake-1')
    expect((await desk.open('/referrals')).html).toContain('Idris Vance')
    const page = sent.to?.replace('?sent=1', '') ?? ''
    const { html } = await desk.open(page)
    expect(html).toContain('16 March 2026')
    expect(html).not.toContain(hidden.key)
    expect(html).toContain('Line two &lt;script&gt;')
    expect(html.indexOf('Never:')).toBeGreaterThan(0)
    expect(html.indexOf('Never:')).toBeLessThan(html.indexOf('07700 900133'))

    const declined = { answer: 'declined', because: 'out-of-area' }
    const answered = await desk.post(`${page}/answers`, declined)
    expect([answered.status, answered.to]).toEqual([303, '/referrals?done=declined'])
    expect((await gp.open(page)).html).toContain('They live outside the area')
    expect((await gp.open('/referrals')).html).toContain('They cannot take it')
    expect((await desk.open(page)).status).toBe(404)
  })

  it('sent twice is one referral', async () => {
    await using office = await openOffice()
    const gp = await office.browser('gp-1')
    const hidden = hiddenIn((await gp.open('/referrals/new')).html)
    const first = await gp.post('/referrals', { ...filled, ...hidden })
    await office.clock.advanceTo(office.clock.now() + 60_000)
    const again = await gp.post('/referrals', { ...filled, ...hidden })
    expect(again.to).toBe(first.to)
    const other = await gp.post('/referrals', { ...filled, ...hidden, note: 'Other words' })
    expect([other.status, other.html]).toEqual([422, expect.stringContaining('was sent before')])
    expect(await office.register.referrals({ service: 'testshire-recovery' })).toHaveLength(1)
  })

  it('names every mistake at once, in the order of the page, beside its field, and keeps what was typed', async () => {
    await using office = await openOffice()
    const gp = await office.browser('gp-1')
    const { status, html } = await gp.post('/referrals', {
      given: 'Idris',
      'number-NOMS': 'A1',
      'dateOfBirth-day': '31',
      'dateOfBirth-month': '2',
      'dateOfBirth-year': '1987',
      phone: 'ring me',
    })
    const list = [...html.matchAll(/<a href="#([^"]+)">([^<]+)<\/a>/g)].map((found) => found[1])
    expect(status).toBe(422)
    expect(list).toEqual(['toService', 'kind', 'family', 'dateOfBirth-day', 'phone', 'toReferral'])
    for (const id of list) expect(html).toContain(`id="${id}"`)
    expect(html).toContain('value="Idris"')
    expect(html).toContain('Error: Refer somebody')
    expect(await office.told()).toEqual([])
  })

  it('says on an empty form that somebody has to be named', async () => {
    await using office = await openOffice()
    const gp = await office.browser('gp-1')
    const { html } = await gp.post('/referrals', {})
    expect(html).toContain('Enter their name, or one of their numbers')
  })

  it('checks the numbers once the rest can be read', async () => {
    await using office = await openOffice()
    const gp = await office.browser('gp-1')
    const { html } = await gp.post('/referrals', { ...filled, 'number-NHS': '9990000116' })
    expect(html).toContain('href="#number-NHS"')
    expect(html).toContain('Check this number against the letter or card')
  })

  it('goes nowhere without agreement, and to no service without a desk', async () => {
    await using office = await openOffice()
    const gp = await office.browser('gp-1')
    const { toReferral: _agreed, ...notAgreed } = filled
    expect((await gp.post('/referrals', notAgreed)).html).toContain('They have to agree')
    const elsewhere = await gp.post('/referrals', { ...filled, toService: 'testshire-wellbeing' })
    expect(elsewhere.html).toContain('Choose the service')
    expect(await office.told()).toEqual([])
  })

  it('ticks nothing beforehand but the only service there is', async () => {
    await using office = await openOffice()
    const gp = await office.browser('gp-1')
    const { html } = await gp.open('/referrals/new')
    expect([...html.matchAll(/ value="([^"]+)"[^>]* checked/g)].map((found) => found[1])).toEqual([
      'testshire-recovery',
    ])
  })

  it('needs the form’s own session: a page of another site can send nothing', async () => {
    await using office = await openOffice()
    const gp = await office.browser('gp-1')
    expect((await gp.post('/referrals', { ...filled, _csrf: 'wrong' })).status).toBe(403)
    const nobody = await fetch(`${office.url}/referrals`, {
      redirect: 'manual',
      headers: { accept: 'text/html' },
    })
    expect(nobody.headers.get('location')).toBe('/sign-in?next=%2Freferrals')
  })
})

describe('the desk’s page', () => {
  it('asks what happened, and why where it was declined', async () => {
    await using office = await openOffice()
    const { results } = await office.refer(example('gp-alcohol.json'))
    const page = `/referrals/${results[0]?.referralId}`
    const desk = await office.browser('duty-1')
    const nothing = await desk.post(`${page}/answers`, {})
    expect([nothing.status, nothing.html]).toEqual([
      422,
      expect.stringContaining('Choose what happened'),
    ])
    const why = await desk.post(`${page}/answers`, { answer: 'declined', because: '' })
    expect([why.status, why.html]).toEqual([
      422,
      expect.stringContaining('Choose why you cannot take it'),
    ])
    expect(why.html).toMatch(/value="declined" checked/)
    // A reason left over from another choice is no part of this one.
    const came = await desk.post(`${page}/answers`, { answer: 'attended', because: 'no-room' })
    expect(came.to).toBe('/referrals?done=attended')
    expect((await desk.open('/referrals')).html).toContain('Nobody is waiting')
  })

  it('shows a referral without a name, a number or a word of why', async () => {
    await using office = await openOffice()
    const bare = changed('police-conditional-caution.json', {
      'person.name': undefined,
      'referral.reason': undefined,
      'referral.condition': undefined,
    })
    const { results } = await office.refer(bare, 'custody')
    const desk = await office.browser('intake-1')
    expect((await desk.open('/referrals')).html).toContain('Name not given')
    expect((await desk.open(`/referrals/${results[0]?.referralId}`)).html).toContain(
      '1931/9999412X',
    )
  })

  it('is not for a worker without a desk, who sees only what they sent', async () => {
    await using office = await openOffice()
    await office.refer(example('gp-alcohol.json'))
    const lead = await office.browser('lp-1')
    const { html } = await lead.open('/referrals')
    expect(html).toContain('Referrals you sent')
    expect(html).not.toContain('Fenwright')
  })
})
