import type { StoryLine } from '../agencies/practitioner.ts'
import type { ReadableLine } from './truth-reader.ts'

/**
 * Compares what one practitioner reads of one person with the truth: each line in each place. The hub's ids are
 * digests, so a line is known by what it says; an id must be one line's only, and a second line's id that of
 * the first and a word.
 */
export function storyDifferences(
  expected: readonly ReadableLine[],
  seen: readonly StoryLine[],
): readonly string[] {
  const differences: string[] = []
  const [must, is] = [expected.map(textOf), seen.map(textOfSeen)]
  const left = [...is]
  const missing = must.filter((text) => {
    const i = left.indexOf(text)
    if (i >= 0) left.splice(i, 1)
    return i < 0
  })
  for (const text of missing) differences.push(`missing: ${text}`)
  for (const text of left) differences.push(`not expected: ${text}`)
  const firstWrong = must.findIndex((text, i) => text !== is[i])
  if (differences.length === 0 && firstWrong >= 0)
    differences.push(`place ${firstWrong + 1} must be ${must[firstWrong]}, is ${is[firstWrong]}`)
  const ids = new Set(seen.map(({ id }) => id))
  if (ids.size !== seen.length) differences.push(`${seen.length - ids.size} lines share an id`)
  return differences
}

const textOf = ({ line, section, text, place, until, current }: ReadableLine): string =>
  [
    current ? 'now' : 'before',
    section,
    text,
    place ?? '-',
    line.sources.join('+'),
    `${iso(line.occurredAt)} ${line.precision}`,
    `learned ${iso(line.learnedAt)}`,
    `until ${until === null ? '-' : iso(until)}`,
    line.second,
  ].join(' · ')

const textOfSeen = (line: StoryLine): string =>
  [
    line.current ? 'now' : 'before',
    line.section,
    line.text,
    line.place ?? '-',
    line.sources.join('+'),
    `${line.occurredAt} ${line.precision}`,
    `learned ${line.learnedAt}`,
    `until ${line.until ?? '-'}`,
    line.id.split('.')[1] ?? '',
  ].join(' · ')

const iso = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z')
