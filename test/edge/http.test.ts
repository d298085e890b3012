import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { systemClock } from '@throughline/stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arrested, example, moved, newcomers, noms, pnc } from '../journeys/events.ts'
import { consentBody } from '../journeys/hub.ts'
import { type Door, domainEvents, head, openDoor, police } from './door.ts'

const newcomer = newcomers(910)
const from = '2026-03-02T09:00:00Z'

let door: Door
/** A sender that drips, from the start of the file on; looked at when the others are done. */
let drip: Promise<string>
beforeAll(async () => {
  door = await openDoor({ from })
  const slowly = (n: number) => [`X-${n}: 1\r\n`, { waitMs: 1_000 }]
  drip = door.raw(
    `POST ${police} HTTP/1.1\r\nHost: a\r\n`,
    ...Array.from({ length: 20 }, (_, n) => slowly(n)).flat(),
  )
})
afterAll(() => door?.[Symbol.asyncDispose]())

describe('who may send', () => {
  it.each([
    ['no credential', {}],
    ['a made-up token', { authorization: 'Bearer Xq7-made-up-canary' }],
    ['an empty token', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: 'Basic Xq7-made-up-canary' }],
  ])('HTTP-1: %s is told nothing but 401, and nothing is kept', async (_what, headers) => {
    door.plant('Xq7-made-up-canary')
    const before = await door.counted()
    for (const path of [domainEvents, police, '/consents']) {
      const { status, body } = await door.post(path, {}, headers as Record<string, string>, null)
      expect(status).toBe(401)
      expect(body).toEqual({
        error: { code: 'unauthorised', message: 'Sign in, or send a valid bearer token.' },
      })
    }
    expect(await door.counted()).toEqual(before)
  })

  it("HTTP-19: one agency's token opens no other agency's door, and no practitioner's", async () => {
    const before = await door.counted()
    for (const who of ['housing', 'hospital', 'probation', 'treatment', 'register', 'lp-1']) {
      expect((await door.post(police, example('police-arrest.json'), {}, who)).status).toBe(403)
      expect(
        (await door.post(domainEvents, example('prisoner-released-home.json'), {}, who)).status,
      ).toBe(403)
    }
    for (const path of ['/notices', '/ledger', '/people/p-1/story', '/consents/p-1'])
      expect((await door.ask('custody', 'GET', path)).status).toBe(403)
    expect((await door.post('/consents', {})).status).toBe(403)
    expect(await door.counted()).toEqual(before)
  })

  it('HTTP-21: no header about who is calling is believed', async () => {
    const spoofed = {
      'x-forwarded-for': '127.0.0.1',
      'x-ssl-client-dn': 'CN=custody',
      'x-forwarded-user': 'custody',
      forwarded: 'for=127.0.0.1',
    }
    expect((await door.post(police, example('police-arrest.json'), spoofed, null)).status).toBe(401)
    expect(
      (await door.post(police, example('police-arrest.json'), spoofed, 'housing')).status,
    ).toBe(403)
    const clean = await door.post(police, arrested(newcomer(), from))
    const dressed = await door.post(police, arrested(newcomer(), from), spoofed)
    expect(dressed.status).toBe(clean.status)
  })
})

