import type { CsvHeader, CsvRow } from '@throughline/intake'

/** How many are remembered while one file is read; beyond that nothing is warned of. */
const rememberedMax = 200_000

/**
 * Notices a second open episode of one agency under the same initials, birth date and sex: usually one that should
 * have been closed. It is only a warning in the answer to that agency, and joins nobody to anything.
 */
export function openEpisodes(header: CsvHeader): (row: CsvRow) => boolean {
  const open = new Map<string, string>()
  const attributor = ['AGNCY', 'FINITIAL', 'SINITIAL', 'DOB', 'SEX'].map((one) => header.at(one))
  const episodeAt = header.at('EPISODID')
  // A reason without a date is no open episode, only one wrongly closed.
  const closing = ['DISD', 'DISRSN'].map((column) => header.at(column))
  return ({ cells }) => {
    if (closing.some((at) => !isMissing(cells[at]))) return false
    let name = ''
    for (const at of attributor) name += `${cells[at]} `
    const episode = cells[episodeAt] ?? ''
    const known = open.get(name)
    if (known === undefined && open.size < rememberedMax) open.set(name, episode)
    return known !== undefined && known !== episode
  }
}

const isMissing = (cell: string | undefined): boolean =>
  cell === undefined || cell === '' || cell === 'NA'
