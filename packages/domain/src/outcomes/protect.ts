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

/**
 * What of the table is to be hidden: small sides, what `also` hides (another table that shares the
 * people), and enough beside it that nothing hidden can be found by subtraction.
 */
export function hide(table: Table, also?: Hidden): Hidden {
  const total = isSmall(table.total) || (also?.total ?? false)
  return {
    total,
    groups: new Map(
      [...table.lines].map(([line, groups]) => {
        const small = [...groups]
          .filter(([group, sides]) => {
            const shared = also?.groups.get(line)?.has(group) ?? false
            return sizeOf(sides) > 0 && (total || shared || isSmall(sides))
          })
          .map(([group]) => group)
        return [line, total ? new Set(small) : withComplements(groups, small)]
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
 * At least two hidden groups, with at least k people together on each side: then any of them may hold
 * anything from nobody to all of that, as far as the total and the shown groups can tell.
 */
function withComplements(
  groups: ReadonlyMap<string, Sides>,
  small: readonly string[],
): ReadonlySet<string> {
  const hidden = new Set(small)
  if (hidden.size === 0) return hidden
  const shown = [...groups]
    .filter(([group, sides]) => !hidden.has(group) && sizeOf(sides) > 0)
    .toSorted(([a, one], [b, other]) => sizeOf(one) - sizeOf(other) || (a < b ? -1 : 1))
  for (const [group] of shown) {
    if (isSafe([...hidden].map((one) => groups.get(one) as Sides))) break
    hidden.add(group)
  }
  return hidden
}

function isSafe(hidden: readonly Sides[]): boolean {
  const sides = hidden[0] ?? []
  return (
    hidden.length > 1 && sides.every((_, side) => sum(hidden.map((one) => one[side] ?? 0)) >= k)
  )
}

export const sizeOf = (sides: Sides): number => sum(sides)

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