describe('bytes that could be read in two ways', () => {
  const body = '{}'
  it.each([
    [
      'a length and chunks',
      ['Content-Length: 2', 'Transfer-Encoding: chunked'],
      '2\r\n{}\r\n0\r\n\r\n',
    ],
    [
      'chunks and a length',
      ['Transfer-Encoding: chunked', 'Content-Length: 2'],
      '2\r\n{}\r\n0\r\n\r\n',
    ],
    ['two lengths', ['Content-Length: 2', 'Content-Length: 3'], '{} '],
    ['a folded header', ['X-Note: one\r\n two', 'Content-Length: 2'], body],
    ['one bare line feed', ['X-Note: one\nX-Other: two', 'Content-Length: 2'], body],
    [
      'two credentials',
      ['Authorization: Bearer other', 'Content-Length: 2', 'Connection: close'],
      body,
    ],
  ])('HTTP-10: %s is 400, and the connection ends', async (_what, headers, text) => {
    const before = await door.counted()
    const answer = await door.raw(`${head(door.hub, police, ...headers)}\r\n${text}`)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toMatch(/connection: close/i)
    expect(await door.counted()).toEqual(before)
  })

  it('HTTP-10: bare line feeds throughout are 400', async () => {
    const request = `${head(door.hub, police, 'Content-Length: 2')}\r\n{}`
    expect(await door.raw(request.replaceAll('\r\n', '\n'))).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('more than is taken', () => {
  const mebibyte = 1024 * 1024
  it('HTTP-11: a body of the limit is taken, one byte more is 413', async () => {
    const text = JSON.stringify(moved(newcomer(), 'released', from))
    expect((await door.post(domainEvents, text.padEnd(mebibyte))).status).toBe(202)
    expect((await door.post(domainEvents, text.padEnd(mebibyte + 1))).status).toBe(413)
    const declared = head(door.hub, domainEvents, `Content-Length: ${1024 * mebibyte}`)
    expect(await door.raw(`${declared}\r\n{`)).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('HTTP-11: chunks that never end are 413, and memory stays flat', async () => {
    const chunk = Buffer.concat([
      Buffer.from('10000\r\n'),
      Buffer.alloc(65_536, 0x20),
      Buffer.from('\r\n'),
    ])
    const before = process.memoryUsage().rss
    const answer = await door.raw(
      `${head(door.hub, police, 'Transfer-Encoding: chunked', 'Connection: close')}\r\n`,
      ...Array.from({ length: 1_000 }, () => chunk),
      '0\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(process.memoryUsage().rss - before).toBeLessThan(80 * mebibyte)
  })

  it('HTTP-12: what is compressed is 415 before a byte of it is inflated, 1 GB from 1 MB included', async () => {
    const member = gzipSync(Buffer.alloc(mebibyte))
    expect(member.length).toBeLessThan(1_200)
    const bombs = [
      [member, 'gzip'],
      [Buffer.concat(Array.from({ length: 1024 }, () => member)).subarray(0, mebibyte), 'gzip'],
      [deflateSync(Buffer.alloc(mebibyte)), 'deflate'],
      [brotliCompressSync(Buffer.alloc(mebibyte)), 'br'],
      [member, 'identity, gzip'],
    ] as const
    const before = process.memoryUsage().rss
    for (const [bytes, encoding] of bombs) {
      const sent = await door.post(police, bytes, { 'content-encoding': encoding })
      expect(sent.status).toBe(415)
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(80 * mebibyte)
  })

  it('HTTP-13: anything but JSON in UTF-8 is 415', async () => {
    const text = JSON.stringify(example('police-arrest.json'))
    for (const type of [
      'text/plain',
      'application/json; charset=utf-16',
      'application/cloudevents+json',
    ])
      expect((await door.post(police, text, { 'content-type': type })).status).toBe(415)
    const without = `POST ${police} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${door.hub.token('custody')}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`
    expect(await door.raw(without)).toMatch(/^HTTP\/1\.1 415 /)
  })
})

describe('JSON that two readers would read differently', () => {
  const number = (text: string) => `{"formatVersion":1,"sequence":${text}}`
  const keys = (count: number) =>
    `{${Array.from({ length: count }, (_, n) => `"${n.toString(36)}":0`).join(',')}}`
  it.each([
    ['HTTP-14: invalid UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), 400],
    ['HTTP-14: half a character', '{"formatVersion":"\\ud800"}', 400],
    ['HTTP-14: a byte order mark', '\uFEFF{}', 400],
    ['HTTP-14: a NUL in the bytes', '{"formatVersion":"\0"}', 400],
    ['HTTP-14: a NUL in an escape', '{"formatVersion":"\\u0000"}', 400],
    ['HTTP-15: a member twice', '{"formatVersion":1,"formatVersion":1}', 400],
    ['HTTP-15: a depth of 10,000', '['.repeat(10_000) + ']'.repeat(10_000), 400],
    ['HTTP-15: more members than are read', keys(100_001), 400],
    ['HTTP-15: 1,000,000 members, which is over the size first', keys(1_000_000), 413],
    ['HTTP-15: 1e400', number('1e400'), 400],
    ['HTTP-15: minus zero', number('-0'), 400],
    ['HTTP-15: more than 2 to the 53', number('9007199254740993'), 400],
  ])('%s is refused', async (_what, body, status) => {
    const before = await door.counted()
    for (const path of [police, domainEvents])
      expect((await door.post(path, body)).status).toBe(status)
    expect(await door.counted()).toEqual(before)
  })

  it.each(['__proto__', 'constructor', 'prototype'])(
    'HTTP-16: %s is 400 in our formats, ignored in others, and changes no prototype',
    async (name) => {
      const with_ = (object: object) =>
        JSON.stringify(object).replace('{', `{"${name}":{"polluted":true},`)
      expect((await door.post(police, with_(arrested(newcomer(), from)))).status).toBe(400)
      const terms = consentBody({ identifiers: [noms(newcomer())] }, from)
      expect((await door.post('/consents', with_(terms), {}, 'register')).status).toBe(400)
      const taken = await door.post(domainEvents, with_(moved(newcomer(), 'released', from)))
      expect([taken.status, taken.body]).toMatchObject([
        202,
        { results: [{ outcome: 'published' }] },
      ])
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    },
  )
})

describe('what nobody knows', () => {
  it.each([
    [
      'an unknown event type',
      { eventType: 'prison-offender-events.prisoner.levitated-canary' },
      'event-type-unknown',
    ],
    ['a future version', { version: 99 }, 'version-unknown'],
  ])('HTTP-17: %s is kept for people to look at', async (_what, change, reason) => {
    door.plant('levitated-canary')
    const event = { ...moved(newcomer(), 'released', from), ...change }
    const { status, body } = await door.post(domainEvents, event)
    expect([status, body]).toMatchObject([202, { results: [{ outcome: 'quarantined', reason }] }])
  })

  it('HTTP-17: in our own format both are rejected, and 422 when nothing else was there', async () => {
    const record = arrested(newcomer(), from)
    door.plant('levitation-canary')
    for (const change of [{ recordType: 'levitation-canary' }, { formatVersion: 2 }]) {
      const { status, body } = await door.post(police, { ...record, ...change })
      expect([status, body]).toMatchObject([422, { results: [{ outcome: 'rejected' }] }])
    }
  })

  it('HTTP-25: an unknown member is ignored and counted in other formats, rejected by its path in ours', async () => {
    door.plant('Swift-canary')
    const event = { ...moved(newcomer(), 'released', from), nickname: 'Swift-canary' }
    expect((await door.post(domainEvents, event)).body).toMatchObject({
      results: [{ outcome: 'published' }],
    })
    const record = { ...arrested(newcomer(), from), nickname: 'Swift-canary' }
    expect((await door.post(police, record)).body).toMatchObject({
      results: [{ outcome: 'rejected', errors: [{ path: 'nickname', rule: 'unknown-member' }] }],
    })
    expect((await door.ask(null, 'GET', '/metrics')).text).toMatch(
      /intake_unknown_members_total\{agency="custody",format="hmpps-domain-event"\} [1-9]/,
    )
  })
})

describe('the same again', () => {
  it('HTTP-24: a repeat is a duplicate and one event; other content under its key is a conflict', async () => {
    const ann = newcomer()
    await door.hub.consent({ identifiers: [noms(ann), pnc(ann)], lead: 'lp-7' })
    const reference = '91/CU/2400'
    const record = arrested(ann, '2026-03-02T08:00:00Z', { reference, prescription: 'NO' })
    const [first] = await door.hub.police(record)
    expect(first).toMatchObject({ outcome: 'published' })
    const [again] = await door.hub.police(record)
    expect(again).toEqual({ ...first, outcome: 'duplicate' })
    const [other] = await door.hub.police({
      ...arrested(ann, '2026-03-02T08:00:00Z', { reference, prescription: 'YES' }),
    })
    expect(other).toMatchObject({ outcome: 'quarantined', reason: 'conflict' })
    const notices = await door.hub.inboxOf('lp-7', 'any')
    expect(notices).toMatchObject([{ rule: 'arrest', urgency: 'prompt', version: 1 }])
  })
})

describe('nobody learns who has agreed', () => {
  it('HTTP-18: from status, size or headers of an answer', async () => {
    const [ann, bea] = [newcomer(), newcomer()]
    await door.hub.consent({ identifiers: [noms(ann), pnc(ann)], lead: 'lp-6' })
    const shapes = new Set<string>()
    for (const who of [ann, bea]) {
      const record = arrested(who, from, { reference: `91/CU/${who.noms}` })
      const event = moved(who, 'released', from)
      for (const [path, body] of [
        [police, record],
        [police, record],
        [domainEvents, event],
        [domainEvents, event],
      ] as const) {
        const { status, text, headers, body: said } = await door.post(path, body)
        const [result] = (said as { readonly results: readonly { outcome: string }[] }).results
        const names = [...headers].map(([name]) => name)
        shapes.add(`${path} ${result?.outcome} ${status} ${text.length} ${names.join()}`)
      }
    }
    expect([...shapes]).toHaveLength(4)
  })
})

describe('some, none or all of a request', () => {
  it('HTTP-27: all rejected is 422; some are, and the rest goes on', async () => {
    const bad = example('police-faulty.json')
    for (const value of ['QQ123456C', 'Swift', 'NINO']) door.plant(value)
    expect((await door.post(police, [bad, bad])).status).toBe(422)
    const mixed = await door.post(police, [bad, arrested(newcomer(), from), bad])
    expect([mixed.status, mixed.body]).toMatchObject([
      202,
      { results: [{ outcome: 'rejected' }, { outcome: 'published' }, { outcome: 'rejected' }] },
    ])
  })

  it('HTTP-23, HTTP-27: while nothing can be stored every answer is 503, and nothing is kept', async () => {
    const ann = newcomer()
    await door.hub.consent({ identifiers: [noms(ann)], lead: 'lp-5' })
    const before = await door.counted()
    const event = moved(ann, 'released', from)
    using other = new DatabaseSync(join(door.hub.data, 'hub.db'))
    other.exec('ALTER TABLE register_receipts RENAME TO register_receipts_away')
    try {
      const down = await door.post(domainEvents, [event, moved(newcomer(), 'released', from)])
      expect(down.status).toBe(503)
      expect(Number(down.headers.get('retry-after'))).toBeGreaterThan(0)
    } finally {
      other.exec('ALTER TABLE register_receipts_away RENAME TO register_receipts')
    }
    expect(await door.counted()).toEqual(before)
    expect(await door.hub.inboxOf('lp-5', 'any')).toEqual([])
    expect(await door.hub.custody(event)).toMatchObject([{ outcome: 'published' }])
    expect(await door.hub.inboxOf('lp-5', 'any')).toHaveLength(1)
  })
})

describe('a refused value', () => {
  const secret = {
    name: 'Ottoline Quenby-Canary',
    nhs: '9990000116',
    pnc: '1987/1234567A',
    date: '1987-02-31T25:61:00Z',
    text: 'sofa surfing at 12 Canary Row',
  }

  it('HTTP-26: comes back in no answer of custody’s doors', async () => {
    for (const value of Object.values(secret)) door.plant(value)
    const record = arrested(newcomer(), from)
    const changes: readonly object[] = [
      { occurredAt: secret.date },
      { force: secret.text },
      { custodyReference: `${secret.text}\n` },
      { person: { identifiers: [{ type: 'NHS', value: secret.nhs }] } },
      { person: { identifiers: [{ type: 'PNC', value: secret.pnc }] } },
      { person: { name: secret.name, identifiers: [{ type: secret.name, value: secret.nhs }] } },
      { [secret.text]: secret.name },
      { arrest: { reason: secret.text, openPrescription: secret.name } },
      { holdUntil: secret.date, restricted: secret.name, sequence: secret.text },
      { arrestSummonsNumber: secret.pnc },
    ]
    for (const change of changes) {
      const { status, body } = await door.post(police, { ...record, ...change })
      expect([status, body]).toMatchObject([422, { results: [{ outcome: 'rejected' }] }])
    }
    const event = moved(newcomer(), 'released', from) as Record<string, unknown>
    const odd: readonly object[] = [
      { occurredAt: secret.date },
      {
        personReference: { identifiers: [{ type: 'NOMS', value: secret.nhs }] },
        additionalInformation: {},
      },
      { additionalInformation: { nomsNumber: secret.text }, personReference: null },
      { eventType: secret.text },
      { Type: 'Notification', Message: secret.text },
    ]
    for (const change of odd) {
      const { status, body } = await door.post(domainEvents, { ...event, ...change })
      expect([status, body]).toMatchObject([202, { results: [{ outcome: 'quarantined' }] }])
    }
    for (const path of [police, domainEvents])
      expect((await door.post(path, `{"name": "${secret.name}",, ${secret.text}`)).status).toBe(400)
  })

  it('HTTP-26: nor of the register’s, nor in an address, a query or a header', async () => {
    const terms = consentBody({ identifiers: [noms(newcomer())] }, from) as Record<string, unknown>
    const changes: readonly object[] = [
      { displayName: `${secret.name}\u0000` },
      { identifiers: [{ type: 'NHS', value: secret.nhs }] },
      { identifiers: [{ type: secret.text, value: secret.pnc }] },
      { lead: secret.name },
      { taken: { by: secret.name, at: secret.date } },
      { grants: [{ purpose: secret.text, until: secret.date }] },
      { [secret.name]: secret.text },
    ]
    for (const change of changes) {
      const { status } = await door.post('/consents', { ...terms, ...change }, {}, 'register')
      expect([400, 422]).toContain(status)
    }
    const hidden = encodeURIComponent(secret.name)
    for (const [who, path] of [
      ['lp-1', `/people/${hidden}/story`],
      ['lp-1', `/notices?practitioner=${hidden}`],
      ['lp-1', `/notices?state=${hidden}`],
      ['lp-1', `/${hidden}/${secret.nhs}`],
      ['register', `/consents/${hidden}`],
      ['register', `/consents/${secret.nhs}/receipt`],
      [null, `/people/${hidden}?q=${secret.nhs}`],
    ] as const) {
      expect((await door.ask(who, 'GET', path)).status).toBeGreaterThanOrEqual(400)
    }
    const headers = { 'idempotency-key': 'key', 'x-note': secret.text, 'if-match': secret.nhs }
    await door.post('/consents', terms, headers, 'register')
    await door.post(police, arrested(newcomer(), from), { 'x-correlation-id': secret.nhs })
    expect(await door.raw(`GET /${secret.nhs} HTTP/9.${secret.pnc}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 400/,
    )
  })
})

describe('a burst', () => {
  it('HTTP-22: far beyond its quota is 429 with Retry-After for that agency alone', async () => {
    let machineNow = Date.now()
    const machine = { ...systemClock(), now: () => machineNow }
    await using busy = await openDoor({ from, machine })
    const statuses = new Map<number, number>()
    let refused: Response | undefined
    const caller = async () => {
      for (let n = 0; n < 80; n += 1) {
        const answer = await fetch(`${busy.hub.url}/healthz`, {
          headers: { authorization: `Bearer ${busy.hub.token('custody')}` },
        })
        await answer.arrayBuffer()
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        if (answer.status === 429) refused = answer
      }
    }
    await Promise.all(Array.from({ length: 55 }, caller))
    expect(Object.fromEntries(statuses)).toEqual({ 200: 4_000, 429: 400 })
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect((await busy.post(police, arrested(newcomer(), from))).status).toBe(429)
    for (const who of ['housing', 'lp-1', 'register', null])
      expect((await busy.ask(who, 'GET', '/healthz')).status).toBe(200)
    machineNow += 1_000
    expect((await busy.post(police, arrested(newcomer(), from))).status).toBe(202)
    await busy.stillWell()
  })
})

describe('after all that', () => {
  it('HTTP-11: the sender that dripped its headers was given up on', async () => {
    expect(await drip).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('HTTP-26: the hub is well, its ledger balances, and no refused value stands anywhere', async () => {
    await door.stillWell()
  })
})
