import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ledger } from '@throughline/hub'
import { describe, expect, it } from 'vitest'
import { type HubProcess, startHub } from '../demo/hub-process.ts'
import { arrested, moved, newcomers, noms, pnc } from '../journeys/events.ts'
import { balanced, consentBody } from '../journeys/hub.ts'
import { adt, nhs } from './adt.ts'
import { domainEvents, police } from './door.ts'
import { openEngine } from './engine.ts'

const from = '2026-03-02T09:00:00Z'
const newcomer = newcomers(911)

async function withHub(
  killAt: string | null,
  story: (hub: HubProcess) => Promise<void>,
): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'throughline-edge-'))
  try {
    await using hub = await startHub({
      data,
      port: 0,
      mllpPort: 0,
      clock: Date.parse(from),
      killAt,
    })
    await story(hub)
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

const post = (hub: HubProcess, token: string, path: string, body: object, headers = {}) =>
  fetch(`${hub.base()}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

async function agree(hub: HubProcess, terms: Parameters<typeof consentBody>[0]): Promise<void> {
  const key = { 'idempotency-key': JSON.stringify(terms.identifiers).replace(/[^\x21-\x7e]/g, '') }
  const { token } = hub.credentials().register
  expect((await post(hub, token, '/consents', consentBody(terms, from), key)).status).toBe(201)
}

describe('HTTP-23: a hub that dies while it accepts', () => {
  const releases = async (hub: HubProcess) => {
    const [lead] = hub.credentials().practitioners
    await post(hub, hub.credentials().operators[0]?.token ?? '', '/dev/clock', { to: from })
    const answer = await fetch(`${hub.base()}/notices?practitioner=lp-1&state=open`, {
      headers: { authorization: `Bearer ${lead?.token}` },
    })
    return ((await answer.json()) as { readonly notices: readonly unknown[] }).notices
  }

  it.each([
    ['before anything is durable', 'register.accept.before:1', 'published'],
    ['after it is durable and before it is answered', 'register.accept.after:1', 'duplicate'],
  ])('%s has answered nothing, and the message sent again is told once', async (...story) => {
    const [, killAt, then] = story
    await withHub(killAt, async (hub) => {
      const ann = newcomer()
      await agree(hub, { identifiers: [noms(ann)] })
      const { token } = hub.credentials().agencies['custody'] ?? { token: '' }
      const event = moved(ann, 'released', '2026-03-02T08:30:00Z')
      await expect(post(hub, token, domainEvents, event)).rejects.toThrow()
      await expect.poll(() => hub.running()).toBe(false)
      await hub.restart(Date.parse(from))
      const again = await post(hub, token, domainEvents, event)
      expect([again.status, await again.json()]).toMatchObject([
        202,
        { results: [{ outcome: then }] },
      ])
      expect(await releases(hub)).toMatchObject([{ rule: 'release' }])
    })
  })
})

describe('HL7-23: a hub that dies while it accepts an HL7 message', () => {
  it.each([
    ['before anything is durable', 'register.accept.before:1', 'published'],
    ['after it is durable and before it is answered', 'register.accept.after:1', 'duplicate'],
  ])('%s has answered nothing, and the message sent again has one effect', async (...story) => {
    const [, killAt, then] = story
    await withHub(killAt, async (hub) => {
      const ann = newcomer()
      await agree(hub, { identifiers: [nhs(ann)] })
      using engine = await openEngine(hub.mllpPort())
      engine.send(adt(ann, 'ONCE'))
      await engine.closed
      expect(await engine.answers(1)).toEqual([])
      await expect.poll(() => hub.running()).toBe(false)
      await hub.restart(Date.parse(from))
      using again = await openEngine(hub.mllpPort())
      expect(await again.hears(adt(ann, 'ONCE'))).toBe('AA ONCE')
      const operator = hub.credentials().operators[0]?.token ?? ''
      const ledger = await fetch(`${hub.base()}/ledger`, {
        headers: { authorization: `Bearer ${operator}`, accept: 'application/json' },
      })
      expect(balanced((await ledger.json()) as Ledger)).toEqual({
        received: then === 'published' ? 1 : 2,
        published: 1,
        ...(then === 'published' ? {} : { duplicate: 1 }),
      })
    })
  })
})

it('HTTP-18: the time of an answer does not tell who has agreed', async () => {
  await withHub(null, async (hub) => {
    const [ann, bea] = [newcomer(), newcomer()]
    await agree(hub, { identifiers: [pnc(ann)] })
    const { token } = hub.credentials().agencies['custody'] ?? { token: '' }
    const operator = hub.credentials().operators[0]?.token ?? ''
    const took = { agreed: [] as number[], not: [] as number[] }
    for (let n = 0; n < 40; n += 1) {
      for (const [who, list] of [
        [ann, took.agreed],
        [bea, took.not],
      ] as const) {
        const record = arrested(who, from, { reference: `91/CU/${who.noms}/${n}` })
        const since = performance.now()
        const answer = await post(hub, token, police, record)
        await answer.arrayBuffer()
        list.push(performance.now() - since)
        // Quiet again, so that one sender's work is not in the way of the other's answer.
        await post(hub, operator, '/dev/clock', { to: from })
      }
    }
    // The quicker ones: what else the machine does only ever makes an answer later.
    const quick = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 2] ?? 0
    expect(Math.abs(quick(took.agreed) - quick(took.not))).toBeLessThan(3)
  })
})
