import {
  type MeasureCode,
  policyByDefault,
  type ReleaseQuestion,
  tablesOf,
} from '@throughline/domain'
import { describe, expect, it } from 'vitest'
import { aCounty, asked, began, type County, day, finished } from './testing/a-county.ts'

/**
 * The published expected answers (formats, treatment-housing 6.1 and 6.2), through events made of the
 * sample files' rows. Nothing is hidden here: these are the tables before anything leaves.
 */
const question = (asOf: string, quarter: string): ReleaseQuestion => ({
  asOf,
  quarter,
  completeTo: quarter,
  policy: policyByDefault,
})

const sides = (county: County, code: MeasureCode, asked: ReleaseQuestion) =>
  tablesOf(county.people(), asked).get(code)

const november = question('2026-11-15', '2026-Q4')

/** The seven people of the community extract: 1003 refused and is nowhere. */
function communityExtract(): County {
  const county = aCounty()
  for (const client of ['1001', '1002', '1004', '80', '81', '1007', '90']) county.counted(client)
  county.passTo(day('2026-11-15'))
  const tell = (client: string, ...events: readonly Parameters<County['pipe']>[1][]) => {
    for (const event of events) county.pipe(client, event)
  }
  const one = { episodeRef: '50001', substances: ['1011', '3201'] }
  tell(
    '1001',
    began('2026-05-14', one),
    asked('2026-05-14', 'START', true, one),
    asked('2026-08-13', 'REVIEW', false, one),
  )
  const alcohol = { episodeRef: '50002', substances: ['7000'] }
  const returned = { provider: 'N9902', episodeRef: '61001', substances: ['7000'] }
  tell(
    '1002',
    began('2026-02-09', alcohol),
    finished('2026-07-30', alcohol),
    asked('2026-07-30', 'EXIT', false, alcohol),
    began('2026-11-02', returned),
    asked('2026-11-02', 'START', false, returned),
  )
  const cocaine = { episodeRef: '50004', substances: ['3200', '5000'] }
  tell(
    '1004',
    began('2026-03-05', cocaine),
    finished('2026-06-18', { ...cocaine, reason: 'TRANSFERRED_IN_CUSTODY' }),
  )
  const crack = {
    provider: 'N9902',
    episodeRef: '61002',
    substances: ['3201', '1011', '2200'],
    area: 'X92B',
  }
  tell(
    '80',
    began('2026-01-17', crack),
    finished('2026-03-02', { ...crack, reason: 'DROPPED_OUT' }),
  )
  const heroin = {
    provider: 'N9902',
    episodeRef: '61003',
    substances: ['1011', '7000', '2200'],
    area: 'X92B',
  }
  tell('81', began('2025-08-08', heroin), finished('2026-04-11', { ...heroin, reason: 'DIED' }))
  const abroad = { episodeRef: '50007', substances: ['7000', '5000'], area: 'Z00B' }
  tell('1007', began('2026-09-03', abroad), asked('2026-09-03', 'START', true, abroad))
  const cannabis = {
    provider: 'N9902',
    episodeRef: '61004',
    substances: ['5000', '9996', '9997'],
    area: 'X92B',
  }
  tell('90', began('2026-06-09', cannabis), finished('2026-09-22', cannabis))
  return county
}

describe('the community extract, on 15 November 2026', () => {
  const county = communityExtract()

  it('has seven people in treatment, one of them twice, two in areas of their own with one attributor', () => {
    const table = sides(county, 'in-treatment', november)
    expect(table?.total).toEqual([7])
    const byArea = { X91B: [3], X92B: [3], Z00B: [1] }
    expect(Object.fromEntries(table?.lines.get('area') ?? [])).toEqual(byArea)
    expect(Object.fromEntries(table?.lines.get('substance') ?? [])).toEqual({
      opiate: [3],
      'non-opiate': [2],
      'non-opiate-and-alcohol': [1],
      alcohol: [1],
    })
  })

  it('has two completions, 50002 and 61004', () => {
    const table = sides(county, 'completed', november)
    expect(table?.total).toEqual([2, 5])
    expect(table?.lines.get('area')?.get('X91B')).toEqual([1, 2])
    expect(table?.lines.get('area')?.get('X92B')).toEqual([1, 2])
  })

  it('has one without a return: 50002 came back after 95 days', () => {
    const table = sides(county, 'completed-no-return', november)
    expect(table?.total).toEqual([1, 6])
    expect(table?.lines.get('area')?.get('X92B')).toEqual([1, 2])
  })

  it('has one pair with an acute housing problem at the start, and it is resolved', () => {
    expect(sides(county, 'housing-resolved', november)?.total).toEqual([1, 0])
  })

  it('keeps 61004 provisional until 22 March 2027: a return the day before still counts', () => {
    const back = (on: string) => {
      const later = communityExtract()
      later.passTo(day('2027-06-30'))
      later.pipe('90', began(on, { provider: 'N9903', episodeRef: '7', area: 'X92B' }))
      return sides(later, 'completed-no-return', question('2027-06-30', '2026-Q4'))?.total
    }
    expect(back('2027-03-21')).toEqual([0, 7])
    expect(back('2027-03-22')).toEqual([1, 6])
  })
})

describe('the secure-setting extract with the starts after release', () => {
  const leaves = (client: string, more: Record<string, unknown> = {}) =>
    finished('2026-05-01', {
      provider: 'HMP1',
      episodeRef: client,
      setting: 'PRISON',
      reason: 'TRANSFERRED_NOT_IN_CUSTODY',
      prisonExit: 'RELEASED',
      substances: ['1011'],
      ...more,
    })
  const county = aCounty()
  const exits = {
    Z9001AA: {},
    Z9002AA: {},
    Z9003AA: { substances: ['7000'] },
    Z9004AA: { area: 'Z00B' },
    Z9005AA: { reason: 'TRANSFERRED_IN_CUSTODY', prisonExit: 'TRANSFERRED', area: null },
    Z9006AA: { reason: 'COMPLETED' },
    Z9007AA: {},
  }
  for (const client of Object.keys(exits)) county.counted(client)
  county.passTo(day('2026-06-30'))
  for (const [client, more] of Object.entries(exits)) county.pipe(client, leaves(client, more))
  county.pipe('Z9001AA', began('2026-05-14'))
  county.pipe('Z9002AA', began('2026-05-22'))
  county.pipe('Z9003AA', began('2026-05-23'))
  county.pipe('Z9007AA', began('2026-04-30'))
  const june = question('2026-06-30', '2026-Q2')

  it('counts four releases to X91B, and two in treatment within 21 days', () => {
    const table = sides(county, 'continuity', june)
    expect(table?.total).toEqual([2, 2])
    expect(Object.fromEntries(table?.lines.get('area') ?? [])).toEqual({ X91B: [2, 2] })
    expect(table?.lines.get('quarter')?.get('2026-Q2')).toEqual([2, 2])
  })

  it('flags the one who had started the day before', () => {
    expect(sides(county, 'continuity-open', june)?.total).toEqual([1, 1])
  })

  it('counts that one where the policy says so', () => {
    const policy = { earlierOpenEpisode: 'counts' } as const
    expect(sides(county, 'continuity', { ...june, policy })?.total).toEqual([3, 1])
  })
})
