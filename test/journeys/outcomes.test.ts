import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from './hub.ts'
import { agree, folder, sample, tenfold, tenfoldExtract, upload } from './tenfold.ts'

/**
 * The national sample files, with ten people like each of theirs so that figures may be shown, through the
 * real doors; the published expected answers, ten times over (formats, treatment-housing 6.1 and 6.2).
 */
interface Figure {
  readonly measure: string
  readonly area: string
  readonly breakdown: string
  readonly group: string
  readonly status: string
  readonly numerator: number | null
  readonly denominator: number | null
  readonly perThousand: number | null
}

interface Release {
  readonly release: number
  readonly peopleAgreed: number | null
  readonly leftSince: number | null
  readonly figures: readonly Figure[]
}

async function release(hub: TestHub, body: object = {}): Promise<Release> {
  const answer = await hub.ask('operator', 'POST', '/outcomes/partnership/releases', body)
  expect(answer.status).toBe(201)
  return answer.body as Release
}

const shown = ({ figures }: Release, measure: string, area = 'all', group = 'all') => {
  const one = figures.find((it) => it.measure === measure && it.area === area && it.group === group)
  return one && [one.numerator, one.denominator, one.status]
}

describe('ten people like each of the community extract, on 15 November 2026', () => {
  let hub: TestHub
  let people: readonly string[] = []
  let file = ''

  beforeAll(async () => {
    hub = await startTestHub({ from: '2026-11-15T08:00:00Z' })
    const made = await tenfoldExtract(hub)
    people = made.people
    file = made.file
  })
  afterAll(() => hub.close())

  it('counts each of them as the sample’s answers do', async () => {
    const made = await release(hub)
    expect(made.peopleAgreed).toBe(70)
    expect(shown(made, 'in-treatment')).toEqual([70, null, 'PROVISIONAL'])
    expect(shown(made, 'in-treatment', 'X91B')).toEqual([30, null, 'PROVISIONAL'])
    expect(shown(made, 'in-treatment', 'Z00B')).toEqual([10, null, 'PROVISIONAL'])
    expect(shown(made, 'completed')).toEqual([20, 70, 'PROVISIONAL'])
    // None of the ten in Z00B completed. Beside X91B alone, two of them could have, at most.
    expect(shown(made, 'completed', 'X92B')).toEqual([null, null, 'SUPPRESSED'])
    expect(shown(made, 'completed-no-return')).toEqual([10, 70, 'PROVISIONAL'])
    // All ten had it resolved: that would be told of each of them.
    expect(shown(made, 'housing-resolved')).toEqual([null, null, 'SUPPRESSED'])
  })

  it('gives the same figures when the same file comes again', async () => {
    const before = await release(hub)
    await upload(hub, 'ndtms', file)
    const after = await release(hub)
    expect(after.figures).toEqual(before.figures)
    expect(after.release).toBe(before.release + 1)
  })

  it('leaves out who withdraws from being counted, and care goes on', async () => {
    const before = await release(hub)
    for (const personId of people.slice(0, 10)) await hub.withdraw(personId, ['outcomes'])
    const after = await release(hub)
    expect([after.peopleAgreed, after.leftSince]).toEqual([60, 10])
    expect(shown(before, 'in-treatment')?.[0]).toBe(70)
    expect(shown(after, 'in-treatment')?.[0]).toBe(60)
    expect(await hub.story('lp-1', people[0] ?? '')).toBeDefined()
  })

  it('keeps its releases over a restart', async () => {
    const made = await release(hub)
    await hub.restart()
    const answer = await hub.ask('operator', 'GET', '/outcomes/partnership/measures')
    expect(answer.body).toEqual(made)
  })
})

it('counts ten people like each of the secure-setting extract, and flags who had started before', async () => {
  await using hub = await startTestHub({ from: '2026-06-29T08:00:00Z' })
  for (const letter of tenfold) {
    for (let n = 1; n <= 7; n += 1)
      await agree(hub, [{ type: 'NOMS', value: `Z900${n}A${letter}` }])
  }
  await hub.idle()
  const numbers = /Z900\dAA/g
  const own = (found: string, letter: string) => `${found.slice(0, -1)}${letter}`
  await upload(hub, 'secure-setting', sample('secure-setting-extract.csv', numbers, own))
  await upload(hub, 'secure-setting', sample('community-starts-after-release.csv', numbers, own))
  const made = await release(hub)
  expect(shown(made, 'continuity')).toEqual([20, 40, 'PROVISIONAL'])
  expect(shown(made, 'continuity', 'X91B')).toEqual([20, 40, 'PROVISIONAL'])
  expect(shown(made, 'continuity', 'all', '2026-Q2')).toEqual([20, 40, 'PROVISIONAL'])
  expect(shown(made, 'continuity-open')).toEqual([10, 20, 'PROVISIONAL'])
  expect(shown(made, 'in-treatment')).toEqual([0, null, 'PROVISIONAL'])
  const counted = await release(hub, { earlierOpenEpisode: 'counts' })
  expect(shown(counted, 'continuity')).toEqual([30, 40, 'PROVISIONAL'])
})

it('counts nobody who agreed to care alone', async () => {
  await using hub = await startTestHub({ from: '2026-06-29T08:00:00Z' })
  await agree(hub, [{ type: 'NOMS', value: 'Z9001AA' }], ['care-coordination'])
  const csv = readFileSync(new URL('secure-setting-extract.csv', folder), 'utf8')
  await upload(hub, 'secure-setting', csv)
  const made = await release(hub)
  expect([made.peopleAgreed, shown(made, 'continuity')]).toEqual([0, [0, 0, 'PROVISIONAL']])
})
