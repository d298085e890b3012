import { Router } from 'express'
import { describe, expect, it } from 'vitest'
import { callerOf, requirePractitioner } from './auth.ts'
import { formBody, formOf } from './body.ts'
import { contextOf } from './context.ts'
import { openEventStream } from './sse.ts'
import { type Served, serve, tokenOf } from './testing.ts'

type Stream = ReturnType<typeof openEventStream>

const inbox = () => {
  const done: string[] = []
  const streams: Stream[] = []
  const open = () =>
    serve(({ stillSignedIn }) => {
      const router = Router()
      router.get('/inbox', requirePractitioner(), (req, res) => {
        const { session } = contextOf(req)
        res.json({ id: callerOf(req, 'practitioner').id, csrf: session?.csrfToken ?? null })
      })
      router.post('/acknowledge', requirePractitioner(), formBody(), (req, res) => {
        done.push(formOf(req).get('notice') ?? '')
        res.json({})
      })
      router.get('/live', requirePractitioner(), (req, res) => {
        streams.push(openEventStream(req, res, () => stillSignedIn(req)))
      })
      return router
    })
  return { done, streams, open }
}

const signIn = async (hub: Served, token: string, next = '/inbox') => {
  const answer = await fetch(`${hub.url}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ token, next }),
  })
  const cookie = answer.headers.get('set-cookie') ?? ''
  return { answer, cookie, headers: { cookie: cookie.split(';')[0] ?? '' } }
}

describe('signing in', () => {
  it('opens the page that was asked for, with a cookie no script and no other site can use', async () => {
    await using hub = await inbox().open()
    const { answer, cookie, headers } = await signIn(hub, tokenOf('practitioner'))
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/inbox')
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
    const page = await fetch(`${hub.url}/inbox`, { headers })
    expect(await page.json()).toMatchObject({ id: 'lp-1' })
  })

  it('sends somebody who is not signed in to the sign-in page, and then back', async () => {
    await using hub = await inbox().open()
    const headers = { accept: 'text/html' }
    const answer = await fetch(`${hub.url}/inbox?state=open`, { headers, redirect: 'manual' })
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/sign-in?next=%2Finbox%3Fstate%3Dopen')
  })

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/\t/evil.example', ''])(
    'UI-8: never leads away to %j',
    async (next) => {
      await using hub = await inbox().open()
      const { answer } = await signIn(hub, tokenOf('practitioner'), next)
      expect(answer.headers.get('location')).toBe('/inbox')
    },
  )

  it('opens the first page of whoever signs in', async () => {
    await using hub = await inbox().open()
    const { answer } = await signIn(hub, tokenOf('register'), '/')
    expect(answer.headers.get('location')).toBe('/consents')
  })

  it('refuses a wrong token, and an agency, without saying which', async () => {
    await using hub = await inbox().open()
    const wrong = await signIn(hub, 'nobody-has-this')
    const agency = await signIn(hub, tokenOf('custody'))
    expect(wrong.answer.status).toBe(401)
    expect(wrong.cookie).toBe('')
    expect(await wrong.answer.text()).not.toContain('nobody-has-this')
    expect(agency.answer.status).toBe(401)
  })

  it('UI-5: gives a new session at every sign-in and ends the old one', async () => {
    await using hub = await inbox().open()
    const first = await signIn(hub, tokenOf('practitioner'))
    const again = await fetch(`${hub.url}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: first.headers,
      body: new URLSearchParams({ token: tokenOf('practitioner') }),
    })
    expect(again.headers.get('set-cookie')?.split(';')[0]).not.toBe(first.headers.cookie)
    expect((await fetch(`${hub.url}/inbox`, { headers: first.headers })).status).toBe(401)
  })

  it('UI-5: ends a session after 15 idle minutes, and after 8 hours of work', async () => {
    await using hub = await inbox().open()
    const { headers } = await signIn(hub, tokenOf('practitioner'))
    const ask = async () => (await fetch(`${hub.url}/inbox`, { headers })).status
    hub.clock.at += 15 * 60_000 - 1
    expect(await ask()).toBe(200)
    hub.clock.at += 15 * 60_000
    expect(await ask()).toBe(401)

    const busy = await signIn(hub, tokenOf('practitioner'))
    const statuses: number[] = []
    for (let quarters = 0; quarters < 48; quarters++) {
      hub.clock.at += 10 * 60_000
      statuses.push((await fetch(`${hub.url}/inbox`, { headers: busy.headers })).status)
    }
    expect(statuses.indexOf(401)).toBe(47)
  })

  it('UI-5: shows nothing after signing out, whatever the browser still holds', async () => {
    await using hub = await inbox().open()
    const { headers } = await signIn(hub, tokenOf('practitioner'))
    const { csrf } = (await (await fetch(`${hub.url}/inbox`, { headers })).json()) as {
      csrf: string
    }
    const body = new URLSearchParams({ _csrf: csrf })
    const out = await fetch(`${hub.url}/sign-out`, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
    })
    expect(out.status).toBe(303)
    expect((await fetch(`${hub.url}/inbox`, { headers })).status).toBe(401)
  })
})

