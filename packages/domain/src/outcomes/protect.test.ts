import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hide, isSmall, rounded, type Sides, shownPerThousand, type Table } from './protect.ts'

const tableOf = (...lines: readonly (readonly Sides[])[]): Table => {
  const [first = []] = lines
  const total = first.reduce<Sides>((all, one) => one.map((n, side) => n + (all[side] ?? 0)), [])
  const named = lines.map(
    (line, at) =>
      [`line ${at}`, new Map(line.map((sides, group) => [`group ${group}`, sides]))] as const,
  )
  return { total, lines: new Map(named) }
}

const hiddenIn = (table: Table) => [...(hide(table).groups.get('line 0') ?? [])].toSorted()

describe('small numbers', () => {
  it('hides a group of 1 to 7, and shows 8, and nobody', () => {
    expect([[0], [1], [7], [8]].map(isSmall)).toEqual([false, true, true, false])
  })

  it('hides a share that few, all but few, nobody or everybody has', () => {
    const shares = [
      [7, 20],
      [20, 7],
      [0, 20],
      [20, 0],
      [8, 8],
      [0, 0],
    ]
    expect(shares.map(isSmall)).toEqual([true, true, true, true, false, false])
  })

  it('hides the next smallest group beside a small one, so that it cannot be found by subtraction', () => {
    expect(hiddenIn(tableOf([[3], [40], [12], [60]]))).toEqual(['group 0', 'group 2'])
  })

  it('hides more until eight people are hidden together', () => {
    expect(hiddenIn(tableOf([[1], [2], [40], [60]]))).toEqual(['group 0', 'group 1', 'group 2'])
    expect(hiddenIn(tableOf([[7], [2], [40], [60]]))).toEqual(['group 0', 'group 1'])
  })

  it('counts eight on each side of a share', () => {
    const table = tableOf([
      [2, 30],
      [3, 20],
      [20, 30],
      [40, 40],
    ])
    expect(hiddenIn(table)).toEqual(['group 0', 'group 1', 'group 2'])
  })

  it('hides every group of a small total but the empty ones', () => {
    const table = tableOf([
      [3, 2],
      [0, 0],
      [2, 20],
    ])
    expect(hide(table).total).toBe(true)
    expect(hiddenIn(table)).toEqual(['group 0', 'group 2'])
  })

  it('shows nothing that another table with the same people hides', () => {
    const counts = tableOf([[3], [20], [60]])
    const shares = tableOf([
      [1, 2],
      [10, 10],
      [7, 53],
    ])
    const shown = hide(shares, hide(counts)).groups.get('line 0')
    expect(shown?.has('group 1')).toBe(true)
  })
})

it('a total that another table hides is hidden here, with every group', () => {
  const here = hide(
    tableOf([
      [20, 20],
      [30, 30],
    ]),
    { total: true, groups: new Map() },
  )
  expect([here.total, here.groups.get('line 0')?.size]).toEqual([true, 2])
})

it('a large group that another table hides does not stay hidden alone', () => {
  const also = { total: false, groups: new Map([['line 0', new Set(['group 1'])]]) }
  const shown = hide(
    tableOf([
      [20, 20],
      [30, 30],
      [40, 40],
    ]),
    also,
  ).groups.get('line 0')
  expect([...(shown ?? [])]).toEqual(['group 1', 'group 0'])
})

describe('percentages', () => {
  it('are made of the rounded counts', () => {
    expect(shownPerThousand(100, 200)).toBe(500)
    expect(shownPerThousand(41, 82)).toBe(500)
  })

  it('are left out where rounding would move them by more than two points', () => {
    expect(shownPerThousand(8, 22)).toBe(null)
    expect(shownPerThousand(8, 17)).toBe(null)
    expect(shownPerThousand(0, 0)).toBe(null)
  })

  it('are never further than two points from the truth', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.nat(400), (yes, no) => {
        const shown = shownPerThousand(yes, yes + no)
        return shown === null || Math.abs(shown / 1000 - yes / (yes + no)) <= 0.0205
      }),
    )
  })
})

/** What an attacker holds: every shown figure as published, and which ones were hidden. */
interface Published {
  readonly total: readonly number[] | null
  readonly groups: readonly (readonly number[] | null)[]
}

const publish = (table: Table, line = 'line 0'): Published => {
  const hidden = hide(table)
  const groups = [...(table.lines.get(line) ?? [])]
  return {
    total: hidden.total ? null : asShown(table.total),
    groups: groups.map(([group, sides]) =>
      hidden.groups.get(line)?.has(group) ? null : asShown(sides),
    ),
  }
}

/** Numerator and denominator are rounded each by itself. */
const asShown = (sides: Sides): readonly number[] =>
  sides.length === 1
    ? [rounded(sides[0] ?? 0)]
    : [rounded(sides[0] ?? 0), rounded((sides[0] ?? 0) + (sides[1] ?? 0))]

describe('somebody who subtracts', () => {
  it('and who knows these rules, finds no hidden count in any table of three groups', () => {
    const most = 26
    const trusted = 16
    const seen = new Map<string, number[][]>()
    for (let a = 0; a <= most; a += 1)
      for (let b = 0; b <= most; b += 1)
        for (let c = 0; c <= most; c += 1) {
          const said = JSON.stringify(publish(tableOf([[a], [b], [c]])))
          seen.set(said, [...(seen.get(said) ?? []), [a, b, c]])
        }
    const found: string[] = []
    for (const [said, worlds] of seen) {
      const { groups } = JSON.parse(said) as Published
      // At the edge of what was tried, other worlds are missing.
      const inside = worlds.some((world) => world.every((n) => n <= trusted))
      for (const [at, group] of groups.entries()) {
        const possible = new Set(worlds.map((world) => world[at]))
        if (group === null && inside && possible.size < 3) found.push(`${said} at ${at}`)
      }
    }
    expect(found).toEqual([])
  })

  it('and who knows these rules, finds no hidden share in tables of two to six groups', () => {
    const side = fc.oneof(fc.nat(3), fc.nat(9), fc.nat(30), fc.nat(120))
    const groups = fc.array(fc.tuple(side, side), { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(groups, (shares) => {
        const published = publish(tableOf(shares))
        for (const [at, one] of published.groups.entries()) {
          if (one !== null) continue
          const [yes, no] = alikeIn(shares, at)
          expect([yes.size, no.size].every((possible) => possible > 1)).toBe(true)
        }
      }),
      { numRuns: 500, seed: 1 },
    )
  })
})

/**
 * What a hidden group may hold, on either side, as far as anybody can tell: its values in tables that are
 * published exactly like this one. Only some of those tables are looked at, so there may be more.
 */
function alikeIn(shares: readonly (readonly [number, number])[], at: number) {
  const said = JSON.stringify(publish(tableOf(shares)))
  const possible = [new Set<number>(), new Set<number>()] as const
  const others = [...shares.keys()].filter((place) => place !== at)
  for (const [own, values] of possible.entries()) {
    for (let more = -8; more <= 8; more += 1) {
      for (const from of [null, ...others]) {
        const moved = shares.map((sides, place) =>
          sides.map((n, side) => {
            if (side !== own) return n
            return place === at ? n + more : place === from ? n - more : n
          }),
        )
        if (moved.flat().some((n) => n < 0)) continue
        if (JSON.stringify(publish(tableOf(moved))) === said) values.add(moved[at]?.[own] ?? 0)
      }
    }
  }
  return possible
}
