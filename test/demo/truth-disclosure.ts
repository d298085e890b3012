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
/** So many values must stay possible of whatever is hidden. */
const values = 6

/** What must be hidden of it. `shared`: what is hidden already of a measure of the same people. */
export function hiddenCells(
  { total, lines }: Table,
  isCount: boolean,
  shared: ReadonlySet<string>,
): ReadonlySet<string> {
  const totalName = 'all all all'
  const peopled = lines.map((line) => [...line].filter(([, cell]) => !isEmpty(cell)))
  // A total of hardly more people than groups would tell that each holds one.
  const isThin = peopled.some(({ length }) => length > 0 && size(total) < length + fewest - 1)
  // That there is nobody is told of nobody.
  const isHidden = (name: string, cell: Cell) =>
    shared.has(name) || (!isEmpty(cell) && isSmall(cell, isCount))
  if (isThin || isHidden(totalName, total))
    return new Set([totalName, ...peopled.flatMap((line) => line.map(nameIn))])
  return new Set(
    peopled.flatMap((line) => {
      const hidden = line.filter(([name, cell]) => isHidden(name, cell))
      const small = hidden.length
      const left = line
        .filter(([name, cell]) => !isHidden(name, cell))
        .toSorted(([a], [b]) => inOrder(a, b))
      while (small > 0 && left.length > 0 && isTold(hidden, small, isCount))
        hidden.push(left.shift() as (typeof left)[number])
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
function isTold(
  hidden: readonly (readonly [string, Cell])[],
  small: number,
  isCount: boolean,
): boolean {
  const covers = hidden.length - small
  const yes = hidden.reduce((all, [, cell]) => all + cell.yes, 0)
  const no = hidden.reduce((all, [, cell]) => all + cell.no, 0)
  if (hidden.length < 2) return true
  if (isCount) {
    // Nearly all of them 1; or, when there is nothing but counts of 1 to 7, nearly all of them 7.
    return yes < covers * fewest + small + values || (covers === 0 && yes > small * 7 - values + 1)
  }
  const sideMin = covers * fewest + fewest - 1
  return yes < sideMin || no < sideMin || yes + no < 2 * covers * fewest + small + values
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