describe('a form', () => {
  const post = (hub: Served, headers: Record<string, string>, body: URLSearchParams | string) =>
    fetch(`${hub.url}/acknowledge`, { method: 'POST', headers, body, redirect: 'manual' })

  it('UI-6: does nothing without the token of its session', async () => {
    const { done, open } = inbox()
    await using hub = await open()
    const { headers } = await signIn(hub, tokenOf('practitioner'))
    const other = await signIn(hub, tokenOf('practitioner'))
    const ask = async (of: Record<string, string>) =>
      ((await (await fetch(`${hub.url}/inbox`, { headers: of })).json()) as { csrf: string }).csrf
    const mine = await ask(headers)
    const theirs = await ask(other.headers)
    const form = (fields: Record<string, string>) => new URLSearchParams({ notice: 'n', ...fields })

    expect((await post(hub, headers, form({}))).status).toBe(403)
    expect((await post(hub, headers, form({ _csrf: theirs }))).status).toBe(403)
    const asText = { ...headers, 'content-type': 'text/plain' }
    expect((await post(hub, asText, '{"notice":"n"}')).status).toBe(403)
    const elsewhere = { ...headers, 'sec-fetch-site': 'cross-site' }
    expect((await post(hub, elsewhere, form({ _csrf: mine }))).status).toBe(403)
    expect(done).toEqual([])

    expect((await post(hub, headers, form({ _csrf: mine }))).status).toBe(200)
    expect(done).toEqual(['n'])
  })

  it('needs no such token from a caller with a bearer token', async () => {
    const { done, open } = inbox()
    await using hub = await open()
    const answer = await post(hub, hub.as('practitioner'), new URLSearchParams({ notice: 'n' }))
    expect(answer.status).toBe(200)
    expect(done).toEqual(['n'])
  })
})

describe('a page that listens', () => {
  it('is told what is new, and no longer once its reader is signed out by idleness', async () => {
    const { streams, open } = inbox()
    await using hub = await open()
    const { headers } = await signIn(hub, tokenOf('practitioner'))
    const live = await fetch(`${hub.url}/live`, {
      headers: { ...headers, accept: 'text/event-stream' },
    })
    expect(live.headers.get('content-type')).toContain('text/event-stream')
    const [stream] = streams
    expect(stream?.send('notices', { count: 1 })).toBe(true)
    hub.clock.at += 15 * 60_000
    expect(stream?.send('notices', { count: 2 })).toBe(false)
    expect(await live.text()).toBe('retry: 3000\n\nevent: notices\ndata: {"count":1}\n\n')
  })

  it('is let go when the hub stops', async () => {
    const { streams, open } = inbox()
    const hub = await open()
    const live = await fetch(`${hub.url}/live`, {
      headers: { ...hub.as('practitioner'), accept: 'text/event-stream' },
    })
    let closed = 0
    streams[0]?.onClose(() => closed++)
    await hub.listening.close()
    expect(await live.text()).toBe('retry: 3000\n\n')
    expect(closed).toBe(1)
  })
})
