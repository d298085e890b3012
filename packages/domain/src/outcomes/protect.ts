/**
 * Disclosure control (formats, treatment-housing 3, "small numbers"; the rules in words:
 * processors/outcomes/README.md). Pure arithmetic over one measure's table: a total, and lines of
 * groups that add up to it.
 */

/** People in a group by what was counted: [yes, no] of a share, [n] of a count. */
export type Sides = readonly number[]

export interface Table {
  readonly total: Sides
  /** By line, then by group. The groups of a line add up to the total, side by side. */
  readonly lines: ReadonlyMap<string, ReadonlyMap<string, Sides>>
}

/** What may not be shown. */
export interface Hidden {
  readonly total: boolean
  readonly groups: ReadonlyMap<string, ReadonlySet<string>>
}

/** The least number of people that may be told apart. */
export const k = 8
export const roundedTo = 5

/** So many values, one beside the other, are possible of whatever is hidden: as many as 1 to 7 less one. */
export const possibleMin = k - 2

/**
 * What of the table is to be hidden: small sides, what `also` hides (another table that shares the
 * people), and enough beside it that nothing hidden can be found by subtraction, even by somebody who
 * knows these rules, every shown number to the person, and which of the hidden groups are small.
 */
export function hide(table: Table, also?: Hidden): Hidden {
  const total = isSmall(table.total) || isSpread(table) || (also?.total ?? false)
  return {
    total,
    groups: new Map(
      [...table.lines].map(([line, all]) => {
        const groups = inhabited(all)
        const shared = also?.groups.get(line)
        const small = [...groups.keys()].filter(
          (group) => total || shared?.has(group) || isSmall(groups.get(group) as Sides),
        )
        return [line, total ? new Set(small) : withCover(groups, small)]
      }),
    ),
  }
}

/**
 * Somebody is in it, and one side has fewer than k people. A share of nobody or of everybody tells it of each
 * of them, so an empty side is as small as one person.
 */
export const isSmall = (sides: Sides): boolean =>
  sizeOf(sides) > 0 && sides.some((side) => side < k)

/** A count as it may be shown: to the nearest 5. */
export const rounded = (n: number): number => Math.round(n / roundedTo) * roundedTo

/** A number of people that stands alone: hidden from 1 to 7, otherwise rounded. */
export const shownCount = (n: number): number | null => (n > 0 && n < k ? null : rounded(n))

/** Thousandths, of the rounded counts; null where rounding has moved them by more than 2 points. */
export function shownPerThousand(numerator: number, denominator: number): number | null {
  const [above, below] = [rounded(numerator), rounded(denominator)]
  // In whole numbers: |above/below − numerator/denominator| ≤ 1/50.
  const moved = Math.abs(above * denominator - numerator * below) * pointsPerOne
  if (below === 0 || moved > pointsMax * below * denominator) return null
  return Math.floor((above * 1000) / below + 0.5)
}

const pointsPerOne = 100
const pointsMax = 2

/**
 * One person in each group of a line, and fewer than seven are left to guess about: such a total would tell
 * them all.
 */
const isSpread = ({ total, lines }: Table): boolean =>
  [...lines.values()].some((groups) => {
    const { size } = inhabited(groups)
    return size > 0 && sizeOf(total) < size + k - 1
  })

/**
 * The small groups, and others in the order of their codes until they are covered. Never in the order of
 * their sizes: that one is the next larger, and not larger than those shown, would tell about the small ones.
 */
function withCover(groups: Groups, small: readonly string[]): ReadonlySet<string> {
  const hidden = new Set(small)
  if (small.length === 0) return hidden
  const sidesOf = (group: string) => groups.get(group) as Sides
  const others = [...groups.keys()].filter((group) => !hidden.has(group)).toSorted()
  for (const cover of others) {
    if (isCovered([...hidden].map(sidesOf), small.length)) break
    hidden.add(cover)
  }
  return hidden
}

/**
 * Judged by what is known anyway: how many groups are hidden, and what they hold together. Covers take at
 * least k on each side, small groups perhaps one person each; with `possibleMin` left, any of them may have
 * it. If not, that says no more than that the small ones hold fewer than that together, which leaves each
 * of them as many values. Counts without a cover may not all be close to 7 either.
 */
function isCovered(hidden: readonly Sides[], small: number): boolean {
  const covers = hidden.length - small
  const sides = (hidden[0] ?? []).map((_, side) => sum(hidden.map((one) => one[side] ?? 0)))
  const spare = sum(sides) - covers * k * sides.length - small
  return (
    hidden.length > 1 &&
    spare >= possibleMin &&
    sides.every((side) => side >= covers * k + k - 1) &&
    (covers > 0 || sides.length > 1 || spare <= small * (k - 2) - possibleMin + 1)
  )
}

type Groups = ReadonlyMap<string, Sides>

/** That nobody is in a group is told of nobody. */
const inhabited = (groups: Groups): Groups =>
  new Map([...groups].filter(([, sides]) => sizeOf(sides) > 0))

export const sizeOf = (sides: Sides): number => sum(sides)

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
