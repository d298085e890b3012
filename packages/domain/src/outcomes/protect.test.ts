import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  hide,
  isSmall,
  k,
  possibleMin,
  rounded,
  type Sides,
  shownPerThousand,
  sizeOf,
  type Table,
} from './protect.ts'

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

  it('hides the next group by code beside a small one, so that it cannot be found by subtraction', () => {
    expect(hiddenIn(tableOf([[3], [40], [12], [60]]))).toEqual(['group 0', 'group 1'])
    expect(hiddenIn(tableOf([[40], [12], [3], [60]]))).toEqual(['group 0', 'group 2'])
  })

  it('hides more until those hidden together leave room', () => {
    const hiddenWith = (...counts: readonly number[]) => hiddenIn(tableOf(counts.map((n) => [n])))
    expect(hiddenWith(3, 11, 60, 70)).toEqual(['group 0', 'group 1', 'group 2'])
    expect(hiddenWith(3, 12, 60, 70)).toEqual(['group 0', 'group 1'])
  })

  it('hides nothing beside small groups that cover each other', () => {
    expect(hiddenIn(tableOf([[4], [5], [40], [60]]))).toEqual(['group 0', 'group 1'])
    const shares = tableOf([
      [6, 30],
      [20, 5],
      [20, 30],
    ])
    expect(hiddenIn(shares)).toEqual(['group 0', 'group 1'])
  })

  it('takes small groups for no cover when all of them must be close to seven', () => {
    expect(hiddenIn(tableOf([[7], [7], [40], [60]]))).toEqual(['group 0', 'group 1', 'group 2'])
  })

  it('counts the room on each side of a share', () => {
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

  it('hides a total of hardly more people than it has groups', () => {
    const each = (...counts: readonly number[]) => tableOf(counts.map((n) => [n]))
    expect(hide(each(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)).total).toBe(true)
    expect([hide(each(1, 1, 7)).total, hide(each(1, 2, 7)).total]).toEqual([true, false])
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
  expect([...(shown ?? [])].toSorted()).toEqual(['group 0', 'group 1'])
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

/**
 * What an attacker holds: every shown figure as published, total and percentage too, and which are hidden.
 * Where a line shows somebody, more than is published: which of the hidden groups are the small ones.
 */
type Told = readonly [total: Shown, ...groups: readonly Shown[]]
type Shown = readonly (number | null)[] | 'hidden' | 'small' | 'cover'

const told = (groups: readonly Sides[], show: (sides: Sides) => Shown = asShown): Told => {
  const table = tableOf(groups)
  const hidden = hide(table)
  const inLine = groups.map((_, at) => hidden.groups.get('line 0')?.has(`group ${at}`) ?? false)
  const nobodyShown = groups.every((sides, at) => inLine[at] || sizeOf(sides) === 0)
  const ofHidden = (sides: Sides) => {
    if (nobodyShown) return 'hidden'
    return isSmall(sides) ? 'small' : 'cover'
  }
  return [
    hidden.total ? 'hidden' : show(table.total),
    ...groups.map((sides, at) => (inLine[at] ? ofHidden(sides) : show(sides))),
  ]
}

/** Numerator and denominator are rounded each by itself. */
const asShown = (sides: Sides): Shown => {
  const [yes = 0] = sides
  const all = sizeOf(sides)
  return sides.length === 1
    ? [rounded(yes)]
    : [rounded(yes), rounded(all), shownPerThousand(yes, all)]
}

/** More than is published: no rounding stands between the attacker and the people. */
const toThePerson = (sides: Sides): Shown => sides

describe('somebody who subtracts, and who knows these rules, and which groups are small', () => {
  it('is left with six values for each hidden count of three groups, even if told each shown number to the person', () => {
    expect(
      pinnedAmong(
        tuplesOf(3, 24).map((counts) => counts.map((n) => [n])),
        24,
      ),
    ).toEqual([])
  })

  it('is left with six for each hidden share of two groups, told the same', () => {
    const tables = tuplesOf(4, 12).map(([a = 0, b = 0, c = 0, d = 0]) => [
      [a, b],
      [c, d],
    ])
    expect(pinnedAmong(tables, 12)).toEqual([])
  })

  const found: readonly (readonly [string, readonly Sides[]])[] = [
    [
      'four small groups have seven in the numerator, so that a fifth was hidden with them',
      [
        [2, 0],
        [2, 0],
        [0, 6],
        [18, 29],
        [23, 23],
        [3, 2],
      ],
    ],
    [
      'twelve groups have one person each, and the total is 10',
      Array.from({ length: 12 }, () => [1]),
    ],
    [
      'a total is too small, and seven groups have one person each',
      Array.from({ length: 7 }, () => [1]),
    ],
    [
      'all was rounded down, but the total up, and a group of seven is hidden with the next larger',
      [[7], [42], [42], [42]],
    ],
    [
      'seven people fill seven groups, and a large one was hidden with them',
      [...Array.from({ length: 7 }, () => [1]), [93], [120]],
    ],
    ['two groups of seven hide each other', [[7], [7], [40], [60]]],
  ]
  it.each(found)('learns nothing from it that %s', (_, groups) => {
    expect(pinnedIn(groups)).toEqual([])
  })

  const side = fc.oneof(fc.nat(1), fc.nat(9), fc.nat(60), fc.nat(2000))

  it('is left with six for each hidden share in tables of two to ten groups', () => {
    const groups = fc.array(fc.tuple(side, side), { minLength: 2, maxLength: 10 })
    fc.assert(
      fc.property(groups, (shares) => {
        expect(pinnedIn(shares)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('is left with six for each hidden count in tables of two to twelve groups', () => {
    const groups = fc.array(fc.tuple(side), { minLength: 2, maxLength: 12 })
    fc.assert(
      fc.property(groups, (counts) => {
        expect(pinnedIn(counts)).toEqual([])
      }),
      { numRuns: 400 },
    )
  })
})

/** Every row of so many numbers from 0 to `most`. */
function tuplesOf(length: number, most: number): readonly (readonly number[])[] {
  if (length === 0) return [[]]
  const shorter = tuplesOf(length - 1, most)
  return Array.from({ length: most + 1 }, (_, n) => shorter.map((row) => [n, ...row])).flat()
}

/**
 * All tables up to `most` on a side are tried: which hidden sides have less than `possibleMin` values running
 * in those that are told alike. What is hidden together is at most `most`, or tables would be missing.
 */
function pinnedAmong(tables: readonly (readonly Sides[])[], most: number): readonly string[] {
  const alike = Map.groupBy(tables, (groups) => JSON.stringify(told(groups, toThePerson)))
  const pinned: string[] = []
  for (const [said, worlds] of alike) {
    const [total, ...shown] = JSON.parse(said) as Told
    const [first = []] = worlds
    const hidden = [...first.keys()].filter((at) => typeof shown[at] === 'string')
    if (total !== 'hidden' && hiddenSums(first, hidden).some((sum) => sum > most)) continue
    for (const at of hidden)
      for (const side of (first[at] as Sides).keys()) {
        const values = new Set(worlds.map((world) => world[at]?.[side] as number))
        if (longestRun(values) < possibleMin) pinned.push(`${said} group ${at} side ${side}`)
      }
  }
  return pinned
}

function pinnedIn(groups: readonly Sides[]): readonly string[] {
  const [, ...shown] = told(groups)
  const hidden = [...groups.keys()].filter((at) => typeof shown[at] === 'string')
  return hidden.flatMap((at) =>
    [...(groups[at] as Sides).keys()]
      .filter((side) => !isOpen(groups, hidden, at, side))
      .map((side) => `group ${at} side ${side} of ${JSON.stringify(groups)}`),
  )
}

/** Whether tables are found that are told alike, with `possibleMin` values running for a hidden side. */
function isOpen(groups: readonly Sides[], hidden: readonly number[], at: number, side: number) {
  const said = JSON.stringify(told(groups))
  const values = new Set<number>()
  for (const world of trades(groups, hidden, at, side)) {
    const value = world[at]?.[side] as number
    if (values.has(value) || world.flat().some((n) => n < 0)) continue
    if (JSON.stringify(told(world)) === said) values.add(value)
    if (longestRun(values) >= possibleMin) return true
  }
  return false
}

/**
 * Tables in which hidden groups trade people: one is given a few, another takes what is left (or nobody does,
 * where the total is hidden), the rest stay as they are or keep as few, or as many, as they can. There are
 * more such tables, so more may be possible.
 */
function* trades(groups: readonly Sides[], hidden: readonly number[], at: number, side: number) {
  const sums = hiddenSums(groups, hidden)
  const isTotalHidden = told(groups)[0] === 'hidden'
  const pairs = isTotalHidden ? [[at, null] as const] : pairsWith(groups, hidden, at)
  for (const [given, taker] of pairs)
    for (const rest of rests(side)) {
      const world = groups.map((sides, one) => (hidden.includes(one) ? rest(sides) : sides))
      const kept = hidden.filter((one) => one !== given && one !== taker)
      const left = hiddenSums(world, kept).map((sum, on) => (sums[on] as number) - sum)
      for (let few = 0; few < 2 * k; few += 1)
        for (const beside of besides(groups[given] as Sides, side, left)) {
          const gift = left.map((_, on) => (on === side ? few : beside))
          const after = world.with(given, gift)
          const remains = left.map((sum, on) => sum - (gift[on] as number))
          if (taker === null) yield after
          else
            yield* [after.with(taker, remains), shared(after.with(taker, remains), hidden, given)]
        }
    }
}

/** Who is given people, and who takes the rest: whoever has most to spare first. */
function pairsWith(groups: readonly Sides[], hidden: readonly number[], at: number) {
  const size = (one: number) => sizeOf(groups[one] as Sides)
  const others = hidden.filter((one) => one !== at)
  const pairs = others.flatMap((other) => [[at, other] as const, [other, at] as const])
  return pairs.toSorted(([, one], [, two]) => size(two) - size(one))
}

const besides = (own: Sides, side: number, left: readonly number[]): readonly number[] =>
  own.length === 1 ? [0] : [own[1 - side] as number, 0, 1, k, left[1 - side] as number]

/** Counts below k again: whatever is too much for one hidden group goes to the next. */
function shared(world: readonly Sides[], hidden: readonly number[], given: number) {
  if (world[0]?.length !== 1) return world
  const rest = hidden.filter((one) => one !== given)
  let left = sizeOf(hiddenSums(world, rest)) - rest.length
  const filled = [...world]
  for (const one of rest) {
    const more = Math.min(left, k - 2)
    filled[one] = [1 + more]
    left -= more
  }
  return left === 0 ? filled : world
}

/** What others keep: what they have, or as few as they can, as the groups they are or all as small ones. */
const rests = (side: number): readonly ((sides: Sides) => Sides)[] => {
  const oneOn = (at: number) => (sides: Sides) =>
    sides.map((_, on) => (sides.length === 1 || on === at ? 1 : 0))
  const fewestOn = (at: number) => (sides: Sides) =>
    isSmall(sides) ? oneOn(at)(sides) : sides.map(() => k)
  return [(sides) => sides, fewestOn(side), fewestOn(1 - side), oneOn(side), oneOn(1 - side)]
}

const hiddenSums = (groups: readonly Sides[], hidden: readonly number[]): readonly number[] =>
  (groups[0] ?? []).map((_, side) =>
    hidden.reduce((sum, at) => sum + (groups[at]?.[side] as number), 0),
  )

function longestRun(values: ReadonlySet<number>): number {
  const runs = [...values].map((from) => {
    let length = 1
    while (values.has(from + length)) length += 1
    return length
  })
  return Math.max(0, ...runs)
}
