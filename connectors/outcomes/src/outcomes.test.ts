import type { Figure } from '@throughline/domain'
import { describe, expect, it } from 'vitest'
import type { Release } from './release.ts'
import { aCounty, day, openPartnership, type Partnership } from './testing/partnership.ts'

const release = async (partnership: Partnership, json: object = {}): Promise<Release> => {
  const answer = await partnership.call('operator', '/outcomes/partnership/releases', { json })
  expect(answer.status).toBe(201)
  return (await answer.json()) as Release
}

const figure = (of: Release, measure: string, area = 'all', group = 'all'): Figure => {
  const found = of.figures.find(
    (one) => one.measure === measure && one.area === area && one.group === group,
  )
  if (found === undefined) throw new Error(`no figure of ${measure} ${area} ${group}`)
  return found
}

describe('a release', () => {
  it('counts people who agreed, rounds, and hides what is small and its complement', async () => {
    await using partnership = await openPartnership()
    await aCounty(partnership)
    const made = await release(partnership)
    expect(made).toMatchObject({ feed: 'partnership', release: 1, asOf: '2026-01-05' })
    expect(made).toMatchObject({ quarter: '2026-Q1', completeTo: '2025-Q4', from: '2025-04-01' })
    expect(made).toMatchObject({ peopleAgreed: 35, leftSince: 0 })
    expect(figure(made, 'in-treatment')).toMatchObject({ numerator: 35, status: 'PROVISIONAL' })
    const hidden = { numerator: null, status: 'SUPPRESSED' }
    expect(figure(made, 'in-treatment', 'X92B')).toMatchObject(hidden)
    expect(figure(made, 'in-treatment', 'X91B')).toMatchObject(hidden)
    expect(figure(made, 'in-treatment', 'all', 'opiate')).toMatchObject({ numerator: 15 })
    expect(figure(made, 'completed')).toMatchObject({
      numerator: 10,
      denominator: 35,
      perThousand: 286,
    })
  })

  it('gives the same figures again at the same position, and says that it is the same', async () => {
    await using partnership = await openPartnership()
    await aCounty(partnership)
    const [one, other] = [await release(partnership), await release(partnership)]
    expect(other.release).toBe(2)
    expect(other.figures).toEqual(one.figures)
    expect(other.position.facts).toBe(one.position.facts)
  })

  it('leaves out who has withdrawn, though the processor has not heard of it, and counts that they left', async () => {
    await using partnership = await openPartnership()
    await aCounty(partnership)
    const before = await release(partnership)
    for (let n = 0; n < 9; n += 1) await partnership.withdraw(`p-${n}`)
    const after = await release(partnership)
    expect(after.leftSince).toBe(10)
    expect(after.peopleAgreed).toBe(25)
    expect(figure(after, 'completed')).toMatchObject({ status: 'SUPPRESSED', numerator: null })
    expect(after.position.facts).not.toBe(before.position.facts)
    expect((await release(partnership)).leftSince).toBe(0)
  })

  it('is wholly after a withdrawal that comes while it is being made', async () => {
    let withdraw: (() => Promise<unknown>) | undefined
    const schedule = {
      at: async (point: string, detail?: string) => {
        if (point !== 'store.commit.before' || !detail?.startsWith('outcomes-releases')) return
        const now = withdraw
        withdraw = undefined
        await now?.()
      },
    }
    await using partnership = await openPartnership({ schedule })
    await aCounty(partnership)
    withdraw = async () => {
      for (let n = 0; n < 9; n += 1) await partnership.withdraw(`p-${n}`)
    }
    expect(await release(partnership)).toMatchObject({ release: 1, peopleAgreed: 25 })
  })

  it('does not say how many left when they are few', async () => {
    await using partnership = await openPartnership()
    await aCounty(partnership)
    await release(partnership)
    await partnership.withdraw('p-3')
    expect((await release(partnership)).leftSince).toBe(null)
  })

  it('leaves out who was erased, and counts that they left', async () => {
    await using partnership = await openPartnership()
    await aCounty(partnership)
    await release(partnership)
    for (let n = 20; n < 28; n += 1) {
      await partnership.register.change({ kind: 'erase', personId: `p-${n}`, by: 'person' })
      await partnership.keys.destroy(`person:p-${n}`, day('2026-01-05'))
    }
    expect(await release(partnership)).toMatchObject({ peopleAgreed: 25, leftSince: 10 })
  })

  it('counts nobody who agreed to care alone', async () => {
    await using partnership = await openPartnership()
    await partnership.agree('p-1', ['care-coordination'])
    const substances = ['1011']
    await partnership.tell('p-1', { type: 'TreatmentStarted', on: '2025-10-06', substances })
    const made = await release(partnership)
    expect(made.peopleAgreed).toBe(0)
    expect(figure(made, 'in-treatment').numerator).toBe(0)
  })

  it('lies on the feed’s topic, a record for each figure, and is there once after a crash', async () => {
    let dies = true
    const schedule = {
      at: (point: string, detail?: string) => {
        if (point === 'store.relayed.before' && dies && detail?.startsWith('outcomes-releases')) {
          throw new Error('gone')
        }
      },
    }
    await using partnership = await openPartnership({ schedule })
    await aCounty(partnership)
    const answer = await partnership.call('operator', '/outcomes/partnership/releases', {
      json: {},
    })
    expect(answer.status).toBe(500)
    dies = false
    await partnership.startAgain()
    const next = await release(partnership, { asOf: '2025-12-31' })
    expect(next.release).toBe(2)
    const records = await partnership.published()
    expect(new Set(records.map(({ schema }) => schema))).toEqual(new Set(['MeasureFigure']))
    const ofNext = records.filter(({ value }) => (value as { release: number }).release === 2)
    expect(ofNext).toHaveLength(next.figures.length)
    const ids = records.map(({ id }) => id)
    expect(new Set(ids).size).toBe(next.figures.length * 2)
  })

  it('is final once the quarter is over, everything was sent, and nothing can turn', async () => {
    await using partnership = await openPartnership()
    await aCounty(partnership)
    await partnership.clock.advanceTo(day('2026-07-05'))
    const made = await release(partnership, { quarter: '2025-Q4' })
    expect(figure(made, 'completed').status).toBe('FINAL')
    expect(figure(made, 'completed-no-return').status).toBe('FINAL')
    const early = await release(partnership, { quarter: '2025-Q4', asOf: '2026-06-29' })
    expect(figure(early, 'completed-no-return').status).toBe('PROVISIONAL')
    const missing = await release(partnership, { quarter: '2025-Q4', completeTo: '2025-Q3' })
    expect(figure(missing, 'completed').status).toBe('PROVISIONAL')
  })
})

