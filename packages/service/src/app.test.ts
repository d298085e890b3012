import { Router } from 'express'
import { describe, expect, it } from 'vitest'
import { requireAgency, requirePractitioner } from './auth.ts'
import { bodyOf, jsonBody } from './body.ts'
import { principalOf } from './context.ts'
import { serve } from './testing.ts'

const canary = 'Z9134QX'

/** A custody route that keeps what it is given, and one that breaks. */
const intake = () => {
  const kept: unknown[] = []
  const routes = () => {
    const router = Router()
    router.post(
      '/intake/custody',
      requireAgency('custody'),
      jsonBody({ limit: 200 }),
      (req, res) => {
        kept.push(bodyOf(req))
        res.status(202).json({ results: [] })
      },
    )
    router.get('/whoami', (req, res) => {
      res.json({ caller: principalOf(req)?.kind ?? 'nobody' })
    })
    router.get('/broken/:name', () => {
      throw new Error(`the row of ${canary} at kafka-1.internal`)
    })
    router.get('/down', () => {
      throw Object.assign(new Error(canary), { code: 'HUB_REGISTER_UNAVAILABLE' })
    })
    return router
  }
  return { kept, routes }
}

const json = { 'content-type': 'application/json' }

describe('who may send', () => {
  it.each([
    ['no credential', {}],
    ['a wrong token', { authorization: 'Bearer nobody-has-this' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: 'Basic dG9rZW4=' }],
    ['a token in two parts', { authorization: 'Bearer token-of-custody extra' }],
  ])(
    'HTTP-1: keeps nothing from a sender with %s, and does not say why',
    async (_what, headers) => {
      const { kept, routes } = intake()
      await using hub = await serve(routes)
      const answer = await fetch(`${hub.url}/intake/custody`, {
        method: 'POST',
        headers: { ...json, ...headers } as Record<string, string>,
        body: '{}',
      })
      expect(answer.status).toBe(401)
      expect(await answer.json()).toEqual({
        error: { code: 'unauthorised', message: 'Sign in, or send a valid bearer token.' },
      })
      expect(kept).toEqual([])
    },
  )

  it('HTTP-1: refuses two credentials in one request', async () => {
    await using hub = await serve(intake().routes)
    const answer = await hub.raw(
      'GET /whoami HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer token-of-custody\r\nAuthorization: Bearer token-of-register\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  })

  it("HTTP-19: refuses one agency's token on another agency's route", async () => {
    const { kept, routes } = intake()
    await using hub = await serve(routes)
    for (const caller of ['housing', 'register', 'practitioner', 'operator'] as const) {
      const answer = await fetch(`${hub.url}/intake/custody`, {
        method: 'POST',
        headers: { ...json, ...hub.as(caller) },
        body: '{}',
      })
      expect(answer.status).toBe(403)
    }
    expect(kept).toEqual([])
  })

  it('HTTP-21: believes no header about who is calling', async () => {
    await using hub = await serve(intake().routes)
    const answer = await fetch(`${hub.url}/whoami`, {
      headers: {
        'x-forwarded-for': '127.0.0.1',
        'x-ssl-client-dn': 'CN=custody',
        'x-forwarded-user': 'custody',
        forwarded: 'for=127.0.0.1',
      },
    })
    expect(await answer.json()).toEqual({ caller: 'nobody' })
  })

  it('HTTP-22: slows down only the agency that sends too much', async () => {
    await using hub = await serve(intake().routes, { quota: { perSecond: 2, burst: 3 } })
    const ask = (caller: 'custody' | 'housing') =>
      fetch(`${hub.url}/whoami`, { headers: hub.as(caller) })
    const burst = await Promise.all(Array.from({ length: 300 }, () => ask('custody')))
    expect(burst.filter(({ status }) => status === 200)).toHaveLength(3)
    const refused = burst.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(297)
    expect(refused[0]?.headers.get('retry-after')).toBe('1')
    expect((await ask('housing')).status).toBe(200)
    hub.clock.at += 1_000
    expect((await ask('custody')).status).toBe(200)
  })
})

describe('bytes that could be read in two ways', () => {
  const head =
    'POST /intake/custody HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer token-of-custody\r\nContent-Type: application/json\r\n'

  it.each([
    [
      'a length and chunks',
      `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    ],
    [
      'chunks and a length',
      `${head}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    ],
    ['two lengths', `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `],
    ['a folded header', `${head}X-Note: one\r\n two\r\nContent-Length: 2\r\n\r\n{}`],
    ['a header folded by a tab', `${head}X-Note: one\r\n\ttwo\r\nContent-Length: 2\r\n\r\n{}`],
    ['bare line feeds', `${head.replaceAll('\r\n', '\n')}Content-Length: 2\n\n{}`],
    ['one bare line feed', `${head}X-Note: one\nContent-Length: 2\r\n\r\n{}`],
    ['two hosts', `${head}Host: b\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`],
  ])('HTTP-10: refuses %s and ends the connection', async (_what, request) => {
    const { kept, routes } = intake()
    await using hub = await serve(routes)
    expect(await hub.raw(request)).toMatch(/^HTTP\/1\.1 400 /)
    expect(kept).toEqual([])
  })

  it.each([
    ['text/plain', 'text/plain'],
    ['UTF-16', 'application/json; charset=utf-16'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['JSON under another name', 'application/cloudevents+json'],
  ])('HTTP-13: refuses %s', async (_what, type) => {
    await using hub = await serve(intake().routes)
    const answer = await fetch(`${hub.url}/intake/custody`, {
      method: 'POST',
      headers: { 'content-type': type, ...hub.as('custody') },
      body: '{}',
    })
    expect(answer.status).toBe(415)
  })

  it('HTTP-13: refuses a body without a content type, and takes plain UTF-8', async () => {
    await using hub = await serve(intake().routes)
    const none = await hub.raw(
      'POST /intake/custody HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer token-of-custody\r\nContent-Length: 2\r\n\r\n{}',
    )
    expect(none).toMatch(/^HTTP\/1\.1 415 /)
    const utf8 = await fetch(`${hub.url}/intake/custody`, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=UTF-8', ...hub.as('custody') },
      body: '{}',
    })
    expect(utf8.status).toBe(202)
  })

  it('HTTP-12: refuses anything compressed before a byte of it is inflated', async () => {
    await using hub = await serve(intake().routes)
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, identity']) {
      const answer = await fetch(`${hub.url}/intake/custody`, {
        method: 'POST',
        headers: { ...json, ...hub.as('custody'), 'content-encoding': encoding },
        body: Uint8Array.from([0x1f, 0x8b, 8, 0]),
      })
      expect(answer.status).toBe(415)
    }
  })

  it.each([
    ['bytes that are not UTF-8', Uint8Array.from([0x22, 0xff, 0xfe, 0x22]), 'utf-8'],
    ['an over-long encoding', Uint8Array.from([0x22, 0xc0, 0xaf, 0x22]), 'utf-8'],
    ['half a character in bytes', Uint8Array.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'utf-8'],
    ['a byte order mark', Buffer.from('\uFEFF{}'), 'byte-order-mark'],
    ['NUL', Buffer.from('{"a":"\0"}'), 'nul'],
    ['half a character in an escape', Buffer.from('{"a":"\\ud800"}'), 'json-lone-surrogate'],
    ['NUL in an escape', Buffer.from('{"a":"\\u0000"}'), 'json-nul'],
  ])('HTTP-14: refuses %s', async (_what, body, code) => {
    const { kept, routes } = intake()
    await using hub = await serve(routes)
    const headers = { ...json, ...hub.as('custody') }
    const answer = await fetch(`${hub.url}/intake/custody`, { method: 'POST', headers, body })
    expect(answer.status).toBe(400)
    expect(((await answer.json()) as { error: { code: string } }).error.code).toBe(code)
    expect(kept).toEqual([])
  })

  it('HTTP-15: refuses a member that appears twice, and says where', async () => {
    await using hub = await serve(intake().routes)
    const headers = { ...json, ...hub.as('custody') }
    const body = `{"nomsNumber":"${canary}","nomsNumber":"${canary}"}`
    const answer = await fetch(`${hub.url}/intake/custody`, { method: 'POST', headers, body })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({
      error: {
        code: 'json-duplicate-member',
        message: 'A member appears twice in one object.',
        at: 'line 1, column 25',
      },
    })
  })
})

describe('too much, too slowly', () => {
  it('HTTP-11: refuses one byte over the limit, and takes the limit', async () => {
    const { kept, routes } = intake()
    await using hub = await serve(routes)
    const headers = { ...json, ...hub.as('custody') }
    const send = (size: number) =>
      fetch(`${hub.url}/intake/custody`, { method: 'POST', headers, body: '{}'.padEnd(size) })
    expect((await send(200)).status).toBe(202)
    expect((await send(201)).status).toBe(413)
    expect((await send(2_000_000)).status).toBe(413)
    expect(kept).toHaveLength(1)
  })

  it('HTTP-11: refuses chunks that never end, without keeping them', async () => {
    const { kept, routes } = intake()
    await using hub = await serve(routes, { listen: { requestTimeoutMs: 300 } })
    const chunks = 'c8\r\n'.concat(' '.repeat(200), '\r\n').repeat(5)
    const answer = await hub.raw(
      `POST /intake/custody HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer token-of-custody\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(kept).toEqual([])
  })

  it('HTTP-11: gives up on a sender that drips', async () => {
    const { kept, routes } = intake()
    await using hub = await serve(routes, { listen: { requestTimeoutMs: 300 } })
    const dripped = await hub.raw(
      'POST /intake/custody HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer token-of-custody\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    )
    expect(dripped).toMatch(/^HTTP\/1\.1 408 /)
    expect(await hub.raw('POST /intake/custody HTTP/1.1\r\nHost')).toMatch(/^HTTP\/1\.1 408 /)
    expect(kept).toEqual([])
  })

  it('HTTP-11: refuses headers without measure', async () => {
    await using hub = await serve(intake().routes)
    const answer = await hub.raw(
      `GET /whoami HTTP/1.1\r\nHost: a\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  })
})

describe('what an answer says', () => {
  it('HTTP-26: repeats nothing of an address, a header or a fault, in the answer or the log', async () => {
    await using hub = await serve(intake().routes)
    const headers = { ...hub.as('custody'), 'x-note': canary }
    const answers = await Promise.all([
      fetch(`${hub.url}/broken/${canary}?q=${canary}`, { headers }),
      fetch(`${hub.url}/down`, { headers }),
      fetch(`${hub.url}/nowhere/${canary}`, { headers }),
      fetch(`${hub.url}/nowhere/%E0%A4%A`, { headers }),
      fetch(`${hub.url}/intake/custody`, {
        method: 'POST',
        headers: { ...headers, ...json },
        body: `{"a": ${canary}}`,
      }),
      fetch(`${hub.url}/broken/${canary}`, { headers: { ...headers, accept: 'text/html' } }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([500, 503, 404, 404, 400, 500])
    for (const answer of answers) {
      const told = JSON.stringify([...answer.headers]) + (await answer.text())
      expect(told).not.toContain(canary)
      expect(told).not.toMatch(/kafka|node_modules|\.ts:/)
    }
    expect(hub.lines.join('\n')).not.toContain(canary)
    expect(hub.lines.join('\n')).toContain('request failed')
    expect(hub.metrics.text()).not.toContain(canary)
  })

  it('is stored by no browser, framed by no page, and runs no script but ours', async () => {
    await using hub = await serve(intake().routes)
    const one = await fetch(`${hub.url}/sign-in`)
    const other = await fetch(`${hub.url}/sign-in`)
    const policy = one.headers.get('content-security-policy') ?? ''
    expect(one.headers.get('cache-control')).toBe('no-store')
    expect(one.headers.get('x-powered-by')).toBeNull()
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    const nonce = /'nonce-([\w-]+)'/.exec(policy)?.[1]
    expect(await one.text()).toContain(`<script nonce="${nonce}">`)
    expect(other.headers.get('content-security-policy')).not.toBe(policy)
  })

  it('HTTP-10: answers only under the host names it was given', async () => {
    await using hub = await serve(intake().routes, { hosts: ['127.0.0.1'] })
    expect((await fetch(`${hub.url}/whoami`)).status).toBe(200)
    const answer = await hub.raw(
      'GET /whoami HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('finishes what is in flight before it stops', async () => {
    let finish: (() => void) | undefined
    const hub = await serve(() => {
      const router = Router()
      router.get('/slow', requirePractitioner(), (_req, res) => {
        finish = () => res.json({ done: true })
      })
      return router
    })
    const answer = fetch(`${hub.url}/slow`, { headers: hub.as('practitioner') })
    await expect.poll(() => finish !== undefined).toBe(true)
    const stopped = hub.listening.close()
    finish?.()
    expect(await (await answer).json()).toEqual({ done: true })
    await stopped
    await expect(fetch(`${hub.url}/slow`)).rejects.toThrow()
  })
})

describe('a path that speaks like somebody else’s API', () => {
  const basic = (login: string) => ({
    authorization: `Basic ${Buffer.from(login).toString('base64')}`,
  })
  const open = () => {
    const { routes } = intake()
    const elsewhere = () => {
      const router = Router()
      router.get('/their-api/custody', requireAgency('custody'), (_req, res) => void res.json({}))
      return Router().use(routes(), router)
    }
    return serve(elsewhere, {
      basicUnder: ['/their-api'],
      dialects: [
        {
          under: '/their-api',
          contentType: 'application/vnd.theirs+json',
          body: ({ status }) => ({ error_code: status }),
        },
      ],
    })
  }

  it('takes a token as the password of anybody, there and nowhere else', async () => {
    await using hub = await open()
    const status = async (path: string, login: string) =>
      (await fetch(`${hub.url}${path}`, { headers: basic(login) })).status
    expect(await status('/their-api/custody', 'anybody:token-of-custody')).toBe(200)
    expect(await status('/their-api/custody', ':token-of-custody')).toBe(200)
    expect(await status('/their-api/custody', 'anybody:token-of-housing')).toBe(403)
    expect(await status('/their-api/custody', 'token-of-custody')).toBe(401)
    expect(await status('/whoami', 'anybody:token-of-custody')).toBe(401)
    expect(await status('/their-apiary', 'anybody:token-of-custody')).toBe(401)
  })

  it('is refused in its own words, before and behind its routes', async () => {
    await using hub = await open()
    const refused = async (path: string, headers: Record<string, string>) => {
      const answer = await fetch(`${hub.url}${path}`, { headers })
      expect(answer.headers.get('content-type')).toContain('application/vnd.theirs+json')
      return answer.json()
    }
    expect(await refused('/their-api/custody', { accept: 'text/html', ...basic('x:y') })).toEqual({
      error_code: 401,
    })
    expect(await refused('/their-api/nothing', hub.as('custody'))).toEqual({ error_code: 404 })
    const ours = await fetch(`${hub.url}/nothing`, { headers: hub.as('custody') })
    expect(await ours.json()).toHaveProperty('error.code', 'not-found')
  })
})
