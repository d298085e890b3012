import { inOrder } from './truth-treated.ts'

/** How many cases are in the numerator, and how many only in the denominator. */
export interface Cell {
  readonly yes: number
  readonly no: number
}

/** A measure's total and its breakdowns, each figure by a name of its own. */
export interface Table {
  readonly total: Cell
  readonly lines: readonly ReadonlyMap<string, Cell>[]
}

const fewest = 8

/** What must be hidden of it. `shared`: what is hidden already of a measure of the same people. */
export function hiddenCells(
  { total, lines }: Table,
  isCount: boolean,
  shared: ReadonlySet<string>,
): ReadonlySet<string> {
  // That there is nobody is told of nobody, unless it says who is behind a figure that is hidden.
  const isHidden = (name: string, cell: Cell) =>
    shared.has(name) || (!isEmpty(cell) && isSmall(cell, isCount))
  const totalName = 'all all all'
  if (isHidden(totalName, total))
    return new Set([
      totalName,
      ...lines.flatMap((line) => [...line].filter(([, cell]) => !isEmpty(cell)).map(nameIn)),
    ])
  return new Set(
    lines.flatMap((line) => {
      const hidden = [...line].filter(([name, cell]) => isHidden(name, cell))
      const left = [...line]
        .filter(([name, cell]) => !isHidden(name, cell) && !isEmpty(cell))
        .toSorted(([a, one], [b, other]) => size(one) - size(other) || inOrder(a, b))
      while (hidden.length > 0 && isTold(hidden, isCount)) {
        const next = left.shift()
        if (next === undefined) break
        hidden.push(next)
      }
      return hidden.map(nameIn)
    }),
  )
}

const nameIn = ([name]: readonly [string, Cell]): string => name
const size = ({ yes, no }: Cell): number => yes + no
const isEmpty = (cell: Cell): boolean => size(cell) === 0

const isSmall = ({ yes, no }: Cell, isCount: boolean): boolean =>
  yes < fewest || (!isCount && no < fewest)

/** Whoever takes the shown groups from the total learns too much: of one group, or of too few people. */
function isTold(hidden: readonly (readonly [string, Cell])[], isCount: boolean): boolean {
  const sum = {
    yes: hidden.reduce((all, [, { yes }]) => all + yes, 0),
    no: hidden.reduce((all, [, { no }]) => all + no, 0),
  }
  return hidden.length < 2 || isSmall(sum, isCount)
}

const toFive = (count: number): number => Math.round(count / 5) * 5
const nearEnough = 20

export function shown({ yes, no }: Cell, isCount: boolean) {
  if (isCount) return { numerator: toFive(yes), denominator: null, perThousand: null }
  const [numerator, denominator] = [toFive(yes), toFive(yes + no)]
  const rounded = denominator === 0 ? null : Math.floor((1000 * numerator) / denominator + 0.5)
  const truly = (1000 * yes) / (yes + no)
  const isNear = rounded !== null && Math.abs(rounded - truly) <= nearEnough
  return { numerator, denominator, perThousand: isNear ? rounded : null }
}
