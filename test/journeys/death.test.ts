import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { moved, newcomers, noms } from './events.ts'
import { type Seen, startTestHub, type TestHub } from './hub.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub({ from: '2026-01-05T09:00:00Z' })
})
afterAll(() => hub?.[Symbol.asyncDispose]())
const newcomer = newcomers(404)

const inBrief = (notices: readonly Seen[]) =>
  notices.map(({ rule, state }) => `${rule} ${state}`).toSorted()

describe('a release that turns out to be a death', () => {
  it('told as a release first is taken back, corrected, and asked about no more', async () => {
    const ann = newcomer()
    const { personId } = await hub.consent({
      identifiers: [noms(ann)],
      lead: 'lp-1',
      deputies: ['lp-2'],
    })
    await hub.passTo('2026-01-06T10:00:00Z')
    const at = '2026-01-06T09:59:00Z'
    await hub.custody(moved(ann, 'released', at, { family: 'search' }))
    const [release] = await hub.inboxOf('lp-1')
    expect(release).toMatchObject({ headline: 'Released from prison (not yet confirmed)' })
    await hub.passTo('2026-01-06T10:45:00Z')
    expect(await hub.custody(moved(ann, 'released', at, { code: 'DEC' }))).toMatchObject([
      { outcome: 'published', events: ['ReleasedFromPrison'] },
    ])
    const notices = await hub.inboxOf('lp-1', 'any')
    expect(inBrief(notices).filter((one) => !one.startsWith('death'))).toEqual([
      'correction open',
      'release retracted',
    ])
    expect(notices.filter(({ rule }) => rule === 'death-reported').length).toBeGreaterThan(0)
    expect(notices.find(({ rule }) => rule === 'correction')).toMatchObject({
      corrects: release?.noticeId,
      personId,
    })
    expect(inBrief(await hub.inboxOf('lp-2', 'any'))).toContain('death-reported open')
    await hub.passTo('2026-02-06T10:00:00Z')
    const later = await hub.inboxOf('lp-1', 'any')
    expect(later.filter(({ rule }) => rule === 'three-weeks')).toEqual([])
    expect((await hub.story('lp-1', personId))?.lines.map(({ text }) => text)).toEqual([
      'Reported to have died in prison.',
    ])
  })

  it('told once: one death is one notice to each', async () => {
    const bea = newcomer()
    await hub.consent({ identifiers: [noms(bea)], lead: 'lp-3' })
    await hub.passTo('2026-02-09T10:00:00Z')
    await hub.custody(moved(bea, 'released', '2026-02-09T09:30:00Z', { code: 'DEC' }))
    expect(inBrief(await hub.inboxOf('lp-3', 'any'))).toEqual(['death-reported open'])
  })

  it('told as a death first is never told as a release', async () => {
    const cy = newcomer()
    await hub.consent({ identifiers: [noms(cy)], lead: 'lp-4' })
    await hub.passTo('2026-02-10T10:00:00Z')
    const at = '2026-02-10T09:30:00Z'
    await hub.custody(moved(cy, 'released', at, { code: 'DEC' }))
    const before = await hub.inboxOf('lp-4', 'any')
    await hub.custody(moved(cy, 'released', at, { family: 'search' }))
    expect(await hub.inboxOf('lp-4', 'any')).toEqual(before)
    await hub.passTo('2026-03-10T10:00:00Z')
    expect(inBrief(await hub.inboxOf('lp-4', 'any'))).toEqual(['death-reported open'])
  })

  it('pauses what else is open about the person', async () => {
    const di = newcomer()
    await hub.consent({ identifiers: [noms(di)], lead: 'lp-5' })
    await hub.passTo('2026-03-11T10:00:00Z')
    await hub.custody(moved(di, 'admission', '2026-03-11T09:30:00Z'))
    expect(inBrief(await hub.inboxOf('lp-5', 'any'))).toEqual(['into-prison open'])
    await hub.passTo('2026-03-12T10:00:00Z')
    await hub.custody(moved(di, 'released', '2026-03-12T09:30:00Z', { code: 'DEC' }))
    expect(inBrief(await hub.inboxOf('lp-5', 'any'))).toEqual([
      'death-reported open',
      'into-prison paused',
    ])
  })
})
