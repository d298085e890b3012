import type { CsvHeader, CsvRow } from '@throughline/intake'

/** How many are remembered while one file is read; beyond that nothing is warned of. */
const rememberedMax = 200_000

/**
 * Notices a second open episode of one agency under the same initials, birth date and sex: usually one that should
 * have been closed. It is only a warning in the answer to that agency, and joins nobody to anything.
 */
export function openEpisodes(header: CsvHeader): (row: CsvRow) => boolean {
  // Marks of both, not what was written: a file of any length costs a few megabytes.
  const open = new Map<number, number>()
  const attributor = ['AGNCY', 'FINITIAL', 'SINITIAL', 'DOB', 'SEX'].map((one) => header.at(one))
  const episode = [header.at('EPISODID')]
  // A reason without a date is no open episode, only one wrongly closed.
  const closing = ['DISD', 'DISRSN'].map((column) => header.at(column))
  return ({ cells }) => {
    if (closing.some((at) => !isMissing(cells[at]))) return false
    const person = markOf(cells, attributor)
    const own = markOf(cells, episode)
    const known = open.get(person)
    if (known === undefined && open.size < rememberedMax) open.set(person, own)
    return known !== undefined && known !== own
  }
}

const isMissing = (cell: string | undefined): boolean =>
  cell === undefined || cell === '' || cell === 'NA'

/** 53 bits of some cells: among the rows of one file no two that differ have the same. */
function markOf(cells: readonly string[], places: readonly number[]): number {
  let high = 0x9e3779b9
  let low = 0x85ebca6b
  for (const place of places) {
    const cell = cells[place] ?? ''
    for (let at = 0; at <= cell.length; at += 1) {
      // One more than there are letters, so that cells do not run into each other.
      const code = at < cell.length ? cell.charCodeAt(at) : 0x1_0000
      high = Math.imul(high ^ code, 0x01000193)
      low = Math.imul(low ^ code, 0x5bd1e995)
      high ^= low >>> 15
      low ^= high >>> 13
    }
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0)
}
