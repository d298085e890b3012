import type { SeenRelease } from '../agencies/analyst.ts'
import type { TrueFigure, TrueRelease } from './truth-measures.ts'

type Said = number | string | null | undefined

/** Compares one release with the truth: each figure, and that there is no other. `leftSince`: as it must be shown. */
export function releaseDifferences(
  { figures, peopleAgreed }: TrueRelease,
  leftSince: number | null,
  seen: SeenRelease,
): readonly string[] {
  const name = `release ${seen.release} (${seen.quarter})`
  const found: string[] = []
  const isFound = (what: string, must: Said, is: Said) => {
    if (must !== is) found.push(`${name}: ${what} must be ${must}, is ${is}`)
  }
  isFound('people who agreed', peopleAgreed, seen.peopleAgreed)
  isFound('left since', leftSince, seen.leftSince)
  isFound('number of figures', figures.size, seen.figures.length)
  const read = new Map<string, string>(
    seen.figures.map((figure) => {
      const { measure, area, breakdown, group } = figure
      return [`${measure} ${area} ${breakdown} ${group}`, textOf(figure)] as const
    }),
  )
  for (const [figure, must] of figures) isFound(figure, textOf(must), read.get(figure))
  for (const figure of read.keys())
    if (!figures.has(figure)) found.push(`${name}: not expected: ${figure}`)
  return found
}

const textOf = ({
  status,
  numerator,
  denominator,
  perThousand,
}: TrueFigure | SeenRelease['figures'][number]) =>
  `${status} ${numerator}/${denominator} ${perThousand}`
