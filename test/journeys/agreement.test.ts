import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arrested, example, moved, newcomers, noms, pnc } from './events.ts'
import { startTestHub, type TestHub } from './hub.ts'
import { bytesOf } from './left-behind.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub({ from: '2026-01-05T09:00:00Z' })
})
afterAll(() => hub?.[Symbol.asyncDispose]())
const newcomer = newcomers(202)

describe('somebody who agrees', () => {
  it('50 ms before they leave prison is met at the gate', async () => {
    const ann = newcomer()
    await hub.passTo('2026-01-06T09:00:00.000Z')
    const { personId } = await hub.consent({ identifiers: [noms(ann)], lead: 'lp-1' })
    await hub.passTo('2026-01-06T09:00:00.050Z')
    await hub.custody(moved(ann, 'released', '2026-01-06T08:59:00Z'))
    expect(await hub.inboxOf('lp-1')).toMatchObject([{ personId, rule: 'release' }])
  })

  it('50 ms after the hub heard of their release is not told about, then or later', async () => {
    const bea = newcomer()
    await hub.passTo('2026-01-07T09:00:00.000Z')
    expect(await hub.custody(moved(bea, 'released', '2026-01-07T08:59:00Z'))).toMatchObject([
      { outcome: 'published' },
    ])
    await hub.passTo('2026-01-07T09:00:00.050Z')
    const { personId } = await hub.consent({ identifiers: [noms(bea)], lead: 'lp-2' })
    await hub.passTo('2026-02-03T12:00:00Z')
    expect(await hub.inboxOf('lp-2', 'any')).toEqual([])
    expect((await hub.story('lp-2', personId))?.lines).toEqual([])
  })

  it('with a look-back of 3 days is told what was held for them in that time, and no more', async () => {
    const cy = newcomer()
    await hub.passTo('2026-02-09T10:00:00Z')
    await hub.custody(moved(cy, 'admission', '2026-02-09T09:00:00Z'))
    await hub.passTo('2026-02-11T10:00:00Z')
    await hub.custody(moved(cy, 'released', '2026-02-11T09:30:00Z'))
    await hub.passTo('2026-02-13T10:00:00Z')
    const { personId } = await hub.consent({
      identifiers: [noms(cy)],
      lead: 'lp-3',
      lookBackDays: 3,
    })
    expect(await hub.inboxOf('lp-3', 'any')).toMatchObject([
      { rule: 'release', learnedAt: '2026-02-11T10:00:00Z', state: 'open' },
      { rule: 'three-weeks', state: 'open' },
    ])
    expect((await hub.story('lp-3', personId))?.lines.map(({ text }) => text)).toEqual([
      'Released from prison.',
    ])
  })

  it('for custody alone is not told about what rests on another agency', async () => {
    const di = newcomer()
    await hub.passTo('2026-02-16T10:00:00Z')
    await hub.consent({ identifiers: [noms(di)], lead: 'lp-4', sources: ['hospital', 'housing'] })
    await hub.custody(moved(di, 'released', '2026-02-16T09:30:00Z'))
    expect(await hub.inboxOf('lp-4', 'any')).toEqual([])
    expect((await hub.ledger()).people).toMatchObject({ 'suppressed/source-not-granted': 1 })
  })
})

describe('somebody who has not agreed', () => {
  it('leaves nothing but a counted receipt when the police arrest them, and the answer is the same', async () => {
    const [ann, bea] = [newcomer(), newcomer()]
    await hub.consent({ identifiers: [pnc(ann)], lead: 'lp-5' })
    await hub.passTo('2026-02-17T10:00:00Z')
    const before = await bytesOf(hub)
    const answers = await Promise.all(
      [
        arrested(bea, '2026-02-17T09:00:00Z', { reference: '91/CU/7000' }),
        arrested(ann, '2026-02-17T09:00:00Z', { reference: '91/CU/7001' }),
      ].map((record) => hub.ask('custody', 'POST', '/intake/custody/police', record)),
    )
    await hub.idle()
    const [dropped, told] = answers
    expect(dropped?.status).toBe(told?.status)
    expect(dropped?.text.length).toBe(told?.text.length)
    const headers = (answer: (typeof answers)[number] | undefined) =>
      [...(answer?.headers ?? [])].filter(
        ([name]) => !['date', 'content-security-policy'].includes(name),
      )
    expect(headers(dropped)).toEqual(headers(told))
    expect(dropped?.body).toMatchObject({
      results: [{ outcome: 'published', events: ['ArrestedIntoCustody'] }],
    })
    expect(await hub.inboxOf('lp-5')).toHaveLength(1)
    const after = await bytesOf(hub)
    // One arrest went on its way, not two.
    expect(after.records('agency.custody.v1') - before.records('agency.custody.v1')).toBe(1)
    for (const secret of [bea.pnc, '91/CU/7000', bea.noms]) {
      expect(after.mention(secret)).toEqual([])
    }
    const { agencies } = await hub.ledger()
    expect(
      agencies.find(({ hour }) => hour === '2026-02-17T10:00:00.000Z')?.outcomes,
    ).toMatchObject({
      published: 1,
      'dropped-unclaimed': 1,
    })
  })

  it('hears of it no sooner by agreeing: what the police dropped stays dropped', async () => {
    const cy = newcomer()
    await hub.passTo('2026-02-18T10:00:00Z')
    await hub.police(arrested(cy, '2026-02-18T09:00:00Z'))
    await hub.passTo('2026-02-18T11:00:00Z')
    await hub.consent({ identifiers: [pnc(cy)], lead: 'lp-6', lookBackDays: 7 })
    await hub.passTo('2026-02-19T11:00:00Z')
    expect(await hub.inboxOf('lp-6', 'any')).toEqual([])
  })

  it('is held by prison for seven days, sealed, and then gone', async () => {
    const di = newcomer()
    await hub.passTo('2026-02-20T10:00:00Z')
    const before = await bytesOf(hub)
    expect(await hub.custody(moved(di, 'released', '2026-02-20T09:00:00Z'))).toMatchObject([
      { outcome: 'published' },
    ])
    const held = await bytesOf(hub)
    expect(held.records('agency.custody.v1') - before.records('agency.custody.v1')).toBe(1)
    expect(held.records('person.events.v1')).toBe(before.records('person.events.v1'))
    expect(held.mention(di.noms)).toEqual([])
    await hub.passTo('2026-03-02T10:00:00Z')
    await hub.consent({ identifiers: [noms(di)], lead: 'lp-7', lookBackDays: 7 })
    expect(await hub.inboxOf('lp-7', 'any')).toEqual([])
    expect((await bytesOf(hub)).records('agency.custody.v1')).toBe(0)
  })
})

