import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { moved, newcomers, noms } from '../journeys/events.ts'
import { type Door, openDoor } from './door.ts'

const newcomer = newcomers(913)
const from = '2026-03-02T09:00:00Z'

let door: Door
let theirs = ''
let noticeId = ''
beforeAll(async () => {
  door = await openDoor({ from })
  const ann = newcomer()
  const displayName = door.plant('Ann Canarywood')
  theirs = (await door.hub.consent({ identifiers: [noms(ann)], lead: 'lp-1', displayName }))
    .personId
  await door.hub.custody(moved(ann, 'released', from))
  noticeId = (await door.hub.inboxOf('lp-1'))[0]?.noticeId ?? ''
})
afterAll(() => door?.[Symbol.asyncDispose]())

const nobody = 'p-AAAAAAAAAAAAAAAAAAAAAA'
const nothing = 'AAAAAAAAAAAAAAAAAAAAAAAAAAA'

/** Refusals in the audit, by what was asked for. */
function refusals(): number {
  using db = new DatabaseSync(join(door.hub.data, 'hub.db'), { readOnly: true })
  return Number(
    db
      .prepare(`SELECT count(*) AS refused FROM register_audit WHERE text LIKE '%"refused"%'`)
      .get()?.['refused'],
  )
}

describe('UI-1: the id of somebody on another caseload', () => {
  it.each([
    ['GET', (id: string) => `/people/${id}/story`],
    ['GET', (id: string) => `/people/${id}`],
    ['GET', (id: string) => `/consents/${id}`],
    ['GET', (id: string) => `/consents/${id}/disclosures`],
    ['GET', (id: string) => `/consents/${id}/receipt`],
  ])('%s of a person answers as for nobody at all', async (method, path) => {
    for (const who of ['lp-3', 'rx-1', 'duty-1', 'peer-4']) {
      for (const accept of ['application/json', 'text/html']) {
        const [real, none] = [
          await door.ask(who, method, path(theirs), { accept }),
          await door.ask(who, method, path(nobody), { accept }),
        ]
        expect(real.status).toBe(404)
        expect([real.status, withoutNonce(real.text)]).toEqual([
          none.status,
          withoutNonce(none.text),
        ])
      }
    }
  })

  it.each([
    ['acknowledgements', {}],
    ['contacts', { contact: 'seen' }],
    ['handovers', { to: 'lp-3' }],
  ])('their notice takes no %s, and looks like no notice', async (deed, body) => {
    const [real, none] = [
      await door.post(`/notices/${noticeId}/${deed}`, body, {}, 'lp-3'),
      await door.post(`/notices/${nothing}/${deed}`, body, {}, 'lp-3'),
    ]
    expect([real.status, real.text]).toEqual([none.status, none.text])
    expect(real.status).toBe(404)
    expect(await door.hub.inboxOf('lp-3', 'any')).toEqual([])
  })

  it('nor does asking in a colleague’s name list theirs', async () => {
    for (const who of ['lp-1', 'lp-99', 'duty:testshire-recovery'])
      expect((await door.ask('lp-3', 'GET', `/notices?practitioner=${who}`)).status).toBe(404)
  })

  it('a consent of theirs cannot be changed, withdrawn or handed on', async () => {
    const withdrawal = { purposes: ['care-coordination'], by: 'person', reason: null }
    const assignment = { practitionerId: 'lp-3', relation: 'lead', tier: 'detail' }
    for (const [path, body] of [
      ['withdrawals', withdrawal],
      ['assignments', assignment],
      ['assignments/lp-1/end', {}],
    ] as const) {
      expect((await door.post(`/consents/${theirs}/${path}`, body, {}, 'lp-3')).status).toBe(404)
    }
    expect((await door.post(`/consents/${theirs}/erasure`, {}, {}, 'lp-3')).status).toBe(403)
    expect(await door.hub.inboxOf('lp-1')).toHaveLength(1)
  })

  it('was asked for, and the audit says so', async () => {
    const before = refusals()
    await door.ask('lp-3', 'GET', `/people/${theirs}/story`)
    expect(refusals()).toBeGreaterThan(before)
  })

  it('takes as long as nobody’s', async () => {
    const took = { theirs: [] as number[], nobodys: [] as number[] }
    for (let n = 0; n < 40; n += 1) {
      for (const [id, list] of [
        [theirs, took.theirs],
        [nobody, took.nobodys],
      ] as const) {
        const since = performance.now()
        await door.ask('lp-3', 'GET', `/people/${id}/story`)
        list.push(performance.now() - since)
      }
    }
    // The quicker ones: what else the machine does only ever makes an answer later.
    const quick = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 2] ?? 0
    expect(Math.abs(quick(took.theirs) - quick(took.nobodys))).toBeLessThan(3)
  })

  it('and nothing of them was said in any answer or log line', async () => {
    await door.stillWell()
  })
})

const withoutNonce = (text: string): string => text.replace(/nonce="[^"]*"/g, '')
