import { examplesIn } from '@throughline/intake/testing'

interface ExpectedOutcome {
  readonly route: string
  readonly outcome?: string
  readonly events?: readonly string[]
  readonly rows?: number
  readonly accepted?: number
  readonly owed?: number
  readonly ended?: number
  readonly started?: number
}

export const { changed, example, outcomes, textOf } = examplesIn<ExpectedOutcome>(
  new URL('../../examples/', import.meta.url),
)

/** A CORE lettings log: fields by number for each letting, all 147 columns of the template. */
export function lettingsLog(
  lettings: readonly Readonly<Record<number, string>>[],
  { withNumbers = true, preamble = true } = {},
): string {
  const numbers = Array.from({ length: 147 }, (_, at) => at + 1)
  const quoted = (cells: readonly string[]) => cells.map((cell) => `"${cell}"`).join(',')
  const rows = lettings.map((letting) => numbers.map((number) => letting[number] ?? ''))
  if (!withNumbers) return `${rows.map(quoted).join('\n')}\n`
  const before = preamble ? [['Question', ...numbers.map(() => 'What is it?')]] : []
  const head = ['Field number', ...numbers.map(String)]
  return `${[...before, head, ...rows.map((cells) => ['', ...cells])].map(quoted).join('\r\n')}\r\n`
}

/** Somebody who leaves a night shelter for a home of their own on 1 June 2026. */
export const letting: Readonly<Record<number, string>> = {
  1: 'ORG99',
  2: 'ORG99',
  4: '1',
  7: '2',
  8: '1',
  9: '6',
  10: '26',
  13: 'TC-SYN-0007',
  15: '1',
  113: '45',
  115: '19',
  116: '11',
}