describe('two people with one number', () => {
  it('are never mixed up: the second consent waits for somebody to look, the first goes on', async () => {
    const ann = newcomer()
    await hub.passTo('2026-03-03T10:00:00Z')
    const first = await hub.consent({ identifiers: [noms(ann)], lead: 'lp-1', displayName: 'Ann' })
    const second = await hub.consent({ identifiers: [noms(ann)], lead: 'lp-2', displayName: 'Bo' })
    expect(second).toMatchObject({ state: 'proposed', review: 'identifier-in-use' })
    await hub.custody(moved(ann, 'released', '2026-03-03T09:30:00Z'))
    expect(await hub.inboxOf('lp-1')).toContainEqual(
      expect.objectContaining({ personId: first.personId, rule: 'release', displayName: 'Ann' }),
    )
    expect((await hub.inboxOf('lp-2', 'any')).filter(({ rule }) => rule === 'release')).toEqual([])
    expect((await hub.story('lp-2', second.personId))?.lines ?? []).toEqual([])
  })

  it('an event that names the numbers of two people reaches neither', async () => {
    const [cy, di] = [newcomer(), newcomer()]
    await hub.passTo('2026-03-04T10:00:00Z')
    await hub.consent({ identifiers: [noms(cy)], lead: 'lp-3' })
    await hub.consent({ identifiers: [pnc(di)], lead: 'lp-4' })
    const [three, four] = [await hub.inboxOf('lp-3', 'any'), await hub.inboxOf('lp-4', 'any')]
    const record = arrested(di, '2026-03-04T09:00:00Z')
    await hub.police({ ...record, person: { identifiers: [pnc(di), noms(cy)] } })
    expect(await hub.inboxOf('lp-3', 'any')).toEqual(three)
    expect(await hub.inboxOf('lp-4', 'any')).toEqual(four)
    expect((await hub.ledger()).people).toMatchObject({ 'suppressed/conflict': 1 })
  })

  it('a merge is a question to the lead, and joins nothing until it is answered', async () => {
    const [ed, flo] = [newcomer(), newcomer()]
    await hub.passTo('2026-03-05T10:00:00Z')
    const { personId } = await hub.consent({ identifiers: [noms(ed)], lead: 'lp-5' })
    const merge = example('prisoner-merged.json')
    await hub.custody({
      ...merge,
      occurredAt: '2026-03-05T09:30:00Z',
      publishedAt: '2026-03-05T09:30:01Z',
      additionalInformation: {
        bookingId: '9912001',
        nomsNumber: ed.noms,
        removedNomsNumber: flo.noms,
        reason: 'MERGE',
      },
      personReference: { identifiers: [noms(ed)] },
    })
    const asked = (await hub.inboxOf('lp-5')).filter(({ rule }) => rule === 'consent')
    expect(asked).toMatchObject([
      { personId, headline: 'A number to confirm with them', urgency: 'routine' },
    ])
    expect(JSON.stringify(asked)).not.toContain(flo.noms)
    await hub.custody(moved(flo, 'released', '2026-03-05T09:45:00Z'))
    const releases = async () =>
      (await hub.inboxOf('lp-5', 'any')).filter(
        (one) => one.rule === 'release' && one.personId === personId,
      )
    expect(await releases()).toEqual([])
    // They say yes: from then on, and within the look-back, the number is theirs.
    await hub.passTo('2026-03-05T12:00:00Z')
    await hub.change(personId, {
      identifiers: [noms(ed), noms(flo)],
      lead: 'lp-5',
      lookBackDays: 1,
    })
    expect(await releases()).toMatchObject([{ state: 'open' }])
  })
})