describe('asking for a release', () => {
  it.each([
    ['asOf', { asOf: '2026-01-06' }],
    ['asOf', { asOf: '2025-02-30' }],
    ['quarter', { quarter: '2026-Q2' }],
    ['quarter', { quarter: 'spring' }],
    ['completeTo', { completeTo: '2026-Q1' }],
    ['earlierOpenEpisode', { earlierOpenEpisode: 'maybe' }],
    ['', { approvedBy: 'nobody' }],
  ])('refuses %s that cannot be, without repeating it', async (at, json) => {
    await using partnership = await openPartnership()
    const answer = await partnership.call('operator', '/outcomes/partnership/releases', { json })
    expect(answer.status).toBe(422)
    const text = await answer.text()
    expect(JSON.parse(text)).toMatchObject({ error: at === '' ? {} : { at } })
    for (const value of Object.values(json)) expect(text).not.toContain(value)
  })

  it('is for operators, and for feeds that are declared', async () => {
    await using partnership = await openPartnership()
    const ask = (as: string, feed: string) =>
      partnership.call(as, `/outcomes/${feed}/releases`, { json: {} })
    expect((await ask('analyst', 'partnership')).status).toBe(403)
    expect((await ask('custody', 'partnership')).status).toBe(403)
    expect((await ask('operator', 'elsewhere')).status).toBe(404)
  })
})

describe('reading a release', () => {
  it('is for the feed’s own analysts: another’s is not there', async () => {
    await using partnership = await openPartnership()
    await aCounty(partnership)
    await release(partnership)
    const status = async (as: string) =>
      (await partnership.call(as, '/outcomes/partnership/measures')).status
    expect(await status('analyst')).toBe(200)
    expect(await status('operator')).toBe(200)
    expect(await status('stranger')).toBe(404)
    expect(await status('lp-1')).toBe(403)
    expect((await fetch(`${partnership.url()}/outcomes/partnership/measures`)).status).toBe(401)
  })

  it('gives any release as it was made', async () => {
    await using partnership = await openPartnership()
    await aCounty(partnership)
    const first = await release(partnership)
    await partnership.withdraw('p-1')
    const second = await release(partnership)
    const read = async (query: string) =>
      (await partnership.call('analyst', `/outcomes/partnership/measures.json${query}`)).json()
    expect(await read('')).toEqual(second)
    expect(await read('?release=1')).toEqual(first)
    const missing = await partnership.call('analyst', '/outcomes/partnership/measures?release=3')
    expect(missing.status).toBe(404)
  })

  it('gives CSV that names nobody and hides what JSON hides', async () => {
    await using partnership = await openPartnership()
    await aCounty(partnership)
    const { figures } = await release(partnership)
    const answer = await partnership.call('analyst', '/outcomes/partnership/measures.csv')
    expect(answer.headers.get('content-type')).toContain('text/csv')
    const lines = (await answer.text()).trimEnd().split('\r\n')
    expect(lines).toHaveLength(figures.length + 1)
    expect(lines.filter((line) => line.includes('"SUPPRESSED","","",""')).length).toBe(
      figures.filter(({ status }) => status === 'SUPPRESSED').length,
    )
    expect(lines.join('')).not.toMatch(/p-\d/)
  })

  it.each(['journeys', 'journeys.json', 'journeys.csv', 'journeys.parquet', 'measures.parquet'])(
    'says plainly that %s is not released',
    async (name) => {
      await using partnership = await openPartnership()
      const answer = await partnership.call('analyst', `/outcomes/partnership/${name}`)
      expect(answer.status).toBe(404)
      expect(await answer.text()).toContain('not released')
    },
  )
})

describe('the page', () => {
  const pageOf = async (partnership: Partnership, as = 'analyst') =>
    (await partnership.call(as, '/outcomes', { headers: { accept: 'text/html' } })).text()

  it('says that nothing has been released yet', async () => {
    await using partnership = await openPartnership()
    expect(await pageOf(partnership)).toContain('Nothing has been released')
  })

  it('shows a chart and its table for each measure, says what is hidden, and needs no script', async () => {
    await using partnership = await openPartnership()
    await aCounty(partnership)
    await release(partnership)
    const html = await pageOf(partnership)
    expect(html.match(/<table /g)).toHaveLength(9)
    expect(html.match(/role="img"/g)).toHaveLength(9)
    expect(html).toContain('<td class="govuk-table__cell govuk-table__cell--numeric">35</td>')
    expect(html).toContain('>hidden</td>')
    expect(html).not.toContain('style=')
    expect(html).not.toContain('undefined')
    for (const said of ['who agreed', 'Coverage', 'Left since', 'Data complete to', 'version 1']) {
      expect(html).toContain(said)
    }
  })
})
